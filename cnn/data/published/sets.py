"""A published set: thousands of images of one size in a few files, with their labels and their own test images.

Imports neither torch nor Streamlit.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO

import numpy as np

from cnn.data.images import to_png
from cnn.data.published.source import MAX_BYTES, SetError, Source, Stream
from cnn.data.walk import FoundImage

MAX_IMAGES, MAX_SIDE = 1_000_000, 1024
_AT_ONCE = 1024  # images read at once
TRAIN, TEST = "train", "test"


@dataclass(frozen=True, eq=False)
class Records:
    """The N images of one split in one file, one after the other.

    split: TRAIN or TEST. labels: int64 (N,). shape: (height, width, channels) of an image. stats: of the file (see
    `walk.file_stats`). start: the byte in the source where the first record begins. before: the number of bytes of a
    record before its pixels. planar: whether a record has one channel after the other, instead of one pixel after the
    other. text_size: if the pixels were stored as text (UTF-8, one character per byte), the number of its bytes; 0 if
    they were not.
    """

    source: Source
    stats: tuple[int, int]
    split: str
    labels: np.ndarray
    shape: tuple[int, int, int]
    start: int
    before: int = 0
    planar: bool = False
    text_size: int = 0

    def check(self) -> None:
        """Raises SetError if the images are too many or too large."""
        height, width, channels = self.shape
        if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE and channels in (1, 3)):
            raise self.source.damaged(f"images of {height} × {width} × {channels} numbers are not to be expected in it")
        if len(self.labels) > MAX_IMAGES or len(self.labels) * height * width * channels > MAX_BYTES:
            raise self.source.too_large()

    def blocks(self, stream: Stream, rows: np.ndarray) -> Iterator[np.ndarray]:
        """The images in these rows (ascending), in blocks: uint8 (n, height, width, channels)."""
        start, size = self.start, self.before + int(np.prod(self.shape))
        if self.text_size:
            stream.seek(self.start)
            text = stream.read(self.text_size)
            with self.source.readable():
                stream, start = Stream(self.source, BytesIO(text.decode("utf-8").encode("latin-1"))), 0
        for wanted in np.split(rows, np.flatnonzero(np.diff(rows // _AT_ONCE)) + 1):
            first, count = int(wanted[0]), int(wanted[-1] - wanted[0]) + 1
            stream.seek(start + first * size)
            data = np.frombuffer(stream.read(count * size), np.uint8).reshape(count, size)
            yield self._pictures(data[wanted - first, self.before :])

    def _pictures(self, records: np.ndarray) -> np.ndarray:
        height, width, channels = self.shape
        if self.planar:
            return records.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
        return records.reshape(-1, height, width, channels)


@dataclass(frozen=True, eq=False)
class PublishedSet:
    """name: identifies it among the sets of a folder. classes: names, in the order of the labels. parts: at least one
    with training images; all images have one shape. notes: sentences about what is missing. is_relabelled: whether
    another set has the same images with the labels that are usual.

    The path of an image is made of the set, the split and the number of the image in the split, "MNIST/train/00042", so
    that it is the same in all formats the set is published in.
    """

    name: str
    classes: tuple[str, ...]
    parts: tuple[Records, ...]
    notes: tuple[str, ...] = ()
    is_relabelled: bool = False

    def check(self) -> None:
        """Raises SetError, with a sentence for the user, if the parts do not make a set."""
        for part in self.parts:
            part.check()
            if len(part.labels) and not 0 <= part.labels.min() <= part.labels.max() < len(self.classes):
                wrong = part.labels.max() if part.labels.max() >= len(self.classes) else part.labels.min()
                raise part.source.damaged(f"it has the label {wrong}, but {self.name} has {len(self.classes)} classes")
            if part.shape != self.parts[0].shape:
                raise part.source.damaged(
                    f"its images have {_size(part.shape)} pixels, but those of “{self.parts[0].source.file}” have "
                    f"{_size(self.parts[0].shape)}"
                )
        if len(np.unique(self._of(TRAIN))) < 2:
            raise self.parts[0].source.damaged("it holds training images of fewer than two classes")

    @property
    def files(self) -> tuple[str, ...]:
        """The files with the images, relative to the folder."""
        return tuple(dict.fromkeys(part.source.file for part in self.parts))

    def count(self, split: str) -> int:
        return len(self._of(split))

    def is_copy_of(self, other: "PublishedSet") -> bool:
        """Whether both have the same name and the same labels: another format of the same set."""
        return self.name == other.name and all(
            np.array_equal(self._of(split), other._of(split)) for split in (TRAIN, TEST)
        )

    def named(self, name: str) -> "PublishedSet":
        return replace(self, name=name)

    def by_class(self) -> Iterator[tuple[str, str, list[FoundImage]]]:
        """The class, the split and the images of each group; only classes with training images."""
        trained = set(self._of(TRAIN).tolist())
        for split in (TRAIN, TEST):
            by_label: dict[int, list[FoundImage]] = {}
            number = 0
            for part in self._parts(split):
                for label in part.labels.tolist():
                    by_label.setdefault(label, []).append((f"{self.name}/{split}/{number:05d}", part.stats))
                    number += 1
            for label in sorted(trained & set(by_label)):
                yield self.classes[label], split, by_label[label]

    def stats_of(self, path: str) -> tuple[int, int]:
        """The stats of the file of an image. Raises KeyError if the set has no image with this path."""
        part, _ = self._place(path)
        return part.stats

    def read(self, paths: Sequence[str], tick: Callable[[], None] = lambda: None) -> np.ndarray:
        """The images with these paths: uint8 (n, height, width, channels). tick: called often; may raise.

        Raises SetError, and KeyError if the set has no image with a path.
        """
        images = np.empty((len(paths), *self.parts[0].shape), np.uint8)
        wanted: dict[Records, list[tuple[int, int]]] = {}
        for place, path in enumerate(paths):
            part, row = self._place(path)
            wanted.setdefault(part, []).append((row, place))
        # Each source is read once, from its start to its end: it may be packed.
        for source in dict.fromkeys(part.source for part in wanted):
            inside = sorted((part for part in wanted if part.source == source), key=lambda part: part.start)
            with source.open() as stream:
                for part in inside:
                    rows, places = np.array(sorted(wanted[part])).T
                    done = 0
                    for block in part.blocks(stream, rows):
                        tick()
                        images[places[done : done + len(block)]] = block
                        done += len(block)
        return images

    def png(self, path: str) -> bytes:
        """An image as the bytes of a PNG file. Raises SetError."""
        try:
            return to_png(self.read([path])[0])
        except KeyError as error:
            raise SetError(f"{self.name} has no image “{path}”.") from error

    def _place(self, path: str) -> tuple[Records, int]:
        """The part and the row of an image."""
        split, _, number = path.removeprefix(f"{self.name}/").partition("/")
        starts, parts = self._starts.get(split, ([], []))
        if number.isdecimal() and starts:
            i = bisect_right(starts, int(number)) - 1
            if int(number) - starts[i] < len(parts[i].labels):
                return parts[i], int(number) - starts[i]
        raise KeyError(path)

    @cached_property
    def _starts(self) -> dict[str, tuple[list[int], list[Records]]]:
        """For each split, the numbers of the first images of its parts, and the parts."""
        found: dict[str, tuple[list[int], list[Records]]] = {}
        for part in self.parts:
            starts, parts = found.setdefault(part.split, ([], []))
            starts.append(starts[-1] + len(parts[-1].labels) if starts else 0)
            parts.append(part)
        return found

    def _parts(self, split: str) -> list[Records]:
        return [part for part in self.parts if part.split == split]

    def _of(self, split: str) -> np.ndarray:
        """The labels of a split."""
        return np.concatenate([np.empty(0, np.int64), *(part.labels for part in self._parts(split))])


def _size(shape: tuple[int, int, int]) -> str:
    return f"{shape[1]} × {shape[0]}"
