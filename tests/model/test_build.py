import pytest
import torch
from hypothesis import given

from cnn.model.build import build
from cnn.model.fast import pool_first
from cnn.model.kinds import Activation, Conv, Flatten, Pool
from cnn.model.layers import NetworkError, lay_out, stack
from cnn.specs import NetworkSpec

LAYERS = lay_out(NetworkSpec(filters=(4, 4), batch_norm=True, dropout=0.5), 16, 3, 2)


def weights(seed: int) -> dict[str, list]:
    return {name: value.tolist() for name, value in build(LAYERS, seed).state_dict().items()}


def test_its_modules_have_the_names_of_the_layers_in_forward_order():
    names = [name for name, _ in build(LAYERS, 0).named_children()]
    assert names == [layer.name for layer in LAYERS[1:]]


@given(spec=...)
def test_outputs_have_the_shapes_of_the_layers(spec: NetworkSpec):
    try:
        layers = lay_out(spec, 24, 1, 3)
    except NetworkError:
        return
    values = torch.zeros(2, 1, 24, 24)
    for layer, module in zip(layers[1:], build(layers, 0).eval(), strict=True):
        values = module(values)
        assert tuple(values.shape) == (2, *layer.shape)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    assert weights(7) == weights(7)
    assert weights(7)["conv1.weight"] != weights(8)["conv1.weight"]


def test_the_initial_weights_are_those_of_pytorch():
    layers = lay_out(NetworkSpec(filters=(4,), dense=()), 16, 1, 2)
    torch.manual_seed(3)
    conv, dense = torch.nn.Conv2d(1, 4, 3), torch.nn.Linear(4 * 7 * 7, 2)
    network = build(layers, 3)
    assert torch.equal(network.conv1.weight, conv.weight) and torch.equal(network.logits.bias, dense.bias)


def test_hidden_dense_units_with_relu_start_with_the_chosen_bias():
    def biases(activation: str, dense_bias: float) -> dict[str, torch.Tensor]:
        layers = lay_out(NetworkSpec(filters=(4,), dense=(5, 3), activation=activation), 16, 1, 2)
        state = build(layers, 3, dense_bias=dense_bias).state_dict()
        return {name: value for name, value in state.items() if name.endswith("bias")}

    plain, raised = biases("relu", 0), biases("relu", 2)
    moved = {name: (raised[name] - plain[name]).round(decimals=5).unique().tolist() for name in plain}
    assert moved == {"conv1.bias": [0], "dense1.bias": [2], "dense2.bias": [2], "logits.bias": [0]}
    assert all(torch.equal(value, biases("tanh", 0)[name]) for name, value in biases("tanh", 2).items())


def test_building_leaves_the_global_random_state_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    build(LAYERS, 5)
    assert torch.equal(torch.rand(3), expected)


def test_the_weights_are_channels_last_in_memory():
    assert build(LAYERS, 0).conv1.weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("after", [[], [Activation("relu"), Pool("max", (2, 2))]])
def test_gradients_of_strided_1_by_1_filters_are_right(after, channels):
    layers = stack([Conv(3, 1, stride=(1, 2)), *after, Flatten()], (channels, 4, 12))
    images = torch.rand(3, channels, 4, 12)

    def gradient(network, images):
        (weight, _) = network.parameters()
        network.zero_grad()
        network(images).square().sum().backward()
        return weight.grad.double()

    network, exact = build(layers, 0), build(layers, 0).double()
    expected = gradient(exact, images.double())
    for forward in (network, pool_first(network)):
        for laid_out in (images, images.to(memory_format=torch.channels_last)):
            for _ in range(20):
                torch.testing.assert_close(gradient(forward, laid_out), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("kernel", "sides"), [((1, 4), (7, 5)), ((2, 3), (3, 4)), ((3, 3), (7, 4))])
def test_a_result_of_one_column_is_right_with_another_stride_down_than_across(kernel, sides):
    layers = stack([Conv(2, kernel, stride=(1, 2)), Flatten()], (1, *sides))
    images = torch.rand(3, 1, *sides).to(memory_format=torch.channels_last)
    with torch.no_grad():
        found, exact = build(layers, 0)(images), build(layers, 0).double()(images.double())
    torch.testing.assert_close(found.double(), exact, rtol=1e-4, atol=1e-5)
