"""Decodes the images of a listing in order, in several threads. For many files, each thread has a reader process.

Imports neither torch nor Streamlit.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate, islice

import numpy as np

from cnn.data.cache import Row
from cnn.data.decoding import PLAIN_FILE, STANDARD, Decoding, Traits, decoding_for
from cnn.data.listing import DatasetError, ImageFile, Listing, Skipped, shown
from cnn.data.progress import TICK_SECONDS, Watch
from cnn.data.published.resize import decode_published
from cnn.data.readers import MIN_FILES, Answer, Readers
from cnn.specs import DatasetSpec

# The most one task reads, in files and in bytes of files and arrays. A task per small image would cost as much as
# decoding it; too many large images per task would fill the memory.
_FILES_AT_ONCE = 64
_BYTES_AT_ONCE = 1_000_000
_MOST_READERS = 8

Waiting = tuple[ImageFile, tuple[int, int]]  # a file and its stats, as in `Listing`


@dataclass
class _Group:
    """The images of one class and split.

    waiting: the files not yet given to a task. remaining: the number of images still to take. in_flight: the number of
    files being read by `tasks`, which are in order.
    """

    waiting: Iterator[Waiting]
    remaining: int
    in_flight: int = 0
    tasks: deque[Future] = field(default_factory=deque)


class NotPlain(Exception):
    """A file needs more from the decoding of its dataset than the standard one."""


def find_decoding(listing: Listing, spec: DatasetSpec, watch: Watch) -> Decoding:
    """The decoding that suits all images to use. Reads them all, so call it only after `NotPlain`."""
    traits: list[Traits] = []
    for _ in decode(listing, spec, watch, [], STANDARD, traits):
        pass
    watch.done = 0
    return decoding_for(traits)


def decode(
    listing: Listing,
    spec: DatasetSpec,
    watch: Watch,
    skipped: list[Skipped],
    decoding: Decoding | None = STANDARD,
    traits: list[Traits] | None = None,
) -> Iterator[tuple[Row, np.ndarray]]:
    """Yields the images to use, in order: the facts about each, and its pixels, uint8 (S, S, C).

    A file that cannot be read is added to `skipped`, and the next file takes its place. decoding: None means the
    standard one, but raises NotPlain at the first file that may need another. traits: gets those of such files.

    Raises DatasetError, at the end, if fewer than two classes have an image, and Cancelled if cancelled.
    """
    groups = deque(_groups(listing, spec.max_per_class))
    if listing.published:
        files = [file for group in groups for file, _ in islice(group.waiting, group.remaining)]
        yield from decode_published(listing.published, files, spec, watch)
        return
    watch.total = sum(group.remaining for group in groups)
    used = set()
    workers = min(os.cpu_count() or 1, _MOST_READERS)
    processes = workers if watch.total >= MIN_FILES else 0
    readers = Readers(listing.folder, spec.image_size, spec.channels, processes, decoding or STANDARD)
    pool = ThreadPoolExecutor(workers)

    def submit(files: list[Waiting]) -> Future:
        return pool.submit(_read, readers, files)

    try:
        while groups:
            _submit_tasks(groups, 4 * workers, submit, spec)
            group = groups[0]
            if not group.tasks:
                watch.total -= group.remaining
                groups.popleft()
                continue
            for file, answer in _result(group.tasks.popleft(), watch):
                group.in_flight -= 1
                if isinstance(answer, str):
                    skipped.append(Skipped(shown(file.path), answer))
                    continue
                if answer.traits != PLAIN_FILE:
                    if decoding is None:
                        raise NotPlain
                    if traits is not None:
                        traits.append(answer.traits)
                yield Row(*file, *answer.picture, answer.hash), answer.pixels
                used.add(file.label)
                group.remaining -= 1
                watch.done += 1
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        readers.close()
    watch.tick(now=True)
    if len(used) < 2:
        found = f"only one class, “{listing.classes[used.pop()]}”," if used else "no class"
        raise DatasetError(
            f"“{shown(str(listing.folder))}” contains {found} with readable images; at least two are needed. "
            f"{len(skipped):,} files could not be read, the first: “{skipped[0].path}” {skipped[0].reason}."
        )


def _groups(listing: Listing, most: int) -> Iterator[_Group]:
    """The groups in order. Together they take at most `most` images of each class."""
    members: dict[int, dict[str | None, list[Waiting]]] = {}
    for file, stats in zip(listing.files, listing.stats, strict=True):
        members.setdefault(file.label, {}).setdefault(file.split, []).append((file, stats))
    for by_split in members.values():
        splits = [by_split[split] for split in (None, "train", "val", "test") if split in by_split]
        # Take from each split in proportion. Rounding the ends up keeps the sum exact and favours training.
        count = sum(map(len, splits))
        ends = [-(-min(most, count) * end // count) for end in accumulate(map(len, splits))]
        for group, start, end in zip(splits, [0, *ends], ends, strict=False):
            yield _Group(iter(group), end - start)


def _submit_tasks(
    groups: Iterable[_Group], most: int, submit: Callable[[list[Waiting]], Future], spec: DatasetSpec
) -> None:
    """Starts tasks until `most` are running: enough that no thread is idle at the end of a group, few enough to bound
    the memory. Never reads more files of a group than it still needs."""
    free = most
    for group in groups:
        free -= len(group.tasks)
        while free > 0 and (files := _next_files(group.waiting, group.remaining - group.in_flight, spec)):
            group.tasks.append(submit(files))
            group.in_flight += len(files)
            free -= 1
        if free <= 0:
            break


def _next_files(waiting: Iterator[Waiting], most: int, spec: DatasetSpec) -> list[Waiting]:
    """The next files for one task, at most `most`."""
    files, size = [], 0
    for file, stats in islice(waiting, min(most, _FILES_AT_ONCE)):
        files.append((file, stats))
        size += stats[0] + spec.image_size**2 * spec.channels
        if size >= _BYTES_AT_ONCE:
            break
    return files


def _read(readers: Readers, files: list[Waiting]) -> list[tuple[ImageFile, Answer]]:
    answers = readers.read([(file.path, stats) for file, stats in files])
    return [(file, answer) for (file, _), answer in zip(files, answers, strict=True)]


def _result(future: Future, watch: Watch) -> list[tuple[ImageFile, Answer]]:
    while True:
        watch.tick()
        try:
            return future.result(timeout=TICK_SECONDS)
        except TimeoutError:  # a large image: keep waiting, but let the user cancel
            pass
