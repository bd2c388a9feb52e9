"""Windows that slide over maps, and what a value sees of the image through one layer of them after another.

Everything is by side: (rows, columns).
"""

from typing import NamedTuple

Pair = tuple[int, int]  # (rows, columns)


class Window(NamedTuple):
    """Which values of a map one value of the next map is made from.

    padding: rows and columns of zeros around the map. dilation: steps from one value that is read to the next.
    """

    kernel: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)

    @property
    def reach(self) -> Pair:
        """The rows and columns from the first value that it reads to the last."""
        rows, columns = ((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
        return rows, columns

    def places(self, sides: Pair) -> Pair:
        """In how many rows and columns it fits on a map with these sides; less than 1 where it is larger."""
        rows, columns = (
            (side + 2 * padding - reach) // stride + 1
            for side, padding, reach, stride in zip(sides, self.padding, self.reach, self.stride, strict=True)
        )
        return rows, columns


class Field(NamedTuple):
    """What the values of a map see of the image, in input pixels.

    size: sides of the smallest rectangle with all pixels that one value depends on (not cut at the border).
    jump: from the centre of one value's rectangle to the next one's.
    offset: the centre of value 0's rectangle; that of the first pixel is 0.
    """

    size: Pair = (1, 1)
    jump: Pair = (1, 1)
    offset: tuple[float, float] = (0.0, 0.0)

    def through(self, window: Window) -> "Field":
        """What the values of the next map see (Araujo et al. 2019, "Computing receptive fields of convolutional neural
        networks")."""
        rows, columns = zip(self.size, self.jump, self.offset, window.reach, window.stride, window.padding, strict=True)
        by_side = [
            (size + (reach - 1) * jump, stride * jump, offset + ((reach - 1) / 2 - padding) * jump)
            for size, jump, offset, reach, stride, padding in (rows, columns)
        ]
        return Field(*zip(*by_side, strict=True))


def sides(pair: Pair) -> str:
    """'3 × 5': rows, then columns."""
    return f"{pair[0]} × {pair[1]}"
