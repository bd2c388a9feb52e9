"""Dead units: those that are 0 for every image of a set, not only for one (a silent one)."""

import numpy as np
import torch

from cnn.model.model import Images, Model
from cnn.training.batches import Report, batches


@torch.no_grad()
def dead_units(
    model: Model, images: Images, indices: np.ndarray, progress: Report | None = None
) -> dict[str, np.ndarray]:
    """Layer name -> bool (maps or units,): whether it is 0 everywhere, for all images at `indices` (int64).

    images: uint8 (N, H, W, C). In evaluation mode: dropout does nothing.
    """
    network = model.network.eval()
    dead: dict[str, np.ndarray] = {}
    for _, values in batches(model, images, indices, progress=progress):
        # Forward, layer by layer; a unit that is not 0 for one image is not dead.
        for name, module in network.named_children():
            values = module(values)
            is_zero = (values == 0).transpose(0, 1).flatten(1).all(1).numpy()
            dead[name] = dead[name] & is_zero if name in dead else is_zero
    return dead
