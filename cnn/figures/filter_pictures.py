"""The weights of filters, as small pictures."""

import numpy as np


def filter_pictures(weights: np.ndarray) -> np.ndarray:
    """The weights of a layer's filters, float32 (n, channels, rows, columns), as pictures. Three channels give colours,
    uint8 (n, rows, columns, 3); others lie side by side with gaps of NaN, float32 (n, rows, columns)."""
    n, channels, rows, columns = weights.shape
    if channels == 3:
        limit = np.abs(weights).max() or 1
        return np.moveaxis(np.rint(255 * (0.5 + weights / (2 * limit))), 1, 3).astype(np.uint8)
    across = int(np.ceil(np.sqrt(channels)))
    down = -(-channels // across)
    picture = np.full((n, down * (rows + 1) - 1, across * (columns + 1) - 1), np.nan, np.float32)
    for channel in range(channels):
        top, left = channel // across * (rows + 1), channel % across * (columns + 1)
        picture[:, top : top + rows, left : left + columns] = weights[:, channel]
    return picture
