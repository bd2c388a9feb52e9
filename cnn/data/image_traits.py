"""Plain properties of images, computed from their pixels: how light, how rich in contrast, how even the background.

Imports neither torch nor Streamlit.
"""

import numpy as np

BRIGHTNESS, CONTRAST, BACKGROUND = "brightness", "contrast", "unevenness at the border"
ASPECT_RATIO, SIDE = "width / height", "size"
NAMES = (BRIGHTNESS, CONTRAST, BACKGROUND, ASPECT_RATIO, SIDE)
BORDER = 0.1  # of the side: what counts as background
_AT_ONCE = 1024  # images


def traits(images: np.ndarray, sizes: np.ndarray) -> dict[str, np.ndarray]:
    """Each property of each image, float64 (N,).

    images: uint8 (N, H, W, C), as the network gets them. sizes: int (N, 2), width and height of the originals.

    Brightness is the mean of the pixels, contrast their standard deviation, and unevenness that of the outermost tenth
    on each side; all three as shares of white, 0..1. The size is the square root of width times height, in pixels.
    """
    grays = [_grays(images[start : start + _AT_ONCE]) for start in range(0, len(images), _AT_ONCE)]
    columns = np.concatenate(grays) if grays else np.empty((0, 3))
    width, height = sizes.astype(np.float64).reshape(-1, 2).T
    found = (*columns.T, width / height, np.sqrt(width * height))
    return dict(zip(NAMES, found, strict=True))


def _grays(images: np.ndarray) -> np.ndarray:
    """float64 (N, 3): brightness, contrast and unevenness."""
    gray = images.astype(np.float32).mean(3) / 255
    border = np.full(gray.shape[1:], True)
    rows, columns = (max(1, round(BORDER * side)) for side in border.shape)
    border[rows:-rows, columns:-columns] = False
    return np.stack([gray.mean((1, 2)), gray.std((1, 2)), gray[:, border].std(1)], 1).astype(np.float64)
