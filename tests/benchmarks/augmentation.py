"""What augmentation costs: training steps with all of it on, against steps without, taking turns."""

import numpy as np

from cnn.data.dataset import Dataset, read_dataset
from cnn.model.build import build
from cnn.model.layers import lay_out
from cnn.model.model import Model, Preprocessing
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.system.processes import keep_freed_memory
from cnn.training.loop import Training
from tests.benchmarks import images
from tests.benchmarks.measure import Options, in_turn, note, seconds, table, title

STEPS = 20  # timed together
ALL_ON = TrainingSpec(mirror=True, shift=0.1, rotate=10, zoom=0.15, brightness=0.1, contrast=0.2, erase=0.2)


def run(options: Options) -> None:
    keep_freed_memory()  # as trainers do
    folder = options.photographs or images.photographs(options.scratch / "photographs", 800)
    rows = []
    for channels, size in ((1, 50), (3, 50), (3, 64)):
        spec = DatasetSpec(channels=channels, image_size=size)
        dataset = read_dataset(folder, spec, options.scratch / "cache")
        plain, all_on = (_steps(dataset, training) for training in (TrainingSpec(), ALL_ON))
        found = in_turn(options.pick(3, 20) * options.repeats, {"plain": plain, "all on": all_on})
        times = [f"{1000 * found[side] / STEPS:.2f}" for side in ("plain", "all on")]
        rows.append([f"{channels}×{size}×{size}", *times, f"{found['all on'] / found['plain']:.2f}"])
    title("A training step with and without augmentation")
    table(["input", "without, ms", "all on, ms", "ratio"], rows)
    note("Assignment, batch 32; medians of 20 steps at a time.")


def _steps(dataset: Dataset, spec: TrainingSpec):
    """A function that trains for some steps and returns how long they took, in seconds."""
    layers = lay_out(NetworkSpec(), dataset.spec.image_size, dataset.spec.channels, len(dataset.classes))
    preprocessing = Preprocessing.standardised(dataset.images, dataset.train)
    training = Training(Model(layers, build(layers, 0), dataset.classes, preprocessing), dataset, spec)
    batches = np.resize(dataset.train, (STEPS, spec.batch_size))

    def steps() -> None:
        for batch in batches:
            training.step(batch)

    return lambda: seconds(steps)
