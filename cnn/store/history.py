"""The history of a run: what its trainer writes as it goes, and pages and the command line read.

Everything is checked when it is read: a row may have been changed by hand or damaged, and SQLite keeps any value in any
column. So whoever draws a history can rely on its kinds and ranges.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from typing import NamedTuple

import numpy as np

from cnn.errors import UserError
from cnn.specs import TrainingSpec
from cnn.store.database import Database, RunError

TABLES = ("steps", "epochs", "learning_rates", "snapshots", "probes", "live")


class StepRecord(NamedTuple):
    """One batch. loss: its mean cross-entropy; smooth: the running average. epoch: from 1 on."""

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

    @property
    def dead_by_layer(self) -> dict[str, tuple[int, int]]:
        """layer -> (dead units, units)."""
        return {layer: (dead, units) for layer, dead, units in self.dead}


class Snapshot(NamedTuple):
    """The weights after a step, which are in a file. epoch: the same moment in epochs, a fraction within the first."""

    step: int
    epoch: float


class Probe(NamedTuple):
    """What the network made of the run's probe images after a step: for each image the probability of each class."""

    step: int
    probabilities: list[list[float]]


class Reading(NamedTuple):
    """How far the images are read. rate: images per second."""

    done: int
    total: int
    rate: float


class Progress(NamedTuple):
    """How far the training is: epoch (from 1 on) of epochs, step of steps. None: not known yet."""

    epoch: int
    epochs: int
    step: int
    steps: int
    images_per_second: float | None
    seconds_left: float | None
    learning_rate: float


class Live(NamedTuple):
    """The newest state of a run. Nothing is known at first, then `reading`, then `progress` and `filters`: the weights
    of the first convolution, float32 (filters, channels, height, width)."""

    reading: Reading | None = None
    progress: Progress | None = None
    filters: np.ndarray | None = None


# What a trainer may have written


def _whole(value) -> bool:
    return isinstance(value, int) and 0 <= value < 10**12


def _number(value) -> bool:  # within the range of float32, so that sums are finite too
    return isinstance(value, int | float) and 0 <= value < 1e39


def _share(value) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def is_rate(value) -> bool:
    """Whether it is a learning rate that a run may be trained with."""
    try:
        TrainingSpec(learning_rate=value)
    except UserError:
        return False
    return True


def _or_none(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or fits(value)


def _counts(value) -> bool:
    return isinstance(value, list) and all(map(_whole, value))


def _dead(value) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, list)
        and len(one) == 3
        and isinstance(one[0], str)
        and all(map(_whole, one[1:]))
        and one[1] <= one[2]
        for one in value
    )


Kinds = dict[str, Callable[[object], bool]]  # column -> whether a value fits
STEPS: Kinds = {"step": _whole, "epoch": _whole, "loss": _number, "smooth": _number}
EPOCHS: Kinds = {
    "epoch": _whole,
    "step": _whole,
    "train_loss": _number,
    "train_accuracy": _share,
    "val_loss": _or_none(_number),
    "val_accuracy": _or_none(_share),
    "seconds": _number,
    "images_per_second": _number,
    "val_predicted": _counts,
    "val_right": _counts,
    "dead": _dead,
}
SNAPSHOTS: Kinds = {"step": _whole, "epoch": _number}
RATES: Kinds = {"step": _whole, "value": is_rate}
READING: Kinds = {"done": _whole, "total": _whole, "rate": _number}
PROGRESS: Kinds = {
    "epoch": _whole,
    "epochs": _whole,
    "step": _whole,
    "steps": _whole,
    "images_per_second": _or_none(_number),
    "seconds_left": _or_none(_number),
    "learning_rate": is_rate,
}


def _checked(what: str, rows: Iterable[dict], kinds: Kinds) -> list[dict]:
    """The columns named by `kinds` of each row. Raises ValueError if a value is none that a trainer writes."""
    checked = []
    for row in rows:
        for column, fits in kinds.items():
            if not fits(row.get(column)):
                raise ValueError(f"its {what} cannot have {row.get(column)!r:.40} as {column.replace('_', ' ')}")
        checked.append({column: row[column] for column in kinds})
    return checked


def _probabilities(probes: list) -> np.ndarray:
    """float (probes, images, classes), 0..1 or NaN. Raises ValueError if they are anything else."""
    try:
        values = np.array(probes) if probes else np.empty((0, 0, 0))
    except ValueError:  # they differ in length
        values = np.empty(0)
    if values.ndim != 3 or values.dtype.kind not in "if" or (values < 0).any() or (values > 1).any():
        raise ValueError("its probes hold no probabilities")
    return values


