"""The patches that activate a filter most, against a search over every position of every image."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from cnn.explain.activations import activations
from cnn.explain.cut import convolution
from cnn.explain.patches import extreme_patches
from cnn.model.layers import NetworkError, lay_out
from cnn.specs import NetworkSpec
from tests.models import model_of

SPECS = {
    "two a block, batch norm": NetworkSpec(filters=(3, 2), convs_per_block=2, padding="same", batch_norm=True),
    "four blocks, average": NetworkSpec(filters=(2, 3, 2, 4), padding="same", pooling="average", activation="tanh"),
    "5 by 5, no padding": NetworkSpec(filters=(3,), kernel_size=5, convs_per_block=2, activation="leaky_relu"),
}


@pytest.fixture(params=SPECS)
def case(request, make_dataset):
    layers = lay_out(SPECS[request.param], 16, 3, 2)
    return model_of(layers, seed=1), make_dataset(train=14, val=6, channels=3)


def after_activation(model, layer):
    """The activation layer that follows a convolution."""
    return next(other for other in model.layers[model.layers.index(layer) :] if other.kind == "activation")


def test_patches_are_the_best_of_all_positions_one_per_image(case, monkeypatch):
    monkeypatch.setattr("cnn.training.batches.EVALUATED_IMAGES", 5)
    model, dataset = case
    chosen = dataset.train[::-1]
    for layer in (layer for layer in model.layers if layer.kind == "conv"):
        found, _ = extreme_patches(model, layer.name, dataset.images, chosen, n=4)
        name = after_activation(model, layer).name
        maps = {i: activations(model, dataset.images[i])[name] for i in chosen}
        assert found.values.shape == found.images.shape == (layer.shape[0], 4) and found.values.dtype == np.float32
        for f in range(layer.shape[0]):
            best = sorted((maps[i][f].max() for i in chosen), reverse=True)[:4]
            assert found.values[f] == pytest.approx(np.array(best), abs=1e-6)
            assert len(set(found.images[f])) == 4
            for value, image, row, column in zip(*(array[f] for array in found[:4]), strict=True):
                assert maps[image][f, row, column] == pytest.approx(value, abs=1e-6)


def test_the_least_patches_are_the_lowest_sums_before_the_activation(case):
    model, dataset = case
    for layer in (layer for layer in model.layers if layer.kind == "conv"):
        _, found = extreme_patches(model, layer.name, dataset.images, dataset.train, n=4)
        following = model.layers[model.layers.index(layer) + 1]
        name = following.name if following.kind == "norm" else layer.name
        maps = {i: activations(model, dataset.images[i])[name] for i in dataset.train}
        for f in range(layer.shape[0]):
            lowest = sorted(maps[i][f].min() for i in dataset.train)[:4]
            assert found.values[f] == pytest.approx(np.array(lowest), abs=1e-6)
            for value, image, row, column in zip(*(array[f] for array in found[:4]), strict=True):
                assert maps[image][f, row, column] == pytest.approx(value, abs=1e-6)


def test_a_value_depends_on_exactly_the_pixels_in_its_box(case):
    model, dataset = case
    rng = np.random.default_rng(5)
    for layer in (layer for layer in model.layers if layer.kind == "conv"):
        name = after_activation(model, layer).name
        found, _ = extreme_patches(model, layer.name, dataset.images, dataset.val, n=2)
        for f, place in np.ndindex(found.values.shape):
            value, index, row, column, (top, left, bottom, right) = (array[f, place] for array in found)
            assert 0 <= top < bottom <= 16 and 0 <= left < right <= 16
            image = dataset.images[index]
            other = rng.integers(0, 256, image.shape, dtype=np.uint8)
            other[top:bottom, left:right] = image[top:bottom, left:right]
            assert activations(model, other)[name][f, row, column] == pytest.approx(value, abs=1e-6)


def test_a_box_holds_every_pixel_that_affects_the_value():
    layers = lay_out(NetworkSpec(filters=(1, 1, 1), padding="same", pooling="average"), 24, 1, 2)
    model = model_of(layers)
    with torch.no_grad():
        for module in model.network:
            if isinstance(module, torch.nn.Conv2d):
                module.weight.fill_(0.1)
                module.bias.zero_()
    images = np.full((1, 24, 24, 1), 9, np.uint8)
    images[0, 2, 20] = 255
    layer = convolution(layers)
    found, _ = extreme_patches(model, layer.name, images, np.array([0]))
    top, left, bottom, right = found.boxes[0, 0]
    for y, x in np.ndindex(24, 24):
        changed = images[0].copy()
        changed[y, x] += 100 if changed[y, x] < 100 else 0
        after = activations(model, changed)["relu3"][0, found.rows[0, 0], found.columns[0, 0]]
        inside = top <= y < bottom and left <= x < right
        assert (after > found.values[0, 0] + 1e-5) == (inside and (y, x) != (2, 20))


def test_ties_are_in_image_order_and_few_images_give_few_patches(make_dataset):
    layers = lay_out(NetworkSpec(filters=(2,)), 16, 1, 2)
    images = np.zeros((3, 16, 16, 1), np.uint8)
    found, _ = extreme_patches(model_of(layers), "conv1", images, np.array([2, 0, 1]))
    assert found.images.tolist() == [[2, 0, 1]] * 2
    assert not found.rows.any() and not found.columns.any()
    assert found.boxes[0, 0].tolist() == [0, 0, 3, 3]


def test_progress_reaches_one_and_an_exception_in_it_ends_the_work(case, monkeypatch):
    monkeypatch.setattr("cnn.training.batches.EVALUATED_IMAGES", 4)
    model, dataset = case
    fractions = []
    extreme_patches(model, "conv1", dataset.images, dataset.train, progress=fractions.append)
    assert fractions == [4 / 14, 8 / 14, 12 / 14, 1]
    with pytest.raises(ZeroDivisionError):
        extreme_patches(model, "conv1", dataset.images, dataset.train, progress=lambda share: 1 / 0)


@given(spec=...)
@settings(max_examples=15)
def test_every_network_has_patches(spec: NetworkSpec):
    try:
        layers = lay_out(spec, 24, 3, 100)
    except NetworkError:
        assume(False)
    model, layer = model_of(layers), convolution(layers)
    images = np.random.default_rng(0).integers(0, 256, (4, 24, 24, 3), dtype=np.uint8)
    found, _ = extreme_patches(model, layer.name, images, np.arange(4))
    assert found.boxes.shape == (layer.shape[0], 4, 4)
    assert (found.boxes[..., :2] < found.boxes[..., 2:]).all() and found.boxes.min() >= 0 and found.boxes.max() <= 24
