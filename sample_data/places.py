"""The backgrounds of the cats and dogs: a room, a sofa, a lawn, a carpet, or a plain colour."""

import numpy as np
from PIL import Image

from sample_data.canvas import (
    SCALE,
    Colour,
    Pen,
    checker,
    clouds,
    darker,
    dots,
    ellipse,
    gradient,
    jitter,
    lighter,
    mix,
    pick,
    smooth,
    stripes,
)

WALLS = ((232, 222, 200), (196, 214, 214), (214, 190, 178), (150, 170, 190), (170, 186, 150), (204, 184, 120))
CLOTHS = ((172, 66, 58), (56, 96, 128), (88, 122, 84), (198, 156, 84), (128, 92, 134), (120, 110, 104), (60, 110, 112))
WOODS = ((168, 120, 78), (122, 84, 58), (200, 160, 112), (146, 130, 116))


def place(rng: np.random.Generator, image: Image.Image, level: float) -> None:
    """Cover the canvas with a random place. level: where its floor begins, as a fraction of the height."""
    pen = Pen.on(image)
    size = image.width / SCALE, image.height / SCALE
    draw = pick(rng, (_room, _sofa, _lawn, _carpet, _studio), (0.25, 0.2, 0.2, 0.15, 0.2))
    draw(rng, pen, *size, size[1] * (level + rng.normal(0, 0.04)))


