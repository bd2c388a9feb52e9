"""Origins: recomputing each number from what the Activations page sends must give the number."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn.explain.activations import MOST_TERMS, Origin, activations, origins
from cnn.model.layers import NetworkError, lay_out, stack
from cnn.model.model import Model
from cnn.specs import NetworkSpec
from tests.models import model_of
from tests.sequences import as_trained, evaluated, picture, sequences


def recomputed(origin: Origin, source: np.ndarray) -> np.ndarray:
    """The layer's values in double precision, from its origin and the values of its source."""
    numbers = {name: np.asarray(array, np.float64) for name, array in origin.numbers.items() if name != "inputs"}
    source = source.astype(np.float64)
    match origin.kind:
        case "conv":
            return convolved(origin, numbers["weight"], source) + along(numbers.get("bias", np.zeros(1)), 3)
        case "norm":
            mean, var, gamma, beta = (along(numbers[name], source.ndim) for name in ("mean", "var", "gamma", "beta"))
            return (source - mean) / np.sqrt(var + numbers["eps"]) * gamma + beta
        case "activation":
            return evaluated(origin.formula, source)
        case "pool":
            windows = windows_of(origin, source)
            return windows.max((3, 4)) if origin.function == "max" else windows.mean((3, 4))
        case "flatten":
            return source.reshape(-1)
        case "dense":
            products = numbers["weight"] * source[origin.numbers["inputs"]]
            return products.sum(1) + numbers["others"] + numbers.get("bias", 0)
        case "softmax":
            return np.exp(source - source.max()) / np.exp(source - source.max()).sum()


def along(numbers: np.ndarray, dimensions: int) -> np.ndarray:
    """One number for each map or value, to be combined with maps (3 dimensions) or values."""
    return numbers.reshape(-1, *[1] * (dimensions - 1))


def windows_of(origin: Origin, source: np.ndarray) -> np.ndarray:
    """(channels, rows, columns, kernel rows, kernel columns): what each value of the layer reads of each map."""
    padded = np.pad(source, ((0, 0), *[(padding, padding) for padding in origin.padding]))
    reach = [(kernel - 1) * dilation + 1 for kernel, dilation in zip(origin.kernel, origin.dilation, strict=True)]
    every = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(1, 2))
    return every[:, :: origin.stride[0], :: origin.stride[1], :: origin.dilation[0], :: origin.dilation[1]]


def convolved(origin: Origin, weight: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Each filter's products with the maps of its group, added up."""
    windows, per_group = windows_of(origin, source), len(weight) // origin.groups
    maps = []
    for index, kernels in enumerate(weight):
        first = index // per_group * len(kernels)
        maps.append(np.einsum("cij,cyxij->yx", kernels, windows[first : first + len(kernels)]))
    return np.stack(maps)


def drawn_model(spec: NetworkSpec, size: int, channels: int):
    """A model of that spec as training leaves one (its batch norms have seen images), and an image."""
    try:
        layers = lay_out(spec, size, channels, 3)
    except NetworkError:
        assume(False)
    return trained_model(layers), picture(layers)


def trained_model(layers) -> Model:
    model = model_of(layers, seed=1)
    as_trained(model.network, layers)
    return model


def assert_all_are_recomputed(found: dict[str, Origin], outputs: dict[str, np.ndarray]) -> None:
    for name, origin in found.items():
        assert recomputed(origin, outputs[origin.source]) == pytest.approx(outputs[name], rel=1e-4, abs=1e-5), name


@settings(max_examples=25)
@given(spec=..., channels=st.sampled_from((1, 3)))
def test_every_layer_can_be_recomputed_from_the_one_before(spec: NetworkSpec, channels: int):
    model, image = drawn_model(spec, 24, channels)
    outputs = activations(model, image)
    found = origins(model, outputs)
    assert list(found) == [name for name in outputs if name != "input" and not name.startswith("dropout")]
    assert_all_are_recomputed(found, outputs)


@settings(max_examples=40)
@given(drawn=sequences())
def test_every_layer_of_any_sequence_can_be_recomputed_from_the_one_before(drawn):
    layers = stack(*drawn)
    model, image = trained_model(layers), picture(layers)
    outputs = activations(model, image)
    found = origins(model, outputs)
    assert list(found) == [name for name in outputs if name != "input" and not name.startswith("dropout")]
    assert_all_are_recomputed(found, outputs)


def test_an_activation_has_its_formula_as_text_and_as_data():
    model, image = drawn_model(NetworkSpec(activation="sigmoid"), 16, 1)
    origin = origins(model, activations(model, image))["sigmoid1"]
    assert (origin.label, origin.formula_text) == ("sigmoid", "1 / (1 + e⁻ˣ)")
    assert origin.sentence == "The sigmoid squeezes any value into the range from 0 to 1."
    assert origin.formula == ["/", 1, ["+", 1, ["exp", ["-", "x"]]]] and origin.numbers == {}


@settings(max_examples=25)
@given(spec=...)
def test_the_largest_products_of_a_unit_are_listed(spec: NetworkSpec):
    model, image = drawn_model(spec, 24, 1)
    outputs = activations(model, image)
    name, origin = next(item for item in origins(model, outputs).items() if item[1].kind == "dense")
    products = np.abs(model.network.get_submodule(name).weight.detach().numpy() * outputs[origin.source])
    listed = np.take_along_axis(products, origin.numbers["inputs"].astype(int), axis=1)
    assert listed == pytest.approx(np.sort(products)[:, ::-1][:, :MOST_TERMS])


def test_maps_beyond_the_limit_have_no_origin_and_dense_layers_always_have_one():
    model, image = drawn_model(NetworkSpec(filters=(4, 4), dense=(8,)), 24, 1)
    outputs = activations(model, image)
    limit = sum(outputs[name].nbytes for name in ("input", "conv1", "relu1", "pool1")) + 4 * (4 * 9 + 4)
    found = origins(model, outputs, most_bytes=limit)
    assert list(found) == ["conv1", "relu1", "pool1", "dense1", "relu3", "logits", "probabilities"]
    assert_all_are_recomputed(found, outputs)
