"""A student's own images, network and run, as the questions of a report see them. Imports no torch."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnn.data import version
from cnn.data.dataset import TEST, VAL, Dataset
from cnn.data.version import DatasetVersion
from cnn.model.layers import Layer, NetworkError, lay_out
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord
from cnn.store.run import Run
from cnn.store.runs import RunStore


@dataclass(frozen=True, eq=False)
class Case:
    """A run, and what is known of it; before the first training, the run that would begin with the chosen images and
    settings. confusion: int (classes, classes) on its held-out images, rows are the true classes; None until it is
    computed. new_images: of those in the report, how many are right, and how many there are; None until it is computed.
    step: of the snapshot that the pages show first; None: after the last epoch."""

    run: Run
    epochs: Sequence[EpochRecord]
    images: DatasetVersion | None = None
    confusion: np.ndarray | None = None
    new_images: tuple[int, int] | None = None
    step: int | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the network was trained, or at least its training has begun."""
        return bool(self.run.id)

    @cached_property
    def layers(self) -> list[Layer]:
        """[] if the network does not fit the images, so that it cannot be trained."""
        data = self.run.dataset_spec
        try:
            return lay_out(self.run.network_spec, data.image_size, data.channels, len(self.run.classes))
        except NetworkError:
            return []

    @cached_property
    def per_class(self) -> tuple[int, ...]:
        """The training and held-out images of each class; () if that is not known."""
        if self.images is None:
            return ()
        labels, splits = np.array(self.images.labels), np.array(self.images.splits)
        return tuple(np.bincount(labels[splits != TEST], minlength=len(self.images.classes)).tolist())

    @property
    def held_out_per_class(self) -> tuple[int, ...]:
        if stored := tuple(self.run.facts.get("val_per_class", ())):
            return stored
        if self.images is None:
            return ()
        labels, splits = np.array(self.images.labels), np.array(self.images.splits)
        return tuple(np.bincount(labels[splits == VAL], minlength=len(self.images.classes)).tolist())

    @property
    def last(self) -> EpochRecord | None:
        return self.epochs[-1] if self.epochs else None

    @property
    def shown(self) -> EpochRecord | None:
        """The epoch whose network the pages show first: that with the lowest held-out loss, once training has ended."""
        return next((one for one in self.epochs if one.step == self.step), self.last)


def read_case(store: RunStore, run_id: str, confusion: np.ndarray | None = None) -> Case:
    """The case of a run in the store. Raises RunError if there is no such run."""
    run = store.get(run_id)
    images = DatasetVersion.load(store.folder(run_id) / version.NAME)
    history = store.history(run_id)
    return Case(run, history.epochs(), images, confusion, step=history.step_to_show(run.active))


def case_before(dataset: Dataset, network: NetworkSpec, training: TrainingSpec) -> Case:
    """The case of a network that is not trained yet. dataset: the chosen one."""
    run = Run(
        id="",
        created=time.time(),
        folder=dataset.folder,
        dataset_spec=dataset.spec,
        network_spec=network,
        training_spec=training,
        status="",
        message="",
        classes=dataset.classes,
        fingerprint=None,
        facts={"train_images": len(dataset.train), "val_images": len(dataset.val)},
        probe_images=(),
    )
    return Case(run, (), DatasetVersion.of(dataset))
