"""A folder of images -> one uint8 array of what the network sees, decoded once and then mapped from disk.

Imports neither torch nor Streamlit.
"""

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, islice
from pathlib import Path

import numpy as np

from cnn.data.cache import Cached, Row, known_paths, open_cache, read_index, write_cache
from cnn.data.listing import DatasetError, Listing, Skipped, list_images, resolve, shown
from cnn.data.readers import STARTED_FOR, Readers
from cnn.errors import Cancelled
from cnn.specs import DatasetSpec

TRAIN, VAL, TEST = 0, 1, 2
_SPLITS = {"train": TRAIN, "val": VAL, "test": TEST}

# Part of every fingerprint. It stays as it is: runs are known by the fingerprint of their images.
_FINGERPRINT_VERSION = 1
_TICK_SECONDS = 0.1

# What is read in one go, counted in files and in bytes of files and arrays: handing over each small image alone
# costs as much as decoding it, and of large ones there must not be many in memory.
_FILES_AT_ONCE = 64
_BYTES_AT_ONCE = 1_000_000
_MOST_READERS = 8


@dataclass(frozen=True)
class Progress:
    """How far reading is: images decoded, images in all, seconds since the start."""

    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Images per second so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None until the first image is decoded."""
        return (self.total - self.done) / self.rate if self.rate else None


@dataclass(frozen=True, eq=False)
class Dataset:
    """Decoded images with their classes and split. N images of side S with C channels.

    folder: absolute. layout: "folders", "split folders" or "flat". classes: names, in the order of the labels.
    images: uint8 (N, S, S, C), values 0-255, mapped read-only from disk.
    labels: int64 (N,), indices into classes. splits: uint8 (N,), each TRAIN, VAL or TEST.
    paths: N paths relative to the folder, posix, as the system has them (`cnn.data.listing.shown` makes them text).
    hashes: of the content of each file, 32 hex digits (`cnn.data.content`).
    sizes: int32 (N, 2), the width and height of the original pictures.
    skipped: files and folders that were left out, with reasons.
    fingerprint: the same for the same files (by name, size and time of change) decoded with the same settings.
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

    @property
    def train(self) -> np.ndarray:
        """int64 indices of the training images, ascending."""
        return np.flatnonzero(self.splits == TRAIN)

    @property
    def val(self) -> np.ndarray:
        """int64 indices of the validation images, ascending."""
        return np.flatnonzero(self.splits == VAL)

    @property
    def examples(self) -> tuple[str, np.ndarray]:
        """What to judge a network by: "held-out" and the validation images, or "training" and those if none are."""
        return ("held-out", self.val) if VAL in self.splits else ("training", self.train)

    def counts(self, split: int | None = None) -> dict[str, int]:
        """How many images each class has, in one split (TRAIN, VAL, TEST) or in all."""
        labels = self.labels if split is None else self.labels[self.splits == split]
        return dict(zip(self.classes, np.bincount(labels, minlength=len(self.classes)).tolist(), strict=True))

    def original(self, i: int) -> Path:
        """The file of image i."""
        return Path(self.folder, self.paths[i])


