"""Which changes of an image alter the prediction? python -m tests.benchmarks.invariance FOLDER ... [--preset NAME ...]

Trains networks, changes each held-out image, and counts how often the network then names another class. The table in
docs/learning.md is made of what it prints.
"""

import argparse
import statistics
from pathlib import Path

import numpy as np

from cnn.specs import PRESETS
from tests.benchmarks.learning import begin
from tests.benchmarks.measure import table, title

# Names of changes, as on the page Change the image, and their amounts.
CHANGES = {
    "shift by 1 pixel": {"shift right": 1},
    "2 pixels": {"shift right": 2},
    "4 pixels": {"shift right": 4},
    "8 pixels": {"shift right": 8},
    "16 pixels": {"shift right": 16},
    "rotate by 15°": {"rotate": 15},
    "45°": {"rotate": 45},
    "180°": {"rotate": 180},
    "brightness × 0.7": {"brightness": 0.7},
    "swap left and right": {"swap left and right": 1},
}


def changed_predictions(folder: str, preset: str, seed: int) -> list[float]:
    """For each of CHANGES, the share (0..1) of held-out images for which the trained network then names another
    class."""
    from cnn.explain.image_changes import change_all
    from cnn.training.evaluation import probabilities

    training = begin(folder, preset, {}, seed)
    for _ in training.run():
        pass
    images = [np.asarray(training.dataset.images[index]) for index in training.dataset.val]
    before = probabilities(training.model, np.stack(images)).argmax(1)

    def after(amounts: dict[str, float]) -> np.ndarray:
        return probabilities(training.model, np.stack([change_all(image, amounts) for image in images])).argmax(1)

    return [float((after(amounts) != before).mean()) for amounts in CHANGES.values()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.invariance")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--preset", action="append", dest="presets", choices=PRESETS)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    columns, shares = [], []
    for folder in options.folders:
        for preset in options.presets or ["Assignment"]:
            columns.append(f"{Path(folder).name}, {preset}")
            each_seed = [changed_predictions(folder, preset, seed) for seed in range(options.seeds)]
            shares.append([statistics.mean(own) for own in zip(*each_seed, strict=True)])
    title(f"Share of the held-out images that get another class, {options.seeds} seeds")
    table(["change", *columns], [[name, *(f"{own[i]:.0%}" for own in shares)] for i, name in enumerate(CHANGES)])


if __name__ == "__main__":
    main()
