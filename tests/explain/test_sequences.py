"""Every explanation, on random networks of any sequence of layers, against the same computed by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch import nn

from cnn.explain.ablation import rank_units, with_filter, without
from cnn.explain.activations import activations
from cnn.explain.ascent import ascend
from cnn.explain.cut import activation_map, convolution, layers_of_units, split
from cnn.explain.grad_cam import grad_cam
from cnn.explain.integrated_gradients import integrated_gradients
from cnn.explain.neighbours import features
from cnn.explain.occlusion import occlusion
from cnn.explain.patches import extreme_patches
from cnn.explain.saliency import saliency
from cnn.model.kinds import Activation, Conv, Dense, Flatten, GlobalAverage, Norm, Pool
from cnn.model.layers import stack
from cnn.model.model import Model
from cnn.training.evaluation import predict
from tests.models import model_of
from tests.sequences import as_trained, picture, sequences


def built(drawn) -> Model:
    model = model_of(stack(*drawn), seed=1)
    as_trained(model.network, model.layers)
    return model


def convolutions(model: Model) -> list:
    return [layer for layer in model.layers if layer.kind == "conv"]


def map_name(model: Model, layer) -> str:
    """The layer that gives the outputs of a layer's units: it, the batch norm after it, the activation after that."""
    layers = model.layers
    found = layers.index(layer)
    for kind in ("norm", "activation"):
        if layers[found + 1].kind == kind:
            found += 1
    return layers[found].name


def logits_without(model, images, name: str, filters) -> np.ndarray:
    """With some maps of the layer `name` replaced by zeros on their way."""
    values = model.batch(images)
    with torch.no_grad():
        for child, module in model.network.named_children():
            values = module(values)
            if child == name:
                values = values.clone()
                values[:, filters] = 0
    return values.numpy()


@settings(max_examples=30)
@given(drawn=sequences(convolution=True))
def test_a_cut_ends_after_the_outputs_of_the_units(drawn):
    model = built(drawn)
    for layer in layers_of_units(model.layers).values():
        head, tail = split(model.network, layer.name)
        assert [*head.named_children()][-1][0] == activation_map(model, layer.name).name == map_name(model, layer)
        assert [*head, *tail] == [*model.network]


@settings(max_examples=30)
@given(drawn=sequences(convolution=True))
def test_filters_and_dense_units_are_switched_off_and_ranked_as_computed_by_hand(drawn):
    model = built(drawn)
    images = np.stack([picture(model.layers, seed) for seed in range(3)])
    labels, everything = np.arange(3) % model.layers[-1].shape[0], np.arange(3)
    for layer in layers_of_units(model.layers).values():
        last = layer.shape[0] - 1
        changed, name = without(model, {layer.name: [last]}), map_name(model, layer)
        expected = logits_without(model, images, name, [last])
        with torch.no_grad():
            assert changed.network(changed.batch(images)).numpy() == pytest.approx(expected, rel=1e-4, abs=1e-5)
        assert not activations(changed, images[0])[name][last].any()
        ranking = rank_units(model, layer.name, images, labels, everything)
        left = predict(changed, images, labels, everything)
        assert ranking.loss_without[last] == pytest.approx(left.loss, rel=1e-3, abs=1e-4)
        assert ranking.loss == pytest.approx(predict(model, images, labels, everything).loss, rel=1e-4, abs=1e-5)


@settings(max_examples=25)
@given(drawn=sequences(convolution=True))
def test_changes_add_up_in_any_order(drawn):
    model = built(drawn)
    images = np.stack([picture(model.layers, seed) for seed in range(3)])
    layer = convolution(model.layers)
    weights = np.full(model.network.get_submodule(layer.name).weight.shape[1:], 0.3, np.float32)
    off, last = {layer.name: [0]}, layer.shape[0] - 1
    one = with_filter(without(model, off), layer.name, last, weights)
    other = without(with_filter(model, layer.name, last, weights), off)
    twice = without(one, {layer.name: [last]})
    labels, everything = np.arange(3) % model.layers[-1].shape[0], np.arange(3)
    with torch.no_grad():
        assert torch.equal(one.network(one.batch(images)), other.network(other.batch(images)))
        none = logits_without(model, images, map_name(model, layer), [0, last])
        assert twice.network(twice.batch(images)).numpy() == pytest.approx(none, rel=1e-4, abs=1e-5)
    for changed in layers_of_units(model.layers).values():  # what was changed can be ranked, too
        ranking = rank_units(one, changed.name, images, labels, everything)
        left = predict(without(one, {changed.name: [0]}), images, labels, everything)
        assert ranking.loss_without[0] == pytest.approx(left.loss, rel=1e-3, abs=1e-4)


