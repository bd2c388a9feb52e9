"""Layers of PyTorch as sections of the maps component, each with its origin. Independent of cnn."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from pages.components import maps


@dataclass(frozen=True, eq=False)
class Origin:
    kind: str
    source: str
    function: str = ""
    kernel: tuple[int, int] = (0, 0)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    formula: object = None
    formula_text: str = ""
    sentence: str = ""
    numbers: dict[str, np.ndarray] = field(default_factory=dict)


FORMULAS = {
    nn.ReLU: ["max", 0, "x"],
    nn.LeakyReLU: ["max", "x", ["*", 0.01, "x"]],
    nn.Tanh: ["tanh", "x"],
    nn.Sigmoid: ["/", 1, ["+", 1, ["exp", ["-", "x"]]]],
    nn.SiLU: ["/", "x", ["+", 1, ["exp", ["-", "x"]]]],
    nn.GELU: ["*", ["*", 0.5, "x"], ["+", 1, ["erf", ["/", "x", 2**0.5]]]],
    nn.ELU: ["+", ["max", 0, "x"], ["-", ["exp", ["min", 0, "x"]], 1]],
}


def arrays(**tensors: torch.Tensor | None) -> dict[str, np.ndarray]:
    return {name: tensor.detach().contiguous().numpy() for name, tensor in tensors.items() if tensor is not None}


def pair(number: int | tuple[int, int]) -> tuple[int, int]:
    return (number, number) if isinstance(number, int) else number


def origin(module: nn.Module, source: str, values: torch.Tensor) -> Origin:
    match module:
        case nn.Conv2d():
            places = (module.kernel_size, module.stride, module.padding, module.dilation, module.groups)
            return Origin("conv", source, "", *places, numbers=arrays(weight=module.weight, bias=module.bias))
        case nn.MaxPool2d() | nn.AvgPool2d():
            function = "max" if isinstance(module, nn.MaxPool2d) else "average"
            return Origin("pool", source, function, *map(pair, (module.kernel_size, module.stride, module.padding)))
        case nn.BatchNorm2d() | nn.BatchNorm1d():
            eps = torch.tensor([module.eps])
            numbers = arrays(mean=module.running_mean, var=module.running_var, eps=eps)
            return Origin("norm", source, numbers=numbers | arrays(gamma=module.weight, beta=module.bias))
        case nn.Flatten():
            return Origin("flatten", source)
        case nn.Linear():
            terms = min(5, values.shape[1])
            products = module.weight * values
            chosen = products.abs().topk(terms).indices
            others = products.sum(1) - products.gather(1, chosen).sum(1)
            inputs = chosen.to(torch.uint32)
            numbers = arrays(inputs=inputs, weight=module.weight.gather(1, chosen), others=others, bias=module.bias)
            return Origin("dense", source, numbers=numbers)
        case nn.Softmax():
            return Origin("softmax", source)
    return Origin("activation", source, formula=FORMULAS[type(module)])


def section(name: str, values: torch.Tensor, made: Origin) -> maps.Section:
    array = values[0].detach().numpy()
    if array.ndim == 3:
        return maps.Tiles(name, "", array[:, None], signed=True, origin=made)
    if made.kind == "flatten":
        return maps.Strip(name, "", array, signed=True, origin=made)
    percent = made.kind == "softmax"
    return maps.Bars(name, "", 100 * array if percent else array, (), signed=True, unit="%" * percent, origin=made)


def sections_of(image: torch.Tensor, modules: list[nn.Module]) -> tuple[list[maps.Section], dict[str, torch.Tensor]]:
    """The sections that the maps component draws for a network: the image, bytes (1, c, h, w), and the output of each
    module, named by its kind and index. Also these outputs, (1, ...), by the same names."""
    sections: list[maps.Section] = [maps.Picture("input", "", image[0].permute(1, 2, 0).numpy().astype(np.uint8))]
    values, source = image.float() / 255, "input"
    outputs = {source: values}
    for i, module in enumerate(modules):
        made = origin(module.eval(), source, values)
        source = f"{made.kind} {i}"
        outputs[source] = values = module(values).detach()
        sections.append(section(source, values, made))
    return sections, outputs
