import numpy as np
import pytest

from cnn.data.pixels import mean_and_spread, pixel_counts


@pytest.mark.parametrize("channels", [1, 3])
def test_mean_and_spread_are_those_of_numpy_over_the_chosen_images(channels):
    images = np.random.default_rng(0).integers(0, 200, (2100, 6, 5, channels), np.uint8)
    images[..., 0] //= 2
    chosen = np.arange(0, 2100, 2)
    mean, spread = mean_and_spread(pixel_counts(images, chosen))
    pixels = images[chosen] / 255
    np.testing.assert_allclose(mean, pixels.mean((0, 1, 2)))
    np.testing.assert_allclose(spread, pixels.std((0, 1, 2)))


def test_every_pixel_is_counted_once():
    images = np.array([[[[0], [7]], [[255], [7]]]], np.uint8)
    counts = pixel_counts(images, np.array([0]))
    assert counts.shape == (1, 256) and counts.sum() == 4
    assert (counts[0, 0], counts[0, 7], counts[0, 255]) == (1, 2, 1)


def test_a_channel_of_one_value_can_be_divided_by_its_spread():
    images = np.full((3, 4, 4, 1), 51, np.uint8)
    assert mean_and_spread(pixel_counts(images, np.arange(3))) == ([pytest.approx(0.2)], [1.0])
