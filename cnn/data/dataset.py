"""A folder of images -> one uint8 array of the network's inputs, decoded once and then mapped from disk.

Imports neither torch nor Streamlit.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cnn.data.cache import Cached, known_paths, open_cache, read_index, write_cache
from cnn.data.chosen_classes import with_classes
from cnn.data.decisions import decided
from cnn.data.decode import NotPlain, decode, find_decoding
from cnn.data.decoding import STANDARD, Decoding
from cnn.data.listing import Listing, Skipped, list_images, resolve
from cnn.data.progress import Progress, Watch
from cnn.data.published.sets import PublishedSet
from cnn.data.split import held_out_by_content, held_out_by_order
from cnn.specs import DatasetSpec

TRAIN, VAL, TEST = 0, 1, 2
SPLIT_NAMES = ("train", "val", "test")  # as in `listing.ImageFile`, at these numbers

# Part of every fingerprint. Do not change it: older runs identify their images by fingerprint.
_FINGERPRINT_VERSION = 1


@dataclass(frozen=True, eq=False)
class Dataset:
    """Decoded images with their classes and split. N images of side S with C channels.

    folder: absolute. layout, reading, read_as: as in `listing.Listing`. classes: names, in the order of the labels.
    images: uint8 (N, S, S, C), values 0-255, usually mapped read-only from disk.
    labels: int64 (N,), indices into classes. splits: uint8 (N,), each TRAIN, VAL or TEST.
    paths: N paths relative to the folder, posix, undecoded (`cnn.data.listing.shown` makes them printable).
    hashes: of the content of each file, 32 hex digits (`cnn.data.content`).
    sizes: int32 (N, 2), the width and height of the original pictures.
    skipped: files and folders that were left out, with reasons.
    fingerprint: identifies the files (by name, size and time of change) and the settings they were decoded with; for
        the images of a run, it is the id of their `DatasetVersion`.
    decoding: how the files became pixels. offered: the names of all classes of the folder, of which spec.classes may
        have chosen some. val_is_test: as in `listing.Listing`; spec.test_images says what these images are used for.
        published: as in `listing.Listing`.
    listed: for each class, how many images the folder has of it, of which spec.max_per_class may have left some out.
    """

    folder: str
    spec: DatasetSpec
    layout: str
    classes: tuple[str, ...]
    images: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    paths: tuple[str, ...]
    hashes: tuple[str, ...]
    sizes: np.ndarray
    skipped: tuple[Skipped, ...]
    fingerprint: str
    decoding: Decoding = STANDARD
    offered: tuple[str, ...] = ()
    reading: str = ""
    read_as: tuple[str, ...] = ()
    published: PublishedSet | None = None
    val_is_test: bool = False
    listed: tuple[int, ...] = ()

    @property
    def draws_held_out(self) -> bool:
        """Whether the held-out images are drawn from the training images, because the folder does not define them."""
        return self.layout != "split folders" or (self.val_is_test and self.spec.test_images == "test")

    @property
    def train(self) -> np.ndarray:
        """int64 indices of the training images, ascending."""
        return np.flatnonzero(self.splits == TRAIN)

    @property
    def val(self) -> np.ndarray:
        """int64 indices of the held-out images, ascending."""
        return np.flatnonzero(self.splits == VAL)

    @property
    def examples(self) -> tuple[str, np.ndarray]:
        """The images to evaluate a network on: ("held-out", their indices), or ("training", ...) if none are held
        out."""
        return ("held-out", self.val) if VAL in self.splits else ("training", self.train)

    def counts(self, split: int | None = None) -> dict[str, int]:
        """The number of images per class, in one split (TRAIN, VAL, TEST) or in all."""
        labels = self.labels if split is None else self.labels[self.splits == split]
        return dict(zip(self.classes, np.bincount(labels, minlength=len(self.classes)).tolist(), strict=True))

    def original(self, i: int) -> Path | bytes:
        """The file of image i; for an image of a published set, the bytes of a PNG. Raises SetError."""
        path = self.paths[i]
        return self.published.png(path) if self.published else Path(self.folder, path)


def read_dataset(
    folder: str | os.PathLike,
    spec: DatasetSpec,
    cache: Path,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    decoding: Decoding | None = None,
    listing: Listing | None = None,
) -> Dataset:
    """The dataset in a folder (see `list_images` for the layouts), decoded the first time and then cached in `cache`.

    spec.reading chooses one of several ways to read the folder. It takes the first spec.max_per_class usable images of
    each class, in natural order; if the folder defines a split, each split contributes in proportion. About
    spec.val_fraction of each class is held out, unless the folder defines a split (see `cnn.data.split`). If it has
    test images but no validation images, the held-out images are drawn from its training images. The cached array is
    used until the settings or a file change; changing only the split or the seed does not invalidate it. Last,
    spec.decisions are applied (see `cnn.data.decisions`); the spec of the result has only those that count here.

    progress: called about ten times a second while decoding, and at the end. cancelled: polled as often.
    decoding: how files become pixels; None finds the one that suits all images used.
    listing: the images to read; None lists those of the folder.

    Raises DatasetError, with a sentence for the user, if the folder has fewer than two classes with usable images or
    the cache cannot be written; UndecidedError, a DatasetError, if the user has to choose how to read the folder; and
    Cancelled if cancelled.
    """
    shape = (spec.image_size, spec.image_size, spec.channels)
    cache = Path(cache)
    settings = [_FINGERPRINT_VERSION, str(resolve(folder)), spec.image_size, spec.channels, spec.max_per_class]
    settings += [spec.reading] if spec.reading else []  # older fingerprints and caches have none
    settings += [{"classes": sorted(spec.classes)}] if spec.classes else []
    settings += [decoding.to_dict()] if decoding is not None else []
    settings += [_digest(listing.files)] if listing else []
    key = _digest(settings)[:32]
    index = read_index(cache, key)
    listed, fingerprint, offered = _list(folder, spec, settings, cancelled, known_paths(index), listing)
    if index and index.get("fingerprint") != fingerprint:  # the order in the index may be outdated too
        listed, fingerprint, offered = _list(folder, spec, settings, cancelled, (), listing)
    cached = open_cache(cache, key, index, fingerprint, shape)
    if cached is None:
        watch = Watch(progress, cancelled)

        def write(decoding: Decoding | None) -> Cached:
            skipped: list[Skipped] = []
            decoded = decode(listed, spec, watch, skipped, decoding)
            folder = str(listed.folder)
            return write_cache(cache, key, fingerprint, shape, decoded, skipped, folder, decoding or STANDARD)

        try:
            cached = write(decoding)
        except NotPlain:
            cached = write(find_decoding(listed, spec, watch))
    cached, spec = decided(cached, listed.classes, spec)
    if spec.decisions:
        fingerprint = _digest([fingerprint, spec.decisions])
    return replace(_dataset(listed, spec, fingerprint, cached), offered=offered)


def _list(
    folder: str | os.PathLike,
    spec: DatasetSpec,
    settings: list,
    cancelled: Callable[[], bool],
    known: Iterable[str],
    listing: Listing | None,
) -> tuple[Listing, str, tuple[str, ...]]:
    """The listing of the folder with the chosen classes, or the given one; its fingerprint with these settings; and the
    names of all classes."""
    everything = listing or list_images(folder, cancelled, known, spec.reading)
    listed = everything if listing else with_classes(everything, spec.classes)
    fingerprint = _digest([settings, listed.layout, listed.classes, listed.files, listed.stats])
    return listed, fingerprint, everything.classes


def _digest(value) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _dataset(listing: Listing, spec: DatasetSpec, fingerprint: str, cached: Cached) -> Dataset:
    labels = np.array(cached.labels, dtype=np.int64)
    used = np.unique(labels)
    unused = [name for label, name in enumerate(listing.classes) if label not in used]
    labels = np.searchsorted(used, labels)
    return Dataset(
        folder=str(listing.folder),
        spec=spec,
        layout=listing.layout,
        classes=tuple(listing.classes[label] for label in used),
        images=cached.images,
        labels=labels,
        splits=_splits(listing, spec, labels, cached),
        paths=tuple(cached.paths),
        hashes=tuple(cached.hashes),
        sizes=np.array([cached.widths, cached.heights], dtype=np.int32).T,
        skipped=(
            *listing.skipped,
            *cached.skipped,
            *(Skipped(name, "is a class without readable images") for name in unused),
        ),
        fingerprint=fingerprint,
        decoding=cached.decoding,
        reading=listing.reading,
        read_as=listing.read_as,
        published=listing.published,
        val_is_test=listing.val_is_test,
        listed=tuple(np.bincount([file.label for file in listing.files])[used].tolist()),
    )


def _splits(listing: Listing, spec: DatasetSpec, labels: np.ndarray, cached: Cached) -> np.ndarray:
    if listing.layout != "split folders":
        return _drawn(np.full(len(labels), TRAIN, np.uint8), spec, labels, cached)
    splits = np.array([SPLIT_NAMES.index(split or "train") for split in cached.splits], dtype=np.uint8)
    if not listing.val_is_test or spec.test_images == "held_out":
        return splits
    splits[splits == VAL] = TEST
    return _drawn(splits, spec, labels, cached)


def _drawn(splits: np.ndarray, spec: DatasetSpec, labels: np.ndarray, cached: Cached) -> np.ndarray:
    """The splits, with held-out images drawn from the training images."""
    train = np.flatnonzero(splits == TRAIN)
    if spec.split == "order":
        held_out = held_out_by_order(labels[train], spec.val_fraction, spec.seed)
    else:
        hashes = [cached.hashes[i] for i in train]
        held_out = held_out_by_content(labels[train], hashes, spec.val_fraction, spec.seed, spec.fold)
    splits[train[held_out]] = VAL
    return splits
