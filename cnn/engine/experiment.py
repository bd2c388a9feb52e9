"""Experiments: start, pause, continue, extend, cancel and delete them, and what has come of them so far.

    spec = ExperimentSpec("ReLU", vary({"dense_activation": [True, False]}), (0, 1, 2), DatasetSpec(), NetworkSpec(),
                          TrainingSpec())
    experiment_id = start(store, folder, spec)
    outcome(store, experiment_id).sentences()

All runs go into the queue at once, seed by seed, so that variants can be compared early.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from cnn.engine import queue
from cnn.specs.experiment_spec import ExperimentSpec
from cnn.store import disk, experiments, run_results, waiting
from cnn.store.experiments import Experiment
from cnn.store.run import FINISHED, MAX_NAME_LENGTH, Run, new_id
from cnn.store.runs import RunError, RunStore
from cnn.training.experiment_outcome import Outcome, Result


def start(
    store: RunStore, folder: str, spec: ExperimentSpec, guess: str = "", seconds: Sequence[float | None] = ()
) -> str:
    """Adds an experiment on the images of a folder, and queues its runs; returns its id.

    guess: the label of the variant that the user expects to be best. seconds: how long a run of each variant is
    foreseen to take (see cnn.engine.foresight).
    """
    experiment_id = new_id()
    with store.transaction(writing=True):  # all runs, or none if this process is killed
        experiments.add(store, experiment_id, folder, spec, guess)
        _queue_missing(store, experiments.get(store, experiment_id), seconds)
    _advance(store)
    return experiment_id


def pause(store: RunStore, experiment_id: str) -> None:
    """Its waiting runs stay where they are; those that train save a checkpoint and wait, too."""
    with store.transaction(writing=True):
        experiments.set_paused(store, experiment_id, True)
        for run in _runs(store, experiments.get(store, experiment_id)).values():
            waiting.give_way(store, run.id)


def resume(store: RunStore, experiment_id: str) -> None:
    """Continues a paused or cancelled experiment: what is not finished is queued again."""
    with store.transaction(writing=True):
        experiments.set_paused(store, experiment_id, False)
        experiment = experiments.get(store, experiment_id)
        for run in _runs(store, experiment).values():
            if not run.ongoing and run.status != FINISHED and store.reopen(run.id):
                waiting.add(store, run.id, experiment.owner)
        _queue_missing(store, experiment)
    _advance(store)


def extend(store: RunStore, experiment_id: str, seeds: int) -> None:
    """Adds so many seeds to every variant. Raises UserError if that makes too many runs."""
    with store.transaction(writing=True):
        spec = experiments.get(store, experiment_id).spec
        first = max(spec.seeds) + 1
        experiments.change(store, experiment_id, replace(spec, seeds=(*spec.seeds, *range(first, first + seeds))))
        _queue_missing(store, experiments.get(store, experiment_id))
    _advance(store)


def cancel(store: RunStore, experiment_id: str) -> None:
    """Stops its runs. What has been trained stays; runs that have not begun are deleted."""
    unbegun = []
    with store.transaction(writing=True):  # so that none of its waiting runs starts meanwhile
        experiments.set_paused(store, experiment_id, False)
        for run in runs(store, experiment_id).values():
            if not waiting.leave(store, run.id):
                store.request(run.id, "stop")
            elif not store.history(run.id).steps(at_most=1):
                unbegun.append(run.id)
    for run_id in unbegun:
        with suppress(RunError):  # somebody has started it again
            disk.delete_run(store, run_id)
    _advance(store)


def delete(store: RunStore, experiment_id: str) -> None:
    """Cancels an experiment, and forgets it. What has been trained stays."""
    cancel(store, experiment_id)
    experiments.forget(store, experiment_id)


class Standing(NamedTuple):
    """An experiment with its runs, in the order in which they are trained, what came of each, and of all together."""

    experiment: Experiment
    runs: dict[tuple[int, int], Run]
    results: dict[str, run_results.Result]
    outcome: Outcome


def standing(store: RunStore, experiment_id: str) -> Standing:
    """All that is known of an experiment now, in a few queries. In the outcome, each finished run counts with its
    held-out accuracy after the last epoch, because the best epoch is chosen by the same images, and so flatters."""
    with store.transaction():
        experiment = experiments.get(store, experiment_id)
        found = _runs(store, experiment)
        results = run_results.results(store, list(found.values()))
    spec = experiment.spec
    accuracies: list[dict[int, float]] = [{} for _ in spec.variants]
    for (variant, seed), run in found.items():
        result = results.get(run.id)
        if run.status == FINISHED and result is not None and result.last is not None:
            accuracies[variant][seed] = result.last
    pairs = zip(spec.variants, accuracies, strict=True)
    outcome = Outcome(tuple(Result(variant.label, own, len(spec.seeds)) for variant, own in pairs))
    return Standing(experiment, found, results, outcome)


def runs(store: RunStore, experiment_id: str) -> dict[tuple[int, int], Run]:
    """(index of the variant, seed) -> run, in the order in which they are trained."""
    return _runs(store, experiments.get(store, experiment_id))


def outcome(store: RunStore, experiment_id: str) -> Outcome:
    """What the finished runs show; see `standing`."""
    return standing(store, experiment_id).outcome


def _runs(store: RunStore, experiment: Experiment) -> dict[tuple[int, int], Run]:
    found = store.find(experiment.runs.values())  # not the damaged ones
    pairs = sorted(experiment.runs.items(), key=lambda item: item[0][::-1])
    variants = len(experiment.spec.variants)
    return {pair: found[run_id] for pair, run_id in pairs if run_id in found and pair[0] < variants}


def _queue_missing(store: RunStore, experiment: Experiment, seconds: Sequence[float | None] = ()) -> None:
    for variant, seed in experiment.missing:
        one = experiment.spec.variants[variant]
        name = f"{one.label[: MAX_NAME_LENGTH - 20]}, seed {seed}"
        specs = experiment.spec.specs(one, seed)
        while not store.create(run_id := new_id(), experiment.folder, *specs, name=name):
            pass  # an id that exists
        experiments.add_run(store, experiment.id, variant, seed, run_id)
        waiting.add(store, run_id, experiment.owner, seconds[variant] if seconds else None)


def _advance(store: RunStore) -> None:
    with suppress(RunError):  # no process can be started now: the runs wait, and whoever looks tries again
        queue.advance(store)
