import pytest
import torch
from hypothesis import given

from cnn.model.build import build, pool_first
from cnn.model.layers import Layer, NetworkError, lay_out
from cnn.specs import NetworkSpec

LAYERS = lay_out(NetworkSpec(filters=(4, 4), batch_norm=True, dropout=0.5), 16, 3, 2)


def weights(seed: int) -> dict[str, list]:
    return {name: value.tolist() for name, value in build(LAYERS, seed).state_dict().items()}


def test_its_modules_carry_the_names_of_the_layers_in_forward_order():
    names = [name for name, _ in build(LAYERS, 0).named_children()]
    assert names == [layer.name for layer in LAYERS[1:]]


@given(spec=...)
def test_it_turns_a_batch_into_outputs_of_the_shapes_that_the_layers_say(spec: NetworkSpec):
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


def test_the_first_weights_are_those_that_pytorch_draws_by_itself():
    layers = lay_out(NetworkSpec(filters=(4,), dense=()), 16, 1, 2)
    torch.manual_seed(3)
    conv, dense = torch.nn.Conv2d(1, 4, 3), torch.nn.Linear(4 * 7 * 7, 2)
    network = build(layers, 3)
    assert torch.equal(network.conv1.weight, conv.weight) and torch.equal(network.logits.bias, dense.bias)


def test_building_leaves_the_random_numbers_of_others_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    build(LAYERS, 5)
    assert torch.equal(torch.rand(3), expected)


def test_the_weights_lie_in_memory_with_channels_last():
    assert build(LAYERS, 0).conv1.weight.is_contiguous(memory_format=torch.channels_last)


def test_an_unknown_kind_of_layer_is_refused():
    with pytest.raises(ValueError, match="Unknown kind of layer 'magic'"):
        build([LAYERS[0], Layer("magic1", "magic", (1,), (1,))], 0)


def outcome(forward, network, images) -> list:
    """The logits that `forward` gives, and the gradients of all parameters of `network` for a loss made of them."""
    network.zero_grad()
    logits = forward(images)
    logits.square().sum().backward()
    return [logits, *(p.grad.clone() for p in network.parameters())]


def test_pooling_before_relu_gives_the_same_values_and_gradients_to_the_last_bit():
    spec = NetworkSpec(filters=(5, 6), convs_per_block=2, batch_norm=True, padding="same")
    network = build(lay_out(spec, 19, 3, 4), seed=3)
    images = torch.rand(7, 3, 19, 19)
    images[:, :, :9] = 0  # where a whole window is the same, and below zero, too
    assert [type(m).__name__ for m in pool_first(network)] != [type(m).__name__ for m in network]
    outcomes = (outcome(forward, network, images) for forward in (network, pool_first(network)))
    for theirs, ours in zip(*outcomes, strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("convs", [1, 2])
@pytest.mark.parametrize("padding", ["none", "same"])
def test_pooling_before_the_bias_gives_the_same_values_and_gradients_to_rounding(convs: int, padding: str):
    spec = NetworkSpec(filters=(5, 6), convs_per_block=convs, padding=padding)
    network = build(lay_out(spec, 19, 3, 4), seed=3).double()
    torch.manual_seed(0)
    images = torch.rand(7, 3, 19, 19, dtype=torch.float64)
    images[:, :, :9] = 0
    assert len(pool_first(network)) == len(network) - 4  # in each block, three layers in one
    outcomes = (outcome(forward, network, images) for forward in (network, pool_first(network)))
    for theirs, ours in zip(*outcomes, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


def test_values_that_are_not_a_number_are_not_hidden_by_pooling():
    network = build(lay_out(NetworkSpec(), 32, 1, 2), seed=0)
    with torch.no_grad():
        network.conv2.bias[3] = torch.nan
        assert pool_first(network)(torch.rand(2, 1, 32, 32)).isnan().all()


@pytest.mark.parametrize("changed", [{"pooling": "average"}, {"pooling": "none"}, {"activation": "sigmoid"}])
def test_what_does_not_commute_stays_where_it_is(changed: dict):
    network = build(lay_out(NetworkSpec(**changed), 32, 1, 2), seed=0)
    assert list(pool_first(network)) == list(network)
