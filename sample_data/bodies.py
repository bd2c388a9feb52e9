"""The bodies of cats and dogs, drawn around the origin from -1 to 1."""

import numpy as np

from sample_data.canvas import Pen, both_sides, darker, ellipse, furry, smooth
from sample_data.coats import Look, body_pattern, fur


def shoulders(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """The part of the body that a close-up shows below the head, in the head's units."""
    width = 0.85 if look.is_cat else 0.95
    half = [(0, 0.2), (0.5, 0.45), (width * 0.85, 0.9), (width * 1.1, 1.6), (width * 1.15, 2.8), (0, 2.9)]
    outline = furry(rng, smooth(both_sides(half), steps=5), look.fluff)
    fur(rng, pen, look, outline)
    body_pattern(rng, pen, look, outline)
    pen.inside(outline).fill(ellipse(0, 1.5, 0.5, 0.75), look.pale, alpha=0.9, blur=0.08)
    pen.inside(outline).fill(ellipse(0, 0.75, 0.8, 0.3), look.line, alpha=0.5, blur=0.12)
    _collar(pen.moved(0, 0.92), look, 0.72)


def _collar(pen: Pen, look: Look, half: float) -> None:
    if look.collar:
        band = smooth([(-half, -0.08), (0, 0.12), (half, -0.08)], closed=False)
        pen.stroke(band, 0.16, look.collar)
        pen.fill(ellipse(0, 0.24, 0.11, 0.11), (240, 200, 80))


def _shadow(pen: Pen, x: float, y: float, rx: float) -> None:
    pen.fill(ellipse(x, y, rx, 0.13), (20, 16, 20), alpha=0.4, blur=0.06)


def _tail(rng: np.random.Generator, pen: Pen, look: Look, points, width: float) -> None:
    line = smooth(np.array(points) + rng.normal(0, 0.035, (len(points), 2)), closed=False)
    colour = look.mark if look.pattern == "mask" else look.coat
    pen.stroke(line, width + 0.04, look.line, end=0.75)
    pen.stroke(line, width, colour, end=0.7)
    if look.pattern == "stripes":
        for at in (0.3, 0.5, 0.7, 0.9):
            k = int(at * (len(line) - 2))
            pen.stroke(line[k : k + 2], width * (1 - 0.25 * at), look.mark)
    else:
        pen.stroke(line[-len(line) // 6 :], width * 0.72, look.pale if look.pattern != "mask" else look.mark)


def _paw(pen: Pen, look: Look, x: float, y: float, size: float) -> None:
    pen.fill(ellipse(x, y, size, size * 0.72), look.line)
    pen.fill(ellipse(x, y - 0.008, size * 0.92, size * 0.64), look.pale)
    for k in (-1, 1):
        pen.stroke([(x + k * size * 0.3, y + size * 0.1), (x + k * size * 0.33, y + size * 0.5)], 0.022, look.line)


def _leg(pen: Pen, look: Look, top, foot, width: float, shade: float = 0) -> None:
    coat = darker(look.coat, shade)
    pen.stroke([top, foot], width + 0.04, look.line, end=0.8)
    pen.stroke([top, foot], width, coat, end=0.8)
    pen.fill(ellipse(*top, width * 0.9, width * 0.8), coat, blur=width * 0.25)  # the leg grows out of the body
    _paw(pen, look, foot[0] + 0.02, foot[1] + 0.01, width * 0.62)


def sitting(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A sitting body, from the front; its head goes at (0, -0.55)."""
    _shadow(pen, 0, 0.95, 0.75)
    if look.is_cat:
        _tail(rng, pen, look, [(0.4, 0.8), (0.85, 0.8), (0.95, 0.4), (0.78, 0.1), (0.86, -0.15)], 0.15)
    else:
        _tail(rng, pen, look, [(0.4, 0.75), (0.75, 0.6), (0.92, 0.3)], 0.17)
    half = [(0, -0.5), (0.26, -0.35), (0.36, 0.05), (0.52, 0.45), (0.58, 0.8), (0.4, 0.95), (0, 0.96)]
    outline = furry(rng, smooth(both_sides(half), steps=5), look.fluff * 0.6)
    pen.fill((outline - [0, 0.2]) * 1.03 + [0, 0.2], look.line)
    fur(rng, pen, look, outline)
    body_pattern(rng, pen, look, outline)
    for side in pen.sides():
        _paw(side, look, 0.46, 0.9, 0.17)
    for side in pen.sides():
        _leg(side, look, (0.15, 0.3), (0.16, 0.9), 0.2)
    pen.inside(outline).fill(ellipse(0, 0.12, 0.23, 0.38), look.pale, alpha=0.95, blur=0.04)
    pen.inside(outline).fill(ellipse(0, -0.15, 0.36, 0.14), look.line, alpha=0.45, blur=0.05)
    _collar(pen.moved(0, -0.1, scale=0.5), look, 0.62)


def lying(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A lying body, from the front; its head goes at (0, -0.2)."""
    _shadow(pen, 0, 0.8, 1.0)
    if look.is_cat:
        _tail(rng, pen, look, [(0.6, 0.6), (0.98, 0.62), (0.9, 0.8), (0.5, 0.82)], 0.15)
    else:
        _tail(rng, pen, look, [(0.6, 0.4), (0.95, 0.25), (1.02, -0.05)], 0.16)
    half = [(0, -0.15), (0.45, -0.05), (0.78, 0.22), (0.86, 0.6), (0.6, 0.8), (0, 0.82)]
    outline = furry(rng, smooth(both_sides(half), steps=6), look.fluff * 0.6)
    pen.fill((outline - [0, 0.35]) * 1.025 + [0, 0.35], look.line)
    fur(rng, pen, look, outline)
    body_pattern(rng, pen, look, outline)
    pen.inside(outline).fill(ellipse(0, 0.5, 0.34, 0.3), look.pale, alpha=0.95, blur=0.05)
    pen.inside(outline).fill(ellipse(0, 0.35, 0.5, 0.16), look.line, alpha=0.4, blur=0.06)
    for side in pen.sides():
        if look.is_cat:
            _paw(side, look, 0.18, 0.76, 0.15)
        else:
            _leg(side, look, (0.46, 0.5), (0.34, 0.82), 0.21)


def standing(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A standing body, facing right; its head goes at (0.62, -0.42)."""
    _shadow(pen, -0.05, 0.95, 0.85)
    if look.is_cat:
        _tail(rng, pen, look, [(-0.68, -0.02), (-0.92, -0.25), (-0.86, -0.6), (-0.98, -0.9)], 0.14)
    else:
        _tail(rng, pen, look, [(-0.68, -0.05), (-0.88, -0.3), (-0.8, -0.6), (-0.62, -0.55)], 0.17)
    legs = 0.17 if look.is_cat else 0.19
    for x in (-0.42, 0.5):
        _leg(pen, look, (x, 0.2), (x + 0.02, 0.86), legs, shade=0.25)
    belly = 0.36 if look.is_cat else 0.28
    outline = smooth([(-0.76, 0.0), (-0.5, -0.2), (0.0, -0.16), (0.45, -0.24), (0.72, -0.1), (0.62, 0.3), (0.2, 0.4),
                      (-0.25, belly), (-0.62, 0.38)], steps=6)  # fmt: skip
    outline = furry(rng, outline, look.fluff * 0.35)
    pen.fill(outline * 1.03, look.line)
    fur(rng, pen, look, outline)
    body_pattern(rng, pen, look, outline)
    pen.inside(outline).fill(ellipse(0.66, 0.2, 0.16, 0.3), look.pale, alpha=0.9, blur=0.05)
    for x in (-0.6, 0.34):
        _leg(pen, look, (x, 0.2), (x, 0.9), legs)
    pen.inside(outline).fill(ellipse(0.62, 0.0, 0.3, 0.12), look.line, alpha=0.4, blur=0.05)
