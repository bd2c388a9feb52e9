"""What does a filter do? Sobel's kernel at the edges of a white square. Nothing is trained."""

from collections.abc import Mapping

import numpy as np

from cnn.explain.kernels import classic
from cnn.lessons.demonstration import Claim, Demonstration, Quantity, Trained

SIDE = 24


def square() -> np.ndarray:
    """float32 (SIDE, SIDE): a white square (1) on black (0)."""
    image = np.zeros((SIDE, SIDE), np.float32)
    image[6:18, 6:18] = 1
    return image


def filtered(image: np.ndarray, name: str) -> np.ndarray:
    """float (rows - 2, columns - 2): at each place, the sum of nine pixels, each times the kernel's number there.

    image: (rows, columns). name: of a classic kernel.
    """
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    return (windows * classic(name, 3)[0]).sum((2, 3))


def measure(trained: Mapping[str, Trained]) -> dict[str, float]:
    middle = filtered(square(), "Sobel x")[SIDE // 2]
    return {
        "left": float(middle[:8].sum() / 2),  # the edge lies in two windows
        "inside": float(middle[10]),
        "right": float(middle[13:].sum() / 2),
    }


DEMONSTRATION = Demonstration(
    {},
    {
        "left": Quantity("Left edge: dark to bright", "", 4),
        "inside": Quantity("Inside the square", "", 4),
        "right": Quantity("Right edge: bright to dark", "", 4),
    },
    measure,
    {
        "left": Claim("At the left edge, Sobel x gives 4", lambda found: found["left"] == 4),
        "inside": Claim("Inside, it gives 0", lambda found: found["inside"] == 0),
        "right": Claim("At the right edge, it gives -4", lambda found: found["right"] == -4),
    },
)
