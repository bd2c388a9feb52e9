"""Kernels that people have drawn up by hand, to put in the place of learned ones.

CLASSIC, their names
classics_for(kernel) -> those of the names that fit
classic(name, size, channels=1) -> float32 (channels, size, size)
"""

import numpy as np

_BY_HAND = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "Sobel x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],  # excited where it gets brighter to the right
    "Sobel y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],  # ... downwards
    "Laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}
CLASSIC = (*_BY_HAND, "blur")


def classics_for(kernel: tuple[int, int]) -> tuple[str, ...]:
    """The names of those for filters of (rows, columns): all if these are 3 × 3, 5 × 5 and so on, else none."""
    rows, columns = kernel
    return CLASSIC if rows == columns and rows % 2 and rows >= 3 else ()


def classic(name: str, size: int, channels: int = 1) -> np.ndarray:
    """A filter with the kernel of that name (of CLASSIC, else KeyError) in every channel, divided by their number.

    So it makes of all channels what the kernel makes of their mean. size: 3, 5, 7, ... Larger kernels have zeros around
    the textbook's 3 × 3 numbers; only the blur, whose numbers are binomial and add up to 1, grows with the size.
    """
    if name == "blur":
        row = np.array([1.0])
        for _ in range(size - 1):
            row = np.convolve(row, [0.5, 0.5])
        kernel = np.outer(row, row)
    else:
        kernel = np.pad(np.array(_BY_HAND[name], float), (size - 3) // 2)
    return np.repeat(kernel[None] / channels, channels, axis=0).astype(np.float32)
