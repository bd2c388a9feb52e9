"""A student's own run, as the questions of a report see it. Imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnn.data import version
from cnn.data.dataset import TEST, VAL
from cnn.data.version import DatasetVersion
from cnn.model.layers import Layer, lay_out
from cnn.store.records import EpochRecord
from cnn.store.run import Run
from cnn.store.runs import RunStore


@dataclass(frozen=True, eq=False)
class Case:
    """A run, and what is known of it. confusion: int (classes, classes) on its held-out images, rows are the true
    classes; None until it is computed. step: of the snapshot that the pages show first; None: after the last epoch."""

    run: Run
    epochs: Sequence[EpochRecord]
    images: DatasetVersion | None = None
    confusion: np.ndarray | None = None
    step: int | None = None

    @cached_property
    def layers(self) -> list[Layer]:
        data = self.run.dataset_spec
        return lay_out(self.run.network_spec, data.image_size, data.channels, len(self.run.classes))

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
    return Case(run, history.epochs(), images, confusion, history.step_to_show(run.active))
