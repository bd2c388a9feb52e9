"""The output of every layer for one image, and how its values follow from the layer before."""

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import nn

from cnn.model.activation_functions import ACTIVATIONS, Formula
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.model.windows import Pair

MOST_BYTES = 12_000_000  # size of the data for `origins`: more would take a browser too long to load
MOST_TERMS = 24  # products of a dense unit to list one by one


@torch.no_grad()
def activations(model: Model, image: np.ndarray) -> dict[str, np.ndarray]:
    """The output of each layer for one image, in forward order.

    image: uint8 (H, W, C), with the size and channels of the model.
    Returns layer name -> float32 array without a batch dimension: "input" (C, H, W), the network's input (0..1 unless
    the model's preprocessing says otherwise), maps (C, H, W), flat layers (n,), and "probabilities" (classes,), the
    softmax of the last layer.
    The network is in evaluation mode: dropout does nothing, batch norm uses its running statistics.
    """
    network = model.network.eval()
    # The image as a batch of one, (1, C, H, W).
    values = model.batch(image[None])
    outputs = {"input": values}
    # Forward, layer by layer; keep every output.
    for name, module in network.named_children():
        values = module(values)
        outputs[name] = values
    # Logits to probabilities.
    outputs["probabilities"] = torch.softmax(values, 1)
    return {name: output[0].contiguous().numpy() for name, output in outputs.items()}


def zero_shares(maps: np.ndarray) -> np.ndarray:
    """(C, H, W) -> (C,): the fraction of exact zeros in each map, 0..1. A map of zeros is silent for this image."""
    return (maps == 0).mean(axis=(1, 2))


@dataclass(frozen=True, eq=False)
class Origin:
    """How the values of a layer are computed from those of the layer before.

    kind: conv, norm, activation, pool, flatten, dense (also for the output layer) or softmax.
    source: the name of the layer before. Dropout is skipped: in evaluation mode it does nothing.
    function, kernel, stride, padding, dilation, groups: as in `cnn.model.layers.Layer`. Global average pooling is a
        pool whose kernel is the whole map.
    label, formula, formula_text, sentence: of an activation function; see cnn/model/activation_functions.py.
    numbers: name -> array, for
        conv: weight (filters, channels / groups, rows, columns), and bias (filters) if it has one;
        norm: mean, var, gamma, beta (one for each map or value), and eps (1);
        dense: bias (units) if it has one; inputs (uint32) and weight, both (units, terms), for each unit's largest
            products; others (units), the sum of its remaining products.
    """

    kind: str
    source: str
    function: str = ""
    kernel: Pair = (0, 0)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    label: str = ""
    formula: Formula | None = None
    formula_text: str = ""
    sentence: str = ""
    numbers: dict[str, np.ndarray] = field(default_factory=dict)


def origins(model: Model, outputs: dict[str, np.ndarray], most_bytes: int = MOST_BYTES) -> dict[str, Origin]:
    """Layer name -> its origin, for all layers but the input, in forward order.

    outputs: the result of `activations`. A layer of maps, or flatten, has no origin if the data up to it takes more
    than most_bytes; layers after flatten always have one.
    """
    found, size, source = {}, outputs["input"].nbytes, "input"
    for layer in model.layers[1:]:
        if layer.kind == "dropout":
            continue
        numbers = _numbers(layer, model.network.get_submodule(layer.name), outputs[source])
        size += outputs[layer.name].nbytes + sum(array.nbytes for array in numbers.values())
        needs_maps = layer.is_spatial or layer.kind == "flatten"
        if size <= most_bytes or not needs_maps:
            found[layer.name] = _origin(layer, source, numbers)
        source = layer.name
    found["probabilities"] = Origin("softmax", source)
    return found


def _origin(layer: Layer, source: str, numbers: dict[str, np.ndarray]) -> Origin:
    sliding = (layer.kernel, layer.stride, layer.padding, layer.dilation, layer.groups)
    origin = Origin(layer.record.kind, source, layer.function, *sliding, numbers=numbers)
    if layer.kind != "activation":
        return origin
    function = ACTIVATIONS[layer.function]
    return replace(
        origin,
        label=function.label,
        formula=function.formula,
        formula_text=function.text,
        sentence=function.sentence,
    )


def _numbers(layer: Layer, module: nn.Module, inputs: np.ndarray) -> dict[str, np.ndarray]:
    named = {name: getattr(module, attribute) for name, attribute in layer.record.numbers.items()}
    if isinstance(module, nn.Linear):
        named |= _largest_products(module.weight.detach(), torch.from_numpy(inputs))
    return {name: _array(value) for name, value in named.items() if value is not None}


def _array(value: torch.Tensor | float) -> np.ndarray:
    """The tensor as an array, or one of a single number."""
    tensor = value.detach() if isinstance(value, torch.Tensor) else torch.tensor([value])
    return tensor.contiguous().numpy()


def _largest_products(weight: torch.Tensor, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
    terms = min(MOST_TERMS, len(inputs))
    chosen = torch.empty((len(weight), terms), dtype=torch.int64)
    others = torch.empty(len(weight))
    for unit, row in enumerate(weight):  # one by one: all products at once may not fit into memory
        products = row * inputs
        chosen[unit] = products.abs().topk(terms).indices
        others[unit] = products.sum(dtype=torch.float64) - products[chosen[unit]].sum(dtype=torch.float64)
    return {"inputs": chosen.to(torch.uint32), "weight": weight.gather(1, chosen), "others": others}
