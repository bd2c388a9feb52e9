"""CIFAR-10 and CIFAR-100, in all the forms they are published in: the files for Python (pickles), the binary files, and
the archives of both (https://www.cs.toronto.edu/~kriz/cifar.html).

A picture is 3072 bytes: 32 × 32 values of red, then of green, then of blue. In the binary files its label is before it,
one byte; in those of CIFAR-100, two: the coarse and the fine label, which is used here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from cnn.data.published.names import CIFAR, CIFAR_ARCHIVE
from cnn.data.published.pickled import Array, NotPlainPickle, read_pickle
from cnn.data.published.sets import TEST, TRAIN, PublishedSet, Records
from cnn.data.published.source import SetError, Source
from cnn.data.published.tar import members
from cnn.data.walk import FoundImage, shown

SHAPE = (32, 32, 3)
_PIXELS = 3072
_BATCHES = 5  # files of training images of CIFAR-10
_IS_10 = re.compile(r"(data_batch_\d+|test_batch|batches\.meta)(\.bin|\.txt)?")


@dataclass(frozen=True, eq=False)
class _File:
    """A file of a set. start: where it begins in its source, an archive or the file itself. read: its bytes; raises
    SetError."""

    name: str
    source: Source
    stats: tuple[int, int]
    start: int
    read: Callable[[], bytes]


def find(root: Path, files: Mapping[str, FoundImage], problems: list[str]) -> list[PublishedSet]:
    """The sets in the files of one folder, given by name. What cannot be read is added to `problems`, as sentences."""
    own = tuple(file for name, file in files.items() if CIFAR.fullmatch(name))
    archives = [file for name, file in files.items() if CIFAR_ARCHIVE.fullmatch(name)]
    found: list[PublishedSet] = []
    for read in [partial(_in_folder, root, own), *(partial(_in_archive, root, archive) for archive in archives)]:
        try:
            found += read()
        except SetError as error:
            problems.append(str(error))
    return found


# Both are remembered, because the labels are among the images: to list them, a whole archive has to be unpacked.


@lru_cache(maxsize=16)
def _in_folder(root: Path, files: tuple[FoundImage, ...]) -> list[PublishedSet]:
    def opened() -> Iterator[_File]:
        for path, stats in files:
            source = Source(root, path)
            with source.open() as stream:
                # Names like “train” are common; pickles of protocol 2 and above begin with 128.
                name = path.rpartition("/")[2]
                if name in ("train", "test", "meta") and (not stats[0] or stream.read(1) != b"\x80"):
                    continue
                stream.seek(0)
                yield _File(name, source, stats, 0, partial(stream.read, stats[0]))

    return _sets(opened())


@lru_cache(maxsize=16)
def _in_archive(root: Path, file: FoundImage) -> list[PublishedSet]:
    path, stats = file
    source = Source(root, path)

    def opened() -> Iterator[_File]:
        for name, start, read in members(source, lambda name: CIFAR.fullmatch(name) is not None):
            yield _File(name, source, stats, start, read)

    found = _sets(opened())
    if not found:
        raise SetError(f"“{shown(path)}” does not hold the files of CIFAR-10 or CIFAR-100.")
    return found


def _sets(files: Iterator[_File]) -> list[PublishedSet]:
    """CIFAR-10 and CIFAR-100 from these files. Raises SetError."""
    records: dict[str, list[tuple[str, Records]]] = {"CIFAR-10": [], "CIFAR-100": []}
    classes: dict[str, tuple[str, ...]] = {}
    for file in files:
        set_name = "CIFAR-10" if _IS_10.fullmatch(file.name) else "CIFAR-100"
        if file.name in ("batches.meta", "meta", "batches.meta.txt", "fine_label_names.txt"):
            classes[set_name] = _class_names(file)
        else:
            read = _binary_records if file.name.endswith(".bin") else _pickled_records
            records[set_name].append((file.name, read(file, set_name)))
    return [_set(name, parts, classes.get(name)) for name, parts in records.items() if parts]


def _set(name: str, parts: list[tuple[str, Records]], classes: tuple[str, ...] | None) -> PublishedSet:
    # The order of the splits of all formats is that of the names: data_batch_1, data_batch_2, ...
    ordered = tuple(part for _, part in sorted(parts, key=lambda named: named[0]))
    training = [part for part in ordered if part.split == TRAIN]
    if not training:
        raise SetError(f"“{shown(ordered[0].source.file)}” has no training images beside it. Put them there.")
    count = 10 if name == "CIFAR-10" else 100
    notes = []
    if name == "CIFAR-10" and len(training) < _BATCHES:
        notes.append(f"Only {len(training)} of the {_BATCHES} files of training images are there.")
    found = PublishedSet(name, classes or tuple(map(str, range(count))), ordered, tuple(notes))
    found.check()
    return found


def _binary_records(file: _File, set_name: str) -> Records:
    data = np.frombuffer(file.read(), np.uint8)
    before = 1 if set_name == "CIFAR-10" else 2
    size = before + _PIXELS
    if not len(data) or len(data) % size:
        raise file.source.damaged(f"{file.name} has {len(data):,} bytes, not {size:,} for each image")
    labels = data[before - 1 :: size].astype(np.int64)
    return Records(file.source, file.stats, _split(file), labels, SHAPE, file.start, before, planar=True)


def _pickled_records(file: _File, set_name: str) -> Records:
    batch = _unpickled(file)
    key = "labels" if set_name == "CIFAR-10" else "fine_labels"
    pixels, labels = batch.get("data"), batch.get(key)
    if not isinstance(pixels, Array) or not isinstance(labels, list) or not all(type(one) is int for one in labels):
        raise file.source.damaged(f"{file.name} does not hold “data” and “{key}”")
    if pixels.data is None or pixels.type != "u1" or not pixels.in_rows or pixels.shape != (len(labels), _PIXELS):
        raise file.source.damaged(
            f"{file.name} has {len(labels):,} labels, and an array of {pixels.type} of shape {pixels.shape}; "
            f"{(len(labels), _PIXELS)} of u1 was expected"
        )
    start, size, is_text = pixels.data
    if not is_text and size != len(labels) * _PIXELS:
        raise file.source.damaged(f"{file.name} has {size:,} bytes for {len(labels):,} images")
    numbers = np.array([max(-1, min(label, 1000)) for label in labels], np.int64)  # a label may be any number
    return Records(
        *(file.source, file.stats, _split(file), numbers, SHAPE),
        start=file.start + start,
        planar=True,
        text_size=size if is_text else 0,
    )


def _class_names(file: _File) -> tuple[str, ...]:
    key = "label_names" if file.name == "batches.meta" else "fine_label_names"
    names: Any
    if file.name.endswith(".txt"):
        names = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    else:
        names = _unpickled(file).get(key)
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise file.source.damaged(f"{file.name} does not hold the names of the classes")
    if len(set(names)) < len(names):
        raise file.source.damaged(f"{file.name} holds the name of a class twice")
    return tuple(map(shown, names))


def _unpickled(file: _File) -> dict[str, Any]:
    try:
        value = read_pickle(file.read())
    except NotPlainPickle as error:
        raise file.source.damaged(f"{file.name} cannot be read, because {error}") from error
    if not isinstance(value, dict):
        raise file.source.damaged(f"{file.name} does not hold images")
    return value


def _split(file: _File) -> str:
    return TEST if file.name.startswith("test") else TRAIN
