"""The `digits` dataset: the ten digits in many handwritings and pens, dark on light."""

from math import pi

import numpy as np
from PIL import Image

from sample_data.canvas import (
    SCALE,
    Colour,
    Pen,
    clouds,
    ellipse,
    finished,
    gradient,
    jitter,
    mix,
    new_canvas,
    pick,
    smooth,
)

CLASSES = tuple("0123456789")

# Ways to write each digit. Strokes are separated by ` / `. A stroke is a list of points x,y, in hundredths of the
# digit's width, with y pointing down; a digit is 100 wide and 150 high.
WAYS = {
    "0": (
        "55,0 12,30 5,85 25,140 60,148 93,110 95,50 75,8 50,0",
        "60,6 25,8 5,50 8,110 42,150 80,130 95,75 80,20 40,0",
    ),
    "1": (
        "52,0 50,75 50,150",
        "20,38 40,20 58,0 56,70 55,150",
        "22,32 54,0 53,70 52,148 / 20,148 85,147",
    ),
    "2": (
        "8,40 20,10 55,0 88,22 82,60 45,105 8,145 10,147 95,145",
        "10,35 40,0 80,12 86,50 55,100 15,140 12,120 35,120 60,142 98,140",
    ),
    "3": (
        "12,20 45,0 82,15 80,48 42,68 42,70 85,90 88,125 50,150 8,130",
        "10,3 85,3 84,5 42,58 44,60 88,82 88,125 50,150 8,135",
    ),
    "4": (
        "50,0 30,45 5,95 7,97 98,95 / 70,45 68,100 66,150",
        "12,5 10,40 12,75 14,77 85,74 / 82,0 80,75 78,150",
        "72,150 72,80 72,0 70,2 5,98 7,100 98,98",
    ),
    "5": (
        "22,3 18,35 14,65 16,66 50,55 90,80 88,125 50,150 6,135 / 22,3 88,2",
        "90,2 25,3 23,5 15,62 17,63 55,55 90,85 82,130 42,150 5,130",
    ),
    "6": (
        "75,2 35,30 8,85 15,135 50,150 88,128 86,90 50,75 12,100",
        "50,0 20,50 6,105 28,145 68,145 90,112 68,80 30,88 10,115",
    ),
    "7": (
        "5,6 90,3 90,5 60,70 38,150",
        "5,6 92,3 92,5 58,75 40,150 / 25,78 88,74",
        "6,28 8,5 10,4 92,4 90,6 65,60 45,150",
    ),
    "8": (
        "85,20 50,0 15,22 25,55 72,85 88,120 52,150 10,122 25,88 75,52 85,20",
        "50,0 18,15 20,50 50,66 80,50 80,15 48,0 / 50,66 10,88 12,132 50,150 88,132 88,88 48,66",
    ),
    "9": (
        "85,30 55,2 15,20 14,60 50,76 82,50 86,28 85,90 80,150",
        "84,28 50,0 12,25 18,65 60,70 86,30 86,80 70,135 30,150 12,138",
    ),
}


def draw(rng: np.random.Generator, name: str) -> Image.Image:
    """A picture of the digit `name`, with sides of 40-64 pixels."""
    height = int(rng.integers(44, 65))
    size = (int(np.clip(height * rng.uniform(0.82, 1.05), 40, 64)), height)
    image = new_canvas(size)
    ink = pick(rng, (_paper, _card, _whiteboard), (0.6, 0.25, 0.15))(rng, image)
    tall = height * rng.uniform(0.64, 0.78)
    centre = (size[0] / 2 + rng.normal(0, 0.035) * size[0], size[1] / 2 + rng.normal(0, 0.035) * size[1])
    pen = Pen.on(image).moved(*centre, scale=tall / 1.5)
    thick = rng.uniform(0.15, 0.27)
    for stroke in _written(rng, name):
        _ink(rng, pen, stroke, thick, ink)
    return finished(rng, image, noise=rng.uniform(1, 6), light=rng.uniform(0, 0.15))


