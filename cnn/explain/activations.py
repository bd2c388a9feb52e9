"""What every layer makes of one image, and how its numbers come from those of the layer before."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from cnn.model.model import Model

MOST_BYTES = 12_000_000  # of all that `origins` takes numbers from: what a browser gets while a student waits
MOST_TERMS = 24  # products of a dense unit that are listed one by one


@torch.no_grad()
def activations(model: Model, image: np.ndarray) -> dict[str, np.ndarray]:
    """The output of each layer for one image, in forward order.

    image: uint8 (H, W, C), of the size and channels the model takes.
    Returns layer name -> float32 array without a batch dimension: "input" (C, H, W), the numbers that the network takes
    (from 0 to 1 unless the model's preprocessing says otherwise), maps (C, H, W), flat layers (n,), "logits"
    (classes,), and "probabilities" (classes,), their softmax.
    The network is evaluated: dropout passes everything, batch norm uses its running statistics.
    """
    network = model.network.eval()
    values = model.batch(image[None])
    outputs = {"input": values}
    for name, module in network.named_children():
        values = module(values)
        outputs[name] = values
    outputs["probabilities"] = torch.softmax(values, 1)
    return {name: output[0].contiguous().numpy() for name, output in outputs.items()}


def zero_shares(maps: np.ndarray) -> np.ndarray:
    """(C, H, W) -> (C,): the share of exact zeros in each map, 0..1. A filter whose map is all zeros is dead here."""
    return (maps == 0).mean(axis=(1, 2))


@dataclass(frozen=True, eq=False)
class Origin:
    """How every value of a layer is computed from those of the layer before.

    kind: conv, norm, activation, pool, flatten, dense (so is the output) or softmax.
    source: the name of the layer whose values it takes. Dropout is left out: evaluated, it passes everything.
    numbers: name -> array, for
        conv: weight (filters, channels, kernel, kernel) and bias (filters);
        norm: mean, var, gamma, beta (channels each), and eps (1);
        activation: slope (1) of leaky_relu;
        dense: bias (units), and of each unit's largest products inputs (uint32) and weight (units, terms);
            others (units): the sum of its other products.
    """

    kind: str
    source: str
    function: str = ""
    kernel: int = 0
    padding: int = 0
    numbers: dict[str, np.ndarray] = field(default_factory=dict)


def origins(model: Model, outputs: dict[str, np.ndarray], most_bytes: int = MOST_BYTES) -> dict[str, Origin]:
    """Layer name -> its origin, for all but the input, in forward order.

    outputs: those of `activations`. A layer of maps, or flatten, has none if all that is needed up to it takes more
    than most_bytes; layers after flatten always have one.
    """
    found, size, source = {}, outputs["input"].nbytes, "input"
    for layer in model.layers[1:]:
        if layer.kind == "dropout":
            continue
        kind = "dense" if layer.kind == "output" else layer.kind
        numbers = _numbers(model.network.get_submodule(layer.name), outputs[source])
        size += outputs[layer.name].nbytes + sum(array.nbytes for array in numbers.values())
        needs_maps = layer.is_spatial or layer.kind == "flatten"
        if size <= most_bytes or not needs_maps:
            found[layer.name] = Origin(kind, source, layer.function, layer.kernel, layer.padding, numbers)
        source = layer.name
    found["probabilities"] = Origin("softmax", source)
    return found


def _numbers(module: nn.Module, inputs: np.ndarray) -> dict[str, np.ndarray]:
    match module:
        case nn.Conv2d():
            found = {"weight": module.weight, "bias": module.bias}
        case nn.Linear():
            found = _largest_products(module.weight.detach(), torch.from_numpy(inputs)) | {"bias": module.bias}
        case nn.BatchNorm2d():
            found = {"mean": module.running_mean, "var": module.running_var, "eps": torch.tensor([module.eps])}
            found |= {"gamma": module.weight, "beta": module.bias}
        case nn.LeakyReLU():
            found = {"slope": torch.tensor([module.negative_slope])}
        case _:
            found = {}
    return {name: tensor.detach().contiguous().numpy() for name, tensor in found.items()}


def _largest_products(weight: torch.Tensor, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
    terms = min(MOST_TERMS, len(inputs))
    chosen = torch.empty((len(weight), terms), dtype=torch.int64)
    others = torch.empty(len(weight))
    for unit, row in enumerate(weight):  # one by one: all products at once may not fit into memory
        products = row * inputs
        chosen[unit] = products.abs().topk(terms).indices
        others[unit] = products.sum(dtype=torch.float64) - products[chosen[unit]].sum(dtype=torch.float64)
    return {"inputs": chosen.to(torch.uint32), "weight": weight.gather(1, chosen), "others": others}
