"""Take the network apart: switch filters off, change their numbers, and see what that costs.

A changed model shares all that was not changed with the original, and keeps its layers; so everything that takes a
model takes it too. Zeroing parts to see what they did: Meyes et al. 2019, "Ablation studies in artificial neural
networks", https://arxiv.org/abs/1901.08644
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnn.explain.cut import changed, split
from cnn.model.model import Model
from cnn.training.batches import Report, batches


class _Off(nn.Module):
    """Sets some of the maps it is given to zero."""

    def __init__(self, maps: int, off: Iterable[int]):
        super().__init__()
        keep = torch.ones(maps, 1, 1)
        keep[list(off)] = 0
        self.register_buffer("keep", keep)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return maps * self.keep


def without(model: Model, off: Mapping[str, Iterable[int]]) -> Model:
    """The model with filters switched off. off: name of a convolution -> indices of its filters.

    Their maps are zero after the activation function, where the next layer takes them: to it the filter is not there.
    (Zero before it would leave something: batch norm adds its shift, and a sigmoid makes 0.5 of nothing.)
    """
    network, modules = model.network, {}
    for layer, filters in off.items():
        head, _ = split(network, layer)
        *_, (name, activation) = head.named_children()
        modules[name] = nn.Sequential(activation, _Off(network.get_submodule(layer).out_channels, filters))
    return replace(model, network=changed(network, modules))


def with_filter(model: Model, layer: str, filter: int, weights: np.ndarray, bias: float | None = None) -> Model:
    """The model with other numbers in one filter. weights: (input channels, height, width); bias: None leaves it.

    Raises ValueError if the weights are not of the filter's shape.
    """
    convolution = deepcopy(model.network.get_submodule(layer))
    shape = tuple(convolution.weight.shape[1:])
    if weights.shape != shape:
        raise ValueError(f"A filter of {layer} has the shape {shape}, not {weights.shape}.")
    with torch.no_grad():
        convolution.weight[filter] = torch.from_numpy(weights)
        if bias is not None:
            convolution.bias[filter] = bias
    return replace(model, network=changed(model.network, {layer: convolution}))


class Ranking(NamedTuple):
    """What each filter of a layer is worth.

    accuracy, loss: of the whole network. accuracy_without, loss_without: float64 (filters,), with that one filter
    switched off.
    """

    accuracy: float
    loss: float
    accuracy_without: np.ndarray
    loss_without: np.ndarray

    @property
    def order(self) -> np.ndarray:
        """int64 (filters,): the filters, first the one without which accuracy falls most, or of equals the one without
        which the loss rises most."""
        return np.lexsort((-self.loss_without, self.accuracy_without))


@torch.no_grad()
def rank_filters(
    model: Model,
    layer: str,
    images: np.ndarray,
    labels: np.ndarray,
    indices: np.ndarray,
    progress: Report | None = None,
) -> Ranking:
    """Switches each filter of convolution `layer` off in turn, as `without` does, and predicts the images (uint8
    (N, H, W, C)) at `indices` (int64, at least one), whose true classes `labels` (int64 (N,)) gives.

    The layer's maps are computed once. The layer that takes them next (a convolution or a dense layer) adds up what it
    makes of each map, so leaving one out means subtracting its part; only what follows is computed for each filter.
    """
    network = model.network.eval()
    filters = network.get_submodule(layer).out_channels
    head, tail = split(network, layer)
    after = next(i for i, module in enumerate(tail) if isinstance(module, nn.Conv2d | nn.Linear))
    between, following, rest = tail[:after], tail[after], tail[after + 1 :]
    seen, correct, loss = 0, np.zeros(filters + 1, int), np.zeros(filters + 1)  # the last one is the whole network
    for part, batch in batches(model, images, indices):
        maps = between(head(batch))
        whole, truth = following(maps), torch.from_numpy(labels[part])
        for i in range(filters + 1):
            logits = rest(whole if i == filters else whole - _part(following, maps, i, filters))
            correct[i] += (logits.argmax(1) == truth).sum().item()
            loss[i] += functional.cross_entropy(logits, truth, reduction="sum").item()
            if progress:
                progress((seen + len(part) * (i + 1) / (filters + 1)) / len(indices))
        seen += len(part)
    correct, loss = correct / seen, loss / seen
    return Ranking(correct[-1], loss[-1], correct[:-1], loss[:-1])


def _part(layer: nn.Conv2d | nn.Linear, inputs: torch.Tensor, filter: int, filters: int) -> torch.Tensor:
    """What a layer makes of the map of one filter. inputs: the maps, or all their values in a row, map after map."""
    width = inputs.shape[1] // filters
    own = slice(filter * width, (filter + 1) * width)
    if isinstance(layer, nn.Conv2d):
        return functional.conv2d(inputs[:, own], layer.weight[:, own], padding=layer.padding)
    return functional.linear(inputs[:, own], layer.weight[:, own])
