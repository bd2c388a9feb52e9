"""Builds the PyTorch network from the list of layers, with one named module per layer."""

from collections import OrderedDict

import torch
from torch import nn

from cnn.model.layers import Layer
from cnn.model.torch_module import TorchModule


def build(layers: list[Layer], seed: int) -> nn.Sequential:
    """The network for the layers of `cnn.model.layers.stack`, with PyTorch's default initial weights.

    It maps float32 (N, C, H, W) to float32 logits (N, classes). Its modules have the layers' names. The same seed gives
    the same weights; the global random state does not change.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        # One module for each layer after the input, in forward order.
        network = nn.Sequential(OrderedDict((layer.name, _made(layer.module)) for layer in layers[1:]))
    # In memory, keep all channels of a pixel together: faster on CPUs and GPUs, same results.
    # (PyTorch annotates this argument for tensors only.)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for module in network:
        if skips_pixels(module):
            module.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
            module.register_forward_pre_hook(_one_map_after_the_other)
    return network


def _made(module: TorchModule) -> nn.Module:
    return getattr(nn, module.name)(*module.arguments, **module.options)


def skips_pixels(module: nn.Module) -> bool:
    """Whether the module is a convolution that reads single pixels and leaves some out: 1 × 1 with a stride.

    On CPUs, with all channels of a pixel together, its gradients are wrong, and memory of others is overwritten
    (https://github.com/uxlfoundation/oneDNN/issues/6035). So it gets its maps one after the other.
    """
    return isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1) and module.stride != (1, 1)


def _one_map_after_the_other(module: nn.Module, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
    return (inputs[0].clone(memory_format=torch.contiguous_format),)
