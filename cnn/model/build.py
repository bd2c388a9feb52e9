"""Builds the PyTorch network from the list of layers, with one named module per layer."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from torch import nn

from cnn.model.layers import Layer
from cnn.model.torch_module import TorchModule


def build(layers: list[Layer], seed: int, initial_weights: str = "pytorch", dense_bias: float = 0) -> nn.Sequential:
    """The network for the layers of `cnn.model.layers.stack`, with random weights.

    It maps float32 (N, C, H, W) to float32 logits (N, classes). Its modules have the layers' names. The same seed gives
    the same weights; the global random state does not change. initial_weights, dense_bias: as in NetworkSpec.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        # One module for each layer after the input, in forward order.
        network = nn.Sequential(OrderedDict((layer.name, _made(layer.module)) for layer in layers[1:]))
        _draw_weights(network, initial_weights)
    # Start hidden dense units with ReLU in the active range, so that Adam's first steps do not kill them.
    for dense, after in pairwise(layers):
        if dense.kind == "dense" and dense.bias and after.function == "relu":
            network.get_parameter(f"{dense.name}.bias").data += dense_bias
    # In memory, keep all channels of a pixel together: faster on CPUs and GPUs, same results.
    # (PyTorch annotates this argument for tensors only.)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for module in network:
        if needs_maps_apart(module):
            module.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
            module.register_forward_pre_hook(_one_map_after_the_other)
    return network


def adopt_weights(network: nn.Sequential, layers: Sequence[Layer], state: Mapping[str, torch.Tensor]) -> None:
    """Copies the weights of a base, and what its batch normalisation has measured, into the layers that start with them
    (see `Layer.start`).

    state: the base's state_dict; its layers have the same names. Raises RuntimeError if it does not fit.
    """
    for layer in layers:
        if layer.start != "new":
            own = {
                name.removeprefix(f"{layer.name}."): value
                for name, value in state.items()
                if name.startswith(f"{layer.name}.")
            }
            network.get_submodule(layer.name).load_state_dict(own)


def _made(module: TorchModule) -> nn.Module:
    return getattr(nn, module.name)(*module.arguments, **module.options)


def _draw_weights(network: nn.Sequential, initial_weights: str) -> None:
    """Replaces the weights that PyTorch has drawn, unless those are chosen. The biases then start at 0.

    n: how many values a unit reads; m: how many units read one of them.
    PyTorch draws from -1/sqrt(n) to 1/sqrt(n); Glorot from -sqrt(6 / (n + m)) to sqrt(6 / (n + m)); He from a normal
    distribution with standard deviation sqrt(2 / n).
    Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"; He et al. 2015,
    https://arxiv.org/abs/1502.01852
    """
    if initial_weights == "pytorch":
        return
    for module in network:
        if isinstance(module, nn.Conv2d | nn.Linear):
            if initial_weights == "glorot":
                nn.init.xavier_uniform_(module.weight)
            else:
                nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def needs_maps_apart(module: nn.Module) -> bool:
    """Whether the module is a convolution that PyTorch's library for CPUs computes wrongly if all channels of a pixel
    lie together. So it gets its maps one after the other.

    With a 1 × 1 kernel and a stride, the gradients are wrong, and written to memory that is not theirs
    (https://github.com/uxlfoundation/oneDNN/issues/6035). With one channel, another stride down than across, and a
    result one column wide, the result is read from such memory.
    """
    if not isinstance(module, nn.Conv2d):
        return False
    down, across = module.stride
    if module.kernel_size == (1, 1):
        return (down, across) != (1, 1)
    return module.in_channels == 1 and down != across


def _one_map_after_the_other(module: nn.Module, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
    return (inputs[0].clone(memory_format=torch.contiguous_format),)
