"""Sends many images through a network, batch by batch."""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np
import torch

from cnn.model.layers import Layer
from cnn.model.memory_needed import EVALUATED_IMAGES
from cnn.model.model import Images, Model

# Functions with a parameter `progress` call it with the fraction done, 0..1. If it raises an exception, the work ends:
# this is how to cancel.
Report = Callable[[float], None]

# The most values in the widest layer's output for one batch: 16 MB, which mostly stays in a processor's cache.
VALUES_AT_ONCE = 2**22


def batch_starts(images: int, batch_size: int) -> list[tuple[int, int]]:
    """(start, end) of each batch; the last one may be smaller."""
    return [(start, min(start + batch_size, images)) for start in range(0, images, batch_size)]


def images_at_once(layers: Sequence[Layer], values: int = VALUES_AT_ONCE) -> int:
    """How many images to send through a network together: the widest layer's output has at most `values` numbers, but
    there is at least 1 image."""
    widest = max(prod(layer.shape) for layer in layers)
    return max(1, min(EVALUATED_IMAGES, values // widest))


def batches(
    model: Model,
    images: Images,
    indices: np.ndarray,
    device: str = "cpu",
    progress: Report | None = None,
    values: int = VALUES_AT_ONCE,
) -> Iterator[tuple[np.ndarray, torch.Tensor]]:
    """The images (uint8 (N, H, W, C)) at `indices` (int64), in order, as many at a time as `images_at_once` says.

    Yields (their indices, the network's input: float32 (n, C, H, W) on `device`); calls `progress` after each batch.
    Leaves the network in evaluation mode.
    """
    model.network.eval()
    for start, end in batch_starts(len(indices), images_at_once(model.layers, values)):
        part = indices[start:end]
        yield part, model.batch(images[part], device)
        if progress:
            progress(end / len(indices))
