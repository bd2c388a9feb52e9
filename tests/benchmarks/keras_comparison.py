"""Against Keras: python -m tests.benchmarks.keras_comparison --keras PYTHON FOLDER ...

Trains the network of the tutorial's notebook in Keras (tests/benchmarks/plain/in_keras.py) and the preset Assignment,
with several seeds, on the same images with the same ones held out. PYTHON: the python of another environment, with
tensorflow-cpu installed. Both use one thread.
"""

import argparse
import json
import os
import statistics
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from cnn.data.dataset import read_dataset
from cnn.specs import PRESETS, DatasetSpec
from tests.benchmarks.learning import CACHE, train
from tests.benchmarks.measure import ROOT, table, title

EPOCHS = PRESETS["Assignment"].training_spec.epochs


def in_keras(python: str, folder: str, seeds: range) -> list[list[float]]:
    """For each seed, the held-out accuracy after each epoch."""
    with TemporaryDirectory() as scratch:
        files = []
        for seed in seeds:
            dataset = read_dataset(folder, DatasetSpec(seed=seed), CACHE)
            files.append(Path(scratch, f"{seed}.npz"))
            split = {"train": dataset.train, "val": dataset.val}
            np.savez(files[-1], images=dataset.images, labels=dataset.labels, **split, seed=seed)
        command = [python, "-m", "tests.benchmarks.plain.in_keras", *map(str, files), "--epochs", str(EPOCHS)]
        quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(command, cwd=ROOT, env=quiet, text=True, stdout=subprocess.PIPE, check=True)
    return [json.loads(line)["accuracy"] for line in done.stdout.splitlines()]


def row(name: str, last: list[float], best: list[float]) -> list[str]:
    """Means in percent; ±: the standard error; the lowest and the highest seed."""
    error = statistics.stdev(last) / len(last) ** 0.5 if len(last) > 1 else 0.0
    mean = f"{100 * statistics.mean(last):.1f} ± {100 * error:.1f}"
    return [name, mean, f"{100 * min(last):.1f} to {100 * max(last):.1f}", f"{100 * statistics.mean(best):.1f}"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.keras_comparison")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--keras", required=True, metavar="PYTHON", help="of an environment with tensorflow-cpu")
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    seeds = range(options.seeds)
    for folder in options.folders:
        other = in_keras(options.keras, folder, seeds)
        ours = [train(folder, "Assignment", {}, seed) for seed in seeds]
        title(f"{Path(folder).name}, {len(seeds)} seeds, {EPOCHS} epochs")
        rows = [
            row("Assignment", [one.last for one in ours], [one.best for one in ours]),
            row("Keras", [one[-1] for one in other], [max(one) for one in other]),
        ]
        table(["held-out accuracy, %", "last epoch", "seeds", "best epoch"], rows)
        better = sum(mine.last > theirs[-1] for mine, theirs in zip(ours, other, strict=True))
        print(f"\nAssignment is better with {better} of {len(seeds)} seeds.", flush=True)


if __name__ == "__main__":
    main()
