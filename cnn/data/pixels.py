"""The values of pixels, counted: their mean and their spread."""

import numpy as np

IMAGES_AT_ONCE = 1000


def pixel_counts(images: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """int64 (channels, 256): how many pixels of the images at `chosen` (int64 indices) have each value.

    images: uint8 (N, H, W, channels).
    """
    counts = np.zeros((images.shape[3], 256), np.int64)
    for start in range(0, len(chosen), IMAGES_AT_ONCE):
        part = np.asarray(images[chosen[start : start + IMAGES_AT_ONCE]])
        counts += [np.bincount(channel.ravel(), minlength=256) for channel in np.moveaxis(part, 3, 0)]
    return counts


def mean_and_spread(counts: np.ndarray) -> tuple[list[float], list[float]]:
    """(mean, standard deviation) of each channel, for pixels from 0 (black) to 1 (white). A channel with one value only
    has the spread 1, so that one can divide by it.

    counts: as `pixel_counts` gives them, of at least one image.
    """
    values = np.arange(256) / 255
    pixels = counts.sum(1)
    mean = counts @ values / pixels
    spread = np.sqrt(np.maximum(0, counts @ values**2 / pixels - mean**2))
    return mean.tolist(), np.where((counts > 0).sum(1) > 1, spread, 1.0).tolist()
