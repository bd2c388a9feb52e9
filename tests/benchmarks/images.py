"""Folders of random images for measurements; the same seed gives the same images."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

CANVAS = 640  # side of the textures that photographs are cut from
TEXTURES = 12  # of each class


def photographs(folder: Path, count: int, classes: int = 2) -> Path:
    """`count` JPEGs of 240 to 500 pixels a side, with detail at every scale as photographs have it, in `classes`
    folders. The classes differ in how coarse their texture is."""
    textures = [[_texture(label, classes, i) for i in range(TEXTURES)] for label in range(classes)]

    def draw(label: int, i: int) -> Image.Image:
        rng = np.random.default_rng([2, label, i])
        height, width = rng.integers(240, 501, 2)
        top, left = rng.integers(0, CANVAS - height), rng.integers(0, CANVAS - width)
        cut = textures[label][i % TEXTURES][top : top + height, left : left + width]
        return Image.fromarray(cut[:, :: rng.choice((-1, 1))])

    return _fill(folder, count, classes, "jpg", draw, quality=90)


def thumbnails(folder: Path, count: int, classes: int = 10) -> Path:
    """`count` PNGs of 32 x 32 pixels in `classes` folders; the classes differ in colour."""

    def draw(label: int, i: int) -> Image.Image:
        rng = np.random.default_rng([3, label, i])
        color = np.random.default_rng([4, label]).integers(30, 160, 3)
        coarse = rng.integers(0, 96, (4, 4, 3)) + color
        return Image.fromarray(coarse.astype(np.uint8)).resize((32, 32), Image.Resampling.BICUBIC)

    return _fill(folder, count, classes, "png", draw)


def _texture(label: int, classes: int, i: int) -> np.ndarray:
    """uint8 (CANVAS, CANVAS, 3): noise of every scale laid over one another, finer for later classes."""
    rng = np.random.default_rng([1, label, i])
    fading = 0.45 + 0.3 * label / max(classes - 1, 1)  # how much weaker each finer layer is
    total = np.zeros((CANVAS, CANVAS, 3), np.float32)
    for octave in range(2, 10):
        noise = rng.integers(0, 256, (2**octave, 2**octave, 3), np.uint8)
        layer = Image.fromarray(noise).resize((CANVAS, CANVAS), Image.Resampling.BICUBIC)
        total += fading**octave * (np.asarray(layer, np.float32) - 128)
    total *= 55 / total.std()
    return (total + 128).clip(0, 255).astype(np.uint8)


def _fill(
    folder: Path, count: int, classes: int, suffix: str, draw: Callable[[int, int], Image.Image], **options
) -> Path:
    """folder/class/number.suffix, unless an earlier call has filled it."""

    def places() -> Iterator[tuple[int, int]]:
        for place in range(count):
            yield place % classes, place // classes

    def save(place: tuple[int, int]) -> None:
        label, i = place
        draw(label, i).save(folder / f"class_{label:03d}" / f"{i:06d}.{suffix}", **options)

    finished = folder / ".finished"
    if not finished.exists():
        for label in range(classes):
            (folder / f"class_{label:03d}").mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor() as pool:
            list(pool.map(save, places()))
        finished.touch()
    return folder
