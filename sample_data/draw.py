"""Redraws the sample datasets: `python -m sample_data.draw [dataset ...]`, from the project's folder.

Every image has its own random generator, seeded by its dataset, class and number, so it is the same, byte for byte,
whichever other images are drawn.
"""

import shutil
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from sample_data import cats_dogs, digits, shapes, shortcut

SEED = 2024
FOLDER = Path(__file__).parent


class Samples(NamedTuple):
    """A dataset.

    draw: makes an image for a folder. folders: each with the number of its images. seed: what the generators of its
    images are seeded with; datasets with the same seed share images.
    """

    draw: Callable[[np.random.Generator, str], Image.Image]
    folders: Mapping[str, int]
    seed: str


DATASETS = {
    "cats_dogs": Samples(cats_dogs.draw, dict.fromkeys(cats_dogs.CLASSES, 450), "cats_dogs"),
    "digits": Samples(digits.draw, dict.fromkeys(digits.CLASSES, 220), "digits"),
    "shapes": Samples(shapes.draw, dict.fromkeys(shapes.CLASSES, 260), "shapes"),
    "shortcut": Samples(shortcut.draw, shortcut.FOLDERS, "shortcut"),
    "shortcut_mended": Samples(shortcut.draw_mended, shortcut.FOLDERS, "shortcut"),
}


def encoded(dataset: str, folder: str, number: int) -> bytes:
    """The JPEG file of image `number` of a folder."""
    samples = DATASETS[dataset]
    rng = np.random.default_rng([SEED, *samples.seed.encode(), list(samples.folders).index(folder), number])
    file = BytesIO()
    samples.draw(rng, folder).save(file, "JPEG", quality=int(rng.integers(66, 88)), optimize=True)
    return file.getvalue()


def path(dataset: str, folder: str, number: int) -> Path:
    """The path of that file."""
    return FOLDER / dataset / folder / f"{Path(folder).name}_{number:03}.jpg"


def draw(dataset: str) -> int:
    """Draw a whole dataset, replacing the existing one; returns the number of bytes written."""
    shutil.rmtree(FOLDER / dataset, ignore_errors=True)
    written = 0
    for folder, count in DATASETS[dataset].folders.items():
        path(dataset, folder, 0).parent.mkdir(parents=True)
        written += sum(path(dataset, folder, i).write_bytes(encoded(dataset, folder, i)) for i in range(count))
    return written


if __name__ == "__main__":
    for dataset in sys.argv[1:] or DATASETS:
        print(f"{dataset}: {draw(dataset) / 1e6:.1f} MB")
