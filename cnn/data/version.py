"""A dataset version: the list of images a run is trained on, with the hash of each one's content, so that they can be
found again in a folder that has changed.

Imports neither torch nor Streamlit.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from cnn.data.dataset import SPLIT_NAMES, Dataset, read_dataset
from cnn.data.decoding import STANDARD, Decoding
from cnn.data.images import looks_like_image
from cnn.data.listing import ImageFile, Listing, resolve
from cnn.data.progress import Progress
from cnn.data.published.find import find_set
from cnn.data.walk import DatasetError, file_stats, natural_key, shown
from cnn.specs import DatasetSpec
from cnn.system.files import atomic_write

NAME = "images.json.gz"  # in the folder of a run
_ALL = 1_000_000  # images per class
_NAMED = 5  # missing images that a sentence names


@dataclass(frozen=True)
class DatasetVersion:
    """The N images of a run in order, with their classes and split.

    image_size, channels: of the network's input. classes: names, in the order of the labels.
    paths, hashes, labels, splits: N each, as in `Dataset`. decoding: how the files became pixels.
    """

    image_size: int
    channels: int
    classes: tuple[str, ...]
    paths: tuple[str, ...]
    hashes: tuple[str, ...]
    labels: tuple[int, ...]
    splits: tuple[int, ...]
    decoding: Decoding = STANDARD

    @classmethod
    def of(cls, dataset: Dataset) -> "DatasetVersion":
        return cls(
            dataset.spec.image_size,
            dataset.spec.channels,
            dataset.classes,
            dataset.paths,
            dataset.hashes,
            tuple(dataset.labels.tolist()),
            tuple(dataset.splits.tolist()),
            dataset.decoding,
        )

    @cached_property
    def id(self) -> str:
        """32 hex digits that identify the version."""
        return hashlib.sha256(self._json()).hexdigest()[:32]

    def select(self, dataset: Dataset) -> Dataset | None:
        """The images of this version from a dataset, in the version's order and with its labels, splits and classes,
        even if files have been moved or renamed. The fingerprint of the result is the id of this version.

        None if an image is missing; `missing` says which. Raises ValueError if the dataset's image size or channels
        differ.
        """
        positions = [position for position in self._positions(dataset) if position is not None]
        if len(positions) < len(self.paths):
            return None
        unchanged = positions == list(range(len(dataset.hashes)))
        return replace(
            dataset,
            classes=self.classes,
            # Use the mapped array if possible; else copy the images into memory.
            images=dataset.images if unchanged else dataset.images[positions],
            labels=np.array(self.labels, dtype=np.int64),
            splits=np.array(self.splits, dtype=np.uint8),
            paths=tuple(dataset.paths[position] for position in positions),
            hashes=self.hashes,
            sizes=dataset.sizes[positions],
            fingerprint=self.id,
        )

    def missing(self, dataset: Dataset) -> str:
        """A sentence with the number of missing images and the names of the first; "" if none is missing."""
        positions = self._positions(dataset)
        missing = [shown(path) for path, position in zip(self.paths, positions, strict=True) if position is None]
        if not missing:
            return ""
        named = ", ".join(f"“{path}”" for path in missing[:_NAMED])
        others = len(missing) - _NAMED
        return (
            f"{len(missing):,} of the {len(positions):,} images of this run "
            f"{'has' if len(missing) == 1 else 'have'} changed or {'is' if len(missing) == 1 else 'are'} missing from "
            f"“{shown(dataset.folder)}”: {named}{f' and {others:,} more' if others > 0 else ''}."
        )

    def listing(self, folder: Path) -> Listing | None:
        """The files at the paths of this version, with its labels and splits, however the folder would be read now.
        None if a file is missing."""
        files = [
            ImageFile(path, label, SPLIT_NAMES[split])
            for path, label, split in zip(self.paths, self.labels, self.splits, strict=True)
        ]
        is_published = bool(self.paths) and not looks_like_image(self.paths[0])
        published = find_set(folder, self.paths[0].partition("/")[0]) if is_published else None
        try:
            if published:
                stats = [published.stats_of(path) for path in self.paths]
            else:
                stats = [file_stats(os.stat(folder / path)) for path in self.paths]
        except (OSError, KeyError):
            return None
        order = sorted(range(len(files)), key=lambda i: (files[i].label, natural_key(files[i].path)))
        return Listing(
            folder=folder,
            layout="split folders",
            reading="",
            read_as=(),
            classes=self.classes,
            files=tuple(files[i] for i in order),
            stats=tuple(stats[i] for i in order),
            skipped=(),
            published=published,
        )

    def _positions(self, dataset: Dataset) -> list[int | None]:
        """The index of each image in the dataset: at its own path if unchanged there, else at any path."""
        if (dataset.spec.image_size, dataset.spec.channels) != (self.image_size, self.channels):
            raise ValueError("The image size or channels of the dataset differ from those of this version.")
        if (dataset.hashes, dataset.paths) == (self.hashes, self.paths):
            return list(range(len(self.hashes)))
        by_content = {content: position for position, content in enumerate(dataset.hashes)}
        by_path = {path: position for position, path in enumerate(dataset.paths)}
        positions = []
        for path, content in zip(self.paths, self.hashes, strict=True):
            position = by_path.get(path)
            unchanged = position is not None and dataset.hashes[position] == content
            positions.append(position if unchanged else by_content.get(content))
        return positions

    # To a file and back

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all. Raises OSError if it cannot be written."""
        with atomic_write(path) as file:
            file.write(gzip.compress(self._json(), compresslevel=6, mtime=0))

    @classmethod
    def load(cls, path: Path) -> "DatasetVersion | None":
        """The version in a file; None if there is no file or it is damaged."""
        try:
            values = json.loads(gzip.decompress(path.read_bytes()))
            columns: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
            }
            columns["decoding"] = Decoding.from_dict(values.get("decoding", {}))
            version = cls(**columns)
            version._check()
            return version
        except Exception:  # a file can be damaged in any way
            return None

    def _json(self) -> bytes:
        values = asdict(self)
        if self.decoding == STANDARD:  # as it was before other decodings: the id of a version must not change
            del values["decoding"]
        return json.dumps(values, separators=(",", ":")).encode("ascii")

    def _check(self) -> None:
        columns = self.paths, self.hashes, self.labels, self.splits
        if len({len(column) for column in columns}) != 1:
            raise ValueError("The columns differ in length.")
        if not all(isinstance(text, str) for text in (*self.classes, *self.paths, *self.hashes)):
            raise ValueError("A name is not a string.")
        if not set(self.labels) <= set(range(len(self.classes))) or not set(self.splits) <= {0, 1, 2}:
            raise ValueError("A label or split is invalid.")


