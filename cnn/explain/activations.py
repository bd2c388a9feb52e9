"""What every layer makes of one image."""

import numpy as np
import torch
from torch import nn

from cnn.network import to_batch


@torch.no_grad()
def activations(network: nn.Sequential, image: np.ndarray) -> dict[str, np.ndarray]:
    """The output of each layer for one image, in forward order.

    image: uint8 (H, W, C), of the size and channels the network takes.
    Returns layer name -> float32 array without a batch dimension: "input" (C, H, W) in 0..1, maps (C, H, W),
    flat layers (n,), "logits" (classes,), and "probabilities" (classes,), their softmax.
    The network is evaluated: dropout passes everything, batch norm uses its running statistics.
    """
    network.eval()
    values = to_batch(image[None])
    outputs = {"input": values}
    for name, module in network.named_children():
        values = module(values)
        outputs[name] = values
    outputs["probabilities"] = torch.softmax(values, 1)
    return {name: output[0].contiguous().numpy() for name, output in outputs.items()}


def zero_shares(maps: np.ndarray) -> np.ndarray:
    """(C, H, W) -> (C,): the share of exact zeros in each map, 0..1. A filter whose map is all zeros is dead here."""
    return (maps == 0).mean(axis=(1, 2))
