"""The fast pass through a network: it gives the same as the plain one, and is used only where it does."""

import pytest
import torch
from torch import nn

from cnn.model.build import build
from cnn.model.fast import one_pass_for, pool_first
from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec


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


def test_pooling_does_not_hide_nan():
    network = build(lay_out(NetworkSpec(), 32, 1, 2), seed=0)
    with torch.no_grad():
        network.conv2.bias[3] = torch.nan
        assert pool_first(network)(torch.rand(2, 1, 32, 32)).isnan().all()


@pytest.mark.parametrize("changed", [{"pooling": "average"}, {"pooling": "none"}, {"activation": "sigmoid"}])
def test_layers_that_do_not_commute_keep_their_order(changed: dict):
    network = build(lay_out(NetworkSpec(**changed), 32, 1, 2), seed=0)
    assert list(pool_first(network)) == list(network)


def assert_fast_pass_agrees(network: nn.Sequential, images: torch.Tensor) -> None:
    """In single precision, where the one pass is used, and in double precision, where it is not."""
    for precise in (False, True):
        if precise:
            network, images = network.double(), images.double()
        outcomes = (outcome(forward, network, images) for forward in (network, pool_first(network)))
        for theirs, ours in zip(*outcomes, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


CONVOLUTIONS = {
    "as the settings make it": {},
    "stride": {"stride": (2, 1)},
    "padding by side": {"padding": (0, 2)},
    "padding by name": {"padding": "same"},
    "dilation": {"dilation": (1, 2)},
    "groups": {"groups": 2},
    "no bias": {"bias": False},
    "everything": {"stride": 2, "padding": (2, 1), "dilation": 2, "groups": 4, "bias": False},
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize("sides", [(12, 12), (13, 11), (7, 14)])
def test_a_convolution_keeps_all_its_settings(name, sides):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(4, 8, 3, **CONVOLUTIONS[name]), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    assert len(pool_first(network)) == (3 if "no bias" in name or name == "everything" else 2)
    assert_fast_pass_agrees(network, torch.randn(3, 4, *sides))


@pytest.mark.parametrize("padding_mode", ["reflect", "replicate", "circular"])
def test_a_convolution_with_another_padding_mode_pads_itself(padding_mode):
    network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, padding_mode=padding_mode), nn.ReLU(), nn.MaxPool2d(2))
    assert_fast_pass_agrees(network, torch.randn(2, 1, 8, 9))
    assert pool_first(network)[0] is network[0]


PLAIN = {
    "3 × 3": nn.MaxPool2d(3),
    "2 × 3": nn.MaxPool2d((2, 3)),
    "overlapping": nn.MaxPool2d(2, stride=1),
    "gaps": nn.MaxPool2d(2, stride=3),
    "padding": nn.MaxPool2d(2, padding=1),
    "dilation": nn.MaxPool2d(2, dilation=2),
    "up to the border": nn.MaxPool2d(2, ceil_mode=True),
    "average": nn.AvgPool2d(2),
}


@pytest.mark.parametrize("name", PLAIN)
def test_other_pooling_keeps_its_place(name):
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), PLAIN[name])
    assert list(pool_first(network)) == list(network)


@pytest.mark.parametrize("pool", [nn.MaxPool2d((2, 2)), nn.MaxPool2d(2, (2, 2)), nn.MaxPool2d(2, 2, 0, 1)])
def test_pooling_is_recognized_in_every_notation(pool):
    assert len(pool_first(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), pool))) == 1


@pytest.mark.parametrize("activation", [nn.LeakyReLU(), nn.Tanh(), nn.GELU(), nn.SiLU(), nn.Identity()])
def test_other_activations_keep_their_place(activation):
    network = nn.Sequential(nn.Conv2d(1, 2, 3), activation, nn.MaxPool2d(2))
    assert list(pool_first(network)) == list(network)


def test_a_network_that_starts_with_relu_and_one_without_parameters_are_left_alone():
    assert_fast_pass_agrees(nn.Sequential(nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(1, 2, 3)), torch.randn(2, 1, 9, 9))
    bare = nn.Sequential(nn.Dropout(0.0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    images = torch.randn(2, 1, 5, 5)
    assert one_pass_for(bare) is None and torch.equal(pool_first(bare)(images), bare(images))


def test_other_devices_use_pytorch():
    network = build(lay_out(NetworkSpec(filters=(3,)), 16, 1, 2), seed=0).to("meta")
    assert one_pass_for(network) is None
    assert pool_first(network)(torch.empty(2, 1, 16, 16, device="meta")).shape == (2, 2)


def test_negative_zero_and_nan_give_the_same_as_in_pytorch():
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(), nn.MaxPool2d(2))
    with torch.no_grad():
        network[0].weight.fill_(1)
        network[0].bias.fill_(-0.0)
        images = torch.tensor([[-0.0, -0.0, 1, torch.nan], [-0.0, -0.0, 2, 3]]).reshape(1, 1, 2, 4)
        ours, theirs = pool_first(network)(images), network(images)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)
