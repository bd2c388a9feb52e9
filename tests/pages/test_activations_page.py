"""The columns and the words of the Activations page."""

import numpy as np
import pytest

from cnn.model.layers import lay_out
from cnn.specs import PRESETS, NetworkSpec
from pages.activations import columns_of, only_sent, zeros_text
from pages.components.maps import Bars, Glance, Tiles


def shown(spec: NetworkSpec) -> list[tuple[str, str, int]]:
    """The kind, the layer shown at first and the number of layers of each column."""
    return [(column.kind, column.shown, len(column.layers)) for column in columns_of(lay_out(spec, 50, 1, 2))]


def test_a_convolution_stands_with_its_activation_and_its_pooling_which_is_not_shown_at_first():
    assert shown(NetworkSpec()) == [
        ("image", "input", 1),
        ("maps", "relu1", 3),
        ("maps", "relu2", 3),
        ("bars", "relu3", 2),
        ("answer", "probabilities", 2),
    ]


def test_each_of_several_convolutions_of_a_block_has_its_column():
    spec = PRESETS["TinyVGG"].network_spec
    layers = lay_out(spec, 64, 3, 3)
    columns = columns_of(layers)
    assert sum(column.kind == "maps" for column in columns) == sum(layer.kind == "conv" for layer in layers) == 4


def test_a_network_without_convolutions_has_columns_of_bars_only():
    assert [kind for kind, *_ in shown(NetworkSpec(filters=(), dense=(5, 4)))] == ["image", "bars", "bars", "answer"]


@pytest.mark.parametrize(
    "spec", [NetworkSpec(batch_norm=True, global_average=True, dropout=0.5), NetworkSpec(dense=())]
)
def test_every_layer_with_values_of_its_own_is_in_one_column(spec):
    layers = lay_out(spec, 50, 1, 2)
    found = [name for column in columns_of(layers) for name in column.layers]
    expected = [layer.name for layer in layers if layer.kind not in ("dropout", "flatten")]
    assert found == [*expected, "probabilities"]


def test_the_glance_leaves_out_maps_that_the_browser_does_not_get():
    drawn = [
        Tiles("conv1", "", np.zeros((2, 1, 3, 3), np.float32), True),
        Bars("dense1", "", np.zeros(3, np.float32), ("0", "1", "2"), True),
    ]
    order = {"conv1": np.array([3, 1, 2, 0]), "dense1": np.array([2, 0, 1]), "dropout1": np.array([1, 0])}
    left = only_sent(Glance((), order, {}, "cat"), drawn).order
    assert {name: each.tolist() for name, each in left.items()} == {
        "conv1": [1, 0],
        "dense1": [2, 0, 1],
        "dropout1": [1, 0],
    }


def test_a_map_with_a_lit_pixel_is_never_called_all_zero():
    assert zeros_text(1) == "silent for this image"
    assert zeros_text(0.998) == "over 99\xa0% zeros"
    assert zeros_text(0.5) == "50\xa0% zeros"
