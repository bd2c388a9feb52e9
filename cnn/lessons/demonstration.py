"""The demonstration of a lesson: networks to train, what to measure of them, and what the lesson claims about that.

A page trains the networks once, with a seed of its own, and shows what it measures. `tests/benchmarks/lessons.py` does
the same with many seeds, and counts how often each claim holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnn.data.dataset import TEST, Dataset
from cnn.figures.sketched_curves import Sketch
from cnn.model.model import Model
from cnn.specs import SPECS, DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord
from cnn.training.evaluation import Predictions, predict
from cnn.training.loop import Epoch

Numbers = Mapping[str, float]
EACH_SEED = 1000  # the seeds of networks that differ in their seed alone are this far apart


@dataclass(frozen=True)
class Training:
    """A network to train. folder: of a sample dataset. changes: field of a spec -> value; all others are at their
    defaults. repeat: another number means another seed of the training, but the same split of the images."""

    folder: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    repeat: int = 0

    def specs(self, seed: int) -> tuple[DatasetSpec, NetworkSpec, TrainingSpec]:
        """The settings. The seed also decides which images are held out."""
        values: list[dict[str, Any]] = [{"seed": seed}, {}, {"seed": seed + EACH_SEED * self.repeat}]
        for name, value in self.changes.items():
            values[next(i for i, spec in enumerate(SPECS) if name in spec.settings())][name] = value
        dataset, network, training = (spec.from_dict(own) for spec, own in zip(SPECS, values, strict=True))
        return dataset, network, training


@dataclass(frozen=True, eq=False)
class Trained:
    """model, untrained: after the last step, and before the first one. losses: of each step, in order."""

    model: Model
    untrained: Model
    dataset: Dataset
    epochs: Sequence[Epoch | EpochRecord]
    losses: Sequence[float]

    @property
    def accuracy(self) -> float:
        """On the held-out images after the last epoch, in percent."""
        return 100 * (self.epochs[-1].val_accuracy or 0.0)

    @property
    def training_accuracy(self) -> float:
        """On the training images during the last epoch, in percent."""
        return 100 * self.epochs[-1].train_accuracy

    @property
    def held_out(self) -> np.ndarray:
        """uint8 (n, side, side, channels): the held-out images."""
        return np.asarray(self.dataset.images[self.dataset.val])

    @property
    def held_out_labels(self) -> np.ndarray:
        return self.dataset.labels[self.dataset.val]

    def accuracy_of_test(self) -> float:
        """On the test images, in percent."""
        test = np.flatnonzero(self.dataset.splits == TEST)
        return 100 * predict(self.model, self.dataset.images, self.dataset.labels, test).accuracy

    def predictions(self, images: np.ndarray, labels: np.ndarray) -> Predictions:
        """For images, uint8 (n, side, side, channels)."""
        return predict(self.model, images, labels, np.arange(len(images)))


@dataclass(frozen=True)
class Quantity:
    """A number that is measured. label: for students. unit: such as "%". most: the end of its scale; None: the largest
    of the lesson's quantities."""

    label: str
    unit: str = "%"
    most: float | None = 100


@dataclass(frozen=True)
class Claim:
    """A statement of a lesson about what will happen. holds: whether it does, given the quantities."""

    text: str
    holds: Callable[[Numbers], bool]


@dataclass(frozen=True)
class Demonstration:
    """trainings: the networks, by name. quantities: the values of `measure` that are shown, in this order.
    claims: by name, what the lesson says will happen. sketches: what the last question is about, if that is curves.
    seen: the network that the lesson shows on another page; "": the first."""

    trainings: Mapping[str, Training]
    quantities: Mapping[str, Quantity]
    measure: Callable[[Mapping[str, Trained]], dict[str, float]]
    claims: Mapping[str, Claim]
    sketches: Sequence[Sketch] = ()
    seen: str = ""
