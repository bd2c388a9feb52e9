"""The weights of filters and dense units, as small pictures."""

import numpy as np

SIDE, KERNEL = 64, 8  # pixels of a picture, and of a channel in it: as many as a page can show


def filter_pictures(weights: np.ndarray, is_colour: bool) -> np.ndarray:
    """The weights of a layer's units, float32 (n, channels, rows, columns), as pictures.

    is_colour: the three channels are red, green and blue, and give colours, uint8 (n, rows, columns, 3). Else the
    channels lie side by side with gaps of NaN, float32 (n, rows, columns). Large ones are drawn smaller, with the means
    of neighbouring weights.
    """
    if is_colour:
        weights = _smaller(weights, SIDE)
        limit = np.abs(weights).max() or 1
        return np.moveaxis(np.rint(255 * (0.5 + weights / (2 * limit))), 1, 3).astype(np.uint8)
    across = int(np.ceil(np.sqrt(weights.shape[1])))
    weights = _smaller(weights, max(SIDE // across, KERNEL))
    n, channels, rows, columns = weights.shape
    down = -(-channels // across)
    picture = np.full((n, down * (rows + 1) - 1, across * (columns + 1) - 1), np.nan, np.float32)
    for channel in range(channels):
        top, left = channel // across * (rows + 1), channel % across * (columns + 1)
        picture[:, top : top + rows, left : left + columns] = weights[:, channel]
    return picture


def _smaller(weights: np.ndarray, most: int) -> np.ndarray:
    """The weights with at most `most` rows and columns: the means of square blocks, of fewer weights at the ends."""
    block = -(-max(weights.shape[2:]) // most)
    if block == 1:
        return weights
    for axis in (2, 3):
        starts = np.arange(0, weights.shape[axis], block)
        sizes = np.diff([*starts, weights.shape[axis]])
        sums = np.add.reduceat(weights, starts, axis)
        weights = sums / sizes.astype(np.float32).reshape([-1 if i == axis else 1 for i in range(4)])
    return weights
