"""The layer list -> a PyTorch network with one named module per layer."""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from cnn.model.layers import Layer
from cnn.model.torch_module import TorchModule


def build(layers: list[Layer], seed: int) -> nn.Sequential:
    """The network of `cnn.model.layers.stack`, with PyTorch's own initial weights drawn from `seed`.

    Takes float32 (N, C, H, W) in 0..1 and gives float32 logits (N, classes). Its modules carry the layers' names.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(OrderedDict((layer.name, _made(layer.module)) for layer in layers[1:]))
    # Pixels lie beside each other per image position: faster on CPUs and GPUs alike, same results.
    return network.to(memory_format=torch.channels_last)


def _made(module: TorchModule) -> nn.Module:
    return getattr(nn, module.name)(*module.arguments, **module.options)


def to_batch(images, device: str | torch.device = "cpu") -> torch.Tensor:
    """uint8 images (N, H, W, C), an array or a tensor -> float32 (N, C, H, W) in 0..1 on `device`, as every network
    here takes them."""
    if isinstance(images, np.ndarray):
        images = torch.from_numpy(images if images.flags.writeable else images.copy())  # PyTorch warns of a mapped file
    pixels = images.to(device)
    # Seen as (N, C, H, W) the array already has the channels-last order that the network wants.
    return pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last).div_(255)
