import numpy as np
import torch

from cnn.explain.activations import activations
from cnn.explain.dead import dead_units
from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec
from tests.models import model_of


def test_a_unit_is_dead_if_it_is_zero_for_each_of_the_images():
    images = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 1), dtype=np.uint8)
    model = model_of(lay_out(NetworkSpec(filters=(4,), dense=(8,)), 16, 1, 2), seed=1)
    with torch.no_grad():
        model.network.conv1.bias[2] = -100.0  # this filter never responds
    found = dead_units(model, images, np.array([0, 2, 5]))
    assert found["relu1"][2] and found["pool1"][2] and not found["conv1"].any()
    for name, dead in found.items():
        each = [activations(model, images[i])[name].reshape(len(dead), -1) for i in (0, 2, 5)]
        assert dead.tolist() == [not any(values[unit].any() for values in each) for unit in range(len(dead))]
