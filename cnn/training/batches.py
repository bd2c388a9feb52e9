"""Many images sent through a network, a batch at a time."""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np
import torch

from cnn.model.layers import Layer
from cnn.model.memory_needed import EVALUATED_IMAGES
from cnn.model.model import Images, Model

# Wherever work takes a `progress`, it calls it with the share done, 0..1. Whatever that raises ends the work: this is
# how to cancel.
Report = Callable[[float], None]

# Numbers that the widest layer gives for the images that go through together: 16 MB, of which a processor's cache holds
# enough to help.
VALUES_AT_ONCE = 2**22


def batch_starts(images: int, batch_size: int) -> list[tuple[int, int]]:
    """(start, end) of each batch; the last one may be smaller."""
    return [(start, min(start + batch_size, images)) for start in range(0, images, batch_size)]


def images_at_once(layers: Sequence[Layer], values: int = VALUES_AT_ONCE) -> int:
    """How many images may go through a network together, at least 1: so many that its widest layer gives no more than
    `values` numbers."""
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

    Yields (their indices, what the network takes: float32 (n, C, H, W) on `device`); calls `progress` when asked for
    the next batch. Leaves the network in evaluation mode.
    """
    model.network.eval()
    for start, end in batch_starts(len(indices), images_at_once(model.layers, values)):
        part = indices[start:end]
        yield part, model.batch(images[part], device)
        if progress:
            progress(end / len(indices))
