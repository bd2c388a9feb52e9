"""A patch, enlarged, beside the image it comes from."""

import numpy as np

SIDE = 96  # pixels of the image as drawn, and of the patch
GAP = 6
FRAME = (255, 140, 0)
EDGE = (0, 0, 0)  # around the frame, so that it is seen on any colour


def in_its_image(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """uint8 (SIDE, 2 * SIDE + GAP, 3): the image, uint8 (H, W, C), with a frame around a box (top, left, bottom,
    right), and on its right the part inside the box."""
    top, left, bottom, right = (int(side) for side in box)
    whole = framed(enlarged(in_colour(image)), box * SIDE / np.tile(image.shape[:2], 2))
    part = enlarged(in_colour(image[top:bottom, left:right]))
    gap = np.full((SIDE, GAP, 3), 128, np.uint8)
    return np.concatenate([whole, gap, part], 1)


def in_colour(image: np.ndarray) -> np.ndarray:
    """The image with three channels."""
    return np.broadcast_to(image, (*image.shape[:2], 3))


def enlarged(image: np.ndarray) -> np.ndarray:
    """The image scaled to SIDE × SIDE without interpolation; a copy."""
    rows = np.arange(SIDE) * image.shape[0] // SIDE
    columns = np.arange(SIDE) * image.shape[1] // SIDE
    return image[rows][:, columns].copy()


def framed(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Draws a frame around a box, in pixels of the image: just outside it where there is room."""
    height, width = image.shape[:2]
    top, left, bottom, right = box.round().astype(int)
    for out, color in ((3, EDGE), (0, EDGE), (2, FRAME), (1, FRAME)):
        first_row, last_row = max(0, top - out), min(height, bottom + out) - 1
        first, last = max(0, left - out), min(width, right + out) - 1
        image[[first_row, last_row], first : last + 1] = color
        image[first_row : last_row + 1, [first, last]] = color
    return image
