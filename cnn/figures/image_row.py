"""A row of small images, as SVG."""

import base64
from collections.abc import Iterable

import numpy as np

from cnn.data.images import to_png

SIDE, GAP = 56, 6


def image_row(images: Iterable[np.ndarray], label: str, per_row: int, most: int = 84) -> str:
    """An SVG element. images: uint8 (H, W, C) each. label: what they show. per_row: how many stand in a row. most: CSS
    pixels of the side of an image where there is room."""
    tiles = [
        f'<image href="data:image/png;base64,{base64.b64encode(to_png(image)).decode()}" '
        f'x="{i % per_row * (SIDE + GAP)}" y="{i // per_row * (SIDE + GAP)}" width="{SIDE}" height="{SIDE}" '
        'style="image-rendering:pixelated"/>'
        for i, image in enumerate(images)
    ]
    width, rows = per_row * (SIDE + GAP) - GAP, -(-len(tiles) // per_row)
    return (
        f'<svg viewBox="0 0 {width} {rows * (SIDE + GAP) - GAP}" role="img" aria-label="{label}" '
        f'style="display:block; width:100%; max-width:{most / SIDE * width:.0f}px">{"".join(tiles)}</svg>'
    )