def _box(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _wall(rng: np.random.Generator, pen: Pen) -> Colour:
    """A plain or papered wall; returns its colour."""
    size, wall = pen.image.size, jitter(rng, pick(rng, WALLS))
    faint = mix(wall, pick(rng, (*WALLS, (255, 255, 255))), rng.uniform(0.2, 0.5))
    papers = (
        lambda: gradient(size, wall, darker(wall, 0.15), rng.uniform(0, 3)),
        lambda: stripes(size, wall, faint, 0, rng.uniform(10, 22)),
        lambda: dots(size, wall, faint, 0.785, rng.uniform(8, 16)),
    )
    pen.image.paste(pick(rng, papers, (0.5, 0.3, 0.2))())
    return wall


def _room(rng: np.random.Generator, pen: Pen, width: float, height: float, floor: float) -> None:
    """A wall and floorboards, perhaps with a picture, a window or a plant."""
    wall = _wall(rng, pen)
    side = rng.choice([0.16, 0.84]) * width
    extra = rng.random()
    if extra < 0.3:
        _window(rng, pen.moved(side, height * 0.28, scale=width * 0.16), wall)
    elif extra < 0.55:
        _picture(rng, pen.moved(side, height * 0.25, scale=width * 0.12))
    elif extra < 0.75:
        _plant(rng, pen.moved(side, floor + 2, scale=width * 0.2))
    wood = jitter(rng, pick(rng, WOODS))
    pen.fill(_box(0, floor, width, height), gradient(pen.image.size, wood, lighter(wood, 0.15), 0.3))
    for x in np.arange(-width, 2 * width, width / 5):
        pen.stroke([(x, floor), (x + (x - width / 2), height * 1.2)], 0.7, darker(wood, 0.25))
    pen.fill(_box(0, floor - 4, width, floor), lighter(wall, 0.5))


def _window(rng: np.random.Generator, pen: Pen, wall: Colour) -> None:
    sky = jitter(rng, (160, 205, 235))
    pen.fill(_box(-1, -1.2, 1, 1.2), lighter(wall, 0.6))
    pen.fill(_box(-0.85, -1.05, 0.85, 1.05), sky)
    pen.inside(_box(-0.85, -1.05, 0.85, 1.05)).fill(ellipse(0.2, 1.3, 1.4, 0.9), (130, 170, 110))
    for bar in ([(0, -1.05), (0, 1.05)], [(-0.85, 0), (0.85, 0)]):
        pen.stroke(bar, 0.12, lighter(wall, 0.6))


def _picture(rng: np.random.Generator, pen: Pen) -> None:
    pen.fill(_box(-1, -1.2, 1, 1.2), jitter(rng, pick(rng, WOODS)))
    pen.fill(_box(-0.8, -1, 0.8, 1), jitter(rng, (240, 235, 220), 6))
    pen.fill(ellipse(*rng.uniform(-0.2, 0.2, 2), 0.45, 0.45), jitter(rng, pick(rng, CLOTHS)))


def _plant(rng: np.random.Generator, pen: Pen) -> None:
    leaf = jitter(rng, (70, 125, 75))
    for angle in np.linspace(-1, 1, 7) + rng.normal(0, 0.1, 7):
        stem = pen.moved(0, -0.6, angle=angle)
        stem.fill(ellipse(0, -0.75, 0.17, 0.7), mix(leaf, (200, 220, 120), rng.uniform(0, 0.35)))
    pen.fill([(-0.4, -0.7), (0.4, -0.7), (0.3, 0), (-0.3, 0)], jitter(rng, (190, 105, 75)))


def _sofa(rng: np.random.Generator, pen: Pen, width: float, height: float, floor: float) -> None:
    """The back of a sofa with cushions, and its seat."""
    _wall(rng, pen)
    cloth = jitter(rng, pick(rng, CLOTHS), 14)
    top = height * rng.uniform(0.16, 0.36)
    seam = width * rng.uniform(0.3, 0.7)
    for x0, x1 in ((-0.2 * width, seam), (seam, 1.2 * width)):
        back = smooth([(x0, top), ((x0 + x1) / 2, top - 3), (x1, top), (x1 - 1, floor + 5), (x0 + 1, floor + 5)])
        pen.fill(back, darker(cloth, 0.28))
        pen.fill(
            (back - back.mean(0)) * 0.965 + back.mean(0), gradient(pen.image.size, lighter(cloth, 0.12), cloth, 1.4)
        )
    if rng.random() < 0.6:
        _cushion(rng, pen.moved(rng.choice([0.13, 0.87]) * width, floor - height * 0.12, scale=width * 0.17))
    pen.fill(
        smooth(
            [(-9, floor), (width / 2, floor - 2), (width + 9, floor), (width + 9, height * 1.3), (-9, height * 1.3)]
        ),
        darker(cloth, 0.2),
    )
    pen.stroke([(-9, floor + 1), (width + 9, floor + 1)], 1.6, lighter(cloth, 0.2))


def _cushion(rng: np.random.Generator, pen: Pen) -> None:
    a, b = jitter(rng, pick(rng, CLOTHS), 14), jitter(rng, pick(rng, WALLS))
    corners = [(-1, -1), (0, -0.85), (1, -1), (0.85, 0), (1, 1), (0, 0.85), (-1, 1), (-0.85, 0)]
    paint = pick(rng, (stripes, checker, dots))(pen.image.size, a, b, rng.uniform(0, 1.5), rng.uniform(5, 10))
    pen.moved(angle=rng.uniform(-0.4, 0.4)).fill(smooth(corners), paint)


def _lawn(rng: np.random.Generator, pen: Pen, width: float, height: float, floor: float) -> None:
    """Sky, a hill or trees, and grass with blades and flowers."""
    horizon = floor - height * rng.uniform(0.15, 0.4)
    sky = jitter(rng, pick(rng, ((150, 200, 235), (190, 215, 230), (240, 205, 170))))
    pen.image.paste(gradient(pen.image.size, sky, lighter(sky, 0.5), 1.57))
    for _ in range(rng.integers(0, 3)):
        x, y = rng.uniform(0, width), rng.uniform(0, horizon * 0.6)
        for k in (-1, 0, 1):
            pen.fill(ellipse(x + k * 7, y - (k == 0) * 3, 8, 5), lighter(sky, 0.7))
    grass = jitter(rng, pick(rng, ((110, 165, 80), (140, 170, 85), (85, 140, 85), (175, 175, 100))))
    far = mix(grass, sky, 0.4)
    for x in rng.uniform(0, width, rng.integers(0, 6)):
        pen.fill(ellipse(x, horizon - 3, *rng.uniform(7, 15, 2)), darker(far, rng.uniform(0.1, 0.3)))
    pen.fill(ellipse(rng.uniform(0, width), horizon + 30, width, 36), far)
    pen.fill(_box(0, horizon + 8, width, height), gradient(pen.image.size, grass, darker(grass, 0.25), 1.57))
    for shade in (darker(grass, 0.2), lighter(grass, 0.2)):
        feet = np.stack([rng.uniform(0, width, 90), rng.uniform(horizon + 10, height, 90)], 1)
        tips = feet + rng.normal((0, -4), (1.5, 1.2), (90, 2))
        pen.hairs(zip(feet, tips, strict=True), 0.8, shade, 0.8)
    flower = pick(rng, ((250, 245, 240), (250, 215, 80), (235, 130, 150)))
    for _ in range(rng.integers(0, 9)):
        pen.fill(ellipse(rng.uniform(0, width), rng.uniform(horizon + 14, height), 1.6, 1.6, count=10), flower)


def _carpet(rng: np.random.Generator, pen: Pen, width: float, height: float, floor: float) -> None:
    """A carpet, tiles or a blanket, seen slightly from above, filling the picture."""
    a = jitter(rng, pick(rng, (*CLOTHS, *WALLS)), 12)
    b = mix(a, pick(rng, (*CLOTHS, *WALLS)), rng.uniform(0.2, 0.55))
    size, angle, period = pen.image.size, rng.uniform(0, 3), rng.uniform(10, 26)
    kind = pick(rng, (stripes, checker, dots, None))
    pen.image.paste(kind(size, a, b, angle, period) if kind else clouds(rng, size, a, b, cells=24))


def _studio(rng: np.random.Generator, pen: Pen, width: float, height: float, floor: float) -> None:
    """A studio backdrop: one colour, brighter in the middle or on one side."""
    colour = jitter(rng, pick(rng, (*CLOTHS, *WALLS)), 14)
    pen.image.paste(gradient(pen.image.size, lighter(colour, rng.uniform(0, 0.3)), colour, rng.uniform(0, 3)))
    if rng.random() < 0.6:
        pen.fill(ellipse(width / 2, height / 2, width * 0.45, height * 0.45), lighter(colour, 0.35), alpha=0.7, blur=12)
