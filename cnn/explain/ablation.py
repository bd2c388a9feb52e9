"""Ablation: switch units off or change the weights of filters, and see how much accuracy that costs.

A changed model shares all unchanged modules with the original and has the same layers, so it works wherever a model
does. Meyes et al. 2019, "Ablation studies in artificial neural networks", https://arxiv.org/abs/1901.08644
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnn.explain.cut import UnitsOff, activation_map, changed, slice_of, split, unwrapped
from cnn.model.model import Model
from cnn.training.accuracy import sign_test
from cnn.training.batches import Report, batches


def without(model: Model, off: Mapping[str, Iterable[int]]) -> Model:
    """The model with units switched off. off: name of a layer of `cut.layers_of_units` -> indices of its units.

    Their outputs become zero, after batch norm and the activation function, so the next layer gets nothing from these
    units. (Zeros before that would not do: batch norm adds its shift, and a sigmoid turns 0 into 0.5.)
    """
    network, modules = model.network, {}
    for layer, units in off.items():
        head, _ = split(network, layer)
        *_, (name, last) = head.named_children()
        modules[name] = UnitsOff(last, activation_map(model, layer).shape, units)
    return replace(model, network=changed(network, modules))


def _convolution(module: nn.Module) -> nn.Conv2d:
    convolution = unwrapped(module)
    assert isinstance(convolution, nn.Conv2d)
    return convolution


def with_filter(model: Model, layer: str, filter: int, weights: np.ndarray, bias: float | None = None) -> Model:
    """The model with other weights in one filter. weights: (input channels of its group, height, width). bias: None
    keeps it.

    Raises ValueError if the weights do not have the filter's shape, or if there is no bias to change.
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
    """How much the network needs each unit of a layer.

    accuracy, loss: of the whole network. accuracy_without, loss_without: float64 (units,), with that unit switched
    off. broken, mended: int64 (units,), the images that become wrong, and those that become right, without it.
    images: how many were predicted.
    """

    accuracy: float
    loss: float
    accuracy_without: np.ndarray
    loss_without: np.ndarray
    broken: np.ndarray
    mended: np.ndarray
    images: int

    @property
    def worth(self) -> np.ndarray:
        """int64 (units,): how many more images are right with the unit than without it."""
        return self.broken - self.mended

    @property
    def chance(self) -> np.ndarray:
        """float64 (units,), 0..1: how likely a difference at least that large is, if switching the unit off breaks
        an image as easily as it mends one."""
        return np.array([sign_test(int(b), int(m)) for b, m in zip(self.broken, self.mended, strict=True)])

    @property
    def order(self) -> np.ndarray:
        """int64 (units,): the units, sorted by accuracy without them, lowest first; ties by loss, highest first."""
        return np.lexsort((-self.loss_without, self.accuracy_without))


@torch.no_grad()
def rank_units(
    model: Model,
    layer: str,
    images: np.ndarray,
    labels: np.ndarray,
    indices: np.ndarray,
    progress: Report | None = None,
) -> Ranking:
    """Switches each unit of `layer` off in turn, as `without` does, and predicts the images.

    images: uint8 (N, H, W, C). labels: int64 (N,), the true classes. indices: int64, at least one: the images to use.

    The outputs of all units are computed once. The next layer with weights (a convolution or a dense layer) is a sum
    over them, so switching a unit off means subtracting its part of the sum; only the layers after it are computed for
    each unit.
    """
    network = model.network.eval()
    units = activation_map(model, layer).shape[0]
    head, tail = split(network, layer)
    between, following, rest = _next_sum(tail)
    seen, correct, loss = 0, np.zeros(units + 1, int), np.zeros(units + 1)  # the last entry: the whole network
    broken, mended = np.zeros(units, int), np.zeros(units, int)
    for part, batch in batches(model, images, indices):
        # Forward to the outputs of the units.
        outputs, truth = head(batch), torch.from_numpy(labels[part])
        # Forward to the next sum. The layers between may turn zeros into other values, as batch norm does, so compute
        # also what zeros become.
        values, nothing = between(outputs), between(torch.zeros_like(outputs[:1]))
        whole = following(values)
        right_with = rest(whole).argmax(1) == truth
        # For each unit: remove its part of the sum, go forward to the logits, count.
        for i in range(units + 1):
            left = whole if i == units else _left_without(following, values, nothing, whole, i, units)
            logits = rest(left)
            right = logits.argmax(1) == truth
            correct[i] += right.sum().item()
            if i < units:
                broken[i] += (right_with & ~right).sum().item()
                mended[i] += (right & ~right_with).sum().item()
            loss[i] += functional.cross_entropy(logits, truth, reduction="sum").item()
            if progress:
                progress((seen + len(part) * (i + 1) / (units + 1)) / len(indices))
        seen += len(part)
    correct, loss = correct / seen, loss / seen
    return Ranking(correct[-1], loss[-1], correct[:-1], loss[:-1], broken, mended, seen)


def _next_sum(tail: nn.Sequential) -> tuple[nn.Sequential, nn.Module, nn.Sequential]:
    """A tail in three parts: the modules that work on each unit separately, the first module that sums over units,
    and the rest. If no module sums over units, the middle one is the identity."""
    for index, module in enumerate(tail):
        if isinstance(unwrapped(module), nn.Conv2d | nn.Linear):
            return slice_of(tail, 0, index), module, slice_of(tail, index + 1)
    return tail, nn.Identity(), nn.Sequential()


def _left_without(
    module: nn.Module, values: torch.Tensor, nothing: torch.Tensor, whole: torch.Tensor, unit: int, units: int
) -> torch.Tensor:
    """The module's output without one unit. values: its input, the units' outputs or all their values in a row, unit
    after unit. nothing: its input if all outputs are zero. whole: its output with all units."""
    width = values.shape[1] // units
    own = slice(unit * width, (unit + 1) * width)
    match module:
        case nn.Conv2d(groups=1):
            lost, weight = values[:, own] - nothing[:, own], module.weight[:, own]
            return whole - functional.conv2d(lost, weight, None, module.stride, module.padding, module.dilation)
        case nn.Linear():
            return whole - functional.linear(values[:, own] - nothing[:, own], module.weight[:, own])
    others = values.clone()
    others[:, own] = nothing[:, own]
    return module(others)
