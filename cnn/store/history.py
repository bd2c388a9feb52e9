"""The history of a run: its trainer writes it; pages and the command line read it.

Every value is checked when it is read, so readers can rely on types and ranges.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from cnn.specs import TrainingSpec
from cnn.store.database import Database, RunError
from cnn.store.records import (
    EPOCHS,
    PROGRESS,
    RATES,
    READING,
    SNAPSHOTS,
    STEPS,
    EpochRecord,
    Live,
    Probe,
    Progress,
    Reading,
    Snapshot,
    StepRecord,
    checked_rows,
    epoch_record,
    filters_of,
    is_whole,
    probabilities_of,
    with_lists,
)

TABLES = ("steps", "epochs", "learning_rates", "snapshots", "probes", "live")

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
    """The history of one run in the store; empty if the run is unknown.

    Reading raises RunError, with a sentence for the user, if the history is damaged.
    """

    def __init__(self, database: Database, run_id: str):
        self._database, self._run_id = database, run_id

    @contextmanager
    def _damage_reported(self) -> Iterator[None]:
        """Turns the errors that invalid values cause into a RunError."""
        try:
            yield
        except (ValueError, TypeError, AttributeError) as error:
            if isinstance(error, RunError):
                raise
            raise RunError(f"Run {self._run_id} is damaged: {error}") from None

    # Reading

    def epochs(self, at_most: int | None = None) -> list[EpochRecord]:
        """All epochs; or, with `at_most`, about that many evenly spaced ones, plus the newest, the one with the lowest
        held-out loss and the one with the highest held-out accuracy. The spacing is a power of two, as for `steps`."""
        with self._database.connection() as db, self._damage_reported():
            stride = 1
            if at_most is not None:
                last = db.execute("SELECT MAX(epoch) FROM epochs WHERE run = ?", (self._run_id,)).fetchone()[0] or 0
                checked_rows("epochs", [{"epoch": last}], {"epoch": is_whole})
                while last / stride > at_most:
                    stride *= 2
            rows = db.execute(SOME_EPOCHS if stride > 1 else ALL_EPOCHS, {"run": self._run_id, "stride": stride})
            return [epoch_record(row) for row in checked_rows("epochs", map(with_lists, rows), EPOCHS)]

    def snapshots(self) -> list[Snapshot]:
        """All snapshots, starting with the untrained network."""
        rows = self._database.rows("SELECT step, epoch FROM snapshots WHERE run = ? ORDER BY step", self._run_id)
        with self._damage_reported():
            return [Snapshot(**row) for row in checked_rows("snapshots", rows, SNAPSHOTS)]

    def best_step(self) -> int | None:
        """The step of the snapshot with the lowest held-out loss, the first of several; None if there is none."""
        rows = self._database.rows(
            "SELECT step FROM epochs JOIN snapshots USING (run, step) WHERE run = ? AND val_loss NOTNULL"
            " ORDER BY val_loss, step LIMIT 1",
            self._run_id,
        )
        with self._damage_reported():
            return next((row["step"] for row in checked_rows("epochs", rows, {"step": is_whole})), None)

    def step_to_show(self, is_active: bool) -> int | None:
        """The step of the snapshot to look into, until a user chooses another: the newest one of a run that is being
        trained, else the best. None without snapshots."""
        best = None if is_active else self.best_step()
        return best if best is not None else max((snapshot.step for snapshot in self.snapshots()), default=None)

    def learning_rates(self) -> dict[int, float]:
        """step -> learning rate: the changes requested during training. A rate applies from its step on."""
        rows = self._database.rows("SELECT step, value FROM learning_rates WHERE run = ? ORDER BY step", self._run_id)
        with self._damage_reported():
            return {row["step"]: row["value"] for row in checked_rows("learning rates", rows, RATES)}

    def chosen_rate(self, spec: TrainingSpec) -> float:
        """The learning rate that the user chose last. spec: that of the run."""
        changes = self.learning_rates()
        return changes[max(changes)] if changes else spec.learning_rate

    def steps(self, at_most: int = 400) -> list[StepRecord]:
        """About `at_most` evenly spaced steps, including the first and the newest.

        The cost does not grow with the run: only the returned rows are looked up. The spacing is a power of two, so
        that points stay in place as the run grows.
        """
        with self._database.connection() as db, self._damage_reported():
            last = db.execute("SELECT MAX(step) FROM steps WHERE run = ?", (self._run_id,)).fetchone()[0]
            if last is None:
                return []
            checked_rows("steps", [{"step": last}], {"step": is_whole})
            stride = 1
            while last / stride > at_most:
                stride *= 2
            selected = sorted({*range(stride, last + 1, stride), 1, last})
            # CROSS makes SQLite keep this order: one look-up by key for each selected step.
            rows = db.execute(
                "SELECT s.step, s.epoch, s.loss, s.smooth FROM json_each(?) AS selected"
                " CROSS JOIN steps AS s ON s.run = ? AND s.step = selected.value",
                (json.dumps(selected), self._run_id),
            )
            return [StepRecord(**row) for row in checked_rows("steps", map(dict, rows), STEPS)]

    def probes(self, at_most: int = 100) -> list[Probe]:
        """At most `at_most` evenly spaced probes, including the newest. Probes with NaN (a diverged network) are left
        out."""
        rows = self._database.rows("SELECT step FROM probes WHERE run = ? ORDER BY step", self._run_id)
        with self._damage_reported():
            steps = [row["step"] for row in checked_rows("probes", rows, {"step": is_whole})]
        stride = max(1, -(-len(steps) // at_most))
        selected = json.dumps(steps[::-1][::stride][::-1])
        rows = self._database.rows(
            "SELECT p.step, p.probabilities FROM json_each(?) AS selected CROSS JOIN probes AS p"
            " ON p.run = ? AND p.step = selected.value",
            selected,
            self._run_id,
        )
        with self._damage_reported():
            probes = [Probe(row["step"], json.loads(row["probabilities"])) for row in rows]
            diverged = np.isnan(probabilities_of([probe.probabilities for probe in probes])).any(axis=(1, 2))
            return [probe for probe, nan in zip(probes, diverged, strict=True) if not nan]

    def live(self) -> Live:
        """The newest state."""
        rows = self._database.rows("SELECT * FROM live WHERE run = ?", self._run_id)
        if not rows:
            return Live()
        with self._damage_reported():
            newest, reading, progress = json.loads(rows[0]["progress"]), None, None
            if "reading" in newest:
                [row] = checked_rows("reading", [newest["reading"]], READING)
                reading = Reading(**row)
            elif newest:
                [row] = checked_rows("progress", [newest], PROGRESS)
                progress = Progress(**row)
            shape = json.loads(rows[0]["filters_shape"] or "null")
            return Live(reading, progress, filters_of(rows[0]["filters"], shape))

    # Writing, by the trainer only. A record replaces an older one of the same step or epoch

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
        """Sets the rate that applies from this step on, and drops all later changes."""
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
        """Drops everything after a step, so that the run can resume there; returns the steps of the dropped snapshots.
        Learning rates stay, because a user requested them."""
        with self._database.connection() as db:
            dropped = [snapshot.step for snapshot in self.snapshots() if snapshot.step > step]
            for table in ("steps", "epochs", "snapshots", "probes"):
                db.execute(f"DELETE FROM {table} WHERE run = ? AND step > ?", (self._run_id, step))
        return dropped

    def forget(self) -> None:
        """Deletes the whole history."""
        with self._database.connection() as db:
            for table in TABLES:
                db.execute(f"DELETE FROM {table} WHERE run = ?", (self._run_id,))
