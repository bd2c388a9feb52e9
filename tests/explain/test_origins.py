"""What the Activations page sends along to explain a number, put together again: it must give the number."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn.explain.activations import MOST_TERMS, Origin, activations, origins
from cnn.model.layers import NetworkError, lay_out
from cnn.specs import NetworkSpec
from tests.models import model_of

FUNCTIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


def recombined(origin: Origin, source: np.ndarray) -> np.ndarray:
    """The layer's values in double precision, from its origin and the values of its source."""
    numbers = {name: np.asarray(array, np.float64) for name, array in origin.numbers.items() if name != "inputs"}
    source = source.astype(np.float64)
    match origin.kind:
        case "conv":
            padded = np.pad(source, ((0, 0), *[(origin.padding, origin.padding)] * 2))
            size = (origin.kernel, origin.kernel)
            patches = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(1, 2))
            return np.einsum("fcij,cyxij->fyx", numbers["weight"], patches) + numbers["bias"][:, None, None]
        case "norm":
            mean, var, gamma, beta = (numbers[name][:, None, None] for name in ("mean", "var", "gamma", "beta"))
            return (source - mean) / np.sqrt(var + numbers["eps"]) * gamma + beta
        case "activation":
            if origin.function == "leaky_relu":
                return np.where(source < 0, numbers["slope"] * source, source)
            return FUNCTIONS[origin.function](source)
        case "pool":
            count, height, width = source.shape[0], source.shape[1] // 2, source.shape[2] // 2
            windows = source[:, : 2 * height, : 2 * width].reshape(count, height, 2, width, 2)
            return windows.max((2, 4)) if origin.function == "max" else windows.mean((2, 4))
        case "flatten":
            return source.reshape(-1)
        case "dense":
            products = numbers["weight"] * source[origin.numbers["inputs"]]
            return products.sum(1) + numbers["others"] + numbers["bias"]
        case "softmax":
            return np.exp(source) / np.exp(source).sum()


def drawn_model(spec: NetworkSpec, size: int, channels: int):
    """A model of that spec as training leaves one (its batch norms have seen images), and an image."""
    try:
        layers = lay_out(spec, size, channels, 3)
    except NetworkError:
        assume(False)
    model = model_of(layers, seed=1)
    torch.manual_seed(0)
    model.network.train()
    model.network(torch.rand(6, channels, size, size))
    image = np.random.default_rng(2).integers(0, 256, (size, size, channels), dtype=np.uint8)
    return model, image


def see_that_all_recombine(found: dict[str, Origin], outputs: dict[str, np.ndarray]) -> None:
    for name, origin in found.items():
        assert recombined(origin, outputs[origin.source]) == pytest.approx(outputs[name], rel=1e-4, abs=1e-5), name


@settings(max_examples=25)
@given(spec=..., channels=st.sampled_from((1, 3)))
def test_every_layer_recombines_from_the_one_before(spec: NetworkSpec, channels: int):
    model, image = drawn_model(spec, 24, channels)
    outputs = activations(model, image)
    found = origins(model, outputs)
    assert list(found) == [name for name in outputs if name != "input" and not name.startswith("dropout")]
    see_that_all_recombine(found, outputs)


@settings(max_examples=25)
@given(spec=...)
def test_the_largest_products_of_a_unit_are_told_one_by_one(spec: NetworkSpec):
    model, image = drawn_model(spec, 24, 1)
    outputs = activations(model, image)
    name, origin = next(item for item in origins(model, outputs).items() if item[1].kind == "dense")
    products = np.abs(model.network.get_submodule(name).weight.detach().numpy() * outputs[origin.source])
    told = np.take_along_axis(products, origin.numbers["inputs"].astype(int), axis=1)
    assert told == pytest.approx(np.sort(products)[:, ::-1][:, :MOST_TERMS])


def test_maps_beyond_the_limit_have_no_origin_and_dense_layers_always_have_one():
    model, image = drawn_model(NetworkSpec(filters=(4, 4), dense=(8,)), 24, 1)
    outputs = activations(model, image)
    limit = sum(outputs[name].nbytes for name in ("input", "conv1", "relu1", "pool1")) + 4 * (4 * 9 + 4)
    found = origins(model, outputs, most_bytes=limit)
    assert list(found) == ["conv1", "relu1", "pool1", "dense1", "relu3", "logits", "probabilities"]
    see_that_all_recombine(found, outputs)
