"""Cats and dogs: how one looks, its head and its body in three poses."""

from dataclasses import dataclass

import numpy as np

from sample_data.canvas import (
    Colour,
    Pen,
    both_sides,
    darker,
    ellipse,
    furry,
    jitter,
    lighter,
    luma,
    mix,
    pick,
    smooth,
)

COATS = (
    (58, 54, 56),  # black
    (128, 128, 134),  # grey
    (236, 230, 220),  # white
    (226, 196, 150),  # cream
    (214, 142, 74),  # ginger
    (142, 98, 66),  # brown
    (98, 70, 56),  # chocolate
    (192, 158, 120),  # fawn
)
PATTERNS = ("plain", "stripes", "bib", "patches", "spots", "mask")
EARS = {
    "cat": (("pricked", 0.9), ("round", 0.1)),
    "dog": (("floppy", 0.42), ("long", 0.24), ("tipped", 0.16), ("tall", 0.18)),
}
CAT_EYES = ((140, 180, 80), (220, 180, 60), (110, 170, 200), (200, 130, 50), (90, 160, 120))
DOG_EYES = ((84, 54, 34), (110, 70, 36), (60, 40, 30), (130, 165, 200))
INK = (34, 28, 30)
PINK = (226, 150, 150)


@dataclass(frozen=True)
class Look:
    """What one animal looks like in every pose."""

    kind: str
    coat: Colour
    pale: Colour  # chest, muzzle and paws
    mark: Colour  # stripes, patches, spots, mask
    pattern: str
    ears: str
    eyes: Colour
    nose: Colour
    wide: float  # width of the head
    long: float  # size of the muzzle
    fluff: float  # length of the tufts
    collar: Colour | None
    tongue: bool

    @property
    def is_cat(self) -> bool:
        """Whether it is a cat."""
        return self.kind == "cat"

    @property
    def line(self) -> Colour:
        """The colour of outlines and folds: the coat's shadow."""
        return darker(self.coat, 0.45)


def random_look(rng: np.random.Generator, kind: str) -> Look:
    """Any cat or any dog. Coats and patterns are drawn alike for both."""
    coat = jitter(rng, pick(rng, COATS), 9)
    pattern = pick(rng, PATTERNS, (0.2, 0.22, 0.2, 0.16, 0.08, 0.14))
    bright = luma(coat) > 150
    mark = jitter(rng, pick(rng, ((62, 54, 52), (120, 84, 58), (204, 130, 66)))) if bright else darker(coat, 0.45)
    if pattern == "patches" and not bright:
        mark = (238, 232, 224)
    pale = mix(coat, (250, 244, 236), 0.9 if pattern in ("bib", "patches") else rng.uniform(0.25, 0.5))
    names, shares = zip(*EARS[kind], strict=True)
    cat = kind == "cat"
    noses = (PINK, (200, 120, 115), (90, 60, 60)) if cat else (INK, (52, 42, 44), (90, 58, 48))
    return Look(
        kind=kind,
        coat=coat,
        pale=pale,
        mark=mark,
        pattern=pattern,
        ears=pick(rng, names, shares),
        eyes=jitter(rng, pick(rng, CAT_EYES if cat else DOG_EYES, (4, 3, 3, 3, 2) if cat else (6, 4, 5, 1)), 8),
        nose=jitter(rng, pick(rng, noses, (5, 2, 2) if cat else (5, 3, 2)), 5),
        wide=rng.uniform(0.92, 1.1),
        long=rng.uniform(0.85, 1.15),
        fluff=pick(rng, (0.02, 0.06, 0.11)),
        collar=jitter(rng, pick(rng, ((200, 50, 50), (50, 100, 180), (60, 150, 90), (240, 190, 60))))
        if rng.random() < 0.35
        else None,
        tongue=rng.random() < (0.06 if cat else 0.5),
    )


# --- heads -----------------------------------------------------------------------------------------------------------


