import numpy as np
import pytest
import torch
from hypothesis import assume, given
from torch.nn import functional

from cnn.explain.activations import activations, zero_shares
from cnn.model.layers import NetworkError, lay_out
from cnn.specs import NetworkSpec
from cnn.training.evaluation import probabilities
from tests.models import model_of

SPEC = NetworkSpec(filters=(3, 2), kernel_size=3, batch_norm=True, dropout=0.5, dense=(5,))


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (16, 16, 3), dtype=np.uint8)


@pytest.fixture
def model():
    """With statistics of its batch norms as training leaves them, different for each map."""
    model = model_of(lay_out(SPEC, 16, 3, 4), seed=2)
    torch.manual_seed(0)
    model.network.train()
    model.network(torch.rand(20, 3, 16, 16))
    return model


def test_the_first_maps_are_the_sums_of_products_computed_by_hand(model, image):
    found = activations(model, image)
    weights, biases = (p.detach().numpy().astype(float) for p in model.network.conv1.parameters())
    pixels = image.astype(float) / 255
    expected = np.empty((3, 14, 14))
    for f, y, x in np.ndindex(expected.shape):
        products = [pixels[y + i, x + j, c] * weights[f, c, i, j] for c in range(3) for i in range(3) for j in range(3)]
        expected[f, y, x] = sum(products) + biases[f]
    assert found["conv1"] == pytest.approx(expected, abs=1e-5)


def test_every_layer_gives_what_pytorchs_functions_give(model, image):
    state, found = model.network.state_dict(), activations(model, image)

    def norm(values, name):
        mean, var, scale, shift = (state[f"{name}.{key}"] for key in ("running_mean", "running_var", "weight", "bias"))
        return (values - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt() * scale[:, None, None] + shift[
            :, None, None
        ]

    def maxima(values):
        return (
            values[:, :, : values.shape[2] // 2 * 2, : values.shape[3] // 2 * 2]
            .unfold(2, 2, 2)
            .unfold(3, 2, 2)
            .amax((-1, -2))
        )

    values = expected = {"input": torch.tensor(np.moveaxis(image, 2, 0)[None].astype(np.float32) / 255)}
    for block, (conv, normed, active, pooled) in enumerate(
        (("conv1", "norm1", "relu1", "pool1"), ("conv2", "norm2", "relu2", "pool2"))
    ):
        before = expected["input" if block == 0 else "pool1"]
        expected[conv] = functional.conv2d(before, state[f"{conv}.weight"], state[f"{conv}.bias"])
        expected[normed] = norm(expected[conv], normed)
        expected[active] = expected[normed].clamp(min=0)
        expected[pooled] = maxima(expected[active])
    expected["flatten"] = expected["dropout1"] = expected["pool2"].reshape(1, -1)
    expected["dense1"] = expected["flatten"] @ state["dense1.weight"].T + state["dense1.bias"]
    expected["relu3"] = expected["dropout2"] = expected["dense1"].clamp(min=0)
    expected["logits"] = expected["relu3"] @ state["logits.weight"].T + state["logits.bias"]
    expected["probabilities"] = expected["logits"].exp() / expected["logits"].exp().sum()

    assert set(found) == set(values)
    for name, array in found.items():
        assert array.dtype == np.float32 and array.shape == tuple(expected[name].shape[1:])
        assert array == pytest.approx(expected[name][0].numpy(), abs=1e-5), name


def test_the_layers_come_in_forward_order_with_the_probabilities_last(model, image):
    names = [layer.name for layer in lay_out(SPEC, 16, 3, 4)]
    assert list(activations(model, image)) == [*names, "probabilities"]


@given(spec=...)
def test_the_shapes_are_those_of_the_layers_for_every_network(spec: NetworkSpec):
    try:
        layers = lay_out(spec, 24, 1, 3)
    except NetworkError:
        assume(False)
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 1), dtype=np.uint8)
    model = model_of(layers)
    found = activations(model, image)
    assert {layer.name: found[layer.name].shape for layer in layers} == {layer.name: layer.shape for layer in layers}
    assert found["probabilities"].sum() == pytest.approx(1)
    assert (found["probabilities"] == probabilities(model, image[None])[0]).all()


def test_the_same_image_gives_the_same_activations(model, image):
    first, second = activations(model, image), activations(model, image)
    assert all((first[name] == second[name]).all() for name in first)


def test_a_read_only_image_gives_no_warning(model, image, recwarn):
    image.flags.writeable = False
    activations(model, image)
    probabilities(model, image[None])
    assert [str(warning.message) for warning in recwarn] == []


def test_the_fraction_of_zeros_is_counted_for_each_map():
    maps = np.ones((3, 2, 5), dtype=np.float32)
    maps[0] = 0
    maps[1, 0, :3] = 0
    assert zero_shares(maps).tolist() == [1.0, 0.3, 0.0]
