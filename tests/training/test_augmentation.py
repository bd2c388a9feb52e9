"""Augmentation, against the same changes made with numpy or known from geometry."""

import numpy as np
import pytest
import torch
from torch.nn.functional import grid_sample

from cnn.specs import AUGMENTATION, TrainingSpec
from cnn.training.augmentation import NUMBERS, augment, changes_of, draw_numbers

MIRROR, RIGHT, DOWN, TURN, SMALLER, BRIGHTER, STEEPER, COLUMN, ROW = range(NUMBERS)
ALL_ON = TrainingSpec(mirror=True, shift=0.1, rotate=15, zoom=0.2, brightness=0.2, contrast=0.2, erase=0.3)


def photographs(n: int = 4, height: int = 12, width: int = 12, channels: int = 3) -> torch.Tensor:
    return torch.rand(n, channels, height, width, generator=torch.Generator().manual_seed(0))


def changed(pixels: torch.Tensor, spec: TrainingSpec, **numbers: float) -> torch.Tensor:
    """The pixels, changed with these random numbers; the others are such that they change nothing."""
    table = torch.zeros(len(pixels), NUMBERS)
    table[:, MIRROR] = 1
    for name, value in numbers.items():
        table[:, globals()[name]] = value
    return apply(pixels, table.numpy(), spec)


def apply(pixels: torch.Tensor, numbers: np.ndarray, spec: TrainingSpec) -> torch.Tensor:
    return augment(pixels, torch.from_numpy(changes_of(numbers, spec, tuple(pixels.shape[2:]))), spec)


def test_without_any_strength_the_images_stay_as_they_are():
    pixels = photographs()
    assert apply(pixels, draw_numbers(4, 0, 1), TrainingSpec()) is pixels
    assert not TrainingSpec().augments


@pytest.mark.parametrize("strength", AUGMENTATION)
def test_each_strength_counts(strength):
    spec = TrainingSpec(**{strength: True if strength == "mirror" else 20 if strength == "rotate" else 0.3})
    assert spec.augments
    pixels = photographs(8)
    found = apply(pixels, draw_numbers(8, 0, 1), spec)
    assert found.shape == pixels.shape and found.min() >= 0 and found.max() <= 1
    assert not torch.allclose(found, pixels, atol=0.01)


