"""A test of an explanation: cover what it points at. Does the probability fall more than with random places covered?

Covering the pixels that an attribution ranks highest and watching the probability fall is the deletion test of Petsiuk,
Das and Saenko 2018, "RISE: randomized input sampling for explanation of black-box models",
https://arxiv.org/abs/1806.07421. They remove pixels step by step and measure the area under the curve; here, one share
of the pixels is covered once. Comparing with random places is from Samek et al. 2017, "Evaluating the visualization of
what a deep neural network has learned", https://arxiv.org/abs/1509.06321; here, the random places have the same shape,
because the shape of a cover alone can change the answer.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from cnn.model.model import Model
from cnn.training.batches import Report
from cnn.training.chance import UNLIKELY
from cnn.training.evaluation import probabilities

COVERS = ("mean colour", "blur")
BLURRED = 1 / 8  # of the image's side: the radius of the blur
PLACES = 20
ROUNDING = 1e-6  # of a probability: smaller differences are rounding errors


class CoverTest(NamedTuple):
    """Probabilities of the class, 0..1. whole: with the image as it is. covered: with the explanation's pixels covered.
    elsewhere: float64 (places,), with the same shape covered at random places."""

    whole: float
    covered: float
    elsewhere: np.ndarray

    @property
    def fall(self) -> float:
        """By how much the probability falls, -1..1."""
        return self.whole - self.covered

    @property
    def falls_elsewhere(self) -> np.ndarray:
        """float64 (places,): the same for the random places."""
        return self.whole - self.elsewhere

    @property
    def as_good(self) -> int:
        """How many random places make the probability fall as much, or more."""
        return int((self.falls_elsewhere >= self.fall - ROUNDING).sum())

    @property
    def chance(self) -> float:
        """How often one of places + 1 random places would be as good as the explanation's: the p-value of a permutation
        test, which is never 0. Phipson and Smyth 2010, https://arxiv.org/abs/1603.05766"""
        return (self.as_good + 1) / (len(self.elsewhere) + 1)

    @property
    def could_be_chance(self) -> bool:
        return self.chance > UNLIKELY


def cover_test(
    model: Model,
    image: np.ndarray,
    target: int,
    mask: np.ndarray,
    cover: str = COVERS[0],
    places: int = PLACES,
    seed: int = 0,
    progress: Report | None = None,
) -> CoverTest:
    """Covers the mask, and the same shape at random places. image: uint8 (H, W, C). mask: bool (H, W). cover: one of
    COVERS. places: fewer are tried if the image has fewer. The same seed gives the same places."""
    masks = np.concatenate([mask[None], moved(mask, places, seed)])
    images = np.concatenate([image[None], covered(image, masks, cover)])
    found = probabilities(model, images, progress=progress)[:, target].astype(np.float64)
    return CoverTest(float(found[0]), float(found[1]), found[2:])


def moved(mask: np.ndarray, places: int, seed: int = 0) -> np.ndarray:
    """bool (places, H, W): the mask moved to different random places. What leaves the image on one side comes back on
    the other, so every one covers as many pixels."""
    height, width = mask.shape
    random = np.random.default_rng(seed)
    shifts = 1 + random.permutation(height * width - 1)[:places]  # 0 would be the mask itself
    found = [np.roll(mask, divmod(int(shift), width), (0, 1)) for shift in shifts]
    return np.array(found, bool).reshape(-1, height, width)


def covered(image: np.ndarray, masks: np.ndarray, cover: str) -> np.ndarray:
    """uint8 (n, H, W, C): the image with each mask, bool (n, H, W), covered by its mean colour or its blurred self."""
    below = blurred(image) if cover == "blur" else image.mean((0, 1)).round().astype(np.uint8)
    return np.where(masks[..., None], below, image)


def blurred(image: np.ndarray) -> np.ndarray:
    """The image, uint8 (H, W, C), so blurred that nothing in it can be recognised."""
    radius = BLURRED * min(image.shape[:2])
    picture = Image.fromarray(image if image.shape[2] == 3 else image[..., 0])
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius))).reshape(image.shape)