def _written(rng: np.random.Generator, name: str) -> list[np.ndarray]:
    """The strokes of a handwritten digit around the origin: one of its WAYS, jittered, slanted and bent."""
    slant, tilt = rng.normal(0.1, 0.12), rng.normal(0, 0.06)
    wide = rng.uniform(0.8, 1.08) * (0.8 if name == "1" else 1)
    shear = np.array([[wide, 0], [-slant, 1]]) @ ellipse(0, 0, 1, 1, tilt, count=4)[:2]
    wave = rng.normal(0, 0.03, (2, 2)), rng.uniform(0, 2 * pi, (2, 2))
    strokes = []
    for text in pick(rng, WAYS[name]).split(" / "):
        points = np.array([pair.split(",") for pair in text.split()], float) / 100 - [0.5, 0.75]
        points += rng.normal(0, 0.028, points.shape)
        line = smooth(points, closed=False) @ shear
        strokes.append(line + _bend(line, *wave))
    return strokes


def _bend(line: np.ndarray, amount: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """The displacement of each point of the line by a slow wave over the sheet."""
    return sum(amount[k] * np.sin((k + 2) * line[:, ::-1] + phase[k]) for k in range(2))


def _ink(rng: np.random.Generator, pen: Pen, line: np.ndarray, thick: float, colour: Colour) -> None:
    """Draw the line with varying pressure."""
    pen.stroke(line, thick * rng.uniform(0.85, 1.1), colour, end=rng.uniform(0.6, 1.05))


def _paper(rng: np.random.Generator, image: Image.Image) -> Colour:
    """Cover the canvas with paper: blank, ruled or squared. Returns an ink."""
    sheet = jitter(rng, pick(rng, ((250, 248, 240), (244, 236, 214), (236, 240, 246), (255, 253, 232))), 4)
    image.paste(clouds(rng, image.size, sheet, mix(sheet, (120, 110, 100), 0.12), cells=4))
    pen, (width, height), step = Pen.on(image), image.size, rng.uniform(8, 13)
    rule = mix(sheet, pick(rng, ((110, 150, 210), (210, 120, 120), (140, 140, 140))), rng.uniform(0.35, 0.75))
    kind = rng.random()
    rows = np.arange(rng.uniform(0, step), height / SCALE, step)
    columns = np.arange(rng.uniform(0, step), width / SCALE, step)
    lines = [[(0, y), (width, y)] for y in rows] if kind < 0.6 else []
    lines += [[(x, 0), (x, height)] for x in columns] if kind < 0.35 else []
    pen.hairs(lines, 0.7, rule, 1)
    inks = ((25, 35, 120), (20, 20, 25), (150, 25, 35), (20, 90, 60), (75, 75, 80), (80, 30, 110))
    return jitter(rng, pick(rng, inks), 8)


def _card(rng: np.random.Generator, image: Image.Image) -> Colour:
    """Cover the canvas with a sticky note, a card or cardboard. Returns a marker's colour."""
    cards = ((255, 226, 90), (255, 170, 190), (150, 215, 235), (170, 225, 150), (250, 180, 110), (200, 165, 120))
    card = jitter(rng, pick(rng, cards), 8)
    image.paste(clouds(rng, image.size, card, mix(card, (90, 70, 60), 0.22), cells=int(rng.integers(2, 12))))
    return jitter(rng, pick(rng, ((20, 20, 25), (30, 40, 110), (110, 20, 30), (20, 75, 50), (70, 30, 90))), 8)


def _whiteboard(rng: np.random.Generator, image: Image.Image) -> Colour:
    """Cover the canvas with a whiteboard, wiped but not clean. Returns a pen's colour."""
    board = jitter(rng, (238, 242, 244), 4)
    pens = ((25, 25, 30), (30, 70, 170), (180, 35, 40), (25, 120, 75))
    image.paste(gradient(image.size, board, mix(board, (150, 165, 180), 0.3), rng.uniform(0, pi)))
    width, height = image.size[0] / SCALE, image.size[1] / SCALE
    for _ in range(rng.integers(1, 4)):
        y = rng.uniform(0, height)
        wiped = [(rng.uniform(-5, width / 2), y), (rng.uniform(width / 2, width + 5), y + rng.normal(0, 6))]
        Pen.on(image).stroke(wiped, rng.uniform(4, 9), pick(rng, pens), alpha=rng.uniform(0.04, 0.12))
    return jitter(rng, pick(rng, pens), 8)
