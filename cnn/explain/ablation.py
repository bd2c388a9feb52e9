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

from cnn.explain.cut import MapsOff, changed, slice_of, split, unwrapped
from cnn.model.model import Model
from cnn.training.batches import Report, batches


def without(model: Model, off: Mapping[str, Iterable[int]]) -> Model:
    """The model with filters switched off. off: name of a convolution -> indices of its filters.

    Their activation maps are zero, as the next layer takes them: to it the filter is not there. (Zero before batch norm
    or the activation function would leave something: batch norm adds its shift, and a sigmoid makes 0.5 of nothing.)
    """
    network, modules = model.network, {}
    for layer, filters in off.items():
        head, _ = split(network, layer)
        *_, (name, last) = head.named_children()
        modules[name] = MapsOff(last, _convolution(network.get_submodule(layer)).out_channels, filters)
    return replace(model, network=changed(network, modules))


def _convolution(module: nn.Module) -> nn.Conv2d:
    convolution = unwrapped(module)
    assert isinstance(convolution, nn.Conv2d)
    return convolution


def with_filter(model: Model, layer: str, filter: int, weights: np.ndarray, bias: float | None = None) -> Model:
    """The model with other numbers in one filter. weights: (input channels, height, width), of its group's channels;
    bias: None leaves it.

    Raises ValueError if the weights are not of the filter's shape, or there is no bias to change.
    """
    module = deepcopy(model.network.get_submodule(layer))
    convolution = _convolution(module)
    shape = tuple(convolution.weight.shape[1:])
    if weights.shape != shape:
        raise ValueError(f"A filter of {layer} has the shape {shape}, not {weights.shape}.")
    with torch.no_grad():
        convolution.weight[filter] = torch.from_numpy(weights)
        if bias is not None:
            if convolution.bias is None:
                raise ValueError(f"The filters of {layer} have no bias.")
            convolution.bias[filter] = bias
    return replace(model, network=changed(model.network, {layer: module}))


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
    filters = _convolution(network.get_submodule(layer)).out_channels
    head, tail = split(network, layer)
    between, following, rest = _next_sum(tail)
    seen, correct, loss = 0, np.zeros(filters + 1, int), np.zeros(filters + 1)  # the last one is the whole network
    for part, batch in batches(model, images, indices):
        maps, truth = head(batch), torch.from_numpy(labels[part])
        # What comes between works on each map by itself, but may make something of zeros, as a norm or a sigmoid does.
        values, nothing = between(maps), between(torch.zeros_like(maps[:1]))
        whole = following(values)
        for i in range(filters + 1):
            left = whole if i == filters else _left_without(following, values, nothing, whole, i, filters)
            logits = rest(left)
            correct[i] += (logits.argmax(1) == truth).sum().item()
            loss[i] += functional.cross_entropy(logits, truth, reduction="sum").item()
            if progress:
                progress((seen + len(part) * (i + 1) / (filters + 1)) / len(indices))
        seen += len(part)
    correct, loss = correct / seen, loss / seen
    return Ranking(correct[-1], loss[-1], correct[:-1], loss[:-1])


def _next_sum(tail: nn.Sequential) -> tuple[nn.Sequential, nn.Module, nn.Sequential]:
    """A tail in three parts: what works on each map by itself, the first module that adds maps up, and the rest. Where
    none does, the maps become the logits one by one, and the module in the middle gives what it gets."""
    for place, module in enumerate(tail):
        if isinstance(unwrapped(module), nn.Conv2d | nn.Linear):
            return slice_of(tail, 0, place), module, slice_of(tail, place + 1)
    return tail, nn.Identity(), nn.Sequential()


def _left_without(
    module: nn.Module, values: torch.Tensor, nothing: torch.Tensor, whole: torch.Tensor, filter: int, filters: int
) -> torch.Tensor:
    """What a module gives without one filter. values, nothing: what it gets of the maps, or of maps of zeros: the maps,
    or all their values in a row, map after map. whole: what it gives with all filters."""
    width = values.shape[1] // filters
    own = slice(filter * width, (filter + 1) * width)
    match module:
        case nn.Conv2d(groups=1):
            lost, weight = values[:, own] - nothing[:, own], module.weight[:, own]
            return whole - functional.conv2d(lost, weight, None, module.stride, module.padding, module.dilation)
        case nn.Linear():
            return whole - functional.linear(values[:, own] - nothing[:, own], module.weight[:, own])
    others = values.clone()
    others[:, own] = nothing[:, own]
    return module(others)
