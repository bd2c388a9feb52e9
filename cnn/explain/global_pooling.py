"""The same network with global average pooling in place of flatten and the dense layers.

Flatten keeps the places of each map apart, and the next layer has a weight for each. Global average pooling keeps the
mean of each map (Lin et al. 2013, "Network in network", https://arxiv.org/abs/1312.4400).
"""

from collections import OrderedDict
from dataclasses import replace
from enum import Enum
from math import prod

import numpy as np
import torch
from torch import nn

from cnn.data.dataset import Dataset
from cnn.explain.cut import slice_of
from cnn.model.kinds import Dense, Flatten, GlobalAverage
from cnn.model.layers import Layer, stack
from cnn.model.model import Model
from cnn.training.batches import Report, batches
from cnn.training.logistic import fit_output


class Ending(Enum):
    """What follows the convolutions of a network."""

    PLACES = "flatten keeps several places of each map apart"
    POOLED = "global average pooling"
    ONE_PLACE = "its last maps have a single place"
    NO_MAPS = "it has no convolutions"


def flatten_of(model: Model) -> Layer:
    return next(layer for layer in model.layers if layer.kind == Flatten.kind)


def ending(model: Model) -> Ending:
    """Only a network that ends in PLACES changes with global average pooling."""
    if not any(layer.kind == "conv" for layer in model.layers):
        return Ending.NO_MAPS
    if any(isinstance(layer.record, GlobalAverage) for layer in model.layers):
        return Ending.POOLED
    return Ending.PLACES if prod(flatten_of(model).in_shape[1:]) > 1 else Ending.ONE_PLACE


def with_global_pooling(model: Model, dataset: Dataset, progress: Report | None = None) -> Model:
    """The model with global average pooling where it has flatten, and a new output layer instead of its dense layers.

    The layers before stay as they are, and are shared. The output layer is fitted on the training images of the
    dataset, not augmented. The model must end in PLACES.
    """
    end = model.layers.index(flatten_of(model))
    records = [layer.record for layer in model.layers[1:end]]
    image = model.layers[0]
    sequence = [*records, GlobalAverage(), Flatten(), Dense(len(model.classes))]
    layers = stack(sequence, image.shape, image.signed)
    _, pooling, flatten, output = (layer.name for layer in layers[end - 1 :])

    # The features of an image: the mean of each of its last maps.
    before = slice_of(model.network, 0, end - 1)
    pool = nn.Sequential(before, nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    features = np.empty((len(dataset.train), layers[end].shape[0]), np.float32)
    done, pooled = 0, replace(model, network=pool)
    with torch.no_grad():
        for part, batch in batches(pooled, dataset.images, dataset.train, progress=_part(progress, 0, 0.5)):
            features[done : done + len(part)] = pool(batch).numpy()
            done += len(part)

    weights, biases = fit_output(features, dataset.labels[dataset.train], len(model.classes), _part(progress, 0.5, 1.0))
    dense = nn.Linear(features.shape[1], len(model.classes))
    dense.load_state_dict({"weight": torch.from_numpy(weights), "bias": torch.from_numpy(biases)})
    ends = {pooling: nn.AdaptiveAvgPool2d(1), flatten: nn.Flatten(), output: dense}
    network = nn.Sequential(OrderedDict({**dict(before.named_children()), **ends}))
    return replace(model, layers=layers, network=network.eval())


def _part(progress: Report | None, start: float, end: float) -> Report | None:
    """Reports a part of the work as going from `start` to `end` of all of it."""
    return progress and (lambda done: progress(start + (end - start) * done))
