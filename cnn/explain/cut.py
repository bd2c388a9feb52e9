"""Cutting a network at a convolution, for several methods.

Only this file works on networks; the methods themselves take a `cnn.model.model.Model`.
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


def slice_of(network: nn.Sequential, start: int, end: int | None = None) -> nn.Sequential:
    """The modules from `start` up to `end` (as in a slice), shared with the network, under their names."""
    return nn.Sequential(OrderedDict(list(network.named_children())[start:end]))


def split(network: nn.Sequential, layer: str) -> tuple[nn.Sequential, nn.Sequential]:
    """(head, tail): the network up to the activation maps of convolution `layer`, and the rest.

    If batch norm and an activation function follow the convolution, they belong to the head: their output is the
    filter's activation map, which the rest of the network gets. Both parts share their modules with the network.
    """
    names = [name for name, _ in network.named_children()]
    end = names.index(layer) + 1
    for part in (nn.BatchNorm2d, _ACTIVATIONS):
        if end < len(network) and isinstance(unwrapped(network[end]), part):
            end += 1
    return slice_of(network, 0, end), slice_of(network, end)


def activation_map(model: Model, layer: str) -> Layer:
    """The layer that gives the activation maps of convolution `layer`: the last one of the head of `split`."""
    head, _ = split(model.network, layer)
    return model.layers[len(head)]


def has_activation(head: nn.Sequential) -> bool:
    """Whether a head of `split` ends in an activation function."""
    return isinstance(unwrapped(head[-1]), _ACTIVATIONS)


class MapsOff(nn.Module):
    """A module with some of its output maps set to zero. maps: how many output maps it has."""

    def __init__(self, module: nn.Module, maps: int, off: Iterable[int]):
        super().__init__()
        on = torch.ones(maps, 1, 1)
        on[list(off)] = 0
        self.module = module
        self.register_buffer("on", on)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.module(values) * self.on


def unwrapped(module: nn.Module) -> nn.Module:
    """The module without the `MapsOff` around it."""
    while isinstance(module, MapsOff):
        module = module.module
    return module


def changed(network: nn.Sequential, modules: Mapping[str, nn.Module]) -> nn.Sequential:
    """A network with some modules replaced, by name. It shares the others with the original, which is not changed."""
    return nn.Sequential(OrderedDict({**dict(network.named_children()), **modules})).eval()
