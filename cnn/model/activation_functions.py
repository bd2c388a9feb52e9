"""The activation functions. Plain data, no torch.

To add one, add its record here and its name to `cnn.specs.ACTIVATIONS`.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from cnn.model.torch_module import TorchModule

# A formula that Python and the browser can evaluate: a number, "x", or [operation, part, ...] with the operations "+",
# "-" (with one part: the negative), "*", "/", "max", "min", "exp", "tanh" and "erf".
Formula = float | str | list


@dataclass(frozen=True)
class ActivationFunction:
    """name: in the specs, and of its layers. label, text, sentence: for users: 'ReLU', 'max(0, x)', what it does.

    signed: whether its output can be negative. keeps: what PyTorch keeps for the backward pass, "input" or "output".
    """

    name: str
    label: str
    module: TorchModule
    signed: bool
    keeps: str
    sentence: str
    text: str
    formula: Formula

    def __call__(self, x: float) -> float:
        return evaluate(self.formula, x)


_OPERATIONS: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": lambda a, b=None: -a if b is None else a - b,
    "*": operator.mul,
    "/": operator.truediv,
    "max": max,
    "min": min,
    "exp": math.exp,
    "tanh": math.tanh,
    "erf": math.erf,
}


def evaluate(formula: Formula, x: float) -> float:
    """The value of a formula at x."""
    if isinstance(formula, list):
        operation, *parts = formula
        return _OPERATIONS[operation](*(evaluate(part, x) for part in parts))
    return x if formula == "x" else float(formula)


_FUNCTIONS = (
    ActivationFunction(
        name="relu",
        label="ReLU",
        module=TorchModule("ReLU"),
        signed=False,
        keeps="output",
        sentence="ReLU lets positive values pass and makes negative ones zero.",
        text="max(0, x)",
        formula=["max", 0, "x"],
    ),
    ActivationFunction(
        name="leaky_relu",
        label="LeakyReLU",
        module=TorchModule("LeakyReLU"),
        signed=True,
        keeps="input",
        sentence="LeakyReLU lets positive values pass and leaves a hundredth of negative ones.",
        text="x, or 0.01 x below 0",
        formula=["max", ["*", 0.01, "x"], "x"],
    ),
    ActivationFunction(
        name="tanh",
        label="tanh",
        module=TorchModule("Tanh"),
        signed=True,
        keeps="output",
        sentence="tanh squeezes any value into the range from −1 to 1.",
        text="tanh(x)",
        formula=["tanh", "x"],
    ),
    ActivationFunction(
        name="sigmoid",
        label="sigmoid",
        module=TorchModule("Sigmoid"),
        signed=False,
        keeps="output",
        sentence="The sigmoid squeezes any value into the range from 0 to 1.",
        text="1 / (1 + e⁻ˣ)",
        formula=["/", 1, ["+", 1, ["exp", ["-", "x"]]]],
    ),
    # Hendrycks and Gimpel 2016, "Gaussian error linear units", https://arxiv.org/abs/1606.08415
    ActivationFunction(
        name="gelu",
        label="GELU",
        module=TorchModule("GELU"),
        signed=True,
        keeps="input",
        sentence="GELU is a ReLU with a round corner: slightly negative values pass in part.",
        text="x (1 + erf(x / √2)) / 2",
        formula=["*", ["*", 0.5, "x"], ["+", 1, ["erf", ["*", 0.7071067811865476, "x"]]]],
    ),
    # Also called swish: Ramachandran et al. 2017, "Searching for activation functions", https://arxiv.org/abs/1710.05941
    ActivationFunction(
        name="silu",
        label="SiLU",
        module=TorchModule("SiLU"),
        signed=True,
        keeps="input",
        sentence="SiLU is the value times its own sigmoid: nearly a ReLU, with a dip below 0 and no corner.",
        text="x / (1 + e⁻ˣ)",
        formula=["/", "x", ["+", 1, ["exp", ["-", "x"]]]],
    ),
)
ACTIVATIONS = {function.name: function for function in _FUNCTIONS}
