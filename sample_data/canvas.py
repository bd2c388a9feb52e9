"""The drawing tools of the datasets: curves as arrays of points, a pen, paints and camera effects.

Everything is drawn SCALE times too large and shrunk at the end, which makes the edges smooth.
"""

from dataclasses import dataclass, replace
from math import cos, hypot, pi, sin

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SCALE = 3

Colour = tuple[int, int, int]


# --- colours ---------------------------------------------------------------------------------------------------------


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """The colour a fraction `share` of the way from a to b."""
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))


def lighter(colour: Colour, share: float) -> Colour:
    """The colour moved towards white."""
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float) -> Colour:
    """The colour moved towards black."""
    return mix(colour, (0, 0, 0), share)


def luma(colour: Colour) -> float:
    """The brightness of the colour in grayscale (0-255)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def jitter(rng: np.random.Generator, colour: Colour, spread: float = 10) -> Colour:
    """A random colour near the given one."""
    moved = np.array(colour) + rng.normal(0, spread) + rng.normal(0, spread / 2, 3)
    return tuple(int(v) for v in np.clip(moved, 0, 255))


def any_colour(rng: np.random.Generator, low: int = 20, high: int = 240) -> Colour:
    """A random colour, with each channel from low to high."""
    return tuple(int(v) for v in rng.integers(low, high, 3))


def pick(rng: np.random.Generator, options, weights=None):
    """A random option, drawn with the given weights."""
    shares = None if weights is None else np.array(weights) / np.sum(weights)
    return options[rng.choice(len(options), p=shares)]


# --- curves ----------------------------------------------------------------------------------------------------------


def ellipse(x: float, y: float, rx: float, ry: float, angle: float = 0, count: int = 40) -> np.ndarray:
    """Points around an ellipse."""
    t = np.linspace(0, 2 * pi, count, endpoint=False)
    return np.array([x, y]) + turned(np.stack([rx * np.cos(t), ry * np.sin(t)], 1), angle)


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    """The points rotated around the origin."""
    return points @ np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])


def smooth(points, closed: bool = True, steps: int = 8) -> np.ndarray:
    """A Catmull-Rom curve through the points."""
    p = np.asarray(points, float)
    ends = (p[-1:], p[:2]) if closed else (p[:1], p[-1:])
    p = np.concatenate([ends[0], p, ends[1]])
    a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, p[-1:]])


def both_sides(right_half) -> np.ndarray:
    """A symmetric closed outline from its right half, listed top to bottom, with both end points on the axis."""
    half = np.asarray(right_half, float)
    return np.concatenate([half, half[-2:0:-1] * [-1, 1]])


def furry(rng: np.random.Generator, outline: np.ndarray, depth: float) -> np.ndarray:
    """The closed outline with tufts: every second point pushed outwards, away from the centre."""
    outward = outline - outline.mean(0)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-6)
    push = rng.uniform(0.3, 1, len(outline)) * depth * (np.arange(len(outline)) % 2)
    return outline + outward * push[:, None]


# --- the pen ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pen:
    """Draws on an image in its own coordinate system. `clip` is an optional mask that keeps the paint inside."""

    image: Image.Image
    matrix: np.ndarray
    clip: Image.Image | None = None

    @classmethod
    def on(cls, image: Image.Image) -> "Pen":
        """A pen whose unit is one pixel of the finished picture."""
        return cls(image, np.array([[SCALE, 0, 0], [0, SCALE, 0]], float))

    def moved(self, x: float = 0, y: float = 0, scale: float = 1, angle: float = 0, flip: bool = False) -> "Pen":
        """A pen with its origin at (x, y), rotated, scaled, and mirrored if `flip`."""
        side = -scale if flip else scale
        step = np.array([[side * cos(angle), -scale * sin(angle)], [side * sin(angle), scale * cos(angle)]])
        linear = self.matrix[:, :2]
        shifted = linear @ np.array([x, y]) + self.matrix[:, 2]
        return replace(self, matrix=np.column_stack([linear @ step, shifted]))

    def sides(self) -> tuple["Pen", "Pen"]:
        """The pen and its mirror image, to draw the same thing on the right and on the left."""
        return self, self.moved(flip=True)

    def inside(self, outline) -> "Pen":
        """A pen that paints only inside the outline."""
        return replace(self, clip=self._mask(lambda draw: draw.polygon(self._place(outline), fill=255)))

    def fill(self, outline, paint: Colour | Image.Image, alpha: float = 1, blur: float = 0) -> None:
        """Fill the outline with a colour, or with a paint as large as the image."""
        self._paint(self._mask(lambda draw: draw.polygon(self._place(outline), fill=round(255 * alpha)), blur), paint)

    def stroke(self, points, width: float, paint: Colour | Image.Image, alpha: float = 1, end: float = 1) -> None:
        """Draw a line with round ends, whose width changes from `width` to `end` times `width`."""
        placed = self._dense(self._place(points))
        radii = np.linspace(width, width * end, len(placed)) * self._unit() / 2
        self._paint(self._mask(lambda draw: _beads(draw, placed, radii, round(255 * alpha))), paint)

    def hairs(self, lines, width: float, colour: Colour, alpha: float) -> None:
        """Draw many thin lines at once."""
        pixels = max(1, round(width * self._unit()))

        def draw_all(draw):
            for line in lines:
                draw.line(self._place(line), fill=round(255 * alpha), width=pixels)

        self._paint(self._mask(draw_all), colour)

    def _place(self, points) -> list[tuple[float, float]]:
        return [tuple(p) for p in (np.asarray(points, float) @ self.matrix[:, :2].T + self.matrix[:, 2]).tolist()]

    def _unit(self) -> float:
        return hypot(self.matrix[0, 1], self.matrix[1, 1])

    @staticmethod
    def _dense(points) -> np.ndarray:
        p = np.asarray(points)
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
        at = np.linspace(0, along[-1], max(2, int(along[-1] / 1.5)))
        return np.stack([np.interp(at, along, p[:, 0]), np.interp(at, along, p[:, 1])], 1)

    def _mask(self, draw_on, blur: float = 0) -> Image.Image:
        mask = Image.new("L", self.image.size)
        draw_on(ImageDraw.Draw(mask))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * self._unit()))
        return ImageChops.multiply(mask, self.clip) if self.clip else mask

    def _paint(self, mask: Image.Image, paint: Colour | Image.Image) -> None:
        self.image.paste(paint, (0, 0, *self.image.size) if isinstance(paint, tuple) else (0, 0), mask)


def _beads(draw: ImageDraw.ImageDraw, points: np.ndarray, radii: np.ndarray, level: int) -> None:
    for (x, y), r in zip(points, radii, strict=True):
        draw.ellipse((x - r, y - r, x + r, y + r), fill=level)


# --- paints: images as large as the canvas ---------------------------------------------------------------------------


def blend(a: Colour, b: Colour, share: np.ndarray) -> Image.Image:
    """An image that blends from colour a, where `share` (height, width) is 0, to colour b, where it is 1."""
    first, second = np.array(a, float), np.array(b, float)
    return Image.fromarray((first + (second - first) * share[..., None]).round().astype(np.uint8))


def grid(size: tuple[int, int], angle: float = 0) -> tuple[np.ndarray, np.ndarray]:
    """x and y of every pixel of a (width, height) canvas, in finished pixels, rotated by the angle."""
    y, x = np.mgrid[: size[1], : size[0]] / SCALE
    return x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)


def gradient(size: tuple[int, int], a: Colour, b: Colour, angle: float) -> Image.Image:
    """A paint that changes from a to b across the canvas."""
    x, _ = grid(size, angle)
    return blend(a, b, (x - x.min()) / np.ptp(x))


def stripes(size: tuple[int, int], a: Colour, b: Colour, angle: float, period: float) -> Image.Image:
    """A paint of stripes, one every `period` finished pixels."""
    x, _ = grid(size, angle)
    return blend(a, b, (x / period % 1 < 0.5).astype(float))


def dots(size: tuple[int, int], a: Colour, b: Colour, angle: float, period: float) -> Image.Image:
    """A paint of round dots of b on a."""
    x, y = grid(size, angle)
    return blend(a, b, ((x / period % 1 - 0.5) ** 2 + (y / period % 1 - 0.5) ** 2 < 0.09).astype(float))


def checker(size: tuple[int, int], a: Colour, b: Colour, angle: float, period: float) -> Image.Image:
    """A checkerboard paint of a and b."""
    x, y = grid(size, angle)
    return blend(a, b, (np.floor(x / period) + np.floor(y / period)) % 2)


def clouds(rng: np.random.Generator, size: tuple[int, int], a: Colour, b: Colour, cells: int) -> Image.Image:
    """A paint of soft random blotches, about `cells` along each side."""
    coarse = Image.fromarray(rng.integers(0, 256, (cells, cells), dtype=np.uint8))
    return blend(a, b, np.asarray(coarse.resize(size, Image.Resampling.BICUBIC)) / 255)


# --- the camera ------------------------------------------------------------------------------------------------------


def new_canvas(size: tuple[int, int]) -> Image.Image:
    """An empty image for a finished picture of `size` (width, height)."""
    return Image.new("RGB", (size[0] * SCALE, size[1] * SCALE))


def finished(rng: np.random.Generator, image: Image.Image, noise: float, light: float = 0) -> Image.Image:
    """The canvas shrunk to its finished size, with uneven light from one side and camera noise."""
    small = image.resize((image.width // SCALE, image.height // SCALE), Image.Resampling.LANCZOS)
    pixels = np.asarray(small, float)
    y, x = np.mgrid[-1 : 1 : small.height * 1j, -1 : 1 : small.width * 1j]
    angle = rng.uniform(0, 2 * pi)
    pixels = pixels * (1 + light * (x * cos(angle) + y * sin(angle)))[..., None]
    pixels += rng.normal(0, noise, pixels.shape[:2])[..., None] + rng.normal(0, noise / 3, pixels.shape)
    return Image.fromarray(np.clip(pixels.round(), 0, 255).astype(np.uint8))
