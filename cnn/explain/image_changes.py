"""Changes of an image: to which of them is the network invariant?

Each change takes an image, uint8 (H, W, C), and returns a new one of the same shape. Shifts and rotations fill the gap
with the pixels at the border: a black margin would be another change.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

from cnn.explain.vision import import_torchvision
from cnn.model.model import Model
from cnn.training.batches import Report, batch_starts
from cnn.training.evaluation import probabilities

AMOUNTS_AT_ONCE = 8  # points of a curve between two reports of progress


def _functional():
    import_torchvision()
    from torchvision.transforms.v2 import functional

    return functional


def prepare() -> None:
    """Imports torchvision, which takes more than a second the first time."""
    _functional()


def _apply(image: np.ndarray, change: Callable[[torch.Tensor], torch.Tensor]) -> np.ndarray:
    """Applies a change of a uint8 (C, H, W) tensor to an image."""
    pixels = torch.from_numpy(np.moveaxis(image, 2, 0).copy())
    return np.moveaxis(change(pixels).numpy(), 0, 2).copy()


def _moved(image: np.ndarray, right: float, down: float, degrees: float, factor: float) -> np.ndarray:
    functional = _functional()
    height, width = image.shape[:2]

    def change(pixels: torch.Tensor) -> torch.Tensor:
        wide = functional.pad(pixels, [width, height], padding_mode="edge")
        # Shifted by more than its side, the image is gone and only repeated border pixels are left.
        shift = [min(max(right, -width), width), min(max(down, -height), height)]
        moved = functional.affine(wide, degrees, shift, factor, [0.0, 0.0], functional.InterpolationMode.BILINEAR)
        return functional.center_crop(moved, [height, width])

    return _apply(image, change)


def amount_changed(before: np.ndarray, after: np.ndarray) -> float:
    """How much of an image has changed, 0..1: the mean absolute difference of its pixels, of the whole range from black
    to white. Both uint8, of the same shape."""
    return float(np.abs(after.astype(np.int16) - before).mean() / 255)


def shift(image: np.ndarray, right: float = 0, down: float = 0) -> np.ndarray:
    """Shifted by pixels (may be fractions); negative numbers go left and up."""
    return _moved(image, right, down, 0.0, 1.0)


def rotate(image: np.ndarray, degrees: float) -> np.ndarray:
    """Turned clockwise about its centre."""
    return _moved(image, 0, 0, degrees, 1.0)


def scale(image: np.ndarray, factor: float) -> np.ndarray:
    """Enlarged (factor > 1) or made smaller about its centre, to a third at most."""
    return _moved(image, 0, 0, 0.0, factor)


def flip(image: np.ndarray, axis: str = "x") -> np.ndarray:
    """Mirrored: "x" swaps left and right, "y" top and bottom."""
    functional = _functional()
    return _apply(image, {"x": functional.horizontal_flip, "y": functional.vertical_flip}[axis])


def brightness(image: np.ndarray, factor: float) -> np.ndarray:
    """Every value times factor >= 0, at most 255."""
    return _apply(image, lambda pixels: _functional().adjust_brightness(pixels, factor))


def contrast(image: np.ndarray, factor: float) -> np.ndarray:
    """Every value's distance from the image's mean gray times factor >= 0, cut at 0 and 255."""
    return _apply(image, lambda pixels: _functional().adjust_contrast(pixels, factor))


def noise(image: np.ndarray, strength: float, seed: int = 0) -> np.ndarray:
    """Gaussian noise added to every value. strength: its standard deviation, as a fraction of white (255).

    The same seed gives the same pattern at every strength.
    """
    pattern = np.random.default_rng(seed).normal(size=image.shape)
    return (image + 255 * strength * pattern).round().clip(0, 255).astype(np.uint8)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur. sigma: its standard deviation in pixels; 0 changes nothing."""
    if sigma == 0:
        return image.copy()
    reach = min(int(np.ceil(3 * sigma)), min(image.shape[:2]) - 1)  # mirroring the border works only once
    return _apply(image, lambda pixels: _functional().gaussian_blur(pixels, [2 * reach + 1] * 2, [sigma] * 2))


