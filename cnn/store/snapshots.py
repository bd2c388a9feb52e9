"""Weights on disk. Files are written whole or not at all, and never unpickled."""

import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import torch

from cnn.model.build import adopt_weights, build
from cnn.model.layers import lay_out
from cnn.model.model import Model, Preprocessing
from cnn.store.runs import Run, RunError, RunStore
from cnn.system.files import atomic_write


def save(state: dict, path: Path) -> None:
    """Writes `state` (tensors, numbers, strings) so that a crash leaves either the old file or the new one.

    Raises OSError, for example on a full disk; the old file then stays.
    """
    with atomic_write(path) as file:
        _save(state, file)


def _save(state: dict, file: BinaryIO) -> None:
    failures: list[Exception] = []

    def write(data) -> int:
        try:
            return file.write(data)
        except OSError as error:
            failures.append(error)
            raise

    try:
        torch.save(state, SimpleNamespace(write=write, flush=file.flush))
    except RuntimeError as error:  # torch hides an OSError behind a message about an unexpected file position
        raise (failures or [error])[0] from None


def load(path: Path) -> dict:
    """Reads what `save` wrote, onto the CPU. Raises RunError if the file is missing or damaged."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise RunError(f"The weights {path.name} of run {path.parent.name} are missing.") from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(f"The weights {path.name} of run {path.parent.name} are damaged: {reason}") from None


def untrained_model(run: Run) -> Model:
    """The model of a run before its first step, with weights drawn from the run's seed.

    Raises RunError if the run has not read its images yet: until then its classes are unknown.
    """
    if not run.classes:
        raise RunError(f"Run {run.id} has not read its images yet.")
    data = run.dataset_spec
    layers = lay_out(run.network_spec, data.image_size, data.channels, len(run.classes))
    network = build(layers, run.training_spec.seed, run.network_spec.initial_weights, run.network_spec.dense_bias)
    preprocessing = Preprocessing.from_dict(run.facts.get("preprocessing", {}))
    return Model(layers, network, run.classes, preprocessing, run.decoding)


def start_model(store: RunStore, run: Run) -> Model:
    """The model that a run starts with: `untrained_model`, with the weights of the run's base if it has one.

    Raises RunError if these weights are missing or damaged, or do not fit.
    """
    model = untrained_model(run)
    if run.network_spec.base:
        path = store.base_path(run.id)
        _fit(partial(adopt_weights, model.network, model.layers), path, f"What run {run.id} starts from")
    return model


def _fit(take: Callable[[dict], object], path: Path, name: str) -> None:
    """Loads weights and gives them to `take`. Raises RunError if they do not fit. name: for the error."""
    try:
        take(load(path))
    except (RuntimeError, TypeError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise RunError(f"{name} does not fit its network: {reason}") from None


def load_model(store: RunStore, run: Run, step: int | None = None) -> Model:
    """The model of a run after `step` (0: untrained; None: that of `History.step_to_show`), in evaluation mode.

    Raises RunError if there is no such snapshot, or it does not fit the network.
    """
    steps = [snapshot.step for snapshot in store.history(run.id).snapshots()]
    if not steps:
        raise RunError(f"Run {run.id} has no snapshot of its weights yet.")
    step = store.history(run.id).step_to_show(run.active) if step is None else step
    if step not in steps:
        raise RunError(f"Run {run.id} has no snapshot at step {step}. It has: {', '.join(map(str, steps))}.")
    model = untrained_model(run)
    _fit(model.network.load_state_dict, store.snapshot_path(run.id, step), f"Snapshot {step} of run {run.id}")
    model.network.eval()
    return model
