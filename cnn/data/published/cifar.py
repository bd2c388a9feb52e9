"""CIFAR-10 and CIFAR-100, in all the forms they are published in: the files for Python (pickles), the binary files, and
the archives of both (https://www.cs.toronto.edu/~kriz/cifar.html).

A picture is 3072 bytes: 32 × 32 values of red, then of green, then of blue. In the binary files its label is before it,
one byte; in those of CIFAR-100, two: one of 20 coarse classes, and one of 100 fine ones. The fine ones are the usual
reading; with the coarse ones, the same images are a set of their own.
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
_10, _100, _COARSE = "CIFAR-10", "CIFAR-100", "CIFAR-100 coarse"
_CLASSES = {_10: 10, _100: 100, _COARSE: 20}
# Where the Python files keep the labels and the names of the classes, and the binary files the names.
_LABELS = {_10: "labels", _100: "fine_labels", _COARSE: "coarse_labels"}
_NAMES = {_10: "label_names", _100: "fine_label_names", _COARSE: "coarse_label_names"}
_NAME_FILES = {"batches.meta.txt": _10, "fine_label_names.txt": _100, "coarse_label_names.txt": _COARSE}
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
    """CIFAR-10, and CIFAR-100 with fine and with coarse classes, from these files. Raises SetError."""
    records: dict[str, list[tuple[str, Records]]] = {name: [] for name in _CLASSES}
    classes: dict[str, tuple[str, ...]] = {}
    for file in files:
        if file.name in ("batches.meta", "meta", *_NAME_FILES):
            classes |= _class_names(file)
        else:
            read = _binary_records if file.name.endswith(".bin") else _pickled_records
            for name, part in read(file).items():
                records[name].append((file.name, part))
    if len(records[_COARSE]) < len(records[_100]):  # a file without coarse labels
        records[_COARSE] = []
    return [_set(name, parts, classes.get(name)) for name, parts in records.items() if parts]


def _set_names(file: _File) -> tuple[str, ...]:
    """The sets that a file belongs to."""
    return (_10,) if _IS_10.fullmatch(file.name) else (_COARSE, _100)


def _set(name: str, parts: list[tuple[str, Records]], classes: tuple[str, ...] | None) -> PublishedSet:
    # The order of the splits of all formats is that of the names: data_batch_1, data_batch_2, ...
    ordered = tuple(part for _, part in sorted(parts, key=lambda named: named[0]))
    training = [part for part in ordered if part.split == TRAIN]
    if not training:
        raise SetError(f"“{shown(ordered[0].source.file)}” has no training images beside it. Put them there.")
    notes = []
    if name == _10 and len(training) < _BATCHES:
        notes.append(f"Only {len(training)} of the {_BATCHES} files of training images are there.")
    names = classes or tuple(map(str, range(_CLASSES[name])))
    found = PublishedSet(name, names, ordered, tuple(notes), is_relabelled=name == _COARSE)
    found.check()
    return found


def _binary_records(file: _File) -> dict[str, Records]:
    """The images of a file, for each set that it belongs to."""
    data, sets = np.frombuffer(file.read(), np.uint8), _set_names(file)
    size = len(sets) + _PIXELS
    if not len(data) or len(data) % size:
        raise file.source.damaged(f"{file.name} has {len(data):,} bytes, not {size:,} for each image")
    return {
        name: _records(file, data[place::size].astype(np.int64), file.start, before=len(sets))
        for place, name in enumerate(sets)
    }


def _pickled_records(file: _File) -> dict[str, Records]:
    """The images of a file, for each set that it belongs to. A file need not have coarse labels."""
    batch = _unpickled(file)
    return {
        name: _pickled(file, batch, _LABELS[name])
        for name in _set_names(file)
        if name != _COARSE or _LABELS[name] in batch
    }


def _pickled(file: _File, batch: dict[str, Any], key: str) -> Records:
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
    return _records(file, numbers, file.start + start, text_size=size if is_text else 0)


def _records(file: _File, labels: np.ndarray, start: int, before: int = 0, text_size: int = 0) -> Records:
    split = TEST if file.name.startswith("test") else TRAIN
    return Records(file.source, file.stats, split, labels, SHAPE, start, before, planar=True, text_size=text_size)


def _class_names(file: _File) -> dict[str, tuple[str, ...]]:
    """The names of the classes in a file, for each set."""
    if file.name in _NAME_FILES:
        lines = file.read().decode("utf-8", "replace").splitlines()
        return {_NAME_FILES[file.name]: _checked_names(file, [line.strip() for line in lines if line.strip()])}
    held = _unpickled(file)
    return {
        name: _checked_names(file, held.get(_NAMES[name]))
        for name in _set_names(file)
        if name != _COARSE or _NAMES[name] in held
    }


def _checked_names(file: _File, names: Any) -> tuple[str, ...]:
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
