"""The training loss of single steps, thinned so that the curves of hundreds of runs can be drawn. Imports no torch."""

from typing import NamedTuple

import numpy as np

from cnn.errors import UserError
from cnn.store.records import STEPS, checked_rows
from cnn.store.runs import RunStore

# Of each part of the steps, those with the lowest and the highest loss: SQLite takes the other columns from their rows.
QUERY = """
SELECT step, epoch, loss, smooth FROM (
    SELECT step, epoch, MIN(loss) AS loss, smooth, (step - 1) * :parts / :last AS part
    FROM steps WHERE run = :run GROUP BY part)
UNION
SELECT step, epoch, loss, smooth FROM (
    SELECT step, epoch, MAX(loss) AS loss, smooth, (step - 1) * :parts / :last AS part
    FROM steps WHERE run = :run GROUP BY part)
ORDER BY step
"""


class Losses(NamedTuple):
    """step, loss, smooth: float64 (points,), steps ascending. loss: of one batch; smooth: the running average there,
    over about the last 20 batches."""

    step: np.ndarray
    loss: np.ndarray
    smooth: np.ndarray


def last_step(store: RunStore, run_id: str) -> int:
    """The newest step of a run; 0 before the first one."""
    with store.transaction() as db:
        newest = db.execute("SELECT MAX(step) FROM steps WHERE run = ?", (run_id,)).fetchone()[0]
        return newest if isinstance(newest, int) else 0


def losses(store: RunStore, run_id: str, parts: int) -> Losses:
    """The losses of a run: its steps in so many parts of equal length, and of each part the lowest and the highest, so
    that no peak is lost. Raises UserError if the history is damaged."""
    with store.transaction() as db:
        last = max(last_step(store, run_id), 1)
        rows = db.execute(QUERY, {"run": run_id, "parts": min(parts, last), "last": last}).fetchall()
    try:
        checked = checked_rows("steps", map(dict, rows), STEPS)
    except ValueError as error:
        raise UserError(f"Run {run_id} is damaged: {error}") from None
    return Losses(*(np.array([row[name] for row in checked], np.float64) for name in Losses._fields))
