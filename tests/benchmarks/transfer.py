"""How much a network gains that starts from another: python -m tests.benchmarks.transfer BASE_FOLDER NEW_FOLDER

With each seed, trains a base on one folder, and then networks for a few images of each class of another: one that
starts at random, and those that start with the base's convolutions. All get the same images, dense layers and steps.
The table in docs/learning.md is made of what it prints.
"""

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

from cnn.specs import PRESETS, DatasetSpec
from tests.benchmarks.measure import table, title

CACHE = Path(gettempdir()) / "learning-benchmark-cache"
# How a network starts -> what changes in its spec and its training, and whether the base has been trained.
STARTS: dict[str, tuple[dict, dict, bool]] = {
    "at random": ({"base": ""}, {}, True),
    "base, frozen": ({}, {}, True),
    "base, fine-tuned with 0.1 of the rate": ({"fine_tune": True}, {}, True),
    "base, fine-tuned with all of the rate": ({"fine_tune": True}, {"base_rate": 1.0}, True),
    "untrained base, frozen": ({}, {}, False),
}


@dataclass(frozen=True)
class Result:
    """last, best: held-out accuracy after the last epoch, and the highest one, 0..1. seconds: of training, without
    evaluation, and with what the frozen layers compute once."""

    last: float
    best: float
    seconds: float


def train(options: argparse.Namespace, seed: int) -> dict[str, Result]:
    """The results of one seed, by how the network starts; that of the base under its folder's name."""
    import torch

    from cnn.data.dataset import read_dataset
    from cnn.model.build import adopt_weights, build
    from cnn.model.layers import lay_out
    from cnn.model.model import PLAIN, Model, Preprocessing

    torch.set_num_threads(1)
    preset = PRESETS[options.preset]
    data = DatasetSpec(channels=preset.channels or 1, seed=seed)
    network, training = preset.network_spec, replace(preset.training_spec, seed=seed)

    def model_of(network, dataset) -> Model:
        layers = lay_out(network, data.image_size, data.channels, len(dataset.classes))
        pixels = PLAIN
        if network.preprocessing == "standardised":
            pixels = Preprocessing.standardised(dataset.images, dataset.train)
        start = build(layers, seed, network.initial_weights, network.dense_bias)
        return Model(layers, start, dataset.classes, pixels)

    # The base, as after its best epoch.
    dataset = read_dataset(options.base, data, CACHE)
    base = model_of(network, dataset)
    untrained = {name: value.clone() for name, value in base.network.state_dict().items()}
    result, trained = follow(base, dataset, replace(training, epochs=options.base_epochs or training.epochs))
    results = {Path(options.base).name: result}

    # The new networks, all on the same images.
    few = with_few(read_dataset(options.new, replace(data, val_fraction=0.0), CACHE), options.per_class, seed)
    training = replace(training, epochs=options.epochs)
    for name, (changes, training_changes, is_trained) in STARTS.items():
        spec = replace(network, **{"base": "the base"} | changes)
        model = model_of(spec, few)
        if spec.base:
            adopt_weights(model.network, model.layers, trained if is_trained else untrained)
            model = replace(model, preprocessing=base.preprocessing)
        results[name], _ = follow(model, few, replace(training, **training_changes))
    return results


def follow(model, dataset, spec) -> tuple[Result, dict]:
    """Trains a model; returns its result and its weights after the epoch with the lowest held-out loss."""
    from cnn.training.device import best_device
    from cnn.training.loop import Epoch, Training

    training = Training(model, dataset, spec, best_device())
    accuracies, lowest, weights, seconds = [], float("inf"), {}, 0.0
    events = training.run()
    while True:
        start = time.perf_counter()
        event = next(events, None)
        if event is None:
            return Result(accuracies[-1], max(accuracies), seconds), weights
        if not isinstance(event, Epoch):
            seconds += time.perf_counter() - start
            continue
        accuracies.append(event.val_accuracy)
        if event.val_loss < lowest:
            lowest = event.val_loss
            weights = {name: value.detach().cpu().clone() for name, value in model.network.state_dict().items()}


def with_few(dataset, per_class: int, seed: int):
    """The dataset with so many images of each class to train on, chosen by the seed; all others are held out."""
    import numpy as np

    from cnn.data.dataset import TRAIN, VAL

    splits = np.full(len(dataset.labels), VAL, np.uint8)
    for label in range(len(dataset.classes)):
        own = np.flatnonzero(dataset.labels == label)
        splits[np.random.default_rng([seed, label]).permutation(own)[:per_class]] = TRAIN
    return replace(dataset, splits=splits)


def row(results: list[Result], first: list[Result]) -> Iterator[str]:
    """first: the results of starting at random, seed by seed."""
    yield plus_minus([100 * result.last for result in results])
    yield f"{100 * statistics.mean(result.best for result in results):.1f}"
    gains = [100 * (result.last - other.last) for result, other in zip(results, first, strict=True)]
    yield "" if results is first else plus_minus(gains, "+")
    yield f"{statistics.mean(result.seconds for result in results):.2f}"


def plus_minus(values: list[float], sign: str = "") -> str:
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return f"{statistics.mean(values):{sign}.1f} ± {error:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.transfer")
    parser.add_argument("base", metavar="BASE_FOLDER")
    parser.add_argument("new", metavar="NEW_FOLDER")
    parser.add_argument("--preset", default="Assignment", choices=PRESETS)
    parser.add_argument("--per-class", type=int, default=50, help="training images of each class of NEW_FOLDER")
    parser.add_argument("--epochs", type=int, default=80, help="of the new networks")
    parser.add_argument("--base-epochs", type=int, help="(default: those of the preset)")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(train, options, seed) for seed in range(options.seeds)]
        found = [one.result() for one in waiting]
    title(f"{Path(options.base).name} -> {options.per_class} a class of {Path(options.new).name}, {options.preset}")
    by_start = {name: [results[name] for results in found] for name in found[0]}
    random = by_start["at random"]
    own = by_start.pop(Path(options.base).name)
    print(f"The base: {plus_minus([100 * result.last for result in own])} % on its own held-out images.\n")
    head = ["start", "last, %", "best, %", "against random", "seconds"]
    table(head, [[name, *row(results, random)] for name, results in by_start.items()])


if __name__ == "__main__":
    main()
