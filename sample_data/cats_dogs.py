"""The `cats_dogs` dataset: drawn cats and dogs in the same coats, poses and places. Only their build differs."""

import numpy as np
from PIL import Image

from sample_data.bodies import lying, shoulders, sitting, standing
from sample_data.canvas import Pen, finished, new_canvas, pick
from sample_data.coats import Look, random_look
from sample_data.heads import head, profile
from sample_data.places import place

CLASSES = ("cat", "dog")


def draw(rng: np.random.Generator, name: str) -> Image.Image:
    """A picture of class `name`, with sides of 96-144 pixels: usually a face, sometimes a whole animal."""
    width = int(rng.integers(104, 133))
    size = (width, int(np.clip(width * rng.uniform(0.88, 1.14), 96, 144)))
    image = new_canvas(size)
    look = random_look(rng, name)
    pose = pick(rng, (face, _sitting, _lying, _standing), (0.64, 0.14, 0.12, 0.1))
    place(rng, image, level=0.78 if pose is face else 0.6)
    unit = min(size)
    pen = Pen.on(image).moved(size[0] / 2, size[1] / 2, scale=unit, flip=rng.random() < 0.5)
    pose(rng, pen.moved(*rng.normal(0, 0.025, 2)), look)
    return finished(rng, image, noise=rng.uniform(1, 6), light=rng.uniform(0, 0.22))


def face(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A close-up of head and shoulders, sometimes cropped by the frame, with the head slightly tilted."""
    close = rng.uniform(0.3, 0.38) if rng.random() < 0.85 else rng.uniform(0.38, 0.46)
    bust = pen.moved(0, 0.07, scale=close)
    shoulders(rng, bust, look)
    head(rng, bust.moved(angle=rng.normal(0, 0.12)), look)


def _sitting(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """The whole animal sitting, seen from the front."""
    whole = pen.moved(0, 0.06, scale=rng.uniform(0.38, 0.43))
    sitting(rng, whole, look)
    head(rng, whole.moved(0, -0.55, scale=0.5, angle=rng.normal(0, 0.12)), look)


def _lying(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """The animal lying with its paws in front."""
    whole = pen.moved(0, 0.06, scale=rng.uniform(0.39, 0.45))
    lying(rng, whole, look)
    head(rng, whole.moved(rng.normal(0, 0.06), -0.2, scale=0.6, angle=rng.normal(0, 0.12)), look)


def _standing(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """The animal standing side on; its face is towards the viewer or, equally often, in profile."""
    whole = pen.moved(-0.02, 0.03, scale=rng.uniform(0.4, 0.45))
    standing(rng, whole, look)
    if rng.random() < 0.5:
        head(rng, whole.moved(0.62, -0.42, scale=0.44, angle=rng.normal(0.08, 0.1)), look)
    else:
        profile(rng, whole.moved(0.54, -0.42, scale=0.44, angle=rng.normal(0, 0.12)), look)
