"""Sets in IDX files, such as MNIST and Fashion-MNIST: a file of images and one of labels for each split.

An IDX file begins with two zeros, the type of its values (8: uint8) and the number of its dimensions; their sizes
follow, as big-endian 32-bit numbers, then the values (http://yann.lecun.com/exdb/mnist).
"""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cnn.data.published.digits import identify
from cnn.data.published.names import IDX
from cnn.data.published.sets import MAX_IMAGES, TEST, TRAIN, PublishedSet, Records
from cnn.data.published.source import SetError, Source, Stream
from cnn.data.walk import FoundImage, shown


def find(root: Path, files: Mapping[str, FoundImage], problems: list[str]) -> list[PublishedSet]:
    """The sets in the files of one folder, given by name. What cannot be read is added to `problems`, as sentences."""
    parts: dict[str, dict[tuple[str, str], FoundImage]] = {}
    for name in sorted(files, key=len, reverse=True):  # of a file and its packed copy, the first is taken
        if match := IDX.fullmatch(name):
            split = TRAIN if match["part"].lower() == "train" else TEST
            parts.setdefault(match["prefix"], {})[split, match["content"].lower()] = files[name]
    found = []
    for prefix, by_content in parts.items():
        try:
            found.append(_set(root, prefix, by_content))
        except SetError as error:
            problems.append(str(error))
    return found


def _set(root: Path, prefix: str, files: Mapping[tuple[str, str], FoundImage]) -> PublishedSet:
    records = []
    for split in (TRAIN, TEST):
        present = {content: files[split, content] for content in ("images", "labels") if (split, content) in files}
        if len(present) == 1:
            ((content, (path, _)),) = present.items()
            missing = "images" if content == "labels" else "labels"
            raise SetError(f"“{shown(path)}” has no file of {missing} beside it. Put it there.")
        if present:
            records.append(_records(root, split, present["images"], present["labels"]))
    if records[0].split != TRAIN:
        raise SetError(f"“{shown(records[0].source.file)}” has no training images beside it. Put them there.")
    return identify(root, records, prefix)


def _records(root: Path, split: str, images: FoundImage, labels: FoundImage) -> Records:
    source = Source(root, labels[0])
    with source.open() as stream:
        (count,) = _sizes(source, stream, 1)
        if count > MAX_IMAGES:
            raise source.too_large()
        values = np.frombuffer(stream.read(count), np.uint8).astype(np.int64)
    source = Source(root, images[0])
    with source.open() as stream:
        pictures, height, width = _sizes(source, stream, 3)
        is_packed = stream.is_packed
    if pictures != count:
        raise source.damaged(f"it has {pictures:,} images, but “{shown(labels[0])}” has {count:,} labels")
    if not is_packed and images[1][0] < 16 + count * height * width:
        raise source.damaged("its end is missing")
    return Records(source, images[1], split, values, (height, width, 1), start=16)


def _sizes(source: Source, stream: Stream, dimensions: int) -> tuple[int, ...]:
    """The sizes of the dimensions of an IDX file."""
    magic, *sizes = struct.unpack(f">{1 + dimensions}I", stream.read(4 + 4 * dimensions))
    if magic != 0x0800 + dimensions:
        raise source.damaged(f"an IDX file begins with the number {0x0800 + dimensions}, not {magic}")
    return tuple(sizes)
