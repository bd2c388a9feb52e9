"""Cutting a network at a layer of units, for several methods. A unit is a filter of a convolution, or a unit of a dense
layer; its output is an activation map, or a single value.

The methods take a `cnn.model.model.Model`; where they cut its network at a layer, they use these functions.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import nn

from cnn.errors import UserError
from cnn.model.activation_functions import ACTIVATIONS
from cnn.model.layers import Layer
from cnn.model.model import Model

_ACTIVATIONS = tuple(getattr(nn, function.module.name) for function in ACTIVATIONS.values())


def convolution(layers: Sequence[Layer], name: str | None = None) -> Layer:
    """The convolution of that name, or the last one. Raises UserError with the names of all if there is none."""
    found = {layer.name: layer for layer in layers if layer.kind == "conv"}
    if not found:
        raise UserError("This network has no convolution.")
    if name is not None and name not in found:
        raise UserError(f"There is no convolution {name!r}; there are {', '.join(found)}.")
    return found[name or list(found)[-1]]


def layers_of_units(layers: Sequence[Layer]) -> dict[str, Layer]:
    """The layers whose units can be switched off, by name: the convolutions and the hidden dense layers."""
    return {layer.name: layer for layer in layers if layer.kind in ("conv", "dense")}


def slice_of(network: nn.Sequential, start: int, end: int | None = None) -> nn.Sequential:
    """The modules from `start` up to `end` (as in a slice), shared with the network, under their names."""
    return nn.Sequential(OrderedDict(list(network.named_children())[start:end]))


def split(network: nn.Sequential, layer: str) -> tuple[nn.Sequential, nn.Sequential]:
    """(head, tail): the network up to the outputs of the units of `layer`, and the rest. layer: the name of a
    convolution or a dense layer.

    If batch norm and an activation function follow the layer, they belong to the head: what they make of a unit's sums
    is its output, which the rest of the network gets. Both parts share their modules with the network.
    """
    names = [name for name, _ in network.named_children()]
    end = names.index(layer) + 1
    for part in (nn.BatchNorm2d | nn.BatchNorm1d, _ACTIVATIONS):
        if end < len(network) and isinstance(unwrapped(network[end]), part):
            end += 1
    return slice_of(network, 0, end), slice_of(network, end)


def activation_map(model: Model, layer: str) -> Layer:
    """The layer that gives the outputs of the units of `layer`: the last one of the head of `split`."""
    head, _ = split(model.network, layer)
    return model.layers[len(head)]


def has_activation(head: nn.Sequential) -> bool:
    """Whether a head of `split` ends in an activation function."""
    return isinstance(unwrapped(head[-1]), _ACTIVATIONS)


class UnitsOff(nn.Module):
    """A module with the outputs of some units set to zero. shape: of its output for one image, the units first."""

    def __init__(self, module: nn.Module, shape: Sequence[int], off: Iterable[int]):
        super().__init__()
        on = torch.ones(shape[0], *(1 for _ in shape[1:]))
        on[list(off)] = 0
        self.module = module
        self.register_buffer("on", on)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.module(values) * self.on


def unwrapped(module: nn.Module) -> nn.Module:
    """The module without the `UnitsOff` around it."""
    while isinstance(module, UnitsOff):
        module = module.module
    return module


def changed(network: nn.Sequential, modules: Mapping[str, nn.Module]) -> nn.Sequential:
    """A network with some modules replaced, by name. It shares the others with the original, which is not changed."""
    return nn.Sequential(OrderedDict({**dict(network.named_children()), **modules})).eval()
