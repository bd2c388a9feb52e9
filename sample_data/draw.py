"""Redraws the sample datasets: `python -m sample_data.draw [dataset ...]`, from the project's folder.

Every image has its own random generator, seeded by its dataset, class and number, so it is the same, byte for byte,
whichever other images are drawn.
"""

import shutil
import sys
from io import BytesIO
from pathlib import Path

import numpy as np

from sample_data import cats_dogs, digits, shapes

SEED = 2024
FOLDER = Path(__file__).parent
# dataset -> its module, and the number of images per class
DATASETS = {"cats_dogs": (cats_dogs, 450), "digits": (digits, 220), "shapes": (shapes, 260)}


def encoded(dataset: str, name: str, number: int) -> bytes:
    """The JPEG file of image `number` of class `name`."""
    module, _ = DATASETS[dataset]
    rng = np.random.default_rng([SEED, *dataset.encode(), module.CLASSES.index(name), number])
    file = BytesIO()
    module.draw(rng, name).save(file, "JPEG", quality=int(rng.integers(66, 88)), optimize=True)
    return file.getvalue()


def path(dataset: str, name: str, number: int) -> Path:
    """The path of that file."""
    return FOLDER / dataset / name / f"{name}_{number:03}.jpg"


def draw(dataset: str) -> int:
    """Draw a whole dataset, replacing the existing one; returns the number of bytes written."""
    module, count = DATASETS[dataset]
    shutil.rmtree(FOLDER / dataset, ignore_errors=True)
    written = 0
    for name in module.CLASSES:
        path(dataset, name, 0).parent.mkdir(parents=True)
        written += sum(path(dataset, name, i).write_bytes(encoded(dataset, name, i)) for i in range(count))
    return written


if __name__ == "__main__":
    for dataset in sys.argv[1:] or DATASETS:
        print(f"{dataset}: {draw(dataset) / 1e6:.1f} MB")