@settings(max_examples=25)
@given(drawn=sequences(convolution=True))
def test_the_best_patch_is_the_receptive_field_of_its_value(drawn):
    model = built(drawn)
    images = np.stack([picture(model.layers, seed) for seed in range(3)])
    for layer in layers_of_units(model.layers).values():
        found, _ = extreme_patches(model, layer.name, images, np.arange(3), n=2)
        name = map_name(model, layer)
        value, index, row, column, (top, left, bottom, right) = (array[0, 0] for array in found)
        assert 0 <= top < bottom <= images.shape[1] and 0 <= left < right <= images.shape[2]
        assert activations(model, images[index])[name][0].max() == pytest.approx(value, rel=1e-4, abs=1e-5)
        other = picture(model.layers, seed=9)
        other[top:bottom, left:right] = images[index, top:bottom, left:right]
        changed = activations(model, other)[name][0]
        assert (changed[row, column] if layer.is_spatial else changed) == pytest.approx(value, rel=1e-4, abs=1e-5)


@settings(max_examples=25)
@given(drawn=sequences(convolution=True))
def test_every_network_with_a_convolution_has_heat_maps_and_pictures(drawn):
    model = built(drawn)
    image = picture(model.layers)
    for layer in convolutions(model):
        found = grad_cam(model, image, 0, layer.name).values
        assert found.shape == image.shape[:2] and np.isfinite(found).all() and found.min() >= 0
    *_, (_, made, activation) = ascend(model, layer.name, 0, steps=2)
    assert made.shape == image.shape and np.isfinite(activation)


@settings(max_examples=25)
@given(drawn=sequences())
def test_every_network_explains_its_pixels_and_compares_images(drawn):
    model = built(drawn)
    image = picture(model.layers)
    for found in (
        saliency(model, image, 0),
        integrated_gradients(model, image, 0, steps=4),
        occlusion(model, image, 0, patch=3, stride=1),
    ):
        assert found.values.shape == image.shape[:2] and np.isfinite(found.values).all()
    images = np.stack([image, picture(model.layers, 3)])
    values = features(model, images, np.array([1, 0]))
    weighted = [i for i, module in enumerate(model.network) if isinstance(module, nn.Conv2d | nn.Linear)]
    with torch.no_grad():
        expected = model.network[: max(weighted, default=0)](model.batch(images[[1, 0]])).flatten(1).numpy()
    assert values == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_grad_cam_is_at_the_place_of_the_maps_in_both_directions():
    """One bright pixel, seen by filters that move by 3 rows and 2 columns: the map's values are at rows 1, 4, 7, ...
    and columns 0, 2, 4, ...; the one that sees the pixel is the middle of what is found."""
    model = model_of(stack([Conv(1, (3, 1), stride=(3, 2), bias=False), GlobalAverage(), Flatten()], (1, 12, 14)))
    nn.init.ones_(model.network.conv1.weight)
    image = np.zeros((12, 14, 1), np.uint8)
    image[4, 6] = 255
    found = grad_cam(model, image, 0).values
    assert np.unravel_index(found.argmax(), found.shape) == (4, 6)
    rows, columns = found[:, 6] / found[4, 6], found[4] / found[4, 6]
    assert rows == pytest.approx([0, 0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3, 0, 0, 0, 0, 0], abs=1e-6)
    assert columns == pytest.approx([0, 0, 0, 0, 0, 0.5, 1, 0.5, 0, 0, 0, 0, 0, 0], abs=1e-6)


@pytest.mark.parametrize(
    "between", [[Activation("sigmoid"), Norm(), Pool("average", 2)], [Pool("max", 2), Activation("sigmoid")]]
)
@pytest.mark.parametrize("taker", [[Conv(4, 2, groups=2), GlobalAverage(), Flatten()], [Flatten(), Dense(4)]])
def test_layers_in_between_may_turn_a_map_that_is_off_into_nonzero_values(between, taker):
    model = built(([Conv(4, 3), Activation("relu"), *between, *taker], (1, 9, 9)))
    images = np.stack([picture(model.layers, seed) for seed in range(4)])
    labels, everything = np.arange(4), np.arange(4)
    ranking = rank_units(model, "conv1", images, labels, everything)
    for index in range(4):
        left = predict(without(model, {"conv1": [index]}), images, labels, everything)
        assert ranking.loss_without[index] == pytest.approx(left.loss, rel=1e-4)
