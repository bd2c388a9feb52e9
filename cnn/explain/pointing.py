"""Where an attribution points, and how much of that lies in a region somebody marked.

The share in the region is the "energy-based pointing game" of Wang et al. 2020, "Score-CAM: score-weighted visual
explanations for convolutional neural networks", https://arxiv.org/abs/1910.01279 (there, the region is the bounding box
of an object).
"""

from typing import NamedTuple

import numpy as np

from cnn.explain.attribution import Attribution


def raising(attribution: Attribution) -> np.ndarray:
    """float32 (H, W), >= 0: what the attribution points at. Of a signed one, these are the pixels that raise the score;
    those that lower it get 0."""
    return attribution.values.clip(0)


def strongest(values: np.ndarray, share: float) -> np.ndarray:
    """bool (H, W): the pixels with the largest values, at most `share` (0..1) of all, but one at least; none with a
    value of 0 or less. Of equal values, the first in reading order."""
    flat = values.ravel()
    most = max(1, round(share * flat.size))
    chosen = np.argsort(-flat, kind="stable")[:most]
    mask = np.zeros(flat.size, bool)
    mask[chosen[flat[chosen] > 0]] = True
    return mask.reshape(values.shape)


class Overlap(NamedTuple):
    """inside: the share of the values' sum in the mark, 0..1. area: the mark's share of the image, 0..1; it is what an
    attribution that is the same everywhere would have inside."""

    inside: float
    area: float

    @property
    def times(self) -> float:
        """How many times as much lies in the mark as in an average region of its size."""
        return self.inside / self.area


def overlap(values: np.ndarray, mark: np.ndarray) -> Overlap | None:
    """How much of the values, >= 0 (H, W), lies in the mark, bool (H, W); None if the mark or the values are empty."""
    total = float(values.sum(dtype=np.float64))
    if not mark.any() or total <= 0:
        return None
    return Overlap(float(values[mark].sum(dtype=np.float64)) / total, float(mark.mean()))
