"""The product in the benchmarks: trained through its command line, in a separate process."""

import json
from collections.abc import Iterator
from pathlib import Path

from cnn.fields import Spec
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import snapshots
from cnn.store.records import StepRecord
from cnn.store.runs import RunStore
from tests.benchmarks.measure import lines


def train(
    store: RunStore, folder: Path, dataset: DatasetSpec, network: NetworkSpec, training: TrainingSpec
) -> Iterator[tuple[float, dict]]:
    """`python -m cnn train`; yields its events (started, epoch, ..., finished) with their times."""
    options = [option for spec in (dataset, network, training) for option in _options(spec)]
    for when, line in lines("-m", "cnn", "train", folder, "--json", "--runs", store.directory, *options):
        yield when, json.loads(line)


def _options(spec: Spec) -> Iterator:
    """The command-line options for all settings that differ from their defaults."""
    for name, setting in spec.settings().items():
        value = getattr(spec, name)
        if setting.hidden or value == spec.defaults()[name]:
            continue
        if setting.flags:
            yield setting.flags[value]
        else:
            yield f"--{name.replace('_', '-')}"
            yield from value if isinstance(value, tuple) else (value,)


def trained(store: RunStore, folder: Path, dataset: DatasetSpec, network: NetworkSpec) -> str:
    """The id of a run that has finished its one epoch."""
    *_, (_, finished) = train(store, folder, dataset, network, TrainingSpec(epochs=1))
    return finished["run"]


def lengthen(store: RunStore, run_id: str, steps: int) -> None:
    """Makes a run of one epoch one of so many steps: its checkpoint and its history say so."""
    checkpoint = snapshots.load(store.checkpoint_path(run_id))
    per_epoch = checkpoint["progress"]["step"]
    checkpoint["progress"] |= {"step": steps, "epoch": steps // per_epoch + 1}
    snapshots.save(checkpoint, store.checkpoint_path(run_id))
    numbers = range(1, steps + 1)
    history = store.history(run_id)
    (epoch,) = history.epochs()
    with store.transaction():
        history.add_steps(StepRecord(n, (n - 1) // per_epoch + 1, n**-0.1, n**-0.1) for n in numbers)
        for n in range(1, steps // per_epoch + 1):
            history.add_epoch(epoch._replace(epoch=n, step=n * per_epoch))
