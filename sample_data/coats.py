"""The appearance of one cat or dog, and its coat: hairs and patterns."""

from dataclasses import dataclass

import numpy as np

from sample_data.canvas import Colour, Pen, both_sides, darker, ellipse, jitter, lighter, luma, mix, pick, smooth

COATS = (
    (58, 54, 56),  # black
    (128, 128, 134),  # gray
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
COLLARS = ((200, 50, 50), (50, 100, 180), (60, 150, 90), (240, 190, 60))
INK = (34, 28, 30)
PINK = (226, 150, 150)


@dataclass(frozen=True)
class Look:
    """The appearance of one animal, the same in every pose."""

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
    tongue: bool  # whether the tongue hangs out (dogs only)

    @property
    def is_cat(self) -> bool:
        """Whether it is a cat."""
        return self.kind == "cat"

    @property
    def line(self) -> Colour:
        """The colour of outlines and folds: the coat's shadow."""
        return darker(self.coat, 0.45)


def random_look(rng: np.random.Generator, kind: str) -> Look:
    """A random cat or dog. Both kinds have the same coats and patterns."""
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
        collar=jitter(rng, pick(rng, COLLARS)) if rng.random() < 0.35 else None,
        tongue=rng.random() < 0.5,
    )


def fur(rng: np.random.Generator, pen: Pen, look: Look, outline: np.ndarray) -> None:
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


def face_pattern(rng: np.random.Generator, face: Pen, look: Look) -> None:
    """Draw the coat's pattern on a face; the pen is clipped to the head."""
    if look.pattern == "stripes":
        for x in (-0.3, 0, 0.3):
            face.stroke([(x, -0.95), (x * 0.7, -0.42 + rng.normal(0, 0.04))], 0.11, look.mark, end=0.35)
        for side in face.sides():
            for y in (0.0, 0.22, 0.44):
                stripe = [(1.05, y), (0.85, y + 0.02), (0.66, y + 0.08)]
                side.stroke(smooth(stripe, closed=False), 0.1, look.mark, end=0.3)
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


def body_pattern(rng: np.random.Generator, pen: Pen, look: Look, outline: np.ndarray) -> None:
    """Draw the coat's pattern on a body."""
    body = pen.inside(outline)
    low, high = outline.min(0), outline.max(0)
    if look.pattern == "stripes":
        for side in (low[0], high[0]):
            inwards = 0.3 if side == low[0] else -0.3
            for y in np.linspace(low[1] + 0.3, high[1] - 0.15, 5):
                stripe = [(side, y), (side + inwards / 2, y + 0.03), (side + inwards, y + 0.1)]
                body.stroke(smooth(stripe, closed=False), 0.08, look.mark, end=0.3)
    elif look.pattern == "patches":
        for _ in range(3):
            at = rng.uniform(low, high)
            body.fill(smooth(ellipse(*at, 0.28, 0.24, count=7) + rng.normal(0, 0.05, (7, 2))), look.mark, blur=0.01)
    elif look.pattern == "spots":
        _spots(rng, body, look, outline, 26)
