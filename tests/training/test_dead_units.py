"""Dead units, counted while images come in batches, against the outputs for all images at once."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec
from cnn.training.dead_units import count_dead


@pytest.mark.parametrize("batches", [1, 2, 7])
def test_a_unit_is_dead_that_is_0_for_the_images_of_every_batch(batches):
    torch.manual_seed(0)
    layers = [layer for layer in lay_out(NetworkSpec(filters=(6,), dense=(8,)), 8, 1, 2) if layer.function == "relu"]
    first, second = (layer.name for layer in layers)
    network = nn.Sequential(
        OrderedDict(
            [
                ("conv", nn.Conv2d(1, 6, 3)),
                (first, nn.ReLU()),
                ("flatten", nn.Flatten()),
                ("dense", nn.Linear(6 * 36, 8)),
                (second, nn.ReLU()),
            ]
        )
    )
    with torch.no_grad():
        network.conv.bias[:2] = -100  # dead
        network.dense.bias[:] = torch.linspace(-2, 0.5, 8)  # some for all images, some for a few only
    images = torch.randn(21, 1, 8, 8)
    with torch.no_grad():
        maps = network[:2](images)
        values = network[2:](maps)
        expected = [int((maps.amax((0, 2, 3)) == 0).sum()), int((values.amax(0) == 0).sum())]
        with count_dead(network, layers) as dead:
            for part in images.chunk(batches):
                network(part)
    assert dead == {first: (expected[0], 6), second: (expected[1], 8)}
    assert expected[0] == 2 and 0 < expected[1] < 8