def read_dataset(
    folder: str | os.PathLike,
    spec: DatasetSpec,
    cache: Path,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Dataset:
    """The dataset in a folder (see `list_images` for its layouts), decoded the first time and then kept in `cache`.

    Of each class the first spec.max_per_class usable images in natural order are taken; a split given by folders
    shares them out in proportion to its sizes. The cached array is used until the settings or any file change.
    `val_fraction` and `seed` are free: the split is drawn anew each time.

    progress: called about ten times a second while decoding, and at its end. cancelled: asked as often.

    Raises DatasetError, with a sentence for the user, if the folder gives fewer than two classes with usable images
    or the cache cannot be written, and Cancelled if cancelled.
    """
    shape = (spec.image_size, spec.image_size, spec.channels)
    cache = Path(cache)
    settings = [_FINGERPRINT_VERSION, str(resolve(folder)), spec.image_size, spec.channels, spec.max_per_class]
    key = _digest(settings)[:32]
    index = read_index(cache, key)
    listing, fingerprint = _listed(folder, settings, cancelled, known_paths(index))
    if index and index.get("fingerprint") != fingerprint:  # then its order is not to be relied on, either
        listing, fingerprint = _listed(folder, settings, cancelled, ())
    cached = open_cache(cache, key, index, fingerprint, shape)
    if cached is None:
        skipped: list[Skipped] = []
        decoded = _decode(listing, spec, _Watch(progress, cancelled), skipped)
        cached = write_cache(cache, key, fingerprint, shape, decoded, skipped, str(listing.folder))
    return _dataset(listing, spec, fingerprint, cached)


def _listed(
    folder: str | os.PathLike, settings: list, cancelled: Callable[[], bool], known: Iterable[str]
) -> tuple[Listing, str]:
    """What `list_images` finds, and the fingerprint of it with these settings."""
    listing = list_images(folder, cancelled, known)
    return listing, _digest([settings, listing.layout, listing.classes, listing.files, listing.stats])


def _digest(value) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _dataset(listing: Listing, spec: DatasetSpec, fingerprint: str, cached: Cached) -> Dataset:
    labels = np.array(cached.labels, dtype=np.int64)
    used = np.unique(labels)
    unused = [name for label, name in enumerate(listing.classes) if label not in used]
    labels = np.searchsorted(used, labels)
    if listing.layout == "split folders":
        splits = np.array([_SPLITS[split] for split in cached.splits], dtype=np.uint8)
    else:
        splits = _drawn_split(labels, spec)
    return Dataset(
        folder=str(listing.folder),
        spec=spec,
        layout=listing.layout,
        classes=tuple(listing.classes[label] for label in used),
        images=cached.images,
        labels=labels,
        splits=splits,
        paths=tuple(cached.paths),
        hashes=tuple(cached.hashes),
        sizes=np.array([cached.widths, cached.heights], dtype=np.int32).T,
        skipped=(
            *listing.skipped,
            *cached.skipped,
            *(Skipped(name, "is a class without any image that can be read") for name in unused),
        ),
        fingerprint=fingerprint,
    )


def _drawn_split(labels: np.ndarray, spec: DatasetSpec) -> np.ndarray:
    """The validation share of each class, drawn at random; where there is a choice no side is left empty."""
    splits = np.full(len(labels), TRAIN, dtype=np.uint8)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if spec.val_fraction > 0 and len(members) >= 2:
            count = min(max(round(len(members) * spec.val_fraction), 1), len(members) - 1)
            # A generator for each class: adding images to one class leaves the draw of the others as it was.
            order = np.random.default_rng([spec.seed, label]).permutation(len(members))
            splits[members[order[:count]]] = VAL
    return splits


# Decoding: by threads, of which each has a process that reads for it where there are many files.


class _Watch:
    """Tells the user how far reading is, and asks whether to go on; both about ten times a second."""

    def __init__(self, progress: Callable[[Progress], None] | None, cancelled: Callable[[], bool]):
        self.done = self.total = 0
        self._progress, self._cancelled = progress, cancelled
        self._start = time.perf_counter()
        self._next = 0.0

    def tick(self, now: bool = False) -> None:
        time_now = time.perf_counter()
        if time_now < self._next and not now:
            return
        self._next = time_now + _TICK_SECONDS
        if self._cancelled():
            raise Cancelled
        if self._progress:
            self._progress(Progress(self.done, self.total, time_now - self._start))


@dataclass
class _Group:
    """The (file, stats) of one class and split that wait to be read, how many images are wanted, and what is under
    way: the number of files, and the tasks that read them, in order."""

    waiting: Iterator[tuple]
    wanted: int
    in_flight: int = 0
    tasks: deque[Future] = field(default_factory=deque)


def _decode(
    listing: Listing, spec: DatasetSpec, watch: _Watch, skipped: list[Skipped]
) -> Iterator[tuple[Row, np.ndarray]]:
    """The images to use, in order. What cannot be read is added to `skipped`, and the next file takes its place."""
    groups = deque(_groups(listing, spec.max_per_class))
    watch.total = sum(group.wanted for group in groups)
    used = set()
    workers = min(os.cpu_count() or 1, _MOST_READERS)
    processes = workers if watch.total >= STARTED_FOR else 0
    readers = Readers(listing.folder, spec.image_size, spec.channels, processes)
    pool = ThreadPoolExecutor(workers)
    submit = partial(pool.submit, _read, readers)
    try:
        while groups:
            _hand_out(groups, 4 * workers, submit, spec)
            group = groups[0]
            if not group.tasks:
                watch.total -= group.wanted
                groups.popleft()
                continue
            for file, answer in _result(group.tasks.popleft(), watch):
                group.in_flight -= 1
                if isinstance(answer, str):
                    skipped.append(Skipped(shown(file.path), answer))
                    continue
                yield Row(*file, *answer.picture, answer.hash), answer.pixels
                used.add(file.label)
                group.wanted -= 1
                watch.done += 1
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        readers.close()
    watch.tick(now=True)
    if len(used) < 2:
        found = f"only one class, “{listing.classes[used.pop()]}”," if used else "no class"
        raise DatasetError(
            f"“{shown(str(listing.folder))}” holds {found} with images that can be read; at least two are needed. "
            f"{len(skipped):,} files could not be read, the first: “{skipped[0].path}” {skipped[0].reason}."
        )


def _hand_out(groups: Iterable[_Group], most: int, submit: Callable[[list], Future], spec: DatasetSpec) -> None:
    """Sees to it that `most` tasks are under way, so that memory does not grow and no thread waits for the end of a
    group; and never more files of a group than can still be needed."""
    free = most
    for group in groups:
        free -= len(group.tasks)
        while free > 0 and (few := _few(group.waiting, group.wanted - group.in_flight, spec)):
            group.tasks.append(submit(few))
            group.in_flight += len(few)
            free -= 1
        if free <= 0:
            break


def _few(waiting: Iterator[tuple], most: int, spec: DatasetSpec) -> list[tuple]:
    """The next of the waiting (file, stats) to read in one go, at most `most`."""
    few, size = [], 0
    for file, stats in islice(waiting, min(most, _FILES_AT_ONCE)):
        few.append((file, stats))
        size += stats[0] + spec.image_size**2 * spec.channels
        if size >= _BYTES_AT_ONCE:
            break
    return few


def _groups(listing: Listing, most: int) -> Iterator[_Group]:
    """Each class and split, in order; at most `most` images of a class are wanted in all."""
    members: dict[int, dict[str | None, list]] = {}
    for file, stats in zip(listing.files, listing.stats, strict=True):
        members.setdefault(file.label, {}).setdefault(file.split, []).append((file, stats))
    for by_split in members.values():
        splits = [by_split[split] for split in (None, *_SPLITS) if split in by_split]
        # In proportion; rounding up where one split ends and the next begins keeps the sum exact and favours training.
        count = sum(map(len, splits))
        ends = [-(-min(most, count) * end // count) for end in accumulate(map(len, splits))]
        for group, start, end in zip(splits, [0, *ends], ends, strict=False):
            yield _Group(iter(group), end - start)


def _read(readers: Readers, files: list[tuple]) -> list[tuple]:
    """For each (file, stats): the file, and what `read_files` answers."""
    answers = readers.read([(file.path, stats) for file, stats in files])
    return [(file, answer) for (file, _), answer in zip(files, answers, strict=True)]


def _result(future: Future, watch: _Watch):
    while True:
        watch.tick()
        try:
            return future.result(timeout=_TICK_SECONDS)
        except TimeoutError:  # a large image: go on waiting, but let the user cancel
            pass
