"""Origins and geometry with pairs of rows and columns, made of those with one number for both. To be dropped as soon as
cnn.explain.activations and cnn.model.layers give pairs themselves."""

from dataclasses import dataclass, field

import numpy as np

from cnn.explain import activations
from cnn.model.layers import Layer

LEAKY = float(np.float32(0.01))
SIGMOID = ["/", 1, ["+", 1, ["exp", ["-", "x"]]]]
ACTIVATIONS = {  # name -> label, formula, formula_text, sentence
    "relu": ("ReLU", ["max", 0, "x"], "max(0, x)", "ReLU lets positive values pass and makes negative ones zero."),
    "leaky_relu": (
        "LeakyReLU",
        ["max", "x", ["*", LEAKY, "x"]],
        "x, or 0.01 x below 0",
        "LeakyReLU lets positive values pass and leaves a hundredth of negative ones.",
    ),
    "tanh": ("tanh", ["tanh", "x"], "tanh(x)", "tanh squeezes any value into the range from −1 to 1."),
    "sigmoid": (
        "sigmoid",
        SIGMOID,
        "1 / (1 + e⁻ˣ)",
        "The sigmoid squeezes any value into the range from 0 to 1.",
    ),
}


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
    label: str = ""
    formula: object = None
    formula_text: str = ""
    sentence: str = ""
    numbers: dict[str, np.ndarray] = field(default_factory=dict)


def with_pairs(old: activations.Origin) -> Origin:
    pair, step = (old.kernel, old.kernel), old.kernel if old.kind == "pool" else 1
    label, formula, text, sentence = ACTIVATIONS.get(old.function, ("", None, "", ""))
    numbers = {name: array for name, array in old.numbers.items() if name != "slope"}
    padding = (old.padding, old.padding)
    return Origin(
        *(old.kind, old.source, old.function, pair, (step, step), padding, (1, 1), 1),
        *(label, formula, text, sentence, numbers),
    )


def geometry(layer: Layer) -> tuple:
    return tuple((number, number) for number in (layer.offset, layer.jump, layer.receptive_field))
