"""What a trainer leaves behind of a run as it goes: its curves, its snapshots, and what it looks like by now."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod

from cnn.database import Database, RunError


@contextmanager
def _damage(run_id: str) -> Iterator[None]:
    """Turns what reading broken values raises into a sentence."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise RunError(f"Run {run_id} is damaged: {error}") from None


class History(Database):
    """The rows that trainers write. Of a run that is not there, all is empty."""

    def epochs(self, run_id: str) -> list[dict]:
        """One dict per epoch, with the columns of the table: epoch, step, train_loss, train_accuracy, val_loss, ..."""
        return self._rows("SELECT * FROM epochs WHERE run = ? ORDER BY epoch", run_id)

    def snapshots(self, run_id: str) -> list[dict]:
        """step and epoch (a fraction within the first) of each snapshot, from the untrained network on."""
        return self._rows("SELECT step, epoch FROM snapshots WHERE run = ? ORDER BY step", run_id)

    def learning_rates(self, run_id: str) -> dict[int, float]:
        """step -> the rate asked for while it ran, which holds from that step on."""
        rows = self._rows("SELECT step, value FROM learning_rates WHERE run = ? ORDER BY step", run_id)
        return {row["step"]: row["value"] for row in rows}

    def steps(self, run_id: str, at_most: int = 400) -> list[dict]:
        """step, epoch, loss and smooth of evenly spread steps, the newest included.

        What it costs does not grow with the number of steps: it looks up just the rows it gives back. The
        distance between them is a power of two, so that points stay where they are as the run grows.
        """
        with self._connect() as db:
            last = db.execute("SELECT MAX(step) FROM steps WHERE run = ?", (run_id,)).fetchone()[0] or 0
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
            return [dict(row) for row in rows]

    def probes(self, run_id: str, at_most: int = 100) -> list[dict]:
        """step and probabilities (probe images x classes, lists) of evenly spread moments, the newest included."""
        rows = self._rows("SELECT step FROM probes WHERE run = ? ORDER BY step", run_id)
        steps = [row["step"] for row in rows]
        stride = max(1, -(-len(steps) // at_most))
        wanted = json.dumps(steps[::-1][::stride][::-1])
        rows = self._rows(
            "SELECT p.step, p.probabilities FROM json_each(?) AS wanted CROSS JOIN probes AS p"
            " ON p.run = ? AND p.step = wanted.value",
            wanted,
            run_id,
        )
        with _damage(run_id):
            return [{"step": row["step"], "probabilities": json.loads(row["probabilities"])} for row in rows]

    def live(self, run_id: str) -> dict:
        """What the trainer said last: {} at first, else progress fields, and the first layer's weights as
        `filters` (bytes of float32) with `filters_shape`."""
        rows = self._rows("SELECT * FROM live WHERE run = ?", run_id)
        if not rows:
            return {}
        row = rows[0]
        with _damage(run_id):
            shape = json.loads(row["filters_shape"]) if row["filters_shape"] else None
            if shape and 4 * prod(shape) != len(row["filters"]):
                raise ValueError("its newest filters are incomplete")
            return json.loads(row["progress"]) | {"filters": row["filters"], "filters_shape": shape}

    def write(self, run_id: str, writes: Sequence[tuple[str, dict]]) -> None:
        """Enters rows, all or none. Each is (table, column -> value); a row of the same key is replaced."""
        with self._connect() as db:
            for table, row in writes:
                columns = ["run", *row]
                db.execute(
                    f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                    (run_id, *row.values()),
                )
