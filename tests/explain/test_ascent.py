"""Gradient ascent: an image made to activate a filter."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from cnn.explain.activations import activations
from cnn.explain.ascent import ascend
from cnn.explain.cut import convolution
from cnn.model.layers import NetworkError, lay_out
from cnn.specs import NetworkSpec
from tests.models import model_of


def test_ascent_finds_the_pattern_of_a_handmade_filter():
    """A filter for bright above dark: the image it gets is as bright above and as dark below as can be."""
    model = model_of(lay_out(NetworkSpec(filters=(1,)), 16, 1, 2))
    with torch.no_grad():
        model.network.conv1.weight[0, 0] = torch.tensor([[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]])
        model.network.conv1.bias.zero_()
    *_, (step, image, activation) = ascend(model, "conv1", 0)
    assert step == 64 and image.shape == (16, 16, 1) and image.dtype == np.uint8
    assert activation > 0.95 * 3
    row, column = np.unravel_index(activations(model, image)["relu1"][0].argmax(), (14, 14))
    assert image[row, column : column + 3].min() > 240 and image[row + 2, column : column + 3].max() < 15


SPECS = {
    "relu2": NetworkSpec(filters=(3, 2), convs_per_block=2, padding="same", batch_norm=True),
    "tanh2": NetworkSpec(filters=(2, 3, 2, 4), padding="same", pooling="average", activation="tanh"),
    "leaky_relu2": NetworkSpec(filters=(3,), kernel_size=5, convs_per_block=2, activation="leaky_relu"),
    "sigmoid2": NetworkSpec(activation="sigmoid", pooling="none"),
}


@pytest.mark.parametrize("name", SPECS)
def test_ascent_raises_the_activation_reproducibly_and_leaves_the_network_alone(name):
    model = model_of(lay_out(SPECS[name], 16, 3, 2), seed=1)
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    torch.manual_seed(1)
    stages = list(ascend(model, "conv2", 1, steps=12, seed=4))
    torch.manual_seed(2)
    again = list(ascend(model, "conv2", 1, steps=12, seed=4))
    other = list(ascend(model, "conv2", 1, steps=12, seed=5))
    assert [stage[0] for stage in stages] == list(range(13))
    assert stages[-1][2] > stages[0][2] + 1e-3
    assert all((a[1] == b[1]).all() and a[2] == b[2] for a, b in zip(stages, again, strict=True))
    assert (stages[0][1] != other[0][1]).any()
    assert stages[-1][2] == pytest.approx(activations(model, stages[-1][1])[name][1].max(), abs=0.02)
    assert all(torch.equal(before[name], value) for name, value in model.network.state_dict().items())
    assert all(parameter.grad is None for parameter in model.network.parameters())


@given(spec=...)
@settings(max_examples=15)
def test_ascent_works_for_every_network(spec: NetworkSpec):
    try:
        layers = lay_out(spec, 24, 3, 100)
    except NetworkError:
        assume(False)
    model, layer = model_of(layers), convolution(layers)
    *_, (_, image, activation) = ascend(model, layer.name, 0, steps=3)
    assert image.shape == (24, 24, 3) and np.isfinite(activation)
