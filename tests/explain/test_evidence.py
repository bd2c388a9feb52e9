import numpy as np
import pytest
import torch

from cnn.explain.activations import activations
from cnn.explain.evidence import evidence, strongest_first
from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec
from tests.models import model_of


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (16, 16, 3), dtype=np.uint8)


@pytest.fixture
def model():
    return model_of(lay_out(NetworkSpec(filters=(4, 5), dense=(6,)), 16, 3, 3), seed=2)


@pytest.mark.parametrize("target", [0, 2])
def test_the_evidence_of_a_unit_is_its_product_with_the_weight_of_the_class(model, image, target):
    found, values = evidence(model, image, target), activations(model, image)
    hidden = next(name for name in reversed(list(values)) if values[name].shape == (6,))
    weights = list(model.network.children())[-1].weight.detach().numpy()
    assert found[hidden] == pytest.approx(values[hidden] * weights[target], abs=1e-6)


def test_the_evidence_of_a_map_is_what_the_logit_loses_without_it(model, image):
    """Behind the last pooling, the network is linear as long as no unit of the dense layer changes its sign, so a
    small part of the map is taken away."""
    names = [name for name, _ in model.network.named_children()]
    after = names.index("pool2") + 1
    with torch.no_grad():
        maps = torch.from_numpy(activations(model, image)["pool2"])[None]
        rest = model.network[after:]
        whole = rest(maps)[0, 1].item()
        for index, expected in enumerate(evidence(model, image, 1)["pool2"]):
            fainter = maps.clone()
            fainter[:, index] *= 0.99
            assert (whole - rest(fainter)[0, 1].item()) / 0.01 == pytest.approx(expected, abs=1e-3)


def test_every_layer_has_one_number_for_each_of_its_maps_or_units(model, image):
    found, values = evidence(model, image, 0), activations(model, image)
    assert list(found) == list(values)[1:-1]
    assert all(found[name].shape == values[name].shape[:1] for name in found)


def test_units_are_ordered_by_what_they_say_for_or_against_and_silent_ones_are_last():
    said = np.array([0.0, -3.0, 0.5, 0.0, 1.0], np.float32)
    assert strongest_first(said, np.array([False, False, False, True, False])).tolist() == [1, 4, 2, 0, 3]
