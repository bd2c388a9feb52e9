"""Augmentation: each epoch, the network gets every training image a little changed, so that it learns what stays.

The changes are random, but follow from the run's seed, the epoch and the image alone: a run that is continued gets the
same images as one that was never interrupted.
"""

from functools import lru_cache

import numpy as np
import torch
from torch.nn.functional import grid_sample

from cnn.specs import TrainingSpec

NUMBERS = 9  # random numbers for each image


def draw_numbers(images: int, seed: int, epoch: int) -> np.ndarray:
    """float32 (images, NUMBERS), from -1 to 1: the random numbers for all images of a dataset in an epoch."""
    return np.random.default_rng([seed, epoch, 1]).random((images, NUMBERS), np.float32) * 2 - 1


def changes_of(numbers: np.ndarray, spec: TrainingSpec, sides: tuple[int, int]) -> np.ndarray:
    """float32 (images, 10): how `augment` changes images. numbers: those of `draw_numbers`. sides: (height, width).

    The columns: where a pixel of the result comes from, c0 * x + c1 * y + c2 and c3 * x + c4 * y + c5, with -1 and 1 at
    the edges of the image; the factor of contrast; what brightness adds; the centre of the erased square.
    """
    mirror, right, down, turn, smaller, brighter, steeper, column, row = numbers.T
    angle = np.deg2rad(turn * spec.rotate)
    scale = (1 - spec.zoom) ** smaller  # as likely half the size as twice the size
    cos, sin, flip = np.cos(angle) / scale, np.sin(angle) / scale, np.where(spec.mirror & (mirror < 0), -1, 1)
    side = sides[1] / sides[0]  # a turned image must not be stretched
    right, down = 2 * spec.shift * right, 2 * spec.shift * down
    matrix = [cos * flip, sin * flip / side, -sin * side, cos]
    x = [*matrix[:2], -matrix[0] * right - matrix[1] * down]
    y = [*matrix[2:], -matrix[2] * right - matrix[3] * down]
    return np.stack([*x, *y, 1 + steeper * spec.contrast, brighter * spec.brightness, column, row], 1, dtype=np.float32)


def augment(pixels: torch.Tensor, changes: torch.Tensor, spec: TrainingSpec) -> torch.Tensor:
    """Changed copies of images.

    pixels: float32 (N, C, H, W) from 0 to 1, and so is the result. changes: float32 (N, 10), the rows of `changes_of`
    for these images, on the same device. What lies outside of an image is its mirror image at the edge.
    """
    y, x = (_centres(side, pixels.device) for side in pixels.shape[2:])
    if spec.mirror or spec.shift or spec.rotate or spec.zoom:
        # Where each pixel of the result comes from: both coordinates depend on its column and its row.
        by_column, by_row, always = changes[:, :6].unflatten(1, (2, 3, 1)).unbind(2)
        places = (by_column * x)[:, :, None] + (by_row * y + always)[..., None]  # (N, 2, H, W)
        places = places.permute(0, 2, 3, 1)
        pixels = grid_sample(pixels, places, mode="bilinear", padding_mode="reflection", align_corners=False)
    if not (spec.brightness or spec.contrast or spec.erase):
        return pixels
    mean = pixels.mean((1, 2, 3), keepdim=True)
    if spec.brightness or spec.contrast:
        # Contrast stretches the values around the image's mean; brightness adds to all of them.
        stretch, added = changes[:, 6:8, None, None, None].unbind(1)
        start = (mean * (1 - stretch) + added).expand_as(pixels).contiguous()  # of full size, `addcmul_` is faster
        pixels = start.addcmul_(pixels, stretch).clamp_(0, 1)
    if spec.erase:
        # Paint over a square with the image's mean (DeVries and Taylor 2017, "Cutout",
        # https://arxiv.org/abs/1708.04552).
        column, row = changes[:, 8:, None].unbind(1)
        rows, columns = ((side - centre).abs_().lt_(spec.erase) for side, centre in ((y, row), (x, column)))
        erased = rows[:, None, :, None] * columns[:, None, None]  # 1 in the square, else 0
        pixels = torch.lerp(pixels, mean, erased)  # exact at 0 and 1, and faster than torch.where
    return pixels


def augmented(image: np.ndarray, spec: TrainingSpec, place: tuple[int, int], epochs: int) -> np.ndarray:
    """uint8 (epochs, H, W, C): an image as a network gets it in the first epochs.

    image: uint8 (H, W, C). place: its index in the dataset, and the number of images there.
    """
    index, images = place
    numbers = np.stack([draw_numbers(images, spec.seed, epoch)[index] for epoch in range(1, epochs + 1)])
    copies = torch.from_numpy(image.copy()).permute(2, 0, 1).float().div_(255).repeat(epochs, 1, 1, 1)
    changed = augment(copies, torch.from_numpy(changes_of(numbers, spec, image.shape[:2])), spec)
    return changed.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


@lru_cache(maxsize=8)
def _centres(side: int, device: torch.device) -> torch.Tensor:
    """The centres of the pixels along a side, from -1 to 1, as grid_sample counts: float32 (side,)."""
    return (torch.arange(side, dtype=torch.float32, device=device) * 2 + 1) / side - 1
