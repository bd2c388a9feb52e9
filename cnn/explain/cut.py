"""A network taken apart at a convolution, and many images sent through it: what several methods share.

    convolution(layers, name=None) -> Layer
    split(network, layer) -> (head, tail)
    MapsOff(module, maps, off), unwrapped(module)
    changed(network, modules) -> nn.Sequential
    batches(network, images, indices, progress=None) -> iterator of (indices, batch)

`progress`, here and wherever a function of this package takes it, is called with the share done, 0..1. Whatever it
raises ends the work: that is how to cancel.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import torch
from torch import nn

from cnn.errors import UserError
from cnn.model.activation_functions import ACTIVATIONS
from cnn.model.build import to_batch
from cnn.model.layers import Layer
from cnn.training.loop import batch_starts

Report = Callable[[float], None]

VALUES_AT_ONCE = 2**22  # of the widest layer's output: 16 MB, small enough for a processor's cache to help
IMAGES_AT_ONCE = 256

_ACTIVATIONS = tuple(getattr(nn, function.module.name) for function in ACTIVATIONS.values())


def convolution(layers: list[Layer], name: str | None = None) -> Layer:
    """The convolution of that name, or the last one. Raises UserError, naming all there are, if there is none such."""
    found = {layer.name: layer for layer in layers if layer.kind == "conv"}
    if not found:
        raise UserError("This network has no convolution.")
    if name is not None and name not in found:
        raise UserError(f"There is no convolution {name!r}; there are {', '.join(found)}.")
    return found[name or list(found)[-1]]


def split(network: nn.Sequential, layer: str) -> tuple[nn.Sequential, nn.Sequential]:
    """(head, tail): all up to the activation maps of convolution `layer`, and all that follows.

    The batch norm and the activation function that follow a convolution, if they do, belong to the head: the maps
    behind them are what the rest of the network gets of a filter, and what people call its activation map. Both parts
    share their modules with the network.
    """
    names = [name for name, _ in network.named_children()]
    end = names.index(layer) + 1
    for part in (nn.BatchNorm2d, _ACTIVATIONS):
        if end < len(network) and isinstance(unwrapped(network[end]), part):
            end += 1
    return network[:end], network[end:]


def has_activation(head: nn.Sequential) -> bool:
    """Whether the maps that a head of `split` gives come from an activation function."""
    return isinstance(unwrapped(head[-1]), _ACTIVATIONS)


class MapsOff(nn.Module):
    """A module of a network, with some of the maps that it gives set to zero. maps: how many it gives."""

    def __init__(self, module: nn.Module, maps: int, off: Iterable[int]):
        super().__init__()
        on = torch.ones(maps, 1, 1)
        on[list(off)] = 0
        self.module = module
        self.register_buffer("on", on)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return self.module(values) * self.on


def unwrapped(module: nn.Module) -> nn.Module:
    """The module itself, whether or not some of its maps are switched off."""
    while isinstance(module, MapsOff):
        module = module.module
    return module


def changed(network: nn.Sequential, modules: Mapping[str, nn.Module]) -> nn.Sequential:
    """The network with other modules under some of its names. It shares all others; the original stays as it is."""
    return nn.Sequential(OrderedDict({**dict(network.named_children()), **modules})).eval()


@torch.no_grad()
def images_at_once(network: nn.Sequential, image: np.ndarray) -> int:
    """How many images like this one (uint8 (H, W, C)) may go through together, 1..256, so that memory stays small."""
    values = to_batch(image[None])
    widest = values.numel()
    for module in network:
        values = module(values)
        widest = max(widest, values.numel())
    return max(1, min(IMAGES_AT_ONCE, VALUES_AT_ONCE // widest))


def batches(
    network: nn.Sequential, images: np.ndarray, indices: np.ndarray, progress: Report | None = None
) -> Iterator[tuple[np.ndarray, torch.Tensor]]:
    """The images (uint8 (N, H, W, C)) at `indices`, in order, as many at a time as the network's memory allows.

    Yields (their indices, float32 (n, C, H, W) in 0..1); `progress` is called when the next batch is asked for.
    Leaves the network in evaluation mode.
    """
    network.eval()
    if not len(indices):
        return
    for start, end in batch_starts(len(indices), images_at_once(network, images[indices[0]])):
        yield indices[start:end], to_batch(images[indices[start:end]])
        if progress:
            progress(end / len(indices))
