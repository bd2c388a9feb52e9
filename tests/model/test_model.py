from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnn.errors import UserError
from cnn.model.build import build
from cnn.model.layers import lay_out
from cnn.model.model import PLAIN, Model, Preprocessing, unit_pixels
from cnn.specs import NetworkSpec
from tests.models import model_of

LAYERS = lay_out(NetworkSpec(filters=(3, 4), batch_norm=True), 16, 3, 2)
CENTRED = Preprocessing(mean=(0.5, 0.25, 0.4), spread=(0.5, 2.0, 0.1))


def some_images(channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 5, 4, channels), dtype=np.uint8)


def test_by_default_every_pixel_is_divided_by_255_and_channels_come_second():
    images = some_images()
    batch = PLAIN.batch(images)
    assert batch.dtype == torch.float32 and batch.shape == (3, 3, 5, 4)
    for n, y, x, c in np.ndindex(images.shape):
        assert batch[n, c, y, x].item() == np.float32(images[n, y, x, c]) / np.float32(255)


def test_by_default_preprocessing_only_divides():
    pixels = torch.rand(2, 3, 4, 4)
    assert PLAIN.standardize(pixels) is pixels


@pytest.mark.parametrize(
    ("channels", "preprocessing"), [(3, CENTRED), (3, Preprocessing((0.5,), (0.25,))), (1, Preprocessing((0.3,)))]
)
def test_mean_and_deviation_are_per_channel_or_for_all(channels, preprocessing):
    images = some_images(channels)
    batch = preprocessing.batch(images)
    expected = (images / 255 - np.array(preprocessing.mean)) / np.array(preprocessing.spread)
    assert batch.numpy() == pytest.approx(np.moveaxis(expected, 3, 1), rel=1e-5, abs=1e-6)
    assert torch.equal(batch, preprocessing.standardize(unit_pixels(images)))


@pytest.mark.parametrize("preprocessing", [PLAIN, CENTRED])
def test_a_batch_is_channels_last_in_memory_and_the_images_are_unchanged(preprocessing):
    images = np.full((2, 16, 16, 3), 200, np.uint8)
    assert preprocessing.batch(images).is_contiguous(memory_format=torch.channels_last)
    assert (images == 200).all()


def test_a_tensor_of_images_gives_the_same_as_the_array():
    assert torch.equal(CENTRED.batch(torch.from_numpy(some_images())), CENTRED.batch(some_images()))


def test_gradients_pass_through_to_the_pixels():
    pixels = torch.rand(1, 3, 2, 2, requires_grad=True)
    CENTRED.standardize(pixels).sum().backward()
    expected = torch.tensor([2.0, 0.5, 10.0])[:, None, None].expand(3, 2, 2)
    torch.testing.assert_close(pixels.grad[0], expected)


numbers = st.floats(-10, 10).map(lambda x: x or 1.0)


@given(mean=st.lists(numbers, min_size=1, max_size=3), spread=st.lists(numbers.map(abs), min_size=1, max_size=3))
def test_preprocessing_survives_the_round_trip_through_json(mean, spread):
    preprocessing = Preprocessing(tuple(mean), tuple(spread))
    assert Preprocessing.from_dict(preprocessing.to_dict()) == preprocessing
    assert Preprocessing.from_dict({}) == PLAIN


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"mean": []}, "The mean of pixels must be a list of numbers, one for each channel, not"),
        ({"mean": [float("nan")]}, "The mean of pixels must be a list of numbers"),
        ({"mean": ["0"]}, "The mean of pixels must be a list of numbers"),
        ({"spread": 1}, "The spread of pixels must be a list of numbers"),
        ({"spread": [1, 0]}, "The spread of pixels must be larger than 0, not 0."),
        ({"gamma": [1]}, "Unknown preprocessing 'gamma'"),
    ],
)
def test_invalid_preprocessing_is_refused(values, says):
    with pytest.raises(UserError, match=says):
        Preprocessing.from_dict(values)


def test_a_model_knows_the_images_it_takes_and_preprocesses_them():
    model = model_of(LAYERS, preprocessing=CENTRED)
    assert (model.image_size, model.channels) == (16, 3)
    assert torch.equal(model.batch(some_images()), CENTRED.batch(some_images()))


def test_weights_are_a_copy():
    model = model_of(lay_out(NetworkSpec(filters=(3,)), 16, 1, 2))  # one channel: both orders in memory are the same
    expected = model.network.conv1.weight.detach().clone()
    weights = model.weights("conv1")
    assert weights.dtype == np.float32 and weights.flags.c_contiguous and (weights == expected.numpy()).all()
    weights[:] = 0
    assert torch.equal(model.network.conv1.weight, expected)


def test_models_that_differ_in_anything_have_different_keys():
    model = model_of(LAYERS)
    described_again = lay_out(NetworkSpec(filters=(3, 4), batch_norm=True), 16, 3, 2)
    assert described_again == LAYERS
    same = model_of(described_again)  # as when a run is opened again
    assert model.key == same.key and len(model.key) == 32
    changed = build(LAYERS, 0)
    with torch.no_grad():
        changed.logits.bias[0] += 1e-6
    statistics = build(LAYERS, 0)
    statistics.norm1.running_mean += 1
    tanh = lay_out(NetworkSpec(filters=(3, 4), batch_norm=True, activation="tanh"), 16, 3, 2)
    others = [
        model_of(LAYERS, seed=1),
        replace(model, network=changed),
        replace(model, network=statistics),
        Model(tanh, build(tanh, 0), model.classes),
        replace(model, classes=("cat", "dog")),
        replace(model, preprocessing=CENTRED),
    ]
    assert len({model.key, *(other.key for other in others)}) == 1 + len(others)
