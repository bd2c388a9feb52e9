"""An epoch over images already in memory, against the plain scripts one would write instead."""

import statistics
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnn.data.dataset import Dataset, read_dataset
from cnn.model.layers import lay_out
from cnn.specs import PRESETS, DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.runs import RunStore
from tests.benchmarks import images, product
from tests.benchmarks.measure import Options, lines, note, table, title

NETWORKS = ("Assignment", "LeNet-5", "TinyVGG")
INPUTS = ((1, 50), (3, 64))
BATCHES = (32, 128)
# The fastest of several products of large matrices.
PEAK = """
import time, torch
a, b = torch.randn(2, 2048, 2048)
def once():
    start = time.perf_counter()
    a @ b
    return time.perf_counter() - start
print(2 * 2048**3 / min(once() for _ in range(12)) / 1e9)
"""


def run(options: Options) -> None:
    count = options.pick(400, 5000)
    folder = options.photographs or images.photographs(options.scratch / "photographs", count)
    store = RunStore(options.scratch / "training")
    peak = _peak()
    against_memory(options, store, folder, peak)
    against_folder(options, store, folder)


def against_memory(options: Options, store: RunStore, folder: Path, peak: float) -> None:
    rows, differences = [], []
    for name in NETWORKS:
        for channels, size in INPUTS:
            dataset = read_dataset(folder, _spec(channels, size), store.cache)
            for batch in options.pick(BATCHES[:1], BATCHES):
                ours, other, difference = _side_by_side(options, store, dataset, name, batch)
                speed = _operations(dataset, name) / ours / 1e9
                what = [name, f"{channels}×{size}×{size}", str(batch)]
                total = len(dataset.train)
                images_a_second = [f"{total / ours:,.0f}", f"{total / other:,.0f}", f"{other / ours:.2f}"]
                rows.append([*what, *images_a_second, f"{speed:.0f}", f"{speed / peak:.0%}"])
                differences.append([*what, *(f"{part:.1e}" for part in difference)])
                peak = max(peak, _peak())
    title("An epoch, including evaluation, against a plain script with the images in memory")
    head = ["network", "input", "batch"]
    table([*head, "ours, images/s", "the other, images/s", "ratio", "GFLOP/s", "of the peak"], rows)
    note(
        "Training images per second, over the whole epoch. Ours is `python -m cnn train`, including everything it "
        f"stores. The peak is {peak:.0f} GFLOP/s, measured with a matrix product; a training step counts as three "
        "forward passes."
    )
    title("Largest difference between the two loss curves: same seed, weights and order")
    table([*head, "first 20 steps", "first epoch", "all epochs"], differences)


def against_folder(options: Options, store: RunStore, folder: Path) -> None:
    rows = []
    for workers in (0, 2):
        dataset = read_dataset(folder, _spec(1, 50), store.cache)
        ours, other = [], []
        for _ in range(options.repeats):
            ours += _ours(store, dataset, "Assignment", 32, epochs=5)[0]
            script = ("tests.benchmarks.plain.from_folder", folder, "--network", "Assignment", "--channels", 1)
            script += ("--size", 50, "--batch-size", 32, "--epochs", 2, "--workers", workers)
            other += _epochs(when for when, _ in lines("-m", *script))
        ours, other, count = statistics.median(ours), statistics.median(other), len(dataset.train)
        name = f"{workers} workers" if workers else "as it comes"
        rows.append([name, f"{count / ours:,.0f}", f"{count / other:,.0f}", f"{other / ours:.1f}"])
    title("An epoch, including evaluation, against a plain script with ImageFolder and DataLoader")
    table(["its DataLoader", "ours, images/s", "the other, images/s", "ratio"], rows)
    note("Assignment, 1×50×50, batch 32, photographs.")


def _side_by_side(options: Options, store: RunStore, dataset: Dataset, name: str, batch: int):
    """The median seconds of an epoch of ours and of the other, and the differences between their loss curves."""
    epochs = options.pick(3, 5)
    packed, losses = options.scratch / "images.npz", options.scratch / "losses.npy"
    np.savez(packed, images=dataset.images, labels=dataset.labels, train=dataset.train, val=dataset.val)
    script = ("-m", "tests.benchmarks.plain.in_memory", packed, losses)
    script += ("--network", name, "--batch-size", batch, "--epochs", epochs)
    ours, other = [], []
    for _ in range(options.repeats):
        more, run_id = _ours(store, dataset, name, batch, epochs)
        ours += more
        other += _epochs(when for when, _ in lines(*script))
    curve = np.array([row.loss for row in store.history(run_id).steps(at_most=10**9)])
    apart = np.abs(curve - np.load(losses))
    difference = apart[:20].max(), apart[: len(apart) // epochs].max(), apart.max()
    return statistics.median(ours), statistics.median(other), difference


def _ours(store: RunStore, dataset: Dataset, name: str, batch: int, epochs: int) -> tuple[list[float], str]:
    training = TrainingSpec(epochs=epochs, batch_size=batch)
    events = list(product.train(store, Path(dataset.folder), dataset.spec, _network(name), training))
    return _epochs(when for when, event in events if event["event"] != "finished"), events[-1][1]["run"]


def _epochs(times: Iterable[float]) -> list[float]:
    """The seconds of each epoch but the first, in which everything is done for the first time."""
    return np.diff(list(times))[1:].tolist()


def _network(name: str) -> NetworkSpec:
    """A preset that starts like the plain scripts: pixels from 0 to 1, and PyTorch's weights and biases."""
    return replace(PRESETS[name].network_spec, preprocessing="unit", dense_bias=0)


def _spec(channels: int, size: int) -> DatasetSpec:
    return DatasetSpec(image_size=size, channels=channels)


def _operations(dataset: Dataset, name: str) -> int:
    """Floating point operations of an epoch: two for a multiply-add, and backward twice those of forward."""
    spec = dataset.spec
    layers = lay_out(_network(name), spec.image_size, spec.channels, len(dataset.classes))
    return 2 * sum(layer.multiply_adds for layer in layers) * (3 * len(dataset.train) + len(dataset.val))


def _peak() -> float:
    """GFLOP/s of the machine."""
    (_, answer), *_ = lines("-c", PEAK)
    return float(answer)
