"""Sliding windows (of filters and pooling), and the receptive fields of values after several of them.

All pairs are (rows, columns).
"""

from typing import NamedTuple

Pair = tuple[int, int]  # (rows, columns)


class Window(NamedTuple):
    """A window that slides over a map; each position gives one value of the next map.

    padding: rows and columns of zeros around the map. dilation: distance between the values that it reads.
    """

    kernel: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)

    @property
    def reach(self) -> Pair:
        """The rows and columns that it spans, with dilation."""
        rows, columns = ((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
        return rows, columns

    def places(self, sides: Pair) -> Pair:
        """How many positions it has on a map with these sides, in rows and columns; less than 1 if it does not fit."""
        rows, columns = (
            (side + 2 * padding - reach) // stride + 1
            for side, padding, reach, stride in zip(sides, self.padding, self.reach, self.stride, strict=True)
        )
        return rows, columns


class Field(NamedTuple):
    """The receptive fields of a map's values, in input pixels.

    size: sides of the rectangle of pixels that one value depends on (not cut at the border).
    jump: distance between the centres of neighbouring fields.
    offset: centre of the first field; the centre of the first pixel is 0.
    """

    size: Pair = (1, 1)
    jump: Pair = (1, 1)
    offset: tuple[float, float] = (0.0, 0.0)

    def through(self, window: Window) -> "Field":
        """The receptive fields after one more window (Araujo et al. 2019, "Computing receptive fields of convolutional
        neural networks")."""
        rows, columns = zip(self.size, self.jump, self.offset, window.reach, window.stride, window.padding, strict=True)
        by_side = [
            (size + (reach - 1) * jump, stride * jump, offset + ((reach - 1) / 2 - padding) * jump)
            for size, jump, offset, reach, stride, padding in (rows, columns)
        ]
        return Field(*zip(*by_side, strict=True))


def sides(both: Pair) -> str:
    """'3 × 5': rows, then columns."""
    return f"{both[0]} × {both[1]}"


def shortest(value):
    """One number for a pair of equal ones, as people write it."""
    return value[0] if isinstance(value, tuple) and value[0] == value[1] else value


def pair(value: int | Pair) -> Pair:
    """One number for both sides, or one for each, as (rows, columns)."""
    if isinstance(value, int):
        return value, value
    rows, columns = value
    return rows, columns
