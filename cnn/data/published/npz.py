"""Sets in Keras' .npz files: a zip of the arrays x_train, y_train, x_test and y_test."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from cnn.data.published.digits import identify
from cnn.data.published.names import NPZ
from cnn.data.published.sets import MAX_IMAGES, TEST, TRAIN, PublishedSet, Records
from cnn.data.published.source import SetError, Source, Stream
from cnn.data.walk import FoundImage

# Not numpy's own reader of headers, which evaluates them as Python expressions.
_HEADER = re.compile(
    rb"\{'descr': '([|<>=]?)([ui][1248])', 'fortran_order': False, 'shape': \((\d+(?:, ?\d+)*),?\),? ?\} *\n?"
)


def find(root: Path, files: Mapping[str, FoundImage], problems: list[str]) -> list[PublishedSet]:
    """The sets in the files of one folder, given by name. What cannot be read is added to `problems`, as sentences."""
    found = []
    for name, file in files.items():
        if NPZ.fullmatch(name):
            try:
                if one := _set(root, file):
                    found.append(one)
            except SetError as error:
                problems.append(str(error))
    return found


def _set(root: Path, file: FoundImage) -> PublishedSet | None:
    """The set in a file; None if it holds other arrays."""
    source = Source(root, file[0])
    with source.open() as stream, source.readable(), zipfile.ZipFile(stream.file) as archive:
        names = set(archive.namelist())
    if not {"x_train.npy", "y_train.npy"} <= names:
        return None
    records = [_records(root, file, TRAIN)]
    if {"x_test.npy", "y_test.npy"} <= names:
        records.append(_records(root, file, TEST))
    return identify(root, records, PurePosixPath(file[0]).stem)


def _records(root: Path, file: FoundImage, split: str) -> Records:
    source = Source(root, file[0], f"y_{split}.npy")
    with source.open() as stream:
        values, shape, _ = _header(source, stream)
        if shape[1:] not in ((), (1,)):
            raise source.damaged(f"y_{split} holds arrays of numbers instead of labels")
        if shape[0] > MAX_IMAGES:
            raise source.too_large()
        data = stream.read(shape[0] * values.itemsize)
        labels = np.frombuffer(data, values).astype(np.int64)
    source = Source(root, file[0], f"x_{split}.npy")
    with source.open() as stream:
        values, (count, *sides), start = _header(source, stream)
    if values != np.uint8 or len(sides) not in (2, 3):
        raise source.damaged(f"x_{split} holds {values} of shape {(count, *sides)}; images are uint8")
    if count != len(labels):
        raise source.damaged(f"it has {count:,} images, but {len(labels):,} labels")
    height, width, channels = (*sides, 1)[:3]
    return Records(source, file[1], split, labels, (height, width, channels), start)


def _header(source: Source, stream: Stream) -> tuple[np.dtype, tuple[int, ...], int]:
    """The type and the shape of an array in the .npy format, and where its values begin.

    https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    """
    magic = stream.read(8)
    if magic[:6] != b"\x93NUMPY" or magic[6] not in (1, 2, 3):
        raise source.damaged(f"{source.member} is not a NumPy array")
    size = 2 if magic[6] == 1 else 4
    length = int.from_bytes(stream.read(size), "little")
    header = stream.read(min(length, 1 << 16))
    match = _HEADER.fullmatch(header)
    if match is None:
        raise source.damaged(f"{source.member} does not hold whole numbers")
    shape = tuple(map(int, match[3].split(b",")))
    return np.dtype((match[1] + match[2]).decode()), shape, 8 + size + length
