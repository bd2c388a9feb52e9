"""The `shapes` dataset: six plain shapes in any colour and filling, bright on dark."""

from math import pi

import numpy as np
from PIL import Image

from sample_data.canvas import (
    Colour,
    Pen,
    any_colour,
    checker,
    clouds,
    dots,
    ellipse,
    finished,
    gradient,
    luma,
    new_canvas,
    pick,
    smooth,
    stripes,
    turned,
)

CLASSES = ("circle", "cross", "heart", "square", "star", "triangle")
# In grayscale, every shape is brighter than its background, whatever their hues.
DARKEST_SHAPE, BRIGHTEST_BACK = 140, 95


def draw(rng: np.random.Generator, name: str) -> Image.Image:
    """A picture of the shape `name`, with sides of 48-120 pixels."""
    width = int(rng.integers(52, 110))
    size = (width, int(np.clip(width * rng.uniform(0.85, 1.18), 48, 120)))
    back, front = _two_colours(rng)
    image = new_canvas(size)
    image.paste(_paint(rng, image.size, back, plain=0.45, contrast=0.1))
    unit = min(size)
    pen = Pen.on(image)
    for _ in range(rng.integers(0, 3)):
        _clutter(rng, pen.moved(*(rng.uniform(0, side) for side in size), scale=unit * rng.uniform(0.025, 0.055)))
    radius = rng.uniform(0.37, 0.45)
    room = 0.48 - radius
    centre = (size[0] / 2 + rng.uniform(-room, room) * unit, size[1] / 2 + rng.uniform(-room, room) * unit)
    tilt = rng.normal(0, 0.13)
    pen = pen.moved(*centre, scale=radius * unit)
    _shape(rng, pen, _wobbly(rng, turned(outline(rng, name), tilt)), front)
    return finished(rng, image, noise=rng.uniform(1, 6), light=rng.uniform(0, 0.2))


def outline(rng: np.random.Generator, name: str) -> np.ndarray:
    """The closed outline of the shape, in a circle of radius about 1, with slightly random proportions."""
    if name == "circle":
        return ellipse(0, 0, 1, rng.uniform(0.88, 1), count=72)
    if name == "cross":
        arm = rng.uniform(0.16, 0.26)
        corner = np.array([[1, -arm], [1, arm], [arm, arm]])
        return np.concatenate([turned(corner, k * pi / 2) for k in range(4)])
    if name == "heart":
        t = np.linspace(0, 2 * pi, 72, endpoint=False)
        y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        return np.stack([16 * np.sin(t) ** 3, -y - 2.5], 1) / 16
    if name == "star":
        radius = np.where(np.arange(10) % 2, rng.uniform(0.38, 0.5), 1.08)
        return _polygon(10) * radius[:, None]
    proportions = 1.12 + rng.normal(0, 0.03, (1, 2))
    return (turned(_polygon(4), pi / 4) if name == "square" else _polygon(3)) * proportions


def _polygon(corners: int) -> np.ndarray:
    return ellipse(0, 0, 1, 1, angle=-pi / 2, count=corners)


def _wobbly(rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """The outline as if drawn by hand, with slightly displaced corners."""
    amount = 0.035 if len(points) < 20 else 0.006
    return points + rng.normal(0, amount, points.shape)


def _shape(rng: np.random.Generator, pen: Pen, points: np.ndarray, colour: Colour) -> None:
    """Paint the shape: filled, filled with an edge, or (one in ten) only its outline."""
    edge = np.concatenate([points, points[:1]])
    if rng.random() < 0.1:
        pen.stroke(edge, rng.uniform(0.12, 0.2), colour)
        return
    pen.fill(points, _paint(rng, pen.image.size, colour, plain=0.35, contrast=0.3))
    if rng.random() < 0.35:
        pen.stroke(edge, rng.uniform(0.06, 0.12), any_colour(rng))


def _clutter(rng: np.random.Generator, pen: Pen) -> None:
    """A small distractor that is not one of the shapes: a blot or a dash."""
    if rng.random() < 0.5:
        pen.fill(smooth(turned(rng.normal(1, 0.25, (5, 1)) * _polygon(5), rng.uniform(0, pi))), any_colour(rng))
    else:
        angle = rng.uniform(0, pi)
        pen.stroke(turned(np.array([[-1.6, 0], [1.6, 0]]), angle), 0.8, any_colour(rng))


def _two_colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """A colour for the background and a brighter one for the shape."""
    while True:
        back, front = any_colour(rng), any_colour(rng)
        if luma(back) < BRIGHTEST_BACK and luma(front) > DARKEST_SHAPE:
            return back, front


def _paint(
    rng: np.random.Generator, size: tuple[int, int], colour: Colour, plain: float, contrast: float
) -> Image.Image:
    """The plain colour with probability `plain`; otherwise a texture of it and a similar second colour."""
    if rng.random() < plain:
        return Image.new("RGB", size, colour)
    second = tuple(int(v) for v in np.clip(np.array(colour) + contrast * rng.uniform(-128, 128, 3), 0, 255))
    angle, period = rng.uniform(0, pi), rng.uniform(6, 16)
    kind = pick(rng, ("gradient", "stripes", "dots", "checker", "clouds"))
    if kind == "gradient":
        return gradient(size, colour, second, angle)
    if kind == "clouds":
        return clouds(rng, size, colour, second, cells=int(rng.integers(4, 14)))
    return {"stripes": stripes, "dots": dots, "checker": checker}[kind](size, colour, second, angle, period)
