"""Finds wrong labels: trains networks on parts of a dataset, and asks each about the images that it has not seen.

experiment.start(store, folder, plan(specs, dataset.draws_held_out))
...                                     # once its runs have finished
found = out_of_fold(store, finished(store, newest(store, folder)), dataset)
suspicious(found.probabilities, dataset.labels[found.rows])
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cnn.data.dataset import Dataset
from cnn.data.near_copies import find_copies
from cnn.data.version import NAME as VERSION_FILE
from cnn.data.version import read_version
from cnn.engine import experiment
from cnn.errors import UserError
from cnn.explain.neighbours import features
from cnn.model.model import Model
from cnn.specs.experiment_spec import ExperimentSpec, Specs, vary
from cnn.store import experiments
from cnn.store.experiments import Experiment
from cnn.store.run import FINISHED, Run
from cnn.store.runs import RunStore
from cnn.store.snapshots import load_model
from cnn.training.batches import Report
from cnn.training.evaluation import predict

NAME = "Wrong labels"  # of the experiments
FOLDS = 5


def plan(specs: Specs, draws_held_out: bool = True) -> ExperimentSpec:
    """The experiment: the network of the settings once for each of five folds, each time trained without the images
    that it will judge, with the labels of the folder.

    draws_held_out: if False, the folder itself says which images are held out, and one network judges these.
    """
    dataset, network, training = specs
    dataset = replace(dataset, fold=0, decisions=())
    if draws_held_out:
        dataset = replace(dataset, val_fraction=1 / FOLDS)
    network = replace(network, base="", base_step=-1, fine_tune=False)  # a base may have seen all images
    folds = vary({"fold": range(FOLDS if draws_held_out else 1)})
    question = "Which labels do networks disagree with that were not trained on the image?"
    return ExperimentSpec(NAME, folds, (training.seed,), dataset, network, training, question)


def newest(store: RunStore, folder: str) -> Experiment | None:
    """The last search for wrong labels in a folder."""
    found = (one for one in experiments.all_experiments(store) if one.spec.name == NAME and one.folder == folder)
    return next(found, None)


def finished(store: RunStore, one: Experiment) -> list[Run]:
    """The runs of a search that have finished, fold by fold."""
    return [run for run in experiment.runs(store, one.id).values() if run.status == FINISHED]


class OutOfFold(NamedTuple):
    """What networks say about images that they were not trained on.

    rows: int64 (N,), the images in their dataset. probabilities: float32 (N, classes), the mean if several networks
    judged an image. run_ids: N, the run of a network that judged the image.
    """

    rows: np.ndarray
    probabilities: np.ndarray
    run_ids: tuple[str, ...]


def out_of_fold(
    store: RunStore,
    runs: list[Run],
    dataset: Dataset,
    progress: Report = lambda fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> OutOfFold:
    """The answers of finished runs for their held-out images, by the weights after the last epoch: the best epoch is
    chosen by the labels in question.

    dataset: the images, with the settings of the runs. Raises UserError if a run has other classes.
    """
    places = {image: i for i, image in enumerate(zip(dataset.paths, dataset.hashes, strict=True))}
    total = np.zeros((len(dataset.labels), len(dataset.classes)), np.float32)
    judged, by = np.zeros(len(dataset.labels), np.int64), [""] * len(dataset.labels)
    for done, run in enumerate(runs):
        file = store.folder(run.id) / VERSION_FILE
        own = read_version(file, run.fingerprint or "", run.folder, run.dataset_spec, store.cache, cancelled=cancelled)
        if own.classes != dataset.classes:
            raise UserError("The classes of the folder have changed since the search. Search again.")
        share = _part_of(progress, done, len(runs))
        answers = predict(last_model(store, run), own.images, own.labels, own.val, progress=share).probabilities
        for image, probabilities in zip(own.val.tolist(), answers, strict=True):
            row = places.get((own.paths[image], own.hashes[image]))
            if row is not None:
                total[row] += probabilities
                judged[row] += 1
                by[row] = run.id
    rows = np.flatnonzero(judged)
    return OutOfFold(rows, total[rows] / judged[rows, None], tuple(by[row] for row in rows))


def last_model(store: RunStore, run: Run) -> Model:
    """The model of a run after its last epoch."""
    return load_model(store, run, max(one.step for one in store.history(run.id).snapshots()))


def features_by_run(store: RunStore, run: Run, dataset: Dataset, progress: Report) -> np.ndarray:
    """float32 (N, width): the features of all images of a dataset, as a run's network sees them."""
    return features(last_model(store, run), dataset.images, np.arange(len(dataset.labels)), progress)


def harmful_copies(dataset: Dataset, progress: Report = lambda fraction: None) -> np.ndarray:
    """int64 (P, 2): pairs of nearly equal images, and of equal ones in two classes or on two sides of the split.
    (Equal images of one class on one side spoil nothing.)"""
    copies = find_copies(dataset.images, dataset.hashes, progress)
    labels, splits = dataset.labels[copies.pairs], dataset.splits[copies.pairs]
    return copies.pairs[~copies.exact | (labels[:, 0] != labels[:, 1]) | (splits[:, 0] != splits[:, 1])]


def _part_of(progress: Report, done: int, of: int) -> Report:
    return lambda fraction: progress((done + fraction) / of)
