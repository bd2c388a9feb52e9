"""How well networks learn: python -m tests.benchmarks.learning FOLDER ... [--preset NAME ...] [--with JSON ...]

Trains each preset, and each with other settings, on each folder with several seeds. A seed also holds out other images,
the same for all settings. The table in docs/learning.md is made of what it prints.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import gettempdir

from cnn.specs import PRESETS, SPECS, DatasetSpec, NetworkSpec, TrainingSpec
from tests.benchmarks.measure import table, title

CACHE = Path(gettempdir()) / "learning-benchmark-cache"


@dataclass(frozen=True)
class Result:
    """last, best: held-out accuracy after the last epoch, and the highest one, 0..1. dead: layer -> dead units of all,
    after the last epoch. guessing: epochs whose accuracy is within 5 points of always naming the largest class. moved:
    the share of first filters that training has changed by more than half of their norm; None without any. peaked: the
    share of them whose spectrum has one peak, before and after training."""

    last: float
    best: float
    dead: dict[str, tuple[int, int]]
    guessing: int
    moved: float | None
    peaked: tuple[float, float] | None
    epochs: int
    seconds: float


def settings_of(preset: str, changes: dict) -> tuple[DatasetSpec, NetworkSpec, TrainingSpec]:
    """The specs of a preset with some fields changed, by the fields' names."""
    chosen = PRESETS[preset]
    values = [{"channels": chosen.channels} if chosen.channels else {}, chosen.network_spec.to_dict()]
    values.append(chosen.training_spec.to_dict())
    for name, value in changes.items():
        owner = next(i for i, spec in enumerate(SPECS) if name in spec.settings())
        values[owner][name] = value
    return tuple(spec.from_dict(own) for spec, own in zip(SPECS, values, strict=True))


def begin(folder: str, preset: str, changes: dict, seed: int):
    """A Training that has not begun. The seed also decides which images are held out."""
    import torch

    from cnn.data.dataset import read_dataset
    from cnn.model.build import build
    from cnn.model.layers import lay_out
    from cnn.model.model import PLAIN, Model, Preprocessing
    from cnn.training.device import best_device
    from cnn.training.loop import Training

    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    data, network, training = settings_of(preset, {**changes, "seed": 0})
    data = DatasetSpec.from_dict(data.to_dict() | {"seed": seed})
    training = TrainingSpec.from_dict(training.to_dict() | {"seed": seed})
    dataset = read_dataset(folder, data, CACHE)
    layers = lay_out(network, data.image_size, data.channels, len(dataset.classes))
    preprocessing = PLAIN
    if network.preprocessing == "standardised":
        preprocessing = Preprocessing.standardised(dataset.images, dataset.train)
    model = Model(
        layers, build(layers, seed, network.initial_weights, network.dense_bias), dataset.classes, preprocessing
    )
    return Training(model, dataset, training, best_device())


def train(folder: str, preset: str, changes: dict, seed: int) -> Result:
    from cnn.training.accuracy import guessing
    from cnn.training.loop import Epoch

    training = begin(folder, preset, changes, seed)
    model, dataset = training.model, training.dataset
    before = first_filters(model)
    start = time.perf_counter()
    epochs = [event for event in training.run() if isinstance(event, Epoch)]
    accuracies = [epoch.val_accuracy for epoch in epochs]
    chance = guessing([int((dataset.labels[dataset.val] == label).sum()) for label in range(len(dataset.classes))])
    return Result(
        accuracies[-1],
        max(accuracies),
        {layer: (dead, units) for layer, dead, units in epochs[-1].dead},
        sum(abs(accuracy - chance) < 0.05 for accuracy in accuracies),
        moved(before, first_filters(model)),
        (peaked(before), peaked(first_filters(model))) if before is not None else None,
        len(epochs),
        time.perf_counter() - start,
    )


def first_filters(model):
    """A copy of the first convolution's weights, (filters, channels, rows, columns); None without a convolution."""
    convolution = next((layer.name for layer in model.layers if layer.kind == "conv"), None)
    return model.weights(convolution) if convolution else None


def moved(before, after) -> float | None:
    if before is None:
        return None
    change = ((after - before) ** 2).sum((1, 2, 3)) ** 0.5 / (before**2).sum((1, 2, 3)) ** 0.5
    return float((change > 0.5).mean())


def peaked(filters) -> float:
    """The share of filters (n, channels, rows, columns) that look like one pattern: an edge, bars or a blot of colour.

    That of a filter is the sum of the power spectra of its channels, at frequencies 1/32 of a cycle per pixel apart. It
    has one peak if at least half of its power is within 1/8 of a cycle per pixel of the largest value, or of that
    value's mirror image. Of a thousand filters of random numbers, 7 × 7 or smaller, none has.
    """
    import numpy as np

    power = (np.abs(np.fft.fft2(filters, (32, 32))) ** 2).sum(1)
    frequencies = np.fft.fftfreq(32)
    one_peak = []
    for own in power:
        row, column = np.unravel_index(own.argmax(), own.shape)
        near = np.zeros(own.shape, bool)
        for sign in (1, -1):
            away = [_around(frequencies - sign * frequencies[at]) for at in (row, column)]
            near |= np.hypot(away[0][:, None], away[1]) <= 1 / 8
        one_peak.append(own[near].sum() >= own.sum() / 2)
    return float(np.mean(one_peak))


def _around(distance):
    """Distances of frequencies, which repeat after 1."""
    return (distance + 0.5) % 1 - 0.5


def row(results: list[Result]) -> Iterator[str]:
    last = [100 * result.last for result in results]
    error = statistics.stdev(last) / len(last) ** 0.5 if len(last) > 1 else 0.0
    yield f"{statistics.mean(last):.1f} ± {error:.1f}"
    yield f"{100 * statistics.mean(result.best for result in results):.1f}"
    yield f"{statistics.mean(result.guessing for result in results):.1f} of {results[0].epochs}"
    layers = list(results[0].dead)
    for layer in (layers[0], layers[-1]) if layers else ("", ""):
        counts = [result.dead[layer] for result in results if layer]
        yield f"{statistics.mean(dead for dead, _ in counts):.1f} of {counts[0][1]}" if counts else ""
    shares = [result.moved for result in results if result.moved is not None]
    yield f"{statistics.mean(shares):.0%}" if shares else ""
    peaks = zip(*(result.peaked for result in results if result.peaked), strict=True)
    yield " to ".join(f"{statistics.mean(own):.0%}" for own in peaks)
    yield f"{statistics.mean(result.seconds for result in results):.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.learning")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--preset", action="append", dest="presets", choices=PRESETS)
    parser.add_argument("--with", action="append", dest="changes", type=json.loads, help="fields of specs, as JSON")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    head = [
        "settings",
        "last, %",
        "best, %",
        "epochs of guessing",
        "dead, first layer",
        "dead, last layer",
        "filters moved",
        "with one peak",
        "seconds",
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        asked = list(product(options.folders, options.presets or ["Assignment"], options.changes or [{}]))
        waiting = {
            (folder, preset, json.dumps(changes)): [
                pool.submit(train, folder, preset, changes, seed) for seed in range(options.seeds)
            ]
            for folder, preset, changes in asked
        }
        for folder in options.folders:
            title(f"{Path(folder).name}, {options.seeds} seeds")
            rows = [
                [f"{preset} {changes if changes != '{}' else ''}".strip(), *row([one.result() for one in results])]
                for (where, preset, changes), results in waiting.items()
                if where == folder
            ]
            table(head, rows)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
