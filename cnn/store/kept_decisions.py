"""The user's decisions about labels, kept in the run store. Datasets that are read from now on apply them; runs keep
those that they began with (`DatasetSpec.decisions`)."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from cnn.data.decisions import Decision
from cnn.data.walk import shown
from cnn.store.runs import RunStore
from cnn.training.csv_table import table_csv


class Decided(NamedTuple):
    """path: of the image in its folder, when the user decided. decided: when, in seconds since 1970."""

    decision: Decision
    path: str
    decided: float


def decide(store: RunStore, decision: Decision, path: str) -> None:
    """Keeps a decision; it replaces an earlier one about the same image."""
    with store.transaction(writing=True) as db:
        db.execute("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?)", (*decision, shown(path), time.time()))


def undo(store: RunStore, content: str, given: str) -> None:
    """Forgets the decision about an image: its hash, and its class in the folder."""
    with store.transaction(writing=True) as db:
        db.execute("DELETE FROM decisions WHERE hash = ? AND given = ?", (content, given))


def all_decisions(store: RunStore) -> list[Decided]:
    """All decisions, about the images of any folder, the newest first."""
    with store.transaction() as db:
        rows = db.execute("SELECT * FROM decisions ORDER BY decided DESC").fetchall()
        return [
            Decided(Decision(row["hash"], row["given"], row["now"]), row["path"], float(row["decided"])) for row in rows
        ]


def for_spec(store: RunStore) -> tuple[tuple[str, str, str], ...]:
    """The decisions that change a dataset, for `DatasetSpec.decisions`."""
    found = (one.decision for one in all_decisions(store))
    return tuple((one.hash, one.given, one.now) for one in found if one.changes)


def as_csv(decided: Sequence[Decided]) -> str:
    """A table with a row for each decision, the oldest first. Times are UTC."""
    rows = []
    for decision, path, decided_at in sorted(decided, key=lambda one: one.decided):
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(decided_at))
        rows.append((path, decision.given, decision.text, decision.now, when, decision.hash))
    return table_csv(("file", "class in the folder", "decision", "class now", "decided", "hash"), rows)
