"""What a trainer leaves behind of a run as it goes: its curves, its snapshots, and what it looks like by now.

All of it is checked when it is read: a row may have been changed by hand, or damaged, and SQLite keeps any value in any
column. So whoever draws it can rely on its kinds and ranges.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import prod

import numpy as np

from cnn.specs import TrainingSpec
from cnn.store.database import Database, RunError

Kinds = dict[str, Callable[[object], bool]]  # column -> whether a value fits


def _whole(value) -> bool:
    return isinstance(value, int) and 0 <= value < 10**12


def _number(value) -> bool:  # what float32 can hold, so that sums of it are finite, too
    return isinstance(value, int | float) and 0 <= value < 1e39


def _share(value) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def is_rate(value) -> bool:
    """Whether it is a learning rate that a run may be trained with."""
    try:
        TrainingSpec(learning_rate=value)
    except ValueError:
        return False
    return True


def _or_none(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or fits(value)


def _shares(looks: list) -> np.ndarray:
    """float (looks, images, classes), 0..1 or NaN. Raises ValueError if they are anything else."""
    try:
        shares = np.array(looks) if looks else np.empty((0, 0, 0))
    except ValueError:  # they differ in length
        shares = np.empty(0)
    if shares.ndim != 3 or shares.dtype.kind not in "if" or (shares < 0).any() or (shares > 1).any():
        raise ValueError("its looks at images hold no probabilities")
    return shares


def _holds(values: bytes, shape: list[int]) -> bool:
    """Whether these are float32 numbers for filters of that shape."""
    if not isinstance(values, bytes) or not isinstance(shape, list) or len(shape) != 4:
        return False
    return all(isinstance(side, int) and side > 0 for side in shape) and len(values) == 4 * prod(shape)


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


def _check(what: str, rows: list[dict], kinds: Kinds) -> list[dict]:
    """The rows. Raises ValueError if one of them holds what no trainer writes."""
    for row in rows:
        for column, fits in kinds.items():
            if not fits(row.get(column)):
                raise ValueError(f"its {what} cannot have {row.get(column)!r:.40} as {column.replace('_', ' ')}")
    return rows


@contextmanager
def _damage(run_id: str) -> Iterator[None]:
    """Turns what reading broken values raises into a sentence."""
    try:
        yield
    except (ValueError, TypeError, AttributeError) as error:
        raise RunError(f"Run {run_id} is damaged: {error}") from None


class History(Database):
    """The rows that trainers write. Of a run that is not there, all is empty.

    Reading raises RunError, with a sentence for the user, if what is there was damaged.
    """

    def epochs(self, run_id: str) -> list[dict]:
        """One dict per epoch, with the columns of the table: epoch, step, train_loss, train_accuracy, val_loss, ..."""
        rows = self._rows("SELECT * FROM epochs WHERE run = ? ORDER BY epoch", run_id)
        with _damage(run_id):
            return _check("epochs", rows, EPOCHS)

    def snapshots(self, run_id: str) -> list[dict]:
        """step and epoch (a fraction within the first) of each snapshot, from the untrained network on."""
        rows = self._rows("SELECT step, epoch FROM snapshots WHERE run = ? ORDER BY step", run_id)
        with _damage(run_id):
            return _check("snapshots", rows, SNAPSHOTS)

    def learning_rates(self, run_id: str) -> dict[int, float]:
        """step -> the rate asked for while it ran, which holds from that step on."""
        rows = self._rows("SELECT step, value FROM learning_rates WHERE run = ? ORDER BY step", run_id)
        with _damage(run_id):
            return {row["step"]: row["value"] for row in _check("learning rates", rows, RATES)}

    def steps(self, run_id: str, at_most: int = 400) -> list[dict]:
        """step, epoch, loss and smooth of evenly spread steps, the newest included.

        What it costs does not grow with the number of steps: it looks up just the rows it gives back. The
        distance between them is a power of two, so that points stay where they are as the run grows.
        """
        with self._connect() as db, _damage(run_id):
            last = db.execute("SELECT MAX(step) FROM steps WHERE run = ?", (run_id,)).fetchone()[0]
            if last is None:
                return []
            _check("steps", [{"step": last}], {"step": _whole})
            stride = 1
            while last / stride > at_most:
                stride *= 2
            wanted = sorted({*range(stride, last + 1, stride), 1, last})
            # CROSS has SQLite keep this order: one look-up by key for each wanted step.
            rows = db.execute(
                "SELECT s.step, s.epoch, s.loss, s.smooth FROM json_each(?) AS wanted"
                " CROSS JOIN steps AS s ON s.run = ? AND s.step = wanted.value",
                (json.dumps(wanted), run_id),
            )
            return _check("steps", [dict(row) for row in rows], STEPS)

    def probes(self, run_id: str, at_most: int = 100) -> list[dict]:
        """step and probabilities (probe images x classes, lists) of evenly spread moments, the newest included.

        Left out are those from which on a network gave no numbers (NaN): it diverged.
        """
        rows = self._rows("SELECT step FROM probes WHERE run = ? ORDER BY step", run_id)
        with _damage(run_id):
            steps = [row["step"] for row in _check("looks at images", rows, {"step": _whole})]
        stride = max(1, -(-len(steps) // at_most))
        wanted = json.dumps(steps[::-1][::stride][::-1])
        rows = self._rows(
            "SELECT p.step, p.probabilities FROM json_each(?) AS wanted CROSS JOIN probes AS p"
            " ON p.run = ? AND p.step = wanted.value",
            wanted,
            run_id,
        )
        with _damage(run_id):
            looks = [{"step": row["step"], "probabilities": json.loads(row["probabilities"])} for row in rows]
            diverged = np.isnan(_shares([look["probabilities"] for look in looks])).any(axis=(1, 2))
            return [look for look, without_numbers in zip(looks, diverged, strict=True) if not without_numbers]

    def live(self, run_id: str) -> dict:
        """What the trainer said last: {} at first, else progress fields, and the first layer's weights as
        `filters` (bytes of float32) with `filters_shape`."""
        rows = self._rows("SELECT * FROM live WHERE run = ?", run_id)
        if not rows:
            return {}
        row = rows[0]
        with _damage(run_id):
            progress = json.loads(row["progress"])
            if "reading" in progress:
                _check("reading", [progress["reading"]], READING)
            elif progress:
                _check("progress", [progress], PROGRESS)
            shape = json.loads(row["filters_shape"] or "null")
            if (row["filters"], shape) != (None, None) and not _holds(row["filters"], shape):
                raise ValueError("its newest filters are incomplete")
            return progress | {"filters": row["filters"], "filters_shape": shape}

    def rewind(self, run_id: str, step: int) -> list[int]:
        """Takes back all that came after a step, for a run that goes on from there; the steps of its snapshots that are
        no more. Learning rates stay, which somebody asked for."""
        gone = [row["step"] for row in self.snapshots(run_id) if row["step"] > step]
        with self._connect() as db:
            for table in ("steps", "epochs", "snapshots", "probes"):
                db.execute(f"DELETE FROM {table} WHERE run = ? AND step > ?", (run_id, step))
        return gone

    def forget_rates(self, run_id: str, after: int) -> None:
        """Takes back the learning rates that were to hold from a later step on."""
        with self._connect() as db:
            db.execute("DELETE FROM learning_rates WHERE run = ? AND step > ?", (run_id, after))

    def write(self, run_id: str, writes: Sequence[tuple[str, dict]]) -> None:
        """Enters rows, all or none. Each is (table, column -> value); a row of the same key is replaced."""
        with self._connect() as db:
            for table, row in writes:
                columns = ["run", *row]
                db.execute(
                    f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                    (run_id, *row.values()),
                )
