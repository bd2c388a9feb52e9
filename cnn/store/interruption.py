"""Whether a run has lost its trainer: its stored status says that it trains, but its lock is free.

Does not import torch.
"""

import sqlite3
import time

from filelock import FileLock

from cnn.size import size_text
from cnn.store.database import LOW_SPACE, Database
from cnn.store.run import ACTIVE, INTERRUPTED, STARTING, STATUSES
from cnn.system.locks import is_held

START_PATIENCE = 60.0  # seconds a new trainer may take to start before its run counts as interrupted


def status_of(row: sqlite3.Row, database: Database, lock: FileLock) -> tuple[str, str]:
    """The status and message of the run in a row; "interrupted" if its trainer is gone. lock: held by the trainer."""
    status, message = row["status"], row["message"]
    # Without the sign: somebody may have set the clock back since.
    starting = status == STARTING and abs(time.time() - (row["launched"] or 0)) < START_PATIENCE
    if status not in ACTIVE or starting or is_held(lock):
        return status, message
    now = database.rows("SELECT status, message FROM runs WHERE id = ?", row["id"])
    if now == [{"status": status, "message": message}]:
        return INTERRUPTED, _reason(database)
    if now and now[0]["status"] in STATUSES:  # the trainer has ended properly since the row was read
        return now[0]["status"], str(now[0]["message"])
    return status, message


def _reason(database: Database) -> str:
    message = (
        "The training process ended without giving a reason: it was killed, it crashed, it ran out of memory, "
        "or the computer was switched off."
    )
    free = database.free_space()
    if free < LOW_SPACE:  # the trainer could not even save that
        message += f" The disk is full, with {size_text(free)} left: free some space first."
    return message