def save_version(file: Path, dataset: Dataset) -> Dataset:
    """Writes the version of a new run's dataset; returns the dataset with the version's id as its fingerprint.

    Raises OSError if the file cannot be written.
    """
    version = DatasetVersion.of(dataset)
    version.save(file)
    return replace(dataset, fingerprint=version.id)


def read_version(
    file: Path,
    fingerprint: str,
    folder: str | os.PathLike,
    spec: DatasetSpec,
    cache: Path,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Dataset:
    """The images a run is trained on, read from its folder, which may have changed.

    file: the saved version. Old runs have none; for them, the dataset must have this fingerprint, and its version is
    saved. The other arguments are those of `read_dataset`.

    Raises DatasetError, with a sentence for the user, if images are missing, and whatever `read_dataset` raises.
    """
    version = DatasetVersion.load(file)
    decoding = version.decoding if version else STANDARD
    own = spec
    if version is not None:  # it has the labels that were decided
        spec = replace(spec, decisions=())
    try:
        dataset = read_dataset(folder, spec, cache, progress, cancelled)
        if dataset.decoding != decoding:
            dataset = read_dataset(folder, spec, cache, progress, cancelled, decoding)
    except DatasetError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            lost = f"The images of this run are not in “{shown(str(resolve(folder)))}”, which does not exist."
            raise DatasetError(lost) from error
        # The folder may be read differently than when the run was made.
        if version is None or (listing := version.listing(resolve(folder))) is None:
            raise
        everything = replace(spec, max_per_class=_ALL)
        dataset = read_dataset(folder, everything, cache, progress, cancelled, decoding, listing)
    if version is None:
        if fingerprint in (dataset.fingerprint, DatasetVersion.of(dataset).id):
            try:
                return save_version(file, dataset)  # from now on the folder may change
            except OSError:  # a full disk
                return dataset
        raise DatasetError(
            f"The images in “{shown(str(folder))}” are not those this run was trained on. Train a new run."
        )
    found = version.select(dataset)
    if found is None and spec.max_per_class in dataset.counts().values():
        # New images may have displaced others, because only max_per_class are read. Read all of them.
        dataset = read_dataset(folder, replace(spec, max_per_class=_ALL), cache, progress, cancelled, decoding)
        found = version.select(dataset)
    elsewhere = found is None and not set(version.paths) <= set(dataset.paths)
    if elsewhere and (listing := version.listing(Path(dataset.folder))) is not None:
        everything = replace(spec, max_per_class=_ALL)
        dataset = read_dataset(folder, everything, cache, progress, cancelled, decoding, listing)
        found = version.select(dataset)
    if found is None:
        raise DatasetError(
            f"{version.missing(dataset)} Put the images back, or choose the folder where they are now, or train a new "
            "run."
        )
    return replace(found, spec=own)
