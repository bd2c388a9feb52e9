import numpy as np
import pytest

from cnn.data.image_traits import ASPECT_RATIO, BACKGROUND, BRIGHTNESS, CONTRAST, NAMES, SIDE, traits


def test_properties_of_drawn_images_are_as_computed_by_hand():
    half = np.zeros((20, 20, 1), np.uint8)
    half[:, 10:] = 255  # half black, half white: also at the border
    framed = np.full((20, 20, 1), 51, np.uint8)
    framed[2:18, 2:18] = 255  # an even border, a tenth of the side wide
    found = traits(np.stack([half, framed]), np.array([[200, 100], [30, 30]]))
    assert found[BRIGHTNESS] == pytest.approx([0.5, (256 * 1 + 144 * 0.2) / 400])
    assert found[CONTRAST][0] == pytest.approx(0.5)
    assert found[BACKGROUND] == pytest.approx([0.5, 0], abs=1e-6)
    assert found[ASPECT_RATIO].tolist() == [2, 1] and found[SIDE] == pytest.approx([20000**0.5, 30])


def test_many_images_are_taken_in_parts_and_none_gives_none():
    images = np.random.default_rng(0).integers(0, 256, (2100, 4, 4, 3), dtype=np.uint8)
    found = traits(images, np.full((2100, 2), 4))
    assert found[BRIGHTNESS] == pytest.approx(images.mean((1, 2, 3)) / 255, abs=1e-5)
    assert {name: len(values) for name, values in traits(images[:0], np.empty((0, 2))).items()} == dict.fromkeys(
        NAMES, 0
    )
