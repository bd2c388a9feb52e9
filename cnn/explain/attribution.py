"""What the methods that ask "where did it look" have in common: they give each pixel a share in a class's logit.

    saliency(network, image, target)
    integrated_gradients(network, image, target, steps=64, progress=None)
    grad_cam(network, image, target, layer)
    occlusion(network, image, target, patch=8, stride=None, fill=128, progress=None)

Each is in the file of its name, and takes: image, uint8 (H, W, C), as `cnn.model.build.to_batch` does; target, the
index of a class (IndexError or AssertionError if there is none such). Each gives an `Attribution`. All explain the
logit, not the probability: that could also rise because the other classes fall, and hardly moves where the
network is sure.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from cnn.explain.cut import Report


class Attribution(NamedTuple):
    """values: float32 (H, W), one for each pixel of the image.

    signed: whether values may be negative, speaking against the class (for a diverging scale about zero).
    error: of integrated gradients, what the values' sum is off from what it should be; else 0.
    """

    values: np.ndarray
    signed: bool
    error: float = 0.0


def reporting(network: nn.Sequential, total: int, progress: Report | None) -> Callable[[torch.Tensor], torch.Tensor]:
    """The network as a function that reports which share of `total` images it has seen after each batch."""
    seen = 0

    def forward(batch: torch.Tensor) -> torch.Tensor:
        nonlocal seen
        logits = network(batch)
        seen += len(batch)
        if progress:
            progress(min(1.0, seen / total))
        return logits

    return forward
