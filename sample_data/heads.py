"""The heads of cats and dogs, drawn around the origin with a radius of about 1."""

import numpy as np

from sample_data.canvas import Colour, Pen, both_sides, darker, ellipse, furry, lighter, luma, mix, pick, smooth
from sample_data.coats import INK, PINK, Look, face_pattern, fur


def head(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """The head seen from the front, around the pen's origin."""
    if look.is_cat:
        _cat_head(rng, pen, look)
    else:
        _dog_head(rng, pen, look)


def _cat_head(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    w = look.wide
    for side in pen.sides():
        _cat_ear(rng, side, look)
    half = [(0, -0.76), (0.4, -0.74), (0.76 * w, -0.42), (0.96 * w, 0.08), (0.9 * w, 0.42), (0.55, 0.72), (0, 0.82)]
    outline = furry(rng, smooth(both_sides(half), steps=4), look.fluff)
    fur(rng, pen, look, outline)
    face = pen.inside(outline)
    face_pattern(rng, face, look)
    for side in face.sides():
        side.fill(ellipse(0.2, 0.42, 0.3, 0.24), look.pale, alpha=0.9, blur=0.03)
    face.fill(ellipse(0, 0.62, 0.2, 0.16), look.pale, blur=0.03)
    mood = pick(rng, ("slit", "round", "shut"), (0.55, 0.37, 0.08))
    for side in pen.sides():
        _cat_eye(side.moved(0.42 * w, -0.04, angle=-0.2), look, mood)
    pen.fill([(-0.13, 0.2), (0.13, 0.2), (0.03, 0.33), (-0.03, 0.33)], look.nose)
    _mouth(pen, look, 0.33, 0.22, 0.1)
    _whiskers(rng, pen, look)


def _cat_ear(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """An upright triangle, pink inside, with a few hairs."""
    tip = np.array([0.8 * look.wide, -1.3]) + rng.normal(0, 0.05, 2)
    base, foot = np.array([0.16, -0.7]), np.array([0.95 * look.wide, -0.22])
    if look.ears == "round":
        near = tip * [1, 0.94]
        ear = smooth([base, base + (near - base) * 0.75, near, foot + (near - foot) * 0.75, foot], closed=False)
    else:
        ear = np.array([base, (base + tip) / 2 + [-0.06, -0.04], tip, (foot + tip) / 2 + [0.07, 0], foot])
    colour = look.mark if look.pattern == "mask" else look.coat
    pen.fill(furry(rng, ear, look.fluff), colour)
    pen.stroke(ear, 0.035, look.line)
    middle = (base + foot) / 2
    pen.fill((ear - middle) * 0.66 + middle, mix(PINK, colour, 0.35))
    roots = middle + rng.normal(0, (0.1, 0), (8, 2))
    tips = middle + rng.normal((0.05, -0.4), (0.12, 0.04), (8, 2))
    pen.hairs(zip(roots, tips, strict=True), 0.03, look.pale, 0.8)


def _cat_eye(pen: Pen, look: Look, mood: str) -> None:
    if mood == "shut":
        pen.stroke(smooth([(-0.2, 0), (0, 0.1), (0.2, -0.02)], closed=False), 0.06, darker(look.line, 0.5))
        return
    almond = smooth([(-0.24, 0.06), (-0.08, -0.17), (0.14, -0.16), (0.26, -0.03), (0.1, 0.16), (-0.12, 0.15)])
    pen.fill(almond * 1.17, INK)
    eye = pen.inside(almond)
    eye.fill(almond, look.eyes)
    eye.fill(ellipse(0, 0.16, 0.22, 0.12), lighter(look.eyes, 0.4), alpha=0.7, blur=0.03)
    eye.fill(ellipse(0.01, 0, 0.06, 0.2) if mood == "slit" else ellipse(0.01, 0, 0.145, 0.165), (18, 16, 20))
    pen.fill(ellipse(-0.06, -0.08, 0.05, 0.05), (255, 255, 255))


def _whiskers(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    colour = (250, 248, 244) if luma(look.coat) < 190 else (120, 110, 105)
    for side in pen.sides():
        for k in (-1, 0, 1):
            end = np.array([1.3, 0.36 + 0.16 * k]) + rng.normal(0, 0.05, 2)
            side.stroke(
                smooth([(0.3, 0.42 + 0.05 * k), (0.8, 0.33 + 0.11 * k), end], closed=False), 0.034, colour, end=0.3
            )


def _dog_head(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    w = look.wide
    low = 0.98 * look.long
    if look.ears in ("tall", "tipped"):
        for side in pen.sides():
            _raised_ear(rng, side, look)
    half = [(0, -0.86), (0.4, -0.82), (0.7 * w, -0.48), (0.74 * w, -0.02), (0.6, 0.4), (0.46, low * 0.8), (0, low)]
    outline = furry(rng, smooth(both_sides(half), steps=4), look.fluff)
    fur(rng, pen, look, outline)
    face = pen.inside(outline)
    face_pattern(rng, face, look)
    if look.ears in ("floppy", "long"):
        for side in pen.sides():
            _hanging_ear(rng, side, look)
    _muzzle(rng, pen, look, low)
    for side in pen.sides():
        _dog_eye(side.moved(0.34 * w, -0.12), look)


def _muzzle(rng: np.random.Generator, pen: Pen, look: Look, low: float) -> None:
    """The long muzzle from the front: it points at the viewer, so it is large and hides the chin."""
    colour = look.mark if look.pattern == "mask" else look.pale
    top = both_sides([(0, -0.08), (0.2, 0), (0.36, 0.24), (0.47 * look.long, 0.56), (0.36, low * 0.9), (0, low * 0.93)])
    if look.tongue:
        length = rng.uniform(0.3, 0.5)
        jaw = both_sides([(0, low * 0.6), (0.26, low * 0.75), (0.24, low * 0.85), (0, low * 0.95)])
        pen.fill(smooth(jaw), (70, 30, 36))
        tongue = ellipse(rng.normal(0, 0.04), low * 0.8 + length / 2, 0.17, length * 0.8)
        top = top * [1, 0.9]
    snout = smooth(top, steps=5)
    pen.moved(0, 0.05).fill(snout, look.line, alpha=0.35, blur=0.05)
    if look.tongue:
        pen.fill(tongue, (232, 120, 130))
        pen.stroke([(0, low * 0.8), (0, low * 0.8 + length * 0.8)], 0.04, (190, 80, 96))
    pen.fill(furry(rng, snout, look.fluff * 0.4), colour)
    pen.inside(snout).fill(ellipse(0, 0.05, 0.2, 0.3), lighter(colour, 0.25), alpha=0.6, blur=0.06)
    _mouth(pen, look, 0.4, 0.34 * look.long, 0.2)
    pen.fill(smooth([(-0.25, 0.16), (0, 0.1), (0.25, 0.16), (0.2, 0.36), (0, 0.47), (-0.2, 0.36)]), look.nose)
    pen.fill(ellipse(-0.08, 0.2, 0.07, 0.04, 0.2), lighter(look.nose, 0.6), alpha=0.9)
    for side in pen.sides():
        for x, y in ((0.22, 0.52), (0.3, 0.58), (0.24, 0.66)):
            side.fill(ellipse(x, y, 0.02, 0.02, count=8), darker(colour, 0.5))


def _hanging_ear(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A soft ear that hangs beside the face, down to the cheek or far below it."""
    end = rng.uniform(0.8, 1.05) if look.ears == "long" else rng.uniform(0.35, 0.6)
    out = 1.05 + rng.normal(0, 0.06)
    outer = [(0.4, -0.82), (0.78, -0.74), (out, -0.2), (out + 0.05, end * 0.6)]
    ear = smooth([*outer, (0.86, end), (0.66, end * 0.7), (0.62, -0.1)])
    colour = _ear_colour(look)
    outline = furry(rng, ear, look.fluff)
    pen.moved(-0.05, 0.05).fill(outline, look.line, alpha=0.5, blur=0.05)
    pen.fill(outline, colour)
    pen.inside(outline).fill(ellipse(0.65, 0.1, 0.16, 0.7), darker(colour, 0.3), alpha=0.7, blur=0.08)
    pen.stroke(ear[-12:], 0.04, darker(colour, 0.4))


def _raised_ear(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """An upright ear: tall like a shepherd's, or with a tip that folds forward."""
    colour = _ear_colour(look)
    tip = np.array([0.72, -1.52]) + rng.normal(0, 0.05, 2)
    ear = smooth([(0.16, -0.74), (0.36, -1.2), tip, (0.86, -1.0), (0.76, -0.4)], steps=6)
    if look.ears == "tall":
        pen.fill(furry(rng, ear, look.fluff), colour)
        pen.stroke(ear, 0.03, look.line)
        pen.fill((ear - [0.5, -0.7]) * 0.6 + [0.5, -0.7], mix(darker(colour, 0.25), PINK, 0.3))
        return
    stump = smooth([(0.18, -0.72), (0.4, -1.05), (0.8, -1.12), (0.92, -0.8), (0.78, -0.4)], steps=6)
    pen.fill(stump, darker(colour, 0.15))
    flap = smooth([(0.36, -1.08), (0.66, -1.22), (0.94, -1.08), (1.12, -0.62), (0.98, -0.52), (0.7, -0.85)], steps=6)
    pen.fill(furry(rng, flap, look.fluff), lighter(colour, 0.06))
    pen.stroke(flap[18:], 0.035, look.line)


def _ear_colour(look: Look) -> Colour:
    return look.mark if look.pattern in ("mask", "patches") else darker(look.coat, 0.22)


def _dog_eye(pen: Pen, look: Look) -> None:
    pen.fill(ellipse(0, 0, 0.17, 0.16), mix(look.line, INK, 0.5))
    pen.fill(ellipse(0, 0.01, 0.135, 0.135), look.eyes)
    pen.fill(ellipse(0, 0.01, 0.085, 0.09), (16, 14, 16))
    pen.fill(ellipse(-0.05, -0.05, 0.045, 0.045), (255, 255, 255))
    pen.stroke(smooth([(-0.14, -0.25), (0.02, -0.31), (0.18, -0.24)], closed=False), 0.05, look.line, alpha=0.6)


def _mouth(pen: Pen, look: Look, y: float, width: float, drop: float) -> None:
    colour = mix(INK, look.line, 0.3)
    pen.stroke([(0, y - 0.04), (0, y + drop)], 0.045, colour)
    for side in pen.sides():
        curve = [(0, y + drop), (width * 0.5, y + drop * 1.6), (width, y + drop * 1.1)]
        side.stroke(smooth(curve, closed=False), 0.045, colour)


def profile(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """The head from the side, facing right: a cat's is round and flat, a dog's has a long muzzle."""
    if look.is_cat:
        _cat_profile(rng, pen, look)
    else:
        _dog_profile(rng, pen, look)


def _cat_profile(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    back = [(-0.4, 0.62), (-0.7, 0.1), (-0.55, -0.5), (-0.1, -0.78)]
    front = [(0.35, -0.64), (0.62, -0.3), (0.86, 0.08), (0.8, 0.3), (0.62, 0.52), (0.2, 0.7)]
    eye, mouth = (0.27, -0.1), [(0.84, 0.24), (0.7, 0.36), (0.5, 0.32)]
    face = _profile_face(rng, pen, look, [*back, *front], eye, 0.63)
    pen.stroke(smooth(mouth, closed=False), 0.06, INK)
    pen.fill(ellipse(0.83, 0.1, 0.09, 0.08), look.nose)
    _cat_ear(rng, pen.moved(-0.62, 0), look)
    _cat_eye(face.moved(*eye, scale=0.9), look, "slit")
    for k in (-1, 0, 1):
        pen.stroke([(0.6, 0.3), (0.95, 0.42 + 0.17 * k)], 0.04, (245, 242, 238), end=0.4)


def _dog_profile(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    tip = 1.2 * look.long
    back = [(-0.4, 0.62), (-0.7, 0.1), (-0.5, -0.55), (-0.1, -0.74), (0.26, -0.6), (0.46, -0.24)]
    front = [(tip - 0.2, -0.12), (tip, 0.02), (tip - 0.02, 0.24), (tip - 0.25, 0.44), (0.5, 0.5), (0.1, 0.7)]
    eye, mouth = (0.1, -0.26), [(tip - 0.04, 0.22), (tip - 0.3, 0.32), (0.5, 0.22)]
    _profile_face(rng, pen, look, [*back, *front], eye, tip - 0.23)
    pen.stroke(smooth(mouth, closed=False), 0.06, INK)
    pen.fill(ellipse(tip - 0.03, -0.05, 0.17, 0.14), look.nose)
    if look.tongue:
        pen.fill(ellipse(tip - 0.33, 0.52, 0.13, 0.26), (232, 120, 130))
    if look.ears == "tall":
        _raised_ear(rng, pen.moved(-0.7, 0.05), look)
    else:
        _hanging_ear(rng, pen.moved(-1.0, 0), look)
    _dog_eye(pen.moved(*eye), look)


def _profile_face(rng: np.random.Generator, pen: Pen, look: Look, points, eye, muzzle: float) -> Pen:
    """The head without its features: coat, muzzle, a patch around the eye. Returns a pen clipped to the head."""
    outline = furry(rng, smooth(points, steps=5), look.fluff * 0.6)
    pen.fill(outline * 1.05, look.line)
    fur(rng, pen, look, outline)
    face = pen.inside(outline)
    face.fill(ellipse(muzzle, 0.3, 0.42, 0.3), look.mark if look.pattern == "mask" else look.pale, blur=0.06)
    if look.pattern in ("patches", "spots"):
        face.fill(ellipse(*eye, 0.34, 0.36), look.mark, blur=0.02)
    return face
