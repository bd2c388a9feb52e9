"""The layer list -> a PyTorch network with one named module per layer."""

from collections import OrderedDict

import torch
from torch import nn

from cnn.model.layers import Layer
from cnn.model.torch_module import TorchModule


def build(layers: list[Layer], seed: int) -> nn.Sequential:
    """The network of `cnn.model.layers.stack`, with PyTorch's own initial weights drawn from `seed`.

    Takes float32 (N, C, H, W) and gives float32 logits (N, classes). Its modules carry the layers' names.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(OrderedDict((layer.name, _made(layer.module)) for layer in layers[1:]))
    # Pixels lie beside each other per image position: faster on CPUs and GPUs alike, same results.
    # (PyTorch annotates this argument of a tensor only.)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _made(module: TorchModule) -> nn.Module:
    return getattr(nn, module.name)(*module.arguments, **module.options)
