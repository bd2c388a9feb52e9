"""What the methods that ask "where did it look?" have in common: they give each pixel its part in a class's logit.

Each method is in the file of its name, and takes a model, an image (uint8 (H, W, C)) and a target, the index of a class
(IndexError or AssertionError if there is none such). Each gives an `Attribution`. All explain the logit, not the
probability: a probability also rises when other classes fall, and hardly moves where the network is sure.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from cnn.model.model import Model
from cnn.training.batches import Report

# Of the widest layer, for all images that go through it together while gradients are kept: 16 MB.
VALUES_WITH_GRADIENTS = 2**22


class Attribution(NamedTuple):
    """values: float32 (H, W), one for each pixel of the image.

    signed: whether values may be negative, speaking against the class (for a diverging scale about zero).
    error: of integrated gradients, the difference between the values' sum and what it should be; else 0.
    """

    values: np.ndarray
    signed: bool
    error: float = 0.0


def logits_of_pixels(
    model: Model, total: int = 1, progress: Report | None = None
) -> Callable[[torch.Tensor], torch.Tensor]:
    """The model as a function of pixels from 0 to 1, float32 (N, C, H, W), whatever numbers its network takes.

    So gradients are with respect to pixels, and a black image is 0. After each call the function reports to `progress`
    which share of `total` images it has seen.
    """
    network, seen = model.network.eval(), 0

    def logits(pixels: torch.Tensor) -> torch.Tensor:
        nonlocal seen
        found = network(model.preprocessing.standardize(pixels))
        seen += len(pixels)
        if progress:
            progress(min(1.0, seen / total))
        return found

    return logits