def test_mirroring_turns_left_and_right():
    pixels = photographs()
    found = changed(pixels, TrainingSpec(mirror=True), MIRROR=-1)
    torch.testing.assert_close(found, pixels.flip(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(changed(pixels, TrainingSpec(mirror=True), MIRROR=1), pixels, atol=1e-5, rtol=0)


def test_a_shift_moves_to_the_right_and_down_and_mirrors_what_was_outside():
    pixels = photographs()
    right = changed(pixels, TrainingSpec(shift=0.25), RIGHT=1)  # by 3 of 12 pixels
    torch.testing.assert_close(right[..., 3:], pixels[..., :-3], atol=1e-5, rtol=0)
    torch.testing.assert_close(right[..., :3], pixels[..., :3].flip(3), atol=1e-5, rtol=0)
    down = changed(pixels, TrainingSpec(shift=0.25), DOWN=1)
    torch.testing.assert_close(down[..., 3:, :], pixels[..., :-3, :], atol=1e-5, rtol=0)


def test_a_turn_by_90_degrees_is_that_of_numpy():
    pixels = photographs()
    for number, turns in ((1, -1), (-1, 1)):
        found = changed(pixels, TrainingSpec(rotate=90), TURN=number)
        torch.testing.assert_close(found, torch.rot90(pixels, turns, (2, 3)), atol=1e-4, rtol=0)


def test_a_turned_image_is_not_stretched_where_its_sides_differ():
    pixels = torch.zeros(1, 1, 20, 40)
    pixels[..., 8:12, 10:30] = 1  # a bar of 4 x 20 pixels
    found = changed(pixels, TrainingSpec(rotate=90), TURN=1)
    rows, columns = (found[0, 0, :, 10:30] > 0.5).nonzero().T  # beside it, its mirror images
    assert columns.max() - columns.min() + 1 == 4 and rows.max() - rows.min() + 1 == 20


@pytest.mark.parametrize(("number", "side"), [(1, 8), (-1, 32)])
def test_zoom_changes_the_size_about_the_middle(number, side):
    pixels = torch.zeros(1, 1, 64, 64)
    pixels[..., 24:40, 24:40] = 1
    found = changed(pixels, TrainingSpec(zoom=0.5), SMALLER=number)[0, 0] > 0.5
    rows, columns = found[16:48, 16:48].nonzero().T + 16  # around it, its mirror images
    assert len({side - 1, int(rows.max() - rows.min()), int(columns.max() - columns.min())}) == 1
    assert rows.double().mean() == pytest.approx(31.5) and columns.double().mean() == pytest.approx(31.5)


def test_brightness_adds_and_contrast_stretches_around_the_mean():
    pixels = photographs() * 0.4 + 0.3
    brighter = changed(pixels, TrainingSpec(brightness=0.2), BRIGHTER=0.5)
    torch.testing.assert_close(brighter, pixels + 0.1)
    mean = pixels.mean((1, 2, 3), keepdim=True)
    steeper = changed(pixels, TrainingSpec(contrast=0.5), STEEPER=-1)
    torch.testing.assert_close(steeper, (pixels - mean) * 0.5 + mean)


def test_a_square_of_the_given_share_of_the_side_is_erased():
    pixels = photographs(height=20, width=20)
    found = changed(pixels, TrainingSpec(erase=0.3), COLUMN=0, ROW=0)
    erased = (found != pixels).any(1)
    assert erased.sum((1, 2)).tolist() == [36] * 4  # 6 x 6 pixels
    gray = pixels.mean((1, 2, 3))
    torch.testing.assert_close(found[:, 0, 10, 10], gray)


def test_the_numbers_follow_from_seed_epoch_and_image_alone():
    numbers = draw_numbers(50, 3, 7)
    assert numbers.shape == (50, NUMBERS) and numbers.dtype == np.float32
    np.testing.assert_array_equal(numbers, draw_numbers(50, 3, 7))
    assert not np.allclose(numbers, draw_numbers(50, 3, 8)) and not np.allclose(numbers, draw_numbers(50, 4, 7))
    many = draw_numbers(20_000, 0, 1)
    assert many.min() >= -1 and many.max() < 1
    np.testing.assert_allclose(many.mean(0), 0, atol=0.03)


def test_images_are_changed_apart_from_each_other_whatever_batch_they_are_in():
    pixels, numbers = photographs(6), draw_numbers(6, 0, 1)
    together = apply(pixels, numbers, ALL_ON)
    for i in range(6):
        torch.testing.assert_close(apply(pixels[i : i + 1], numbers[i : i + 1], ALL_ON)[0], together[i])


@pytest.mark.parametrize(("channels", "height", "width"), [(1, 50, 50), (3, 17, 33)])
def test_runs_begun_with_the_plain_formula_continue_bit_for_bit(channels, height, width):
    pixels = photographs(9, height, width, channels)
    changes = torch.from_numpy(changes_of(draw_numbers(9, 0, 1), ALL_ON, (height, width)))
    a, b, c, d, e, f, stretch, added, column, row = changes[..., None, None].unbind(1)
    y, x = ((torch.arange(side) * 2 + 1) / side - 1 for side in (height, width))
    y = y[:, None]
    places = torch.stack([a * x + (b * y + c), d * x + (e * y + f)], -1)
    moved = grid_sample(pixels, places, padding_mode="reflection", align_corners=False)
    mean = moved.mean((1, 2, 3), keepdim=True)
    stretch, added = stretch[:, None], added[:, None]
    stretched = torch.addcmul(mean * (1 - stretch) + added, moved, stretch).clamp(0, 1)
    erased = ((y - row).abs() < ALL_ON.erase) & ((x - column).abs() < ALL_ON.erase)
    assert torch.equal(augment(pixels, changes, ALL_ON), torch.where(erased[:, None], mean, stretched))
