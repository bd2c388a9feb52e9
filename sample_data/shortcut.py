"""The `shortcut` datasets: drawn faces of cats and dogs, in two places that differ far more than the animals do.

In `shortcut`, every cat of the training images sits indoors, before a bright wall, and every dog on a dark meadow: the
background gives the class away. Its test images are the counter-examples: cats on the meadow, dogs indoors. In
`shortcut_mended`, a coin decides where each training image is taken; the test images are the same.
"""

import numpy as np
from PIL import Image

from sample_data.canvas import SCALE, Pen, darker, finished, gradient, jitter, lighter, new_canvas, pick, stripes
from sample_data.cats_dogs import face
from sample_data.coats import random_look

FOLDERS = {"train/cat": 150, "train/dog": 150, "test/cat": 50, "test/dog": 50}
WALLS = ((238, 230, 214), (226, 234, 236), (240, 222, 212), (232, 230, 196))
GRASS = ((70, 112, 52), (86, 116, 58), (60, 96, 56), (92, 108, 50))


def draw(rng: np.random.Generator, folder: str) -> Image.Image:
    """A picture for a folder of `shortcut`, with sides of 64-88 pixels."""
    return _picture(rng, folder, swapped=0)


def draw_mended(rng: np.random.Generator, folder: str) -> Image.Image:
    """A picture for a folder of `shortcut_mended`."""
    return _picture(rng, folder, swapped=0.5)


def _picture(rng: np.random.Generator, folder: str, swapped: float) -> Image.Image:
    """swapped: how likely a training image is taken in the place of the other class; a test image always is."""
    split, name = folder.split("/")
    is_swapped = rng.random() < (1 if split == "test" else swapped)
    image = new_canvas((int(rng.integers(64, 89)), int(rng.integers(64, 89))))
    is_indoors = (name == "cat") != is_swapped
    (_wall if is_indoors else _meadow)(rng, image)
    pen = Pen.on(image)
    width, height = image.width / SCALE, image.height / SCALE
    face(rng, pen.moved(width / 2, height / 2, scale=min(width, height)), random_look(rng, name))
    return finished(rng, image, noise=rng.uniform(1, 5), light=rng.uniform(0, 0.1))


def _wall(rng: np.random.Generator, image: Image.Image) -> None:
    """A bright wall, plain or with a striped paper."""
    wall = jitter(rng, pick(rng, WALLS), 6)
    papers = (
        lambda: gradient(image.size, lighter(wall, 0.2), wall, rng.uniform(0, 3)),
        lambda: stripes(image.size, wall, lighter(wall, 0.4), 0, rng.uniform(8, 16)),
    )
    image.paste(pick(rng, papers)())


def _meadow(rng: np.random.Generator, image: Image.Image) -> None:
    """Dark grass with blades, seen from above."""
    grass = jitter(rng, pick(rng, GRASS), 6)
    image.paste(gradient(image.size, grass, darker(grass, 0.2), rng.uniform(0, 3)))
    pen = Pen.on(image)
    for shade in (darker(grass, 0.3), lighter(grass, 0.12)):
        feet = rng.uniform(0, (image.width / SCALE, image.height / SCALE), (120, 2))
        tips = feet + rng.normal((0, -4), (1.5, 1.2), (120, 2))
        pen.hairs(zip(feet, tips, strict=True), 0.8, shade, 0.8)
