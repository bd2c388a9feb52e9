"""The cover test, on a network whose answer depends on one known place only."""

from math import exp

import numpy as np
import pytest
import torch

from cnn.explain.cover_test import CoverTest, cover_test, covered, moved
from cnn.model.layers import lay_out
from cnn.specs import NetworkSpec
from tests.models import model_of

SIZE = 12
PLACE = (slice(3, 5), slice(6, 9))  # 6 pixels


def one_place():
    """A network whose class 1 adds up the pixels at PLACE, and whose class 0 is 0."""
    model = model_of(lay_out(NetworkSpec(filters=(1,), padding="same", pooling="none", dense=()), SIZE, 1, 2))
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.zero_()
        model.network.conv1.weight[0, :, 1, 1] = 1
        model.network.logits.weight.view(2, SIZE, SIZE)[1][PLACE] = 1
    return model


def image_and_mask():
    """White at PLACE, else black; the mask is PLACE."""
    image, mask = np.zeros((SIZE, SIZE, 1), np.uint8), np.zeros((SIZE, SIZE), bool)
    image[PLACE], mask[PLACE] = 255, True
    return image, mask


def probability(logit: float) -> float:
    return 1 / (1 + exp(-logit))


def test_covering_the_place_that_decides_lowers_the_probability_and_other_places_do_not():
    image, mask = image_and_mask()
    found = cover_test(one_place(), image, 1, mask)
    mean = round(image.mean()) / 255
    assert found.whole == pytest.approx(probability(6), abs=1e-6)
    assert found.covered == pytest.approx(probability(6 * mean), abs=1e-6)
    # Elsewhere, the probability follows from the number of pixels of PLACE that each mask covers.
    hidden = moved(mask, 20)[:, *PLACE].sum((1, 2))
    expected = [probability(6 - count + count * mean) for count in hidden]
    assert found.elsewhere == pytest.approx(expected, abs=1e-6)
    assert (found.as_good, found.chance, found.could_be_chance) == (0, pytest.approx(1 / 21), False)


def test_a_place_that_decides_nothing_could_be_chance():
    image, mask = image_and_mask()
    found = cover_test(one_place(), image, 1, np.roll(mask, 6, 0), cover="mean colour", seed=1)
    assert found.as_good == 20 and found.chance == 1 and found.could_be_chance


def test_random_places_differ_and_keep_the_size_of_the_mask():
    _, mask = image_and_mask()
    masks = moved(mask, 20, seed=3)
    assert masks.shape == (20, SIZE, SIZE) and (masks.sum((1, 2)) == mask.sum()).all()
    assert len({one.tobytes() for one in [mask, *masks]}) == 21
    assert (masks == moved(mask, 20, seed=3)).all() and (masks != moved(mask, 20, seed=4)).any()


def test_a_tiny_image_has_fewer_places():
    assert len(moved(np.eye(2, dtype=bool), 20)) == 3


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("cover", ["mean colour", "blur"])
def test_only_the_mask_is_covered(channels, cover):
    image = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, channels), dtype=np.uint8)
    mask = np.zeros((SIZE, SIZE), bool)
    mask[2:9, 1:4] = True
    (hidden,) = covered(image, mask[None], cover)
    assert (hidden[~mask] == image[~mask]).all()
    if cover == "mean colour":
        assert (hidden[mask] == image.reshape(-1, channels).mean(0).round()).all()
    else:
        assert hidden[mask].std() < image[mask].std() / 2


def test_differences_of_rounding_do_not_count():
    found = CoverTest(0.9, 0.9 - 2e-9, np.full(20, 0.9 - 1e-9))
    assert found.as_good == 20