def head(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """The head seen from the front, around the pen's origin."""
    if look.is_cat:
        _cat_head(rng, pen, look)
    else:
        _dog_head(rng, pen, look)


def _cat_head(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    w = look.wide
    for side in _sides(pen):
        _cat_ear(rng, side, look)
    half = [(0, -0.76), (0.4, -0.74), (0.76 * w, -0.42), (0.96 * w, 0.08), (0.9 * w, 0.42), (0.55, 0.72), (0, 0.82)]
    outline = furry(rng, smooth(both_sides(half), steps=4), look.fluff)
    _fur(rng, pen, look, outline)
    face = pen.inside(outline)
    _face_pattern(rng, face, look)
    for side in _sides(face):
        side.fill(ellipse(0.2, 0.42, 0.3, 0.24), look.pale, alpha=0.9, blur=0.03)
    face.fill(ellipse(0, 0.62, 0.2, 0.16), look.pale, blur=0.03)
    mood = pick(rng, ("slit", "round", "shut"), (0.55, 0.37, 0.08))
    for side in _sides(pen):
        _cat_eye(side.moved(0.42 * w, -0.04, angle=-0.2), look, mood)
    pen.fill([(-0.13, 0.2), (0.13, 0.2), (0.03, 0.33), (-0.03, 0.33)], look.nose)
    _mouth(pen, look, 0.33, 0.22, 0.1)
    _whiskers(rng, pen, look)


def _cat_ear(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A triangle that stands up, with a pink inside and a few hairs."""
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
    for side in _sides(pen):
        for k in (-1, 0, 1):
            end = np.array([1.3, 0.36 + 0.16 * k]) + rng.normal(0, 0.05, 2)
            side.stroke(
                smooth([(0.3, 0.42 + 0.05 * k), (0.8, 0.33 + 0.11 * k), end], closed=False), 0.034, colour, end=0.3
            )


def _dog_head(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    w = look.wide
    low = 0.98 * look.long
    if look.ears in ("tall", "tipped"):
        for side in _sides(pen):
            _raised_ear(rng, side, look)
    half = [(0, -0.86), (0.4, -0.82), (0.7 * w, -0.48), (0.74 * w, -0.02), (0.6, 0.4), (0.46, low * 0.8), (0, low)]
    outline = furry(rng, smooth(both_sides(half), steps=4), look.fluff)
    _fur(rng, pen, look, outline)
    face = pen.inside(outline)
    _face_pattern(rng, face, look)
    if look.ears in ("floppy", "long"):
        for side in _sides(pen):
            _hanging_ear(rng, side, look)
    _muzzle(rng, pen, look, low)
    for side in _sides(pen):
        _dog_eye(side.moved(0.34 * w, -0.12), look)


def _muzzle(rng: np.random.Generator, pen: Pen, look: Look, low: float) -> None:
    """The long nose seen from the front: it comes towards us, so it is large and hides the chin."""
    colour = look.mark if look.pattern == "mask" else look.pale
    top = both_sides([(0, -0.08), (0.2, 0), (0.36, 0.24), (0.47 * look.long, 0.56), (0.36, low * 0.9), (0, low * 0.93)])
    if look.tongue:
        length = rng.uniform(0.3, 0.5)
        pen.fill(
            smooth(both_sides([(0, low * 0.6), (0.26, low * 0.75), (0.24, low * 0.85), (0, low * 0.95)])), (70, 30, 36)
        )
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
    for side in _sides(pen):
        for x, y in ((0.22, 0.52), (0.3, 0.58), (0.24, 0.66)):
            side.fill(ellipse(x, y, 0.02, 0.02, count=8), darker(colour, 0.5))


def _hanging_ear(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A soft ear that hangs beside the face, to the cheek or far below it."""
    end = rng.uniform(0.35, 0.6) if look.ears == "floppy" else rng.uniform(0.8, 1.05)
    out = 1.05 + rng.normal(0, 0.06)
    ear = smooth(
        [
            (0.4, -0.82),
            (0.78, -0.74),
            (out, -0.2),
            (out + 0.05, end * 0.6),
            (0.86, end),
            (0.66, end * 0.7),
            (0.62, -0.1),
        ]
    )
    colour = _ear_colour(look)
    outline = furry(rng, ear, look.fluff)
    pen.moved(-0.05, 0.05).fill(outline, look.line, alpha=0.5, blur=0.05)
    pen.fill(outline, colour)
    pen.inside(outline).fill(ellipse(0.65, 0.1, 0.16, 0.7), darker(colour, 0.3), alpha=0.7, blur=0.08)
    pen.stroke(ear[-12:], 0.04, darker(colour, 0.4))


def _raised_ear(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """An ear that stands: tall like a shepherd's, or with a tip that falls forward."""
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
    for side in _sides(pen):
        curve = [(0, y + drop), (width * 0.5, y + drop * 1.6), (width, y + drop * 1.1)]
        side.stroke(smooth(curve, closed=False), 0.045, colour)


def profile(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """The head seen from the side, looking right: a cat's is round and flat, a dog's runs out into its nose."""
    if look.is_cat:
        line = [(-0.7, 0.1), (-0.55, -0.5), (-0.1, -0.78), (0.35, -0.64), (0.62, -0.3), (0.86, 0.08), (0.8, 0.3),
                (0.62, 0.52), (0.2, 0.7), (-0.4, 0.62)]  # fmt: skip
        nose, eye, mouth = (0.83, 0.1), (0.27, -0.1), [(0.84, 0.24), (0.7, 0.36), (0.5, 0.32)]
    else:
        tip = 1.2 * look.long
        line = [(-0.7, 0.1), (-0.5, -0.55), (-0.1, -0.74), (0.26, -0.6), (0.46, -0.24), (tip - 0.2, -0.12), (tip, 0.02),
                (tip - 0.02, 0.24), (tip - 0.25, 0.44), (0.5, 0.5), (0.1, 0.7), (-0.4, 0.62)]  # fmt: skip
        nose, eye, mouth = (tip - 0.03, -0.05), (0.1, -0.26), [(tip - 0.04, 0.22), (tip - 0.3, 0.32), (0.5, 0.22)]
    outline = furry(rng, smooth(line, steps=5), look.fluff * 0.6)
    pen.fill(outline * 1.05, look.line)
    _fur(rng, pen, look, outline)
    face = pen.inside(outline)
    face.fill(ellipse(nose[0] - 0.2, 0.3, 0.42, 0.3), look.mark if look.pattern == "mask" else look.pale, blur=0.06)
    if look.pattern in ("patches", "spots"):
        face.fill(ellipse(*eye, 0.34, 0.36), look.mark, blur=0.02)
    pen.stroke(smooth(mouth, closed=False), 0.06, INK)
    pen.fill(ellipse(*nose, *((0.09, 0.08) if look.is_cat else (0.17, 0.14))), look.nose)
    if look.is_cat:
        _cat_ear(rng, pen.moved(-0.62, 0), look)
        _cat_eye(face.moved(*eye, scale=0.9), look, "slit")
        for k in (-1, 0, 1):
            pen.stroke([(0.6, 0.3), (0.95, 0.42 + 0.17 * k)], 0.04, (245, 242, 238), end=0.4)
        return
    if look.tongue:
        pen.fill(ellipse(nose[0] - 0.3, 0.52, 0.13, 0.26), (232, 120, 130))
    hanging = look.ears in ("floppy", "long")
    (_hanging_ear if hanging else _raised_ear)(rng, pen.moved(-1.0 if hanging else -0.62, 0), look)
    _dog_eye(pen.moved(*eye), look)


def _sides(pen: Pen) -> tuple[Pen, Pen]:
    """The pen and its mirror image: what is drawn for the right side with both is drawn twice."""
    return pen, pen.moved(flip=True)


# --- coats -----------------------------------------------------------------------------------------------------------


def _fur(rng: np.random.Generator, pen: Pen, look: Look, outline: np.ndarray) -> None:
    """Fill the outline with the coat: a soft edge of shadow, light from above and hairs."""
    middle, reach = outline.mean(0), np.ptp(outline, axis=0) / 2
    pen.fill(outline, darker(look.coat, 0.2))
    coat = pen.inside(outline)
    coat.fill((outline - middle) * 0.9 + middle - reach * [0, 0.06], look.coat, blur=0.08)
    coat.fill(ellipse(*(middle - reach * [0, 0.45]), *(reach * [0.6, 0.4])), lighter(look.coat, 0.16), 0.7, blur=0.12)
    for shade in (lighter(look.coat, 0.25), darker(look.coat, 0.22)):
        roots = middle + rng.uniform(-1, 1, (70, 2)) * reach
        away = (roots - middle) * 0.1 + [0, 0.05]
        coat.hairs(zip(roots, roots + away + rng.normal(0, 0.015, (70, 2)), strict=True), 0.025, shade, 0.6)


def _face_pattern(rng: np.random.Generator, face: Pen, look: Look) -> None:
    """What the coat's pattern does to a face; the pen is kept inside the head."""
    if look.pattern == "stripes":
        for x in (-0.3, 0, 0.3):
            face.stroke([(x, -0.95), (x * 0.7, -0.42 + rng.normal(0, 0.04))], 0.11, look.mark, end=0.35)
        for side in _sides(face):
            for y in (0.0, 0.22, 0.44):
                side.stroke(
                    smooth([(1.05, y), (0.85, y + 0.02), (0.66, y + 0.08)], closed=False), 0.1, look.mark, end=0.3
                )
    elif look.pattern == "bib":
        half = [(0, -0.6), (0.07, -0.4), (0.13, 0), (0.5, 0.35), (0.6, 0.7), (0, 1.1)]
        face.fill(smooth(both_sides(half)), look.pale, blur=0.015)
    elif look.pattern == "patches":
        x = rng.choice([-1, 1]) * 0.45
        face.fill(smooth(ellipse(x, -0.3, 0.5, 0.55, count=7) + rng.normal(0, 0.06, (7, 2))), look.mark, blur=0.015)
        if rng.random() < 0.6:
            face.fill(ellipse(-x * 1.4, -0.6, 0.45, 0.4), mix(look.mark, (204, 130, 66), 0.6), blur=0.015)
    elif look.pattern == "spots":
        _spots(rng, face, look, ellipse(0, -0.1, 0.9, 0.9), 13)
    elif look.pattern == "mask":
        face.fill(ellipse(0, 0.25, 0.62, 0.6), look.mark, alpha=0.85, blur=0.12)


def _spots(rng: np.random.Generator, pen: Pen, look: Look, outline: np.ndarray, count: int) -> None:
    middle, reach = outline.mean(0), np.ptp(outline, axis=0) / 2
    for place in middle + rng.uniform(-1, 1, (count, 2)) * reach:
        size = rng.uniform(0.045, 0.1)
        pen.fill(smooth(ellipse(*place, size, size * 0.85, count=6) + rng.normal(0, 0.012, (6, 2))), look.mark)


def _body_pattern(rng: np.random.Generator, pen: Pen, look: Look, outline: np.ndarray) -> None:
    """What the coat's pattern does to a body."""
    body = pen.inside(outline)
    low, high = outline.min(0), outline.max(0)
    if look.pattern == "stripes":
        for side in (low[0], high[0]):
            towards = 0.3 * np.sign(sum((low[0], high[0])) / 2 - side)
            for y in np.linspace(low[1] + 0.3, high[1] - 0.15, 5):
                body.stroke(
                    smooth([(side, y), (side + towards / 2, y + 0.03), (side + towards, y + 0.1)], closed=False),
                    0.08,
                    look.mark,
                    end=0.3,
                )
    elif look.pattern == "patches":
        for _ in range(3):
            at = rng.uniform(low, high)
            body.fill(smooth(ellipse(*at, 0.28, 0.24, count=7) + rng.normal(0, 0.05, (7, 2))), look.mark, blur=0.01)
    elif look.pattern == "spots":
        _spots(rng, body, look, outline, 26)


# --- bodies ----------------------------------------------------------------------------------------------------------


def shoulders(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """What a close-up shows below the head, in the head's own units."""
    width = 0.85 if look.is_cat else 0.95
    half = [(0, 0.2), (0.5, 0.45), (width * 0.85, 0.9), (width * 1.1, 1.6), (width * 1.15, 2.8), (0, 2.9)]
    outline = furry(rng, smooth(both_sides(half), steps=5), look.fluff)
    _fur(rng, pen, look, outline)
    _body_pattern(rng, pen, look, outline)
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
    pen.stroke([top, foot], width + 0.04, look.line)
    pen.stroke([top, foot], width, coat, end=0.85)
    pen.fill(ellipse(*top, width * 0.9, width * 0.8), coat, blur=width * 0.25)  # the leg grows out of the body
    _paw(pen, look, foot[0] + 0.02, foot[1] + 0.01, width * 0.62)


def body_sitting(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A body that sits, from the front; its head belongs at (0, -0.55)."""
    _shadow(pen, 0, 0.95, 0.75)
    if look.is_cat:
        _tail(rng, pen, look, [(0.4, 0.8), (0.85, 0.8), (0.95, 0.4), (0.78, 0.1), (0.86, -0.15)], 0.15)
    else:
        _tail(rng, pen, look, [(0.4, 0.75), (0.75, 0.6), (0.92, 0.3)], 0.17)
    half = [(0, -0.5), (0.26, -0.35), (0.36, 0.05), (0.52, 0.45), (0.58, 0.8), (0.4, 0.95), (0, 0.96)]
    outline = furry(rng, smooth(both_sides(half), steps=5), look.fluff * 0.6)
    pen.fill((outline - [0, 0.2]) * 1.03 + [0, 0.2], look.line)
    _fur(rng, pen, look, outline)
    _body_pattern(rng, pen, look, outline)
    for side in _sides(pen):
        _paw(side, look, 0.46, 0.9, 0.17)
    for side in _sides(pen):
        _leg(side, look, (0.15, 0.3), (0.16, 0.9), 0.2)
    pen.inside(outline).fill(ellipse(0, 0.12, 0.23, 0.38), look.pale, alpha=0.95, blur=0.04)
    pen.inside(outline).fill(ellipse(0, -0.15, 0.36, 0.14), look.line, alpha=0.45, blur=0.05)
    _collar(pen.moved(0, -0.1, scale=0.5), look, 0.62)


def body_lying(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A body that lies, from the front; its head belongs at (0, -0.2)."""
    _shadow(pen, 0, 0.8, 1.0)
    if look.is_cat:
        _tail(rng, pen, look, [(0.6, 0.6), (0.98, 0.62), (0.9, 0.8), (0.5, 0.82)], 0.15)
    else:
        _tail(rng, pen, look, [(0.6, 0.4), (0.95, 0.25), (1.02, -0.05)], 0.16)
    half = [(0, -0.15), (0.45, -0.05), (0.78, 0.22), (0.86, 0.6), (0.6, 0.8), (0, 0.82)]
    outline = furry(rng, smooth(both_sides(half), steps=6), look.fluff * 0.6)
    pen.fill((outline - [0, 0.35]) * 1.025 + [0, 0.35], look.line)
    _fur(rng, pen, look, outline)
    _body_pattern(rng, pen, look, outline)
    pen.inside(outline).fill(ellipse(0, 0.5, 0.34, 0.3), look.pale, alpha=0.95, blur=0.05)
    pen.inside(outline).fill(ellipse(0, 0.35, 0.5, 0.16), look.line, alpha=0.4, blur=0.06)
    for side in _sides(pen):
        if look.is_cat:
            _paw(side, look, 0.18, 0.76, 0.15)
        else:
            _leg(side, look, (0.46, 0.5), (0.34, 0.82), 0.21)


def body_standing(rng: np.random.Generator, pen: Pen, look: Look) -> None:
    """A body that stands facing right; its head belongs at (0.62, -0.42)."""
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
    _fur(rng, pen, look, outline)
    _body_pattern(rng, pen, look, outline)
    pen.inside(outline).fill(ellipse(0.66, 0.2, 0.16, 0.3), look.pale, alpha=0.9, blur=0.05)
    for x in (-0.6, 0.34):
        _leg(pen, look, (x, 0.2), (x, 0.9), legs)
    pen.inside(outline).fill(ellipse(0.62, 0.0, 0.3, 0.12), look.line, alpha=0.4, blur=0.05)
