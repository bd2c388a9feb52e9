"""What the history of a run consists of, and whether what a row holds is valid.

A row may be damaged or edited by hand, and SQLite accepts any type in any column.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import NamedTuple

import numpy as np

from cnn.errors import UserError
from cnn.specs import TrainingSpec


class StepRecord(NamedTuple):
    """One batch. loss: its mean cross-entropy; smooth: the running average. epoch: counts from 1."""

    step: int
    epoch: int
    loss: float
    smooth: float


class EpochRecord(NamedTuple):
    """One epoch, after its last step. Accuracies are 0..1; None where no images are held out.

    val_predicted, val_right: for each class, the number of held-out images taken for it, and of its own that are right.
    dead: (layer, dead units, units). These three are empty in runs of older versions.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    seconds: float
    images_per_second: float
    val_predicted: tuple[int, ...] = ()
    val_right: tuple[int, ...] = ()
    dead: tuple[tuple[str, int, int], ...] = ()


class Snapshot(NamedTuple):
    """The weights after a step, saved in a file. epoch: the same time in epochs; can be fractional in the first."""

    step: int
    epoch: float


class Probe(NamedTuple):
    """The network's predictions for the run's probe images after a step: for each image, the probability per class."""

    step: int
    probabilities: list[list[float]]


class Reading(NamedTuple):
    """Progress of reading the images. rate: images per second."""

    done: int
    total: int
    rate: float


class Progress(NamedTuple):
    """Progress of the training: epoch (from 1) of epochs, step of steps. None: not known yet."""

    epoch: int
    epochs: int
    step: int
    steps: int
    images_per_second: float | None
    seconds_left: float | None
    learning_rate: float


class Live(NamedTuple):
    """The newest state of a run. All fields are None at first; then `reading` is set; then `progress` and `filters`.
    filters: the weights of the first convolution, float32 (filters, channels, height, width)."""

    reading: Reading | None = None
    progress: Progress | None = None
    filters: np.ndarray | None = None


# Validation


def is_whole(value) -> bool:
    return isinstance(value, int) and 0 <= value < 10**12


def _number(value) -> bool:  # in the range of float32, so that sums stay finite
    return isinstance(value, int | float) and 0 <= value < 1e39


def _fraction(value) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def is_rate(value) -> bool:
    """Whether `value` is a valid learning rate."""
    try:
        TrainingSpec(learning_rate=value)
    except UserError:
        return False
    return True


def _or_none(is_valid: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or is_valid(value)


def _counts(value) -> bool:
    return isinstance(value, list) and all(map(is_whole, value))


def _dead(value) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, list)
        and len(one) == 3
        and isinstance(one[0], str)
        and all(map(is_whole, one[1:]))
        and one[1] <= one[2]
        for one in value
    )


Columns = dict[str, Callable[[object], bool]]  # column -> whether a value is valid
STEPS: Columns = {"step": is_whole, "epoch": is_whole, "loss": _number, "smooth": _number}
EPOCHS: Columns = {
    "epoch": is_whole,
    "step": is_whole,
    "train_loss": _number,
    "train_accuracy": _fraction,
    "val_loss": _or_none(_number),
    "val_accuracy": _or_none(_fraction),
    "seconds": _number,
    "images_per_second": _number,
    "val_predicted": _counts,
    "val_right": _counts,
    "dead": _dead,
}
SNAPSHOTS: Columns = {"step": is_whole, "epoch": _number}
RATES: Columns = {"step": is_whole, "value": is_rate}
READING: Columns = {"done": is_whole, "total": is_whole, "rate": _number}
PROGRESS: Columns = {
    "epoch": is_whole,
    "epochs": is_whole,
    "step": is_whole,
    "steps": is_whole,
    "images_per_second": _or_none(_number),
    "seconds_left": _or_none(_number),
    "learning_rate": is_rate,
}


def checked_rows(name: str, rows: Iterable[dict], columns: Columns) -> list[dict]:
    """Each row, reduced to `columns`. Raises ValueError if a value is invalid. name: of the records."""
    checked = []
    for row in rows:
        for column, is_valid in columns.items():
            if not is_valid(row.get(column)):
                raise ValueError(f"its {name} cannot have {row.get(column)!r:.40} as {column.replace('_', ' ')}")
        checked.append({column: row[column] for column in columns})
    return checked


def probabilities_of(probes: list) -> np.ndarray:
    """float (probes, images, classes), 0..1 or NaN. Raises ValueError for anything else."""
    try:
        values = np.array(probes) if probes else np.empty((0, 0, 0))
    except ValueError:  # lists of different lengths
        values = np.empty(0)
    if values.ndim != 3 or values.dtype.kind not in "if" or (values < 0).any() or (values > 1).any():
        raise ValueError("its probes are not probabilities")
    return values


def filters_of(values: object, shape: object) -> np.ndarray | None:
    """float32 (filters, channels, height, width). Raises ValueError if the bytes do not fit the shape."""
    if values is None and shape is None:
        return None
    if not (
        isinstance(values, bytes)
        and isinstance(shape, list)
        and len(shape) == 4
        and all(isinstance(side, int) and side > 0 for side in shape)
        and len(values) == 4 * prod(shape)
    ):
        raise ValueError("its newest filters are incomplete")
    return np.frombuffer(values, np.float32).reshape(shape)


def with_lists(row: Mapping) -> dict:
    """A row of the table of epochs, with lists where it holds them as JSON."""
    return {**row} | {column: _from_json(row[column]) for column in ("val_predicted", "val_right", "dead")}


def _from_json(text: object) -> object:
    """The value in a text; None if there is none."""
    try:
        return json.loads(text)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None


def epoch_record(row: dict) -> EpochRecord:
    lists = {column: tuple(row[column]) for column in ("val_predicted", "val_right")}
    return EpochRecord(**row | lists | {"dead": tuple(map(tuple, row["dead"]))})
