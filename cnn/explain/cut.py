"""A network cut at a convolution: what several methods share.

Here alone networks are handled without their models; whatever else explains takes a `cnn.model.model.Model`.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from torch import nn

from cnn.errors import UserError
from cnn.model.layers import Layer


def convolution(layers: Sequence[Layer], name: str | None = None) -> Layer:
    """The convolution of that name, or the last one. Raises UserError, naming all there are, if there is none such."""
    found = {layer.name: layer for layer in layers if layer.kind == "conv"}
    if not found:
        raise UserError("This network has no convolution.")
    if name is not None and name not in found:
        raise UserError(f"There is no convolution {name!r}; there are {', '.join(found)}.")
    return found[name or list(found)[-1]]


def split(network: nn.Sequential, layer: str) -> tuple[nn.Sequential, nn.Sequential]:
    """(head, tail): all up to the maps of convolution `layer`, activation function included; and all that follows.

    The maps *after* the activation are what the rest of the network gets of a filter, and what people call its
    activation map. Both parts share their modules with the network.
    """
    names = [name for name, _ in network.named_children()]
    end = names.index(layer) + 1
    end += isinstance(network[end], nn.BatchNorm2d)
    return network[: end + 1], network[end + 1 :]


def changed(network: nn.Sequential, modules: Mapping[str, nn.Module]) -> nn.Sequential:
    """The network with other modules under some of its names. It shares all others; the original stays as it is."""
    return nn.Sequential(OrderedDict({**dict(network.named_children()), **modules})).eval()
