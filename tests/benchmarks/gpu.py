"""Training steps on a GPU and on the processor, without and with augmentation.

It needs no Streamlit: python -c "from tests.benchmarks import gpu; gpu.measure(3)"
"""

import time
from dataclasses import replace

import numpy as np

from cnn.data.dataset import Dataset
from cnn.model.layers import lay_out
from cnn.model.model import Preprocessing
from cnn.specs import PRESETS, Preset, TrainingSpec
from cnn.training.device import best_device
from cnn.training.loop import Training
from tests.benchmarks.measure import Options, in_turn, note, table, title
from tests.models import model_of
from tests.training.test_gpu import STRENGTHS, dataset

IMAGES = 5000
SIDE = 50
SECONDS = 2.0  # for each measurement


def run(options: Options) -> None:
    measure(options.repeats)


def measure(repeats: int) -> None:
    """Prints the images per second of training steps, the median of the repeats."""
    title("Training steps on a GPU and on the processor")
    if (gpu := best_device()) == "cpu":
        note("This machine has no GPU that PyTorch can use.")
        return
    images, rows = dataset(SIDE, IMAGES), []
    for name in ("Assignment", "Good practice"):
        for batch in (32, 128):
            plain = TrainingSpec(batch_size=batch, epochs=1)
            specs = {"plain": plain, "augmented": replace(plain, **STRENGTHS)}
            sides = {
                f"{device} {kind}": Steps(PRESETS[name], images, spec, device).rate
                for device in ("cpu", gpu)
                for kind, spec in specs.items()
            }
            found = in_turn(repeats, sides)
            rows.append([name, str(batch), *(f"{rate:,.0f}" for rate in found.values())])
    table(["preset", "batch", "processor", "augmented", "GPU", "augmented"], rows)
    note("Images per second, in colour, 50 × 50, already in memory; all seven kinds of augmentation at once.")


class Steps:
    """A training whose steps are timed."""

    def __init__(self, preset: Preset, images: Dataset, spec: TrainingSpec, device: str):
        layers = lay_out(preset.network_spec, SIDE, 3, 2)
        pixels = Preprocessing.standardised(images.images, images.train)
        self.training = Training(model_of(layers, preprocessing=pixels), images, spec, device)
        self.batches = np.array_split(images.train, len(images.train) // spec.batch_size)
        for batch in self.batches[:10]:  # the first steps are slower
            self.training.step(batch)

    def rate(self) -> float:
        """Images per second."""
        done, start = 0, time.perf_counter()
        while (taken := time.perf_counter() - start) < SECONDS:
            for batch in self.batches[:20]:
                self.training.step(batch)
                done += len(batch)
        return done / taken
