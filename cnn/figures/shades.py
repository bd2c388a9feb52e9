"""Arrays of numbers -> colours, with the scales that the browser uses (pages/components/common/color.js)."""

import numpy as np

from cnn.figures.input_drawing import DIVERGING

SEQUENTIAL = (  # viridis
    *("#440154", "#481a6c", "#472f7d", "#414487", "#39568c", "#31688e", "#2a788e", "#23888e"),
    *("#1f988b", "#22a884", "#35b779", "#54c568", "#7ad151", "#a5db36", "#d2e21b", "#fde725"),
)


def shaded(values: np.ndarray, signed: bool, limit: float | None = None) -> np.ndarray:
    """uint8 (H, W, 3): float (H, W) as colours. signed: blue to red, from -limit to limit; else purple to yellow, from
    0 to limit. limit: default the largest magnitude. What is not finite is white."""
    known = np.isfinite(values)
    limit = limit or float(np.abs(values[known]).max(initial=0)) or 1.0
    stops = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in (DIVERGING if signed else SEQUENTIAL)])
    share = np.clip(np.where(known, values, 0) / limit, -1 if signed else 0, 1)
    place = ((share + 1) / 2 if signed else share) * (len(stops) - 1)
    channels = [np.interp(place, np.arange(len(stops)), stops[:, c]) for c in range(3)]
    return np.where(known[..., None], np.rint(np.stack(channels, -1)), 255).astype(np.uint8)


def shaded_rgb(values: np.ndarray, limit: float | None = None) -> np.ndarray:
    """uint8 (H, W, 3): three planes of values, float (3, H, W), as one colour picture, in which gray is 0."""
    limit = limit or float(np.abs(values).max()) or 1.0
    return np.rint(255 * np.clip(0.5 + np.moveaxis(values, 0, 2) / (2 * limit), 0, 1)).astype(np.uint8)


def blended(image: np.ndarray, values: np.ndarray, signed: bool, strength: float = 0.75) -> np.ndarray:
    """uint8 (H, W, 3): the image, uint8 (H, W, 1 or 3), with float values (H, W) over it: the larger a value, the more
    opaque."""
    limit = float(np.abs(values).max()) or 1.0
    opacity = strength * np.minimum(1, np.abs(values) / limit)[..., None]
    below = np.broadcast_to(image, (*image.shape[:2], 3))
    return np.rint(below * (1 - opacity) + shaded(values, signed, limit) * opacity).astype(np.uint8)
