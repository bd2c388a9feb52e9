"""The layer list -> a PyTorch network with one named module per layer."""

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import nn

from cnn.model.layers import Layer

ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
POOLINGS = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}


def build(layers: list[Layer], seed: int) -> nn.Sequential:
    """The network of `cnn.model.layers.lay_out`, with PyTorch's own initial weights drawn from `seed`.

    Takes float32 (N, C, H, W) and gives float32 logits (N, classes). Its modules carry the layers' names.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(OrderedDict((layer.name, _module(layer)) for layer in layers[1:]))
    # Pixels lie beside each other per image position: faster on CPUs and GPUs alike, same results.
    return network.to(memory_format=torch.channels_last)


def _module(layer: Layer) -> nn.Module:
    match layer.kind:
        case "conv":
            return nn.Conv2d(layer.in_shape[0], layer.shape[0], layer.kernel, padding=layer.padding)
        case "norm":
            return nn.BatchNorm2d(layer.shape[0])
        case "activation":
            return ACTIVATIONS[layer.function]()
        case "pool":
            return POOLINGS[layer.function](layer.kernel)
        case "flatten":
            return nn.Flatten()
        case "dropout":
            return nn.Dropout(layer.rate)
        case "dense" | "output":
            return nn.Linear(layer.in_shape[0], layer.shape[0])
    raise ValueError(f"Unknown kind of layer {layer.kind!r}.")


class _PooledFirst(nn.Module):
    """A ReLU and the max pooling that follows, with the pooling done first; with `conv`, the convolution before them,
    whose bias is then added after the pooling. in_one_pass: computes all three, or None."""

    def __init__(self, conv: nn.Conv2d | None, activation: nn.ReLU, pool: nn.MaxPool2d, in_one_pass: Callable | None):
        super().__init__()
        self.conv, self.activation, self.pool, self.in_one_pass = conv, activation, pool, in_one_pass

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        bias = maps.new_zeros(maps.shape[1]) if self.conv is None else self.conv.bias
        if self.conv is not None:
            maps = nn.functional.conv2d(maps, self.conv.weight, padding=self.conv.padding)
        if self.in_one_pass:
            return self.in_one_pass(maps, bias)
        return self.activation(self.pool(maps).add_(bias[:, None, None]))


def pool_first(network: nn.Sequential) -> nn.Sequential:
    """The modules of a network, shared with it, with every max pooling before the ReLU that it follows in the network,
    and before the bias of a convolution that it then follows.

    Which value is the largest does not depend on what is added to all of them, nor on ReLU; so the network and its
    gradients stay the same, to rounding. But ReLU has a quarter of the values to go through, and so has the sum that is
    the gradient of the bias; on a CPU all three are done in one pass. To compute with: the layers are those of
    `network`.
    """
    modules = list(network)
    for i in reversed(range(1, len(modules) - 1)):
        before, module, following = modules[i - 1 : i + 2]
        if isinstance(module, nn.ReLU) and isinstance(following, nn.MaxPool2d):
            conv = before if isinstance(before, nn.Conv2d) else None
            pooled_first = _PooledFirst(conv, module, following, one_pass_for(network))
            modules[i if conv is None else i - 1 : i + 2] = [pooled_first]
    return nn.Sequential(*modules)


def one_pass_for(network: nn.Sequential) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None:
    """`cnn.model.relu_pool.relu_pool`, or None where it cannot be used."""
    weights = next(network.parameters())
    if weights.device.type != "cpu" or weights.dtype != torch.float32:
        return None
    try:
        from cnn.model.relu_pool import relu_pool  # loads a compiler: not for those who only look at networks
    except (ImportError, OSError):  # it does not load on this machine: more slowly, then
        return None
    return relu_pool
