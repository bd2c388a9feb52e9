"""Runs judged on their held-out images, alone and side by side."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cnn.data.dataset import Dataset
from cnn.data.version import NAME, read_version
from cnn.errors import Cancelled, UserError
from cnn.model.model import Model
from cnn.percent import percent
from cnn.store.kept_predictions import kept_predictions
from cnn.store.run import FINISHED, Run
from cnn.store.run_results import Compared, compared
from cnn.store.runs import RunStore
from cnn.store.snapshots import load_model
from cnn.store.varied import SEEDS, same_but_seeds, values_of
from cnn.training.batches import Report
from cnn.training.chance import UNLIKELY
from cnn.training.evaluation import Predictions, predict
from cnn.training.paired import FEWEST, Paired, chance_text, pair, paired_chance, unpaired_chance


class DifferentImages(UserError):
    """Two runs hold out no image in common, so they cannot be compared image by image."""


class Judged(NamedTuple):
    """A run's network at the snapshot that pages show first. predictions: for its held-out images."""

    run: Run
    step: int
    model: Model
    dataset: Dataset
    predictions: Predictions


class Pair(NamedTuple):
    """Two runs judged on the images that both hold out."""

    first: Judged
    second: Judged
    paired: Paired


def judge(store: RunStore, run: Run, progress: Report, cancelled: Callable[[], bool] = lambda: False) -> Judged:
    """The predictions of a run for its held-out images. progress: takes 0..1.

    Raises UserError if the run has no weights yet, or its images are not there; DifferentImages if it holds out none.
    """
    step = store.history(run.id).step_to_show(run.active)
    model = load_model(store, run, step)  # raises RunError if there is no snapshot yet
    assert step is not None
    file = store.folder(run.id) / NAME
    dataset = read_version(file, run.fingerprint or "", run.folder, run.dataset_spec, store.cache, cancelled=cancelled)
    if not len(dataset.val):
        raise DifferentImages(f"{run.name} holds out no images, so it cannot be compared image by image.")

    def compute() -> Predictions:
        return predict(model, dataset.images, dataset.labels, dataset.val, progress=progress)

    labels, indices = dataset.labels, dataset.val
    predictions = kept_predictions(store, run.id, model, dataset.fingerprint, labels, indices, compute)
    return Judged(run, step, model, dataset, predictions)


def judge_both(
    store: RunStore, first: Run, second: Run, progress: Report, cancelled: Callable[[], bool] = lambda: False
) -> Pair:
    """Two runs on the images that both hold out. Raises UserError as `judge` does, and DifferentImages if there are no
    such images."""
    one = judge(store, first, lambda share: progress(share / 2), cancelled)
    if cancelled():
        raise Cancelled
    two = judge(store, second, lambda share: progress(0.5 + share / 2), cancelled)
    hashes = [_held_out(one), _held_out(two)]
    paired = pair(one.predictions, hashes[0], two.predictions, hashes[1])
    if not len(paired):
        raise DifferentImages(
            f"{first.name} and {second.name} hold out different images, so they cannot be compared image by image. "
            "Train both on the same folder with the same seed."
        )
    return Pair(one, two, paired)


def left_out_text(pair: Pair) -> str:
    """Says which held-out images are not compared; "" if both runs hold out the same."""
    if not any(pair.paired.left_out):
        return ""
    own = [len(set(_held_out(judged))) for judged in (pair.first, pair.second)]
    return (
        f"They hold out different images: {own[0]:,} and {own[1]:,}. Only the {len(pair.paired):,} that both hold out "
        "are compared, so that neither was trained on them."
    )


def _held_out(judged: Judged) -> list[str]:
    return [judged.dataset.hashes[i] for i in judged.predictions.indices]


# Over seeds


class Seeds(NamedTuple):
    """Two groups of runs, within which only the seeds differ. pairs: the accuracies of runs with the same seeds."""

    first: tuple[float, ...]
    second: tuple[float, ...]
    pairs: tuple[tuple[float, float], ...]

    @property
    def chance(self) -> float:
        """How likely the difference of the means is luck. If there are at least two pairs, only they count."""
        if len(self.pairs) > 1:
            return paired_chance([a - b for a, b in self.pairs])
        return unpaired_chance(self.first, self.second)

    def sentence(self, first: str, second: str) -> str:
        """Whether the settings of the first or of the second run are better; "" without several seeds of both."""
        if min(len(self.first), len(self.second)) < 2:
            return ""
        one, two = float(np.mean(self.first)), float(np.mean(self.second))
        counts = (
            f"Over seeds: {len(self.first)} runs with the settings of {first} get {percent(float(one), 1)} on average "
            f"({percent(min(self.first), 1)} to {percent(max(self.first), 1)}), {len(self.second)} with those of "
            f"{second} get {percent(float(two), 1)} ({percent(min(self.second), 1)} to {percent(max(self.second), 1)})."
        )
        chance = self.chance
        found = chance_text(chance)
        if chance < UNLIKELY:
            return f"{counts} Luck would part them as far only {found}: the settings very likely make the difference."
        more = "" if max(len(self.pairs), len(self.first)) >= FEWEST else " Train more seeds to be surer."
        return f"{counts} Luck alone would part them as far {found}, so this does not show that one is better.{more}"


def over_seeds(store: RunStore, first: Run, second: Run) -> Seeds | None:
    """All finished runs with the settings of the first, and those with the settings of the second; seeds may differ.
    None if both have the same settings."""
    both = [same_but_seeds(run) for run in (first, second)]
    if both[0] == both[1]:
        return None
    alike: list[list[Run]] = [[], []]
    for run in store.with_status(FINISHED):
        if run.folder in (first.folder, second.folder) and (own := same_but_seeds(run)) in both:
            alike[both.index(own)].append(run)
    groups = [
        {_seeds(one): one.result.accuracy for one in compared(store, runs) if one.result.accuracy is not None}
        for runs in alike
    ]
    shared = [(groups[0][seeds], groups[1][seeds]) for seeds in groups[0] if seeds in groups[1]]
    return Seeds(tuple(groups[0].values()), tuple(groups[1].values()), tuple(shared))


def _seeds(one: Compared) -> tuple:
    found = values_of(one.run)
    return tuple(found[name] for name in SEEDS)
