"""Changes of an image: known pixels, and the predictions for them."""

import numpy as np
import pytest

from cnn.explain.image_changes import (
    CURVES,
    amount_changed,
    blur,
    brightness,
    change_all,
    contrast,
    erase,
    flip,
    noise,
    paint,
    probability_curve,
    response,
    rotate,
    scale,
    shift,
)
from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec
from cnn.training.evaluation import probabilities
from tests.models import model_of


@pytest.fixture(params=[1, 3])
def image(request) -> np.ndarray:
    return np.random.default_rng(request.param).integers(0, 256, (20, 20, request.param), dtype=np.uint8)


@pytest.mark.parametrize("name", CURVES)
def test_the_neutral_amount_changes_nothing_and_others_do(image, name):
    change, low, high, neutral, unit = CURVES[name]
    original = image.copy()
    same = change(image, neutral)
    assert (same == image).all() and not np.shares_memory(same, image)
    for amount in (low, high):
        changed = change(image, amount)
        assert changed.shape == image.shape and changed.dtype == np.uint8
        assert (changed != image).any() == (amount != neutral)
    assert low <= neutral <= high and unit and (image == original).all()


def test_a_read_only_image_can_be_changed(image, recwarn):
    image.flags.writeable = False
    for change in (*(curve.change for curve in CURVES.values()), lambda image, _: flip(image)):
        change(image, 1.5)
    assert [str(warning.message) for warning in recwarn] == []


def test_a_shift_moves_every_pixel_and_repeats_the_border(image):
    moved = shift(image, right=3, down=-2)
    assert (moved[:-2, 3:] == image[2:, :-3]).all()
    assert (moved[:-2, :3] == image[2:, :1]).all()
    assert (moved[-2:, 3:] == image[-1:, :-3]).all()
    assert (shift(image, down=33) == image[:1]).all()
    half = shift(image, right=0.5).astype(int)
    between = (image[:, :-1].astype(int) + image[:, 1:]) / 2
    assert np.abs(half[:, 1:] - between).max() <= 1


def test_a_rotation_by_a_quarter_turn_is_clockwise(image):
    assert np.abs(rotate(image, 90).astype(int) - np.rot90(image, -1)).max() <= 1
    assert np.abs(rotate(image, 180).astype(int) - image[::-1, ::-1]).max() <= 1


def test_scaling_enlarges_about_the_centre():
    image = np.zeros((20, 20, 1), np.uint8)
    image[8:12, 8:12] = 200
    assert (scale(image, 2)[7:13, 7:13] == 200).all() and not scale(image, 2)[:5].any()
    assert scale(image, 0.5).sum() == pytest.approx(image.sum() / 4, rel=0.1)


def test_a_flip_mirrors(image):
    assert (flip(image) == image[:, ::-1]).all() and (flip(image, "y") == image[::-1]).all()


def test_brightness_and_contrast_are_products(image):
    assert np.abs(brightness(image, 1.5) - np.minimum(image * 1.5, 255)).max() <= 1
    assert not brightness(image, 0).any()
    weights = [1] if image.shape[2] == 1 else [0.2989, 0.587, 0.114]
    gray = (image @ weights).mean()
    assert np.abs(contrast(image, 2) - (gray + 2 * (image - gray)).clip(0, 255)).max() <= 1
    assert np.ptp(contrast(image, 0)) == 0


def test_noise_has_the_given_strength_and_one_pattern_per_seed():
    gray = np.full((100, 100, 1), 128, np.uint8)
    noisy = noise(gray, 0.1)
    assert noisy.astype(float).std() == pytest.approx(25.5, rel=0.03)
    assert (noise(gray, 0.1) == noisy).all() and (noise(gray, 0.1, seed=1) != noisy).any()
    assert np.corrcoef(noisy.ravel(), noise(gray, 0.05).ravel())[0, 1] > 0.99


def test_a_blurred_point_is_a_gaussian_with_the_same_sum():
    image = np.zeros((41, 41, 1), np.uint8)
    image[20, 20] = 255
    bell = blur(image, 1.5)[..., 0].astype(float)
    distance = np.hypot(*np.mgrid[-20:21, -20:21])
    assert bell == pytest.approx(255 / (2 * np.pi * 1.5**2) * np.exp(-(distance**2) / (2 * 1.5**2)), abs=1.1)
    assert np.ptp(blur(np.full((16, 16, 1), 77, np.uint8), 50)) == 0


def test_erasing_clears_a_rectangle_clipped_at_the_border(image):
    expected = image.copy()
    expected[2:6, 15:] = 9
    assert (erase(image, 2, 15, 4, 10, fill=9) == expected).all()
    expected = image.copy()
    expected[:3, :1] = 128
    assert (erase(image, -2, -4, 5, 5) == expected).all()
    assert (erase(image, -9, 3, 5, 5) == image).all() and (erase(image, 30, 3, 5, 5) == image).all()


def test_the_erased_middle_is_a_fraction_of_the_side(image):
    expected = image.copy()
    expected[5:15, 5:15] = 128
    assert (CURVES["erase"].change(image, 0.5) == expected).all()
    assert (CURVES["erase"].change(image, 1) == 128).all()


def test_paint_covers_the_pixels_that_are_painted(image):
    channels = image.shape[2]
    painting = np.zeros((20, 20, channels + 1), np.uint8)
    painting[4, 7] = [9] * channels + [255]
    painting[5, 7] = [9] * channels + [0]
    expected = image.copy()
    expected[4, 7] = 9
    painted = paint(image, painting)
    assert (painted == expected).all() and painted.dtype == np.uint8 and not np.shares_memory(painted, image)


def test_changes_are_applied_in_order_and_no_change_gives_a_copy(image):
    amounts = {"swap left and right": 1, "rotate": 90, "shift right": 4, "brightness": 1, "swap top and bottom": 0}
    assert (change_all(image, amounts) == flip(rotate(shift(image, right=4), 90))).all()
    untouched = change_all(image, {})
    assert (untouched == image).all() and not np.shares_memory(untouched, image)


def test_a_curve_has_the_probabilities_of_each_changed_image(image):
    model = model_of(lay_out(NetworkSpec(), 20, image.shape[2], 3))
    amounts = np.linspace(0, 2, 5)
    found = probability_curve(model, image, brightness, amounts)
    assert found.shape == (5, 3) and found.dtype == np.float32
    for row, amount in zip(found, amounts, strict=True):
        assert row == pytest.approx(probabilities(model, brightness(image, amount)[None])[0], abs=1e-6)


def test_the_amount_changed_is_that_of_the_whole_range_from_black_to_white():
    black = np.zeros((2, 2, 3), np.uint8)
    half = black.copy()
    half[0] = 255
    assert amount_changed(black, half) == amount_changed(half, black) == 0.5
    assert amount_changed(half, half) == 0
    assert amount_changed(black, black + 51) == pytest.approx(0.2)


def test_the_response_is_the_mean_distance_from_the_unchanged_image():
    curve = np.array([[0.4, 0.6], [0.7, 0.3], [0.9, 0.1], [0.2, 0.8]], np.float32)
    moved, kept, amounts = response(curve, neutral=1, label=0)
    assert moved == pytest.approx((0.3 + 0 + 0.2 + 0.5) / 4) and (kept, amounts) == (2, 4)
