"""Which weights the Filters page draws, and in which shape."""

import numpy as np
import pytest

from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec
from pages.shared.inside.filter_tiles import layers_with_pictures, pictures_of
from tests.models import model_of


def test_without_a_convolution_each_unit_of_the_first_dense_layer_has_a_weight_for_each_pixel():
    model = model_of(lay_out(NetworkSpec(filters=(), dense=(5, 4)), 8, 3, 2))
    (layer,) = layers_with_pictures(model.layers).values()
    assert layer.name == "dense1"
    # An image of one lit pixel picks its weight.
    image = np.zeros((3, 8, 8), np.float32)
    image[2, 1, 6] = 1
    assert pictures_of(model, layer)[:, 2, 1, 6] == pytest.approx(model.weights("dense1") @ image.ravel())


def test_the_filters_of_convolutions_are_drawn_as_they_are():
    model = model_of(lay_out(NetworkSpec(filters=(3, 4)), 16, 1, 2))
    layers = layers_with_pictures(model.layers)
    assert list(layers) == ["conv1", "conv2"]
    assert np.array_equal(pictures_of(model, layers["conv2"]), model.weights("conv2"))


def test_the_output_layer_may_be_the_first_dense_layer():
    layers = lay_out(NetworkSpec(filters=(), dense=()), 16, 1, 2)
    assert list(layers_with_pictures(layers)) == [layers[-1].name]
