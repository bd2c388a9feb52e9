"""Classic kernels, designed by hand, to replace learned ones."""

import numpy as np

_BY_HAND = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "Sobel x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],  # large where the image gets brighter to the right
    "Sobel y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],  # ... downwards
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}
CLASSIC = (*_BY_HAND, "blur")


def classics_for(kernel: tuple[int, int]) -> tuple[str, ...]:
    """The names of the kernels for filters of (rows, columns): all for 3 × 3, 5 × 5 and so on, else none."""
    rows, columns = kernel
    return CLASSIC if rows == columns and rows % 2 and rows >= 3 else ()


def classic(name: str, size: int, channels: int = 1) -> np.ndarray:
    """float32 (channels, size, size): a filter with the kernel in each channel, divided by the number of channels.

    So its output is that of the kernel for the mean of all channels. name: one of CLASSIC, else KeyError. size: 3, 5,
    7, ... Larger kernels have zeros around the 3 × 3 numbers; only the blur (binomial weights with sum 1) grows.
    """
    if name == "blur":
        row = np.array([1.0])
        for _ in range(size - 1):
            row = np.convolve(row, [0.5, 0.5])
        kernel = np.outer(row, row)
    else:
        kernel = np.pad(np.array(_BY_HAND[name], float), (size - 3) // 2)
    return np.repeat(kernel[None] / channels, channels, axis=0).astype(np.float32)
