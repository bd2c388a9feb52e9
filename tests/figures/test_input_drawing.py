"""The drawings of what a network starts from."""

import base64
import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from cnn.data.images import read_image
from cnn.figures.input_drawing import (
    DIVERGING,
    initial_spread,
    pixel_drawing,
    preprocessing_drawing,
    weights_drawing,
)
from cnn.model.build import build
from cnn.model.layers import lay_out
from cnn.specs import INITIAL_WEIGHTS, NetworkSpec
from tests.conftest import ROOT

LAYERS = lay_out(NetworkSpec(filters=(32, 24), kernel_size=5, dense=(60,)), 32, 3, 10)


@pytest.mark.parametrize("initial_weights", INITIAL_WEIGHTS)
def test_the_spread_that_is_drawn_is_that_of_the_weights_that_are_drawn(initial_weights):
    network = build(LAYERS, 0, initial_weights)
    for layer in LAYERS:
        if layer.kind in ("conv", "dense", "output"):
            weights = network.get_parameter(f"{layer.name}.weight")
            assert initial_spread(layer, initial_weights) == pytest.approx(weights.std().item(), rel=0.08), layer.name


@pytest.mark.parametrize("initial_weights", ["glorot", "he"])
def test_glorot_and_he_start_with_biases_of_zero(initial_weights):
    network = build(LAYERS, 0, initial_weights)
    assert all(not parameter.any() for name, parameter in network.named_parameters() if name.endswith("bias"))


def test_only_layers_that_start_with_random_weights_are_drawn():
    layers = lay_out(NetworkSpec(base="shapes"), 50, 1, 2)
    texts = [
        text.text for text in ElementTree.fromstring(weights_drawing(layers, "he", list(INITIAL_WEIGHTS))).iter("text")
    ]
    assert texts[::2] == ["dense1", "logits"]


def test_glorots_weights_are_those_of_pytorch():
    torch.manual_seed(3)
    first, *_ = (
        torch.nn.Conv2d(3, 32, 5),
        torch.nn.Conv2d(32, 24, 5),
        torch.nn.Linear(24 * 5 * 5, 60),
        torch.nn.Linear(60, 10),
    )  # PyTorch draws all weights; then they are drawn again
    torch.nn.init.xavier_uniform_(first.weight)
    assert torch.equal(build(LAYERS, 3, "glorot").conv1.weight, first.weight)


def points(svg: str) -> list[np.ndarray]:
    lines = ElementTree.fromstring(svg).iter("polyline")
    return [np.array([point.split(",") for point in line.get("points").split()], float) for line in lines]


@pytest.mark.parametrize("channels", [1, 3])
def test_standardised_pixels_lie_around_zero_and_others_right_of_it(channels):
    counts = np.zeros((channels, 256), np.int64)
    counts[:, 64:192] = 10
    standardised = points(pixel_drawing(counts, [0.5] * channels, [0.15] * channels))
    unit = points(pixel_drawing(counts, [0.0] * channels, [1.0] * channels))
    assert len(standardised) == len(unit) == channels
    middle = 120  # where 0 is
    high = standardised[0][:, 1] < 60
    assert abs(standardised[0][high, 0].mean() - middle) < 5
    assert unit[0][:, 0].min() >= middle


def test_the_chosen_initial_weights_are_filled():
    svg = ElementTree.fromstring(weights_drawing(LAYERS, "he", list(INITIAL_WEIGHTS)))
    circles = list(svg.iter("circle"))
    assert len(circles) == 3 * 4 and sum(circle.get("fill") != "none" for circle in circles) == 4
    texts = [text.text for text in svg.iter("text")]
    assert texts[0] == "conv1" and texts[1] == f"± {(2 / 75) ** 0.5:.2f}"


def pictures(svg: str) -> list[tuple[np.ndarray, float]]:
    """The pixels of each image in a drawing, and its width."""
    images = ElementTree.fromstring(svg).iter("image")
    return [
        (read_image(base64.b64decode(image.get("href").partition(",")[2]), None, 3)[0], float(image.get("width")))
        for image in images
    ]


def test_preprocessed_numbers_are_blue_below_zero_and_red_above():
    image = np.array([[[0], [128], [255]]], np.uint8).repeat(3, 0)
    svg = preprocessing_drawing(image, [128 / 255], [0.25])
    (before, _), _, (after, _), _ = pictures(svg)  # an image and its scale, the numbers and their scale
    assert np.array_equal(before[..., :1], image)
    black, mean, white = after[0].astype(int)
    assert black[2] - black[0] > 100 and white[0] - white[2] > 100 and np.ptp(mean) == 0
    texts = [text.text or "" for text in ElementTree.fromstring(svg).iter("text")]
    assert texts == ["0", "", "255", "−2.0", "0", "2.0"]


def test_each_channel_of_a_colour_image_has_its_own_numbers():
    image = np.zeros((4, 4, 3), np.uint8)
    image[..., 0] = 255
    standardised = pictures(preprocessing_drawing(image, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]))
    assert len(standardised) == 1 + 1 + 3 + 1
    red, green, blue = (pixels[0, 0] for pixels, _ in standardised[2:5])
    assert red[0] > red[2] and np.array_equal(green, blue) and green[2] > green[0]
    unit = preprocessing_drawing(image, [0, 0, 0], [1, 1, 1])
    assert [pixels[0, 0].tolist() for pixels, _ in pictures(unit)[2:5]] == [[255] * 3, [0] * 3, [0] * 3]
    assert [text.text for text in ElementTree.fromstring(unit).iter("text")][-3:] == ["0", None, "1"]


def test_the_colours_of_numbers_are_those_of_the_other_pages():
    script = (ROOT / "pages/components/common/color.js").read_text()
    assert json.loads(re.search(r"DIVERGING = (\[.*?\])", script)[1]) == list(DIVERGING)
