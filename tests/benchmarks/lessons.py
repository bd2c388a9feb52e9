"""How often the claims of the lessons hold: python -m tests.benchmarks.lessons [LESSON ...] [--seeds N] [--write]

Trains the networks of each lesson with several seeds, measures what the lesson measures, and counts how often each of
its claims holds. A seed also holds out other images. `--write` keeps the numbers in cnn/lessons/measured.json, from
which the lessons quote them. `--kept` trains nothing and prints these; docs/lessons.md is made of that.
"""

import argparse
import json
import os
import statistics
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from tempfile import gettempdir

from cnn.lessons.demonstrations import DEMONSTRATIONS
from cnn.lessons.measured import FILE, seeds
from tests.benchmarks.measure import ROOT, table, title

CACHE = Path(gettempdir()) / "lessons-benchmark-cache"


def measured(lesson: str, seed: int) -> dict[str, float]:
    """What the demonstration of a lesson measures with one seed."""
    import torch

    torch.set_num_threads(1)
    demonstration = DEMONSTRATIONS[lesson]
    return demonstration.measure({name: trained(one, seed) for name, one in demonstration.trainings.items()})


def trained(training, seed: int):
    """The network of a lesson, trained in this process."""
    from copy import deepcopy
    from dataclasses import replace

    from cnn.data.dataset import read_dataset
    from cnn.lessons.demonstration import Trained
    from cnn.model.build import build
    from cnn.model.layers import lay_out
    from cnn.model.model import PLAIN, Model, Preprocessing
    from cnn.training.loop import Epoch, Step, Training

    data, network, spec = training.specs(seed)
    dataset = read_dataset(ROOT / "sample_data" / training.folder, data, CACHE)
    layers = lay_out(network, data.image_size, data.channels, len(dataset.classes))
    is_unit = network.preprocessing == "unit"
    preprocessing = PLAIN if is_unit else Preprocessing.standardised(dataset.images, dataset.train)
    weights = build(layers, spec.seed, network.initial_weights, network.dense_bias)
    model = Model(layers, weights, dataset.classes, preprocessing)
    untrained = replace(model, network=deepcopy(weights))
    events = list(Training(model, dataset, spec).run())
    epochs = [event for event in events if isinstance(event, Epoch)]
    return Trained(model, untrained, dataset, epochs, [event.loss for event in events if isinstance(event, Step)])


def report(lesson: str, found: list[dict[str, float]]) -> None:
    title(f"{lesson}, {len(found)} seeds")
    claims = DEMONSTRATIONS[lesson].claims
    table(["claim", "holds"], [[one.text, f"{held(one, found)} of {len(found)}"] for one in claims.values()])
    print()
    rows = []
    for name in found[0]:
        values = [one[name] for one in found]
        rows.append([name, f"{statistics.mean(values):.2f}", f"{min(values):.2f}", f"{max(values):.2f}"])
    table(["measured", "mean", "lowest", "highest"], rows)


def as_text(numbers: dict[str, dict[str, list[float]]]) -> str:
    """JSON with a line for each number, so that differences can be read."""
    lessons = []
    for lesson in sorted(numbers):
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in numbers[lesson].items())
        lessons.append(f" {json.dumps(lesson)}: {{\n{lines}\n }}")
    return "{\n" + ",\n".join(lessons) + "\n}\n"


def held(claim, found: list[dict[str, float]]) -> int:
    return sum(claim.holds(numbers) for numbers in found)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.lessons")
    parser.add_argument("lessons", nargs="*", choices=[*DEMONSTRATIONS, []], metavar="LESSON")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true", help="keep the numbers in cnn/lessons/measured.json")
    parser.add_argument("--kept", action="store_true", help="print the numbers that were kept, and train nothing")
    options = parser.parse_args()
    lessons = options.lessons or list(DEMONSTRATIONS)
    if options.kept:
        for lesson in lessons:
            report(lesson, seeds(lesson))
        return
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting: dict[str, list[Future]] = {
            lesson: [pool.submit(measured, lesson, seed) for seed in range(options.seeds)] for lesson in lessons
        }
        results = {}
        for lesson, futures in waiting.items():
            results[lesson] = [future.result() for future in futures]
            report(lesson, results[lesson])
    numbers = {
        lesson: {name: [round(one[name], 4) for one in found] for name in found[0]} for lesson, found in results.items()
    }
    title("As JSON")
    print(f"```json\n{json.dumps(numbers)}\n```")
    if options.write:
        kept = json.loads(FILE.read_text()) if FILE.exists() else {}
        FILE.write_text(as_text(kept | numbers))


if __name__ == "__main__":
    main()
