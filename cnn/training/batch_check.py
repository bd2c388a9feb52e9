"""Whether batch normalisation can take every batch of a training."""

import torch
from torch import nn

from cnn.data.dataset import Dataset
from cnn.errors import UserError
from cnn.model.model import Model
from cnn.specs import TrainingSpec
from cnn.training.batches import batch_starts
from cnn.training.frozen import split_frozen


def check_batches(model: Model, dataset: Dataset, spec: TrainingSpec, device: str = "cpu") -> None:
    """Raises UserError if batch normalisation would get a single value per map, which has no variance."""
    start, end = batch_starts(len(dataset.train), spec.batch_size)[-1]
    _, trained = split_frozen(model.network, model.layers)
    if end - start > 1 or not any(isinstance(module, nn.BatchNorm2d) for module in trained):
        return
    sample = model.batch(dataset.images[dataset.train[:1]], device)
    model.network.eval()
    with torch.no_grad():
        for module in model.network:
            if isinstance(module, nn.BatchNorm2d) and sample.shape[-2:].numel() == 1:
                raise UserError(
                    f"Batch normalisation needs more than one value per map, but one batch would hold a single image "
                    f"of 1 × 1 maps ({len(dataset.train)} training images, batch size {spec.batch_size}). "
                    "Choose another batch size, or switch batch normalisation off."
                )
            sample = module(sample)
