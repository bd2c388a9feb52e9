"""The networks of a lesson as runs in the store: makes them, and measures them when they are trained."""

from collections.abc import Mapping

from cnn.data import version
from cnn.data.version import read_version
from cnn.errors import UserError
from cnn.lessons.demonstration import Demonstration, Trained
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from cnn.store.snapshots import load_model

MOST_STEPS = 10**6  # whose loss is read; no lesson has more


def create(store: RunStore, samples: str, name: str, demonstration: Demonstration, seed: int) -> dict[str, str]:
    """Adds a run for each network, for trainers to train; returns name of the network -> id. samples: the folder of
    sample datasets. name: begins the names of the runs."""
    runs = {}
    for network, training in demonstration.trainings.items():
        run_id = new_id()
        specs = training.specs(seed)
        store.create(run_id, f"{samples}/{training.folder}", *specs, name=f"{name}: {network}", tags=("lesson",))
        runs[network] = run_id
    return runs


def measure(store: RunStore, demonstration: Demonstration, runs: Mapping[str, str]) -> dict[str, float]:
    """What the demonstration measures. runs: name of a network -> id of its run, which has ended.

    Raises UserError if a run is unfinished, deleted or damaged, or its images are gone.
    """
    return demonstration.measure({name: trained(store, run_id) for name, run_id in runs.items()})


def trained(store: RunStore, run_id: str) -> Trained:
    run, history = store.get(run_id), store.history(run_id)
    epochs, snapshots = history.epochs(), history.snapshots()
    if len(epochs) < run.training_spec.epochs or run.fingerprint is None:
        raise UserError(f"{run.name} has not been trained to its end. Start the lesson's training again.")
    file = store.folder(run_id) / version.NAME
    return Trained(
        load_model(store, run, snapshots[-1].step),
        load_model(store, run, 0),
        read_version(file, run.fingerprint, run.folder, run.dataset_spec, store.cache),
        epochs,
        [step.loss for step in history.steps(MOST_STEPS)],
    )
