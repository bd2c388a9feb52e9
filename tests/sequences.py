"""Random networks of any sequence of layers, for hypothesis, and helpers for tests of such networks."""

import numpy as np
import torch
from hypothesis import strategies as st
from torch import nn

from cnn.model.kinds import Activation, Conv, Dense, Dropout, Flatten, GlobalAverage, Norm, Pool
from cnn.model.layer_kind import Kind, Shape
from cnn.model.layers import Layer
from cnn.specs import ACTIVATIONS

CLASSES = 3
FUNCTIONS = st.sampled_from([name for name in ACTIVATIONS if name != "none"])
RATES = st.sampled_from((0.0, 0.25, 1 / 3))


@st.composite
def sequences(draw, convolution: bool = False, square: bool = False) -> tuple[list[Kind], Shape]:
    """(sequence, in_shape) of a network that fits: layers of maps in any order, then of values in any order.

    convolution: whether there is at least one. square: whether the images are square.
    """
    height, width = draw(st.integers(4, 14)), draw(st.integers(4, 14))
    shape = in_shape = (draw(st.sampled_from((1, 2, 3, 4))), height, height if square else width)
    sequence: list[Kind] = []
    kinds = [*draw(st.lists(st.sampled_from((_conv, _pool, _other, _other)), max_size=6))]
    if convolution:
        kinds.insert(draw(st.integers(0, len(kinds))), _conv)
    for kind in kinds:
        sequence.append(draw(kind(shape)))
        shape = sequence[-1].shape(shape)
    if draw(st.booleans()):
        sequence.append(GlobalAverage())
    sequence.append(Flatten())
    for widen in draw(st.lists(st.booleans(), max_size=4)):
        sequence.append(draw(_dense()) if widen else draw(_other(shape)))
    if draw(st.integers(0, 3)):  # otherwise the last maps or values are the classes
        sequence.append(Dense(CLASSES, bias=draw(st.booleans())))
    return sequence, in_shape


@st.composite
def _conv(draw, shape: Shape) -> Conv:
    channels, *sides = shape
    groups = draw(st.sampled_from([groups for groups in (1, 1, 2, 3, channels) if channels % groups == 0]))
    kernel, dilation, padding = [], [], []
    for side in sides:
        kernel.append(draw(st.integers(1, min(5, side))))
        dilation.append(
            draw(st.integers(1, 3)) if kernel[-1] == 1 else draw(st.integers(1, _most_dilation(kernel, side)))
        )
        padding.append(draw(st.integers(0, (kernel[-1] - 1) * dilation[-1])))
    stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    filters = groups * draw(st.integers(1, 3))
    pairs = (tuple(kernel), stride, tuple(padding), tuple(dilation))
    return Conv(filters, *pairs, groups, bias=draw(st.booleans()))


def _most_dilation(kernel: list[int], side: int) -> int:
    return max(1, min(3, (side - 1) // (kernel[-1] - 1)))


@st.composite
def _pool(draw, shape: Shape) -> Pool:
    kernel = tuple(draw(st.integers(1, min(3, side))) for side in shape[1:])
    stride = draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    return Pool(draw(st.sampled_from(("max", "average"))), kernel, stride)


def _other(shape: Shape) -> st.SearchStrategy[Kind]:
    return st.sampled_from([Norm()]) | FUNCTIONS.map(Activation) | RATES.map(Dropout)


def _dense() -> st.SearchStrategy[Dense]:
    return st.builds(Dense, width=st.integers(1, 6), bias=st.booleans())


def as_trained(network: nn.Sequential, layers: list[Layer]) -> nn.Sequential:
    """The network in evaluation mode, with norms as after training: they have statistics, scales and shifts."""
    torch.manual_seed(0)
    network.train()
    network(torch.rand(6, *layers[0].shape))
    network.eval()
    with torch.no_grad():
        for module in network:
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-1, 1)
    return network


def picture(layers: list[Layer], seed: int = 2) -> np.ndarray:
    """An input image for a network with these layers: uint8 (H, W, C)."""
    channels, height, width = layers[0].shape
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


OPERATIONS = {
    "+": np.add,
    "*": np.multiply,
    "/": np.divide,
    "max": np.maximum,
    "min": np.minimum,
    "exp": np.exp,
    "tanh": np.tanh,
    "erf": lambda x: torch.erf(torch.as_tensor(x)).numpy(),
}


def evaluated(formula, x: np.ndarray) -> np.ndarray:
    """The formula of an activation function at float64 x, as the browser evaluates it."""
    match formula:
        case "x":
            return x
        case [operation, *parts]:
            values = [evaluated(part, x) for part in parts]
            with np.errstate(over="ignore"):  # JavaScript gives infinity, too
                if operation == "-":
                    return -values[0] if len(values) == 1 else values[0] - values[1]
                return OPERATIONS[operation](*values)
    return np.float64(formula)
