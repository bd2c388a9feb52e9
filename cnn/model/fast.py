"""A faster way through a network that computes the same: max pooling before ReLU, on a CPU in one pass."""

from collections.abc import Callable
from typing import TypeGuard

import torch
from torch import nn

OnePass = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class _PooledFirst(nn.Module):
    """A ReLU and the max pooling that follows, with the pooling done first; with `conv`, the convolution before them,
    whose bias is then added after the pooling. in_one_pass: computes bias, ReLU and pooling, or None."""

    def __init__(self, conv: nn.Conv2d | None, activation: nn.ReLU, pool: nn.MaxPool2d, in_one_pass: OnePass | None):
        super().__init__()
        self.conv, self.activation, self.pool, self.in_one_pass = conv, activation, pool, in_one_pass

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        conv = self.conv
        if conv is not None:  # without its bias
            maps = nn.functional.conv2d(maps, conv.weight, None, conv.stride, conv.padding, conv.dilation, conv.groups)
        bias = maps.new_zeros(maps.shape[1]) if conv is None or conv.bias is None else conv.bias
        if self.in_one_pass:
            return self.in_one_pass(maps, bias)
        return self.activation(self.pool(maps).add_(bias[:, None, None]))


def pool_first(network: nn.Sequential) -> nn.Sequential:
    """The modules of a network, shared with it, with every 2 × 2 max pooling before the ReLU that it follows in the
    network, and before the bias of a convolution that it then follows. All others stay as they are.

    Which value is the largest does not depend on what is added to all of them, nor on ReLU; so the network and its
    gradients stay the same, to rounding. But ReLU has a quarter of the values to go through, and so has the sum that is
    the gradient of the bias; on a CPU all three are done in one pass. To compute with: the layers are those of
    `network`.
    """
    modules = list(network)
    for i in reversed(range(1, len(modules) - 1)):
        before, module, following = modules[i - 1 : i + 2]
        if type(module) is nn.ReLU and _pools_in_fours(following):
            conv = before if _adds_bias_last(before) else None
            pooled_first = _PooledFirst(conv, module, following, one_pass_for(network))
            modules[i if conv is None else i - 1 : i + 2] = [pooled_first]
    return nn.Sequential(*modules)


def _pools_in_fours(module: nn.Module) -> TypeGuard[nn.MaxPool2d]:
    """Whether it is max pooling with windows of 2 × 2 side by side, the only ones that `relu_pool` knows."""
    if type(module) is not nn.MaxPool2d or module.ceil_mode or module.return_indices:
        return False
    sides = (module.kernel_size, module.stride, module.padding, module.dilation)
    return [_pair(side) for side in sides] == [(2, 2), (2, 2), (0, 0), (1, 1)]


def _adds_bias_last(module: nn.Module) -> TypeGuard[nn.Conv2d]:
    """Whether it is a convolution that can be computed without its bias, which is then added later."""
    return type(module) is nn.Conv2d and module.bias is not None and module.padding_mode == "zeros"


def _pair(side: int | tuple[int, int]) -> tuple[int, int]:
    if isinstance(side, int):
        return side, side
    rows, columns = side
    return rows, columns


def one_pass_for(network: nn.Sequential) -> OnePass | None:
    """`cnn.model.relu_pool.relu_pool`, or None where it cannot be used: without numba, float32 weights or a CPU."""
    weights = next(network.parameters(), None)
    if weights is None or weights.device.type != "cpu" or weights.dtype != torch.float32:
        return None
    try:
        from cnn.model.relu_pool import relu_pool  # loads a compiler: not for those who only look at networks
    except (ImportError, OSError):  # it does not load on this machine: more slowly, then
        return None
    return relu_pool
