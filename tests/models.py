"""Small, untrained models for tests."""

from torch import nn

from cnn.model.build import build
from cnn.model.layers import Layer
from cnn.model.model import PLAIN, Model, Preprocessing

# What PyTorch calls the activations and the kinds of pooling.
ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
}
POOLINGS = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}


def model_of(layers: list[Layer], seed: int = 0, preprocessing: Preprocessing = PLAIN) -> Model:
    """A model of these layers with weights drawn from the seed, and classes called "class 0", "class 1", ..."""
    classes = tuple(f"class {i}" for i in range(layers[-1].shape[0]))
    return Model(tuple(layers), build(layers, seed), classes, preprocessing)
