"""A faster forward pass with the same results: max pooling before ReLU, on a CPU both in one pass."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeGuard

import torch
from torch import nn

from cnn.model.build import needs_maps_apart

OnePass = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class _PooledFirst(nn.Module):
    """ReLU and max pooling in swapped order. conv: the convolution before them, whose bias is added after the pooling;
    or None. in_one_pass: a function for bias, ReLU and pooling together; or None."""

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
    """The same network, sharing all weights, with 2 × 2 max pooling before ReLU and before the convolution's bias.

    Neither ReLU nor a bias changes which value of a window is the largest, so outputs and gradients stay the same up to
    rounding. But ReLU and the bias then work on a quarter of the values, and on a CPU one pass does all three. Use the
    result only to compute: its modules do not match the list of layers. A module for several layers is named like the
    ReLU among them.
    """
    named = list(network.named_children())
    for i in reversed(range(1, len(named) - 1)):
        before, module, following = (child for _, child in named[i - 1 : i + 2])
        if type(module) is nn.ReLU and _pools_in_fours(following):
            conv = before if _adds_bias_last(before) else None
            pooled_first = _PooledFirst(conv, module, following, one_pass_for(network))
            named[i if conv is None else i - 1 : i + 2] = [(named[i][0], pooled_first)]
    return nn.Sequential(OrderedDict(named))


def _pools_in_fours(module: nn.Module) -> TypeGuard[nn.MaxPool2d]:
    """Whether the module is max pooling with 2 × 2 windows that do not overlap, as `relu_pool` requires."""
    if type(module) is not nn.MaxPool2d or module.ceil_mode or module.return_indices:
        return False
    sides = (module.kernel_size, module.stride, module.padding, module.dilation)
    return [_pair(side) for side in sides] == [(2, 2), (2, 2), (0, 0), (1, 1)]


def _adds_bias_last(module: nn.Module) -> TypeGuard[nn.Conv2d]:
    """Whether the module is a convolution whose bias can be added later."""
    if type(module) is not nn.Conv2d or module.bias is None or needs_maps_apart(module):
        return False
    return module.padding_mode == "zeros"


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
        from cnn.model.relu_pool import relu_pool  # here, because it loads a compiler
    except (ImportError, OSError):  # not available on this machine: compute without it
        return None
    return relu_pool