def _filters(values: object, shape: object) -> np.ndarray | None:
    """float32 of that shape, (filters, channels, height, width). Raises ValueError if the bytes do not fit it."""
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


def _with_lists(row: Mapping) -> dict:
    """A row of the table of epochs, with lists where it holds JSON."""
    return {**row} | {column: json.loads(row[column]) for column in ("val_predicted", "val_right", "dead")}


def _epoch(row: dict) -> EpochRecord:
    lists = {column: tuple(row[column]) for column in ("val_predicted", "val_right")}
    return EpochRecord(**row | lists | {"dead": tuple(map(tuple, row["dead"]))})


ALL_EPOCHS = "SELECT * FROM epochs WHERE run = :run ORDER BY epoch"
SOME_EPOCHS = """
WITH own AS (SELECT * FROM epochs WHERE run = :run)
SELECT * FROM own WHERE epoch % :stride = 0 OR epoch IN (
    (SELECT MAX(epoch) FROM own),
    (SELECT epoch FROM own WHERE val_loss NOTNULL ORDER BY val_loss, epoch LIMIT 1),
    (SELECT epoch FROM own WHERE val_accuracy NOTNULL ORDER BY val_accuracy DESC, epoch LIMIT 1)
) ORDER BY epoch
"""


class History:
    """The history of one run in the store. That of an unknown run is empty.

    Reading raises RunError, with a sentence for the user, if what was written is damaged.
    """

    def __init__(self, database: Database, run_id: str):
        self._database, self._run_id = database, run_id

    @contextmanager
    def _damage(self) -> Iterator[None]:
        """Turns what reading broken values raises into a sentence."""
        try:
            yield
        except (ValueError, TypeError, AttributeError) as error:
            if isinstance(error, RunError):
                raise
            raise RunError(f"Run {self._run_id} is damaged: {error}") from None

    # Reading

    def epochs(self, at_most: int | None = None) -> list[EpochRecord]:
        """All of them; or evenly spread ones, about `at_most`, with the newest, the one of the lowest held-out loss and
        the one of the highest held-out accuracy. The distance between them is a power of two, as it is for `steps`."""
        with self._database.connection() as db, self._damage():
            stride = 1
            if at_most is not None:
                last = db.execute("SELECT MAX(epoch) FROM epochs WHERE run = ?", (self._run_id,)).fetchone()[0] or 0
                _checked("epochs", [{"epoch": last}], {"epoch": _whole})
                while last / stride > at_most:
                    stride *= 2
            rows = db.execute(SOME_EPOCHS if stride > 1 else ALL_EPOCHS, {"run": self._run_id, "stride": stride})
            return [_epoch(row) for row in _checked("epochs", map(_with_lists, rows), EPOCHS)]

    def snapshots(self) -> list[Snapshot]:
        """All of them, from the untrained network on."""
        rows = self._database.rows("SELECT step, epoch FROM snapshots WHERE run = ? ORDER BY step", self._run_id)
        with self._damage():
            return [Snapshot(**row) for row in _checked("snapshots", rows, SNAPSHOTS)]

    def learning_rates(self) -> dict[int, float]:
        """step -> the learning rate asked for while the run was trained, which holds from that step on."""
        rows = self._database.rows("SELECT step, value FROM learning_rates WHERE run = ? ORDER BY step", self._run_id)
        with self._damage():
            return {row["step"]: row["value"] for row in _checked("learning rates", rows, RATES)}

    def steps(self, at_most: int = 400) -> list[StepRecord]:
        """Evenly spread steps, the first and the newest included; about `at_most`.

        The cost does not grow with the run: only the rows returned are looked up. The distance between them is a power
        of two, so that points stay where they are as the run grows.
        """
        with self._database.connection() as db, self._damage():
            last = db.execute("SELECT MAX(step) FROM steps WHERE run = ?", (self._run_id,)).fetchone()[0]
            if last is None:
                return []
            _checked("steps", [{"step": last}], {"step": _whole})
            stride = 1
            while last / stride > at_most:
                stride *= 2
            asked = sorted({*range(stride, last + 1, stride), 1, last})
            # CROSS makes SQLite keep this order: one look-up by key for each step asked for.
            rows = db.execute(
                "SELECT s.step, s.epoch, s.loss, s.smooth FROM json_each(?) AS asked"
                " CROSS JOIN steps AS s ON s.run = ? AND s.step = asked.value",
                (json.dumps(asked), self._run_id),
            )
            return [StepRecord(**row) for row in _checked("steps", map(dict, rows), STEPS)]

    def probes(self, at_most: int = 100) -> list[Probe]:
        """Evenly spread probes, the newest included. Those of a network that diverged (NaN) are left out."""
        rows = self._database.rows("SELECT step FROM probes WHERE run = ? ORDER BY step", self._run_id)
        with self._damage():
            steps = [row["step"] for row in _checked("probes", rows, {"step": _whole})]
        stride = max(1, -(-len(steps) // at_most))
        asked = json.dumps(steps[::-1][::stride][::-1])
        rows = self._database.rows(
            "SELECT p.step, p.probabilities FROM json_each(?) AS asked CROSS JOIN probes AS p"
            " ON p.run = ? AND p.step = asked.value",
            asked,
            self._run_id,
        )
        with self._damage():
            probes = [Probe(row["step"], json.loads(row["probabilities"])) for row in rows]
            diverged = np.isnan(_probabilities([probe.probabilities for probe in probes])).any(axis=(1, 2))
            return [probe for probe, nan in zip(probes, diverged, strict=True) if not nan]

    def live(self) -> Live:
        """What the trainer wrote last."""
        rows = self._database.rows("SELECT * FROM live WHERE run = ?", self._run_id)
        if not rows:
            return Live()
        with self._damage():
            newest, reading, progress = json.loads(rows[0]["progress"]), None, None
            if "reading" in newest:
                [row] = _checked("reading", [newest["reading"]], READING)
                reading = Reading(**row)
            elif newest:
                [row] = _checked("progress", [newest], PROGRESS)
                progress = Progress(**row)
            shape = json.loads(rows[0]["filters_shape"] or "null")
            return Live(reading, progress, _filters(rows[0]["filters"], shape))

    # Writing: only the trainer. A record of the same step or epoch is replaced

    def _write(self, table: str, columns: Sequence[str], rows: Iterable[Iterable]) -> None:
        names, marks = ", ".join(["run", *columns]), ", ".join("?" * (1 + len(columns)))
        with self._database.connection() as db:
            db.executemany(
                f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", ((self._run_id, *row) for row in rows)
            )

    def add_steps(self, steps: Iterable[StepRecord]) -> None:
        self._write("steps", StepRecord._fields, steps)

    def add_epoch(self, epoch: EpochRecord) -> None:
        values = [json.dumps(value) if isinstance(value, tuple) else value for value in epoch]
        self._write("epochs", EpochRecord._fields, [values])

    def add_snapshot(self, snapshot: Snapshot) -> None:
        self._write("snapshots", Snapshot._fields, [snapshot])

    def add_probe(self, probe: Probe) -> None:
        self._write("probes", Probe._fields, [(probe.step, json.dumps(probe.probabilities))])

    def set_learning_rate(self, step: int, rate: float) -> None:
        """From this step on the rate holds; rates that were to hold from a later step on are dropped."""
        with self._database.connection() as db:
            db.execute("DELETE FROM learning_rates WHERE run = ? AND step > ?", (self._run_id, step))
            self._write("learning_rates", ("step", "value"), [(step, rate)])

    def set_reading(self, reading: Reading) -> None:
        self._write("live", ("progress",), [(json.dumps({"reading": reading._asdict()}),)])

    def set_progress(self, progress: Progress, filters: np.ndarray | None = None) -> None:
        """filters: float32 (filters, channels, height, width); None if the network has no convolution."""
        values, shape = (None, None) if filters is None else (filters.tobytes(), json.dumps(filters.shape))
        self._write("live", ("progress", "filters", "filters_shape"), [(json.dumps(progress._asdict()), values, shape)])

    def rewind(self, step: int) -> list[int]:
        """Drops everything after a step, for a run that goes on from there; returns the steps of the snapshots dropped.
        Learning rates stay: somebody asked for them."""
        with self._database.connection() as db:
            dropped = [snapshot.step for snapshot in self.snapshots() if snapshot.step > step]
            for table in ("steps", "epochs", "snapshots", "probes"):
                db.execute(f"DELETE FROM {table} WHERE run = ? AND step > ?", (self._run_id, step))
        return dropped

    def forget(self) -> None:
        """Drops everything."""
        with self._database.connection() as db:
            for table in TABLES:
                db.execute(f"DELETE FROM {table} WHERE run = ?", (self._run_id,))
