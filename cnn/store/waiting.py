"""The queue in the run store: which runs wait for a place to be trained, in which order, and which one starts next.

A run in the queue has a turn, a number that orders the queue. Owners (a browser session, an experiment) take turns: the
first run of a new owner gets the turn of the first that waits, so that 50 runs of one owner do not hold up the single
run of another. A run that has begun keeps its turn until it ends: if its trainer is lost, it waits again, in its place.
A run that gives way to another waits right behind it.

Each function is one transaction that locks out other writers, so any number of processes may call them.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence

from cnn.store.run import ACTIVE, INTERRUPTED, PAUSED, QUEUED, STARTING, STOPPED, Run
from cnn.store.runs import RunError, RunStore

MOST_LOSSES = 3  # times in a row that a run may lose its trainer before the first checkpoint; more would be in vain
TAKEN_OFF = "It was taken off the queue before it started."
# Runs of paused experiments wait, but not for a place.
HELD = "id IN (SELECT run FROM experiment_runs JOIN experiments ON experiments.id = experiment WHERE paused)"


def add(store: RunStore, run_id: str, owner: str = "", seconds: float | None = None) -> None:
    """Puts a new or reopened run into the queue, behind the other runs of its owner. seconds: how long it is foreseen
    to train, if that is known; a fact of the run."""
    with store.transaction(writing=True) as db:
        first = _first_turn(db)
        if first is None:
            first = (db.execute("SELECT MAX(turn) FROM runs").fetchone()[0] or 0.0) + 1
        last = db.execute(
            "SELECT MAX(turn) FROM runs WHERE owner = ? AND status = ? AND id != ?", (owner, QUEUED, run_id)
        ).fetchone()[0]
        turn = first if last is None else max(first, last + 1)
        db.execute(
            "UPDATE runs SET status = ?, message = '', request = '', turn = ?, owner = ?, losses = 0, by_hand = 0,"
            " gave_way = 0, way_for = '' WHERE id = ?",
            (QUEUED, turn, owner, run_id),
        )
        if seconds is not None:
            store.set_fact(run_id, "foreseen_seconds", seconds)


def waiting(store: RunStore) -> list[Run]:
    """The runs that wait for a place, in their order. Not those of paused experiments."""
    with store.transaction() as db:
        held = {row["id"] for row in db.execute(f"SELECT id FROM runs WHERE status = ? AND {HELD}", (QUEUED,))}
        return [run for run in store.with_status(QUEUED) if run.id not in held]


def is_idle(store: RunStore) -> bool:
    """Whether the queue has nothing to do: no run waits, and none that began from it could have lost its trainer."""
    with store.transaction() as db:
        marks = ", ".join("?" * len(ACTIVE))
        query = f"SELECT 1 FROM runs WHERE status = ? OR (turn NOT NULL AND status IN ({marks})) LIMIT 1"
        return db.execute(query, (QUEUED, *ACTIVE)).fetchone() is None


def reserve(store: RunStore, places: int, fits: Callable[[Run, Sequence[Run]], bool]) -> str | None:
    """Takes a place for the run whose turn it is: marks it as starting, and returns its id. None if no run waits, all
    places are taken, or the run does not fit beside those that train. Runs that have lost their trainer wait again
    first (see `recover`).

    places: how many may train at once; a paused run takes none. fits(run, trained): whether there is memory for one
    more. A run that would be alone always starts: its trainer says what is missing.
    """
    with store.transaction(writing=True) as db:
        recover(store)  # here: between two transactions, another run could lose its trainer, and its place
        trained = [run for run in store.with_status(*ACTIVE) if run.active]
        queue = waiting(store)
        _withdraw(store, trained, queue)
        if not queue or sum(run.status != PAUSED for run in trained) >= places:
            return None
        if trained and not fits(queue[0], trained):
            return None
        db.execute(
            "UPDATE runs SET status = ?, launched = ?, request = '', way_for = '' WHERE id = ?",
            (STARTING, time.time(), queue[0].id),
        )
        return queue[0].id


def recover(store: RunStore) -> None:
    """Puts the runs of the queue that have lost their trainer back into it, unless that happens again and again before
    they get anywhere: those stay interrupted."""
    with store.transaction(writing=True) as db:
        for run in store.with_status(*ACTIVE):
            if run.status != INTERRUPTED or run.turn is None:
                continue
            row = db.execute("SELECT launched, losses, request FROM runs WHERE id = ?", (run.id,)).fetchone()
            losses = 0 if _has_got_on(store, run.id, row["launched"] or 0.0) else row["losses"] + 1
            if row["request"] == "stop":
                db.execute("UPDATE runs SET status = ? WHERE id = ?", (STOPPED, run.id))
            elif losses >= MOST_LOSSES:  # stored, so that a trainer that comes late does nothing
                db.execute(
                    "UPDATE runs SET status = ?, message = ?, turn = NULL, losses = 0 WHERE id = ?",
                    (INTERRUPTED, run.message, run.id),
                )
            else:
                db.execute("UPDATE runs SET status = ?, losses = ? WHERE id = ?", (QUEUED, losses, run.id))


def leave(store: RunStore, run_id: str, status: str = STOPPED, message: str | None = None) -> bool:
    """Takes a run off the queue: it is again as it had ended; if it had not, it gets the status. False if it does not
    wait. message: why; by default that it has not started, if so."""
    with store.transaction(writing=True):
        run = store.get(run_id)
        if run.status != QUEUED:
            return False
        if message is None:
            message = "" if store.history(run_id).steps(at_most=1) else TAKEN_OFF
        store.cancel_start(run_id, status, message)
        return True


def stop(store: RunStore, run_id: str) -> None:
    """Takes a run off the queue, or asks its trainer to stop."""
    with store.transaction(writing=True):
        if not leave(store, run_id):
            store.request(run_id, "stop")


def come_back(store: RunStore, run_id: str) -> str:
    """Puts a run that has given up its place back into the queue, unless it was asked to stop meanwhile; returns its
    status. For its trainer."""
    with store.transaction(writing=True) as db:
        status = STOPPED if store.requests(run_id)[0] == "stop" else QUEUED
        store.set_status(run_id, status)
        db.execute("UPDATE runs SET gave_way = gave_way + 1 WHERE id = ? AND way_for != ''", (run_id,))
        return status


def put_back(store: RunStore, run_id: str) -> None:
    """Undoes `reserve`: no process could be started."""
    with store.transaction(writing=True) as db:
        db.execute("UPDATE runs SET status = ? WHERE id = ? AND status = ?", (QUEUED, run_id, STARTING))


def move(store: RunStore, run_id: str, place: int) -> None:
    """Moves a waiting run to a place in the queue, for its user: 1 is the first. Raises RunError if it does not
    wait."""
    with store.transaction(writing=True) as db:
        _put(store, run_id, place)
        db.execute("UPDATE runs SET by_hand = 1 WHERE id = ?", (run_id,))


def _put(store: RunStore, run_id: str, place: int) -> float:
    """Puts a waiting run in its place; returns its turn."""
    with store.transaction(writing=True) as db:
        queue = waiting(store)
        others = [run for run in queue if run.id != run_id]
        if len(others) == len(queue):
            if store.get(run_id).status == QUEUED:
                raise RunError(f"Run {run_id} belongs to an experiment that is paused. Continue the experiment first.")
            raise RunError(f"Run {run_id} does not wait in the queue.")
        place = min(max(place, 1), len(queue))
        moved = next(run for run in queue if run.id == run_id)
        others.insert(place - 1, moved)
        first = min(run.turn or 0.0 for run in queue)
        for i, run in enumerate(others):
            # Turns that grow by one each: a run of a new owner gets the first, and comes right after it.
            db.execute("UPDATE runs SET turn = ? WHERE id = ?", (first + i, run.id))
        return first + place - 1


def give_way(store: RunStore, run_id: str) -> bool:
    """Asks the trainer of a run to save a checkpoint and end; the run waits again, in its place. False if it does not
    train, or was asked to stop."""
    return _yield(store, run_id)


def give_way_to(store: RunStore, run_id: str, other: str) -> bool:
    """The same, for another run, which waits: that one is the next, and this one waits right behind it. It need not,
    if the other finds a place elsewhere, or is taken off the queue. Raises RunError if the other does not wait."""
    with store.transaction(writing=True):
        return _yield(store, run_id, _put(store, other, 1) + 0.5, other)


def _yield(store: RunStore, run_id: str, turn: float | None = None, way_for: str = "") -> bool:
    with store.transaction(writing=True) as db:
        run = store.get(run_id)
        if not run.active or run.request == "stop":
            return False
        own = run.turn if turn is None else turn
        values = (0.0 if own is None else own, way_for, run_id)
        db.execute("UPDATE runs SET request = 'yield', turn = ?, way_for = ? WHERE id = ?", values)
        return True


def _withdraw(store: RunStore, trained: Sequence[Run], queue: Sequence[Run]) -> None:
    """Lets the runs train on that should give way to a run which waits no more."""
    waits = {run.id for run in queue}
    with store.transaction(writing=True) as db:
        for run in trained:
            if run.request == "yield" and run.way_for and run.way_for not in waits:
                db.execute("UPDATE runs SET request = '', way_for = '' WHERE id = ?", (run.id,))


def forget_turn(store: RunStore, run_id: str) -> None:
    """A run that has started at once is no longer the queue's: if its trainer is lost, its user decides."""
    with store.transaction(writing=True) as db:
        db.execute("UPDATE runs SET turn = NULL WHERE id = ? AND status != ?", (run_id, QUEUED))


def _first_turn(db: sqlite3.Connection) -> float | None:
    return db.execute(f"SELECT MIN(turn) FROM runs WHERE status = ? AND NOT {HELD}", (QUEUED,)).fetchone()[0]


def _has_got_on(store: RunStore, run_id: str, launched: float) -> bool:
    """Whether a run has saved a checkpoint since its last start."""
    try:
        return store.checkpoint_path(run_id).stat().st_mtime > launched
    except OSError:
        return False
