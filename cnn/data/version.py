"""A dataset version: which images a run is trained on, by their content, so that they are found again in a folder that
has changed since.

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

from cnn.data.dataset import Dataset, read_dataset
from cnn.data.listing import DatasetError, shown
from cnn.data.progress import Progress
from cnn.specs import DatasetSpec
from cnn.system.files import atomic_write

NAME = "images.json.gz"  # of the file in a run's folder
_ALL = 1_000_000  # images per class


@dataclass(frozen=True)
class DatasetVersion:
    """N images in their order, with the classes and the split a run has them in.

    image_size, channels: as the network gets them. classes: names, in the order of the labels.
    paths, hashes, labels, splits: N each, as in `Dataset`.
    """

    image_size: int
    channels: int
    classes: tuple[str, ...]
    paths: tuple[str, ...]
    hashes: tuple[str, ...]
    labels: tuple[int, ...]
    splits: tuple[int, ...]

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
        )

    @cached_property
    def id(self) -> str:
        """32 hex digits, equal for equal versions."""
        return hashlib.sha256(self._json()).hexdigest()[:32]

    def select(self, dataset: Dataset) -> Dataset | None:
        """The images of this version, in its order and with its labels, splits and classes, wherever they lie in the
        dataset by now. Its fingerprint is the id of this version.

        None if one of them is missing; `missing` says which. Raises ValueError if the images of the dataset are of
        another size or have other channels.
        """
        places = [place for place in self._places(dataset) if place is not None]
        if len(places) < len(self.paths):
            return None
        as_it_is = places == list(range(len(dataset.hashes)))
        return replace(
            dataset,
            classes=self.classes,
            # The array on disk as long as it will do; else a copy in memory.
            images=dataset.images if as_it_is else dataset.images[places],
            labels=np.array(self.labels, dtype=np.int64),
            splits=np.array(self.splits, dtype=np.uint8),
            paths=tuple(dataset.paths[place] for place in places),
            hashes=self.hashes,
            sizes=dataset.sizes[places],
            fingerprint=self.id,
        )

    def missing(self, dataset: Dataset) -> str:
        """A sentence that says how many images of this version the dataset lacks, and the first of them; "" if none."""
        places = self._places(dataset)
        count = places.count(None)
        if not count:
            return ""
        first, where = shown(self.paths[places.index(None)]), shown(dataset.folder)
        start = f"{count:,} of the {len(places):,} images of this run"
        if count == 1:
            return f"{start} has changed or is missing from “{where}”: “{first}”."
        return f"{start} have changed or are missing from “{where}”, the first: “{first}”."

    def _places(self, dataset: Dataset) -> list[int | None]:
        """Where each image is in the dataset: under its path if it is there unchanged, else under any."""
        if (dataset.spec.image_size, dataset.spec.channels) != (self.image_size, self.channels):
            raise ValueError("The dataset has images of another size or with other channels than this version.")
        if (dataset.hashes, dataset.paths) == (self.hashes, self.paths):
            return list(range(len(self.hashes)))
        by_content = {content: place for place, content in enumerate(dataset.hashes)}
        by_path = {path: place for place, path in enumerate(dataset.paths)}
        places = []
        for path, content in zip(self.paths, self.hashes, strict=True):
            place = by_path.get(path)
            unchanged = place is not None and dataset.hashes[place] == content
            places.append(place if unchanged else by_content.get(content))
        return places

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
            version = cls(**columns)
            version._check()
            return version
        except Exception:  # a file can be damaged in any way
            return None

    def _json(self) -> bytes:
        return json.dumps(asdict(self), separators=(",", ":")).encode("ascii")

    def _check(self) -> None:
        columns = self.paths, self.hashes, self.labels, self.splits
        if len({len(column) for column in columns}) != 1:
            raise ValueError("The columns differ in length.")
        if not all(isinstance(text, str) for text in (*self.classes, *self.paths, *self.hashes)):
            raise ValueError("A name is no text.")
        if not set(self.labels) <= set(range(len(self.classes))) or not set(self.splits) <= {0, 1, 2}:
            raise ValueError("A label or split is none.")


def keep_version(file: Path, dataset: Dataset) -> Dataset:
    """Writes the version of the dataset a run begins with; returns the dataset under its id. Raises OSError."""
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
    """The images a run is trained on, from its folder as it is now.

    file: of the run's version. Runs from before there were versions have none: their images are those whose dataset
    has this fingerprint. The others are as in `read_dataset`.

    Raises DatasetError, with a sentence for the user, if not all of them are there, and what `read_dataset` raises.
    """
    dataset = read_dataset(folder, spec, cache, progress, cancelled)
    version = DatasetVersion.load(file)
    if version is None:
        if fingerprint in (dataset.fingerprint, DatasetVersion.of(dataset).id):
            return dataset
        raise DatasetError(f"The images in “{shown(str(folder))}” are not those this run began with. Train a new run.")
    found = version.select(dataset)
    if found is None and spec.max_per_class in dataset.counts().values():
        # Images that were added may have taken the places of others: no more than max_per_class are read.
        dataset = read_dataset(folder, replace(spec, max_per_class=_ALL), cache, progress, cancelled)
        found = version.select(dataset)
    if found is None:
        raise DatasetError(f"{version.missing(dataset)} Put the images back, or train a new run.")
    return replace(found, spec=spec)