def erase(image: np.ndarray, top: int, left: int, height: int, width: int, fill: int = 128) -> np.ndarray:
    """Covers a rectangle (cut at the border) with a gray, 0 to 255."""
    bottom, right = max(0, top + height), max(0, left + width)
    top, left = max(0, top), max(0, left)
    value = torch.tensor(fill, dtype=torch.uint8)
    return _apply(image, lambda pixels: _functional().erase(pixels, top, left, bottom - top, right - left, value))


def erase_middle(image: np.ndarray, share: float) -> np.ndarray:
    """Covers the middle with a gray square. share: its side as a fraction of the image's side, 0 to 1."""
    height, width = image.shape[:2]
    high, wide = round(share * height), round(share * width)
    return erase(image, (height - high) // 2, (width - wide) // 2, high, wide)


def paint(image: np.ndarray, painting: np.ndarray) -> np.ndarray:
    """The image with a painting over it. painting: uint8 (H, W, C + 1), for each pixel a colour and, last, whether it
    is painted (not 0)."""
    return np.where(painting[..., -1:] > 0, painting[..., :-1], image)


class Curve(NamedTuple):
    """A change with an amount. change: (image, amount) -> image. low, high: the range to try. neutral: the amount that
    changes nothing. unit: of the amount; %: the amount is a share, of white or of the image's side."""

    change: Callable[[np.ndarray, float], np.ndarray]
    low: float
    high: float
    neutral: float
    unit: str


CURVES = {
    "shift right": Curve(lambda image, amount: shift(image, right=amount), -24, 24, 0, "px"),
    "shift down": Curve(lambda image, amount: shift(image, down=amount), -24, 24, 0, "px"),
    "rotate": Curve(rotate, -180, 180, 0, "°"),
    "scale": Curve(scale, 0.4, 2.5, 1, "×"),
    "brightness": Curve(brightness, 0, 2, 1, "×"),
    "contrast": Curve(contrast, 0, 3, 1, "×"),
    "noise": Curve(noise, 0, 0.5, 0, "%"),
    "blur": Curve(blur, 0, 5, 0, "px"),
    "erase": Curve(erase_middle, 0, 1, 0, "%"),
}
FLIPS = {"swap left and right": "x", "swap top and bottom": "y"}  # name: axis


def change_all(image: np.ndarray, amounts: Mapping[str, float]) -> np.ndarray:
    """The image with several changes, in the order of CURVES, then FLIPS.

    amounts: name of a change -> its amount; a missing one changes nothing. A flip is applied if its amount is not 0.
    """
    image = image.copy()
    for name, curve in CURVES.items():
        if amounts.get(name, curve.neutral) != curve.neutral:
            image = curve.change(image, amounts[name])
    for name, axis in FLIPS.items():
        if amounts.get(name):
            image = flip(image, axis)
    return image


def probability_curve(
    model: Model,
    image: np.ndarray,
    change: Callable[[np.ndarray, float], np.ndarray],
    amounts: Sequence[float] | np.ndarray,
    progress: Report | None = None,
) -> np.ndarray:
    """The probability of each class for the image changed by each amount: float32 (len(amounts), classes)."""
    found = []
    for start, end in batch_starts(len(amounts), AMOUNTS_AT_ONCE):
        changed = np.stack([change(image, float(amount)) for amount in amounts[start:end]])
        found.append(probabilities(model, changed))
        if progress:
            progress(end / len(amounts))
    return np.concatenate(found)


class Response(NamedTuple):
    """How a network's answer responds to a change. moved: how far the probability of a class is from that for the
    unchanged image, 0..1, the mean over all amounts. kept: at how many amounts the answer is that for the unchanged
    image. amounts: how many were tried."""

    moved: float
    kept: int
    amounts: int


def response(curve: np.ndarray, neutral: int, label: int) -> Response:
    """curve: float32 (amounts, classes), as `probability_curve` gives it. neutral: the row of the unchanged image.
    label: the class."""
    answers = curve.argmax(1)
    moved = np.abs(curve[:, label] - curve[neutral, label]).mean()
    return Response(float(moved), int((answers == answers[neutral]).sum()), len(curve))
