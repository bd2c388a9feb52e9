"""What a report shows of a run: its model, its curves, its images and how the model answers for them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnn.data.dataset import SPLIT_NAMES, Dataset
from cnn.data.listing import DatasetError
from cnn.data.progress import Progress
from cnn.data.version import NAME, DatasetVersion, read_version
from cnn.model.model import Model
from cnn.report.exported_sets import ExportedSet, exported_sets
from cnn.store.records import EpochRecord, StepRecord
from cnn.store.run import Run
from cnn.store.runs import RunError, RunStore
from cnn.store.snapshots import load_model
from cnn.training.evaluation import Predictions, predict


@dataclass(frozen=True, eq=False)
class ExportedRun:
    """A run and what follows from it.

    step: of the snapshot that `model` is, the one the pages show. start: the model before the first step.
    rates: step -> learning rate, for changes during training. version: the list of images. dataset: the images; None if
    they are gone, and then `missing` is a sentence that says so. sets: of new images. too_large: the names of sets that
    are left out.
    """

    run: Run
    step: int
    model: Model
    start: Model
    epochs: tuple[EpochRecord, ...]
    steps: tuple[StepRecord, ...]
    rates: dict[int, float]
    version: DatasetVersion
    dataset: Dataset | None
    missing: str = ""
    sets: tuple[ExportedSet, ...] = ()
    too_large: tuple[str, ...] = ()

    @property
    def epoch(self) -> int:
        """The epoch after which the model was saved; 0 if that was during the first."""
        return max((record.epoch for record in self.epochs if record.step <= self.step), default=0)

    @property
    def judged(self) -> tuple[str, np.ndarray]:
        """The images that the accuracy is of: ("held-out", int64 indices), or ("training", ...) if none are held
        out."""
        splits = np.array(self.version.splits)
        name = "held-out" if SPLIT_NAMES.index("val") in splits else "training"
        return name, np.flatnonzero(splits == SPLIT_NAMES.index("val" if name == "held-out" else "train"))

    @cached_property
    def predictions(self) -> Predictions | None:
        """For the images of `judged`; None without images."""
        if self.dataset is None:
            return None
        return predict(self.model, self.dataset.images, self.dataset.labels, self.judged[1])


def results_of(
    store: RunStore,
    run_id: str,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    sets: Collection[str] | None = None,
) -> ExportedRun:
    """The results of a run. sets: the names of the sets of new images that belong to it; None: all do.

    Raises RunError if the run is gone or damaged, or has no weights or no list of images yet.
    """
    run = store.get(run_id)
    history, file = store.history(run.id), store.folder(run.id) / NAME
    model = load_model(store, run)  # raises RunError if there is no snapshot yet
    step = history.step_to_show(run.active)
    assert step is not None
    dataset, missing = None, ""
    try:
        reading = run.folder, run.dataset_spec, store.cache, progress, cancelled
        dataset = read_version(file, run.fingerprint or "", *reading)
    except DatasetError as error:
        missing = str(error)
    version = DatasetVersion.of(dataset) if dataset else DatasetVersion.load(file)
    if version is None:
        raise RunError(f"The list of images of run {run.id} is missing or damaged, so it cannot be exported.")
    return ExportedRun(
        run,
        step,
        model,
        load_model(store, run, history.snapshots()[0].step),
        tuple(history.epochs()),
        tuple(history.steps()),
        history.learning_rates(),
        version,
        dataset,
        missing,
        *exported_sets(store, model, sets),
    )
