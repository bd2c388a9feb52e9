"""Augmentation: each epoch, the network gets every training image a little changed, so that it learns what stays.

The changes are random, but follow from the run's seed, the epoch and the image alone: a run that is continued gets the
same images as one that was never interrupted.
"""

import numpy as np
import torch
from torch.nn.functional import grid_sample

from cnn.specs import TrainingSpec

STRENGTHS = ("mirror", "shift", "rotate", "zoom", "brightness", "contrast", "erase")
NUMBERS = 9  # random numbers for each image


def changes_images(spec: TrainingSpec) -> bool:
    """Whether any change is switched on."""
    return any(getattr(spec, strength) for strength in STRENGTHS)


def draw_numbers(images: int, seed: int, epoch: int) -> np.ndarray:
    """float32 (images, NUMBERS), from -1 to 1: the random numbers for all images of a dataset in an epoch."""
    return np.random.default_rng([seed, epoch, 1]).random((images, NUMBERS), np.float32) * 2 - 1


def augment(pixels: torch.Tensor, numbers: torch.Tensor, spec: TrainingSpec) -> torch.Tensor:
    """Changed copies of images.

    pixels: float32 (N, C, H, W) from 0 to 1, and so is the result. numbers: float32 (N, NUMBERS), the rows of
    `draw_numbers` for these images, on the same device. What lies outside of an image is its mirror image at the edge.
    """
    mirror, right, down, turn, smaller, brighter, steeper, column, row = numbers.T
    if spec.mirror or spec.shift or spec.rotate or spec.zoom:
        pixels = _moved(
            pixels,
            flip=torch.where(mirror < 0, -1.0, 1.0) if spec.mirror else torch.ones_like(mirror),
            angle=torch.deg2rad(turn * spec.rotate),
            # As likely half the size as twice the size.
            scale=torch.pow(1 - spec.zoom, smaller),
            right=right * spec.shift,
            down=down * spec.shift,
        )
    if spec.brightness or spec.contrast:
        # Contrast stretches the values around the image's mean; brightness adds to all of them.
        mean = pixels.mean((1, 2, 3), keepdim=True)
        stretch = (1 + steeper * spec.contrast)[:, None, None, None]
        added = (brighter * spec.brightness)[:, None, None, None]
        pixels = ((pixels - mean) * stretch + (mean + added)).clamp_(0, 1)
    if spec.erase:
        pixels = _erased(pixels, row, column, spec.erase)
    return pixels


def augmented(image: np.ndarray, spec: TrainingSpec, place: tuple[int, int], epochs: int) -> np.ndarray:
    """uint8 (epochs, H, W, C): an image as a network gets it in the first epochs.

    image: uint8 (H, W, C). place: its index in the dataset, and the number of images there.
    """
    index, images = place
    numbers = np.stack([draw_numbers(images, spec.seed, epoch)[index] for epoch in range(1, epochs + 1)])
    copies = torch.from_numpy(image.copy()).permute(2, 0, 1).float().div_(255).repeat(epochs, 1, 1, 1)
    changed = augment(copies, torch.from_numpy(numbers), spec)
    return changed.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def _moved(pixels, flip, angle, scale, right, down) -> torch.Tensor:
    """Mirrors, turns, scales and shifts each image, in one pass. right, down: shares of a side."""
    height, width = pixels.shape[2:]
    # Where each pixel of the result comes from, with -1 and 1 at the edges of the image.
    x, y = _centres(width, pixels), _centres(height, pixels)
    cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
    side = width / height  # a turned image must not be stretched
    x, y = x - 2 * right[:, None], y - 2 * down[:, None]
    from_x = ((cos * flip)[:, None] * x)[:, None, :] + ((sin * flip / side)[:, None] * y)[:, :, None]
    from_y = ((-sin * side)[:, None] * x)[:, None, :] + (cos[:, None] * y)[:, :, None]
    places = torch.stack([from_x, from_y], -1)
    return grid_sample(pixels, places, mode="bilinear", padding_mode="reflection", align_corners=False)


def _centres(side: int, like: torch.Tensor) -> torch.Tensor:
    """The centres of the pixels along a side, from -1 to 1, as grid_sample counts."""
    return (torch.arange(side, dtype=like.dtype, device=like.device) * 2 + 1) / side - 1


def _erased(pixels, row, column, strength: float) -> torch.Tensor:
    """Paints over a square in each image, with the image's own mean (DeVries and Taylor 2017, "Cutout",
    https://arxiv.org/abs/1708.04552). row, column: the centre of the square, from -1 to 1."""
    height, width = pixels.shape[2:]
    inside_rows = (_centres(height, pixels) - row[:, None]).abs() < strength
    inside_columns = (_centres(width, pixels) - column[:, None]).abs() < strength
    inside = inside_rows[:, None, :, None] & inside_columns[:, None, None, :]
    return torch.where(inside, pixels.mean((1, 2, 3), keepdim=True), pixels)
