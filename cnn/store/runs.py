"""The run store: one SQLite file for all runs, and a folder of snapshots for each run.

The trainer writes to it. Pages and the command line read it and leave requests (stop, pause, ...) in it. This module,
`cnn.store.database` and `cnn.store.history` do not import torch, so that listing runs and drawing curves is fast.
"""

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path

from cnn.errors import UserError
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.base import Base, BaseError, base_at
from cnn.store.database import Database, RunError, StoreError
from cnn.store.history import History
from cnn.store.interruption import status_of
from cnn.store.records import is_rate
from cnn.store.run import (
    ENDED,
    QUEUED,
    STARTING,
    Run,
    checked_name,
    checked_note,
    checked_tags,
    read_run,
)
from cnn.store.store_folder import StoreFolder
from cnn.system.files import atomic_write


class RunStore(StoreFolder):
    """The runs in a folder. Creates the folder if it is missing. Safe for several threads and processes.

    The constructor and all methods raise StoreError if the folder or the file in it cannot be used.
    """

    def __init__(self, directory: str | Path):
        self._database = Database(directory)
        super().__init__(self._database.directory)

    @property
    def has_wal(self) -> bool:
        """Whether pages can read while a trainer writes; see Database."""
        return self._database.has_wal

    @property
    def is_new(self) -> bool:
        """Whether the store was created by this object."""
        return self._database.is_new

    def transaction(self, writing: bool = False) -> AbstractContextManager[sqlite3.Connection]:
        """A block in which this thread's queries share one connection, which makes many short queries much faster.
        All changes are committed when the block ends, and rolled back if it raises.

        writing: locks out other writers from the start of the block, so that it can read first and write afterwards.
        """
        return self._database.connection(writing)

    # Runs

    def create(
        self,
        run_id: str,
        folder: str,
        dataset: DatasetSpec,
        network: NetworkSpec,
        training: TrainingSpec,
        name: str = "",
        tags: Iterable[str] = (),
        guess: int = 0,
        transfer_guess: str = "",
    ) -> bool:
        """Adds a run for a trainer to train. False if there already is a run with that id (a second click).

        guess: the held-out accuracy in percent that the user expects; 0: no guess. transfer_guess: what
        the user expects of a base; "": no guess. Both become facts of the run, the second only if it has a base.

        If the network starts from another run, the settings in GIVEN_BY_BASE are its own, and its weights are copied.

        Raises UserError if the name or a tag is not allowed, BaseError if the network cannot start from that run, and
        StoreError if the run cannot be saved (a full disk).
        """
        name, tags = checked_name(name), checked_tags(tags)
        facts = {"guess": guess} if guess else {}
        base = self.find_base(network) if network.base else None
        if base:
            dataset, network = base.applied(dataset), base.applied(network)
            facts |= base.facts() | ({"transfer_guess": transfer_guess} if transfer_guess else {})
        try:
            self.folder(run_id).mkdir(parents=True, exist_ok=True)
            if base:
                weights = self.snapshot_path(base.run.id, base.step).read_bytes()
                with atomic_write(self.base_path(run_id)) as file:
                    file.write(weights)
        except OSError as error:
            raise StoreError(self._database.cannot_save(error.strerror or str(error))) from None
        specs = [json.dumps(spec.to_dict()) for spec in (dataset, network, training)]
        with self._database.connection() as db:
            now, given = time.time(), (name, json.dumps(tags), json.dumps(facts))
            made = db.execute(
                "INSERT OR IGNORE INTO runs (id, created, folder, dataset_spec, network_spec, training_spec, status,"
                " launched, name, tags, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (run_id, now, json.dumps(str(folder)), *specs, STARTING, now, *given),
            )
            return made.rowcount == 1

    def find_base(self, network: NetworkSpec) -> Base:
        """The run and the step that a network names to start from. Raises BaseError if it cannot start from there."""
        try:
            run = self.get(network.base)
            return base_at(run, self.history(run.id), network.base_step)
        except BaseError:
            raise
        except RunError as error:
            raise BaseError(f"The network cannot start from another: {error} Choose another run as its base.") from None

    def reopen(self, run_id: str, more_epochs: int = 0) -> bool:
        """Marks an ended or queued run as starting, so that a trainer can resume it. It leaves the queue. False if it
        is already active.

        more_epochs: how many to train beyond the complete ones; with 0, the run trains up to its original number.
        How the run ended becomes one of its facts, for `cancel_start`.
        Raises UserError if the total exceeds the maximum of TrainingSpec.
        """
        if isinstance(more_epochs, bool) or not isinstance(more_epochs, int) or more_epochs < 0:
            raise UserError(f"More epochs must be a whole number of 0 or more, not {more_epochs!r}.")
        with self._database.connection(writing=True) as db:  # so that a second click sees the effect of the first
            run = self.get(run_id)
            if run.active:
                return False
            spec = run.training_spec
            if more_epochs:
                spec = replace(spec, epochs=len(self.history(run_id).epochs()) + more_epochs)
            ended: object = {"status": run.status, "message": run.message, "epochs": run.training_spec.epochs}
            if run.status == QUEUED:
                ended = run.facts.get("ended")
            db.execute(
                "UPDATE runs SET status = ?, message = '', request = '', launched = ?, training_spec = ?,"
                " facts = json_patch(facts, ?), turn = NULL, owner = '', way_for = '' WHERE id = ?",
                (STARTING, time.time(), json.dumps(spec.to_dict()), json.dumps({"ended": ended}), run_id),
            )
            return True

    def cancel_start(self, run_id: str, status: str, message: str = "") -> None:
        """Ends a run before its trainer changed anything. A reopened run returns to the status with which it ended; a
        new one gets this status. message: why."""
        with self._database.connection(writing=True) as db:
            run = self.get(run_id)
            ended = run.facts.get("ended")
            if isinstance(ended, dict) and ended.get("status") in ENDED:
                status, message = ended["status"], message or str(ended.get("message", ""))
                with suppress(UserError):  # edited by hand
                    spec = replace(run.training_spec, epochs=ended.get("epochs", 0))
                    db.execute("UPDATE runs SET training_spec = ? WHERE id = ?", (json.dumps(spec.to_dict()), run_id))
            db.execute(
                "UPDATE runs SET status = ?, message = ?, facts = json_remove(facts, '$.ended') WHERE id = ?",
                (status, message, run_id),
            )

    def move_images(self, run_id: str, folder: str) -> None:
        """Stores where the images of a run are now. If their old folder is gone, this holds for all of its runs."""
        with self._database.connection(writing=True) as db:
            old, new = json.dumps(self.get(run_id).folder), json.dumps(str(folder))
            if os.path.isdir(json.loads(old)):
                db.execute("UPDATE runs SET folder = ? WHERE id = ?", (new, run_id))
            else:
                db.execute("UPDATE runs SET folder = ? WHERE folder = ?", (new, old))

    def label(
        self, run_id: str, name: str | None = None, tags: Iterable[str] | None = None, note: str | None = None
    ) -> None:
        """Changes what the user gives a run: its name ("" restores the default: its time and folder), tags and note.

        Raises UserError if one of them is not allowed, and RunError if there is no such run; then nothing is changed.
        """
        self.get(run_id)
        with self._database.connection() as db:
            if name is not None:
                db.execute("UPDATE runs SET name = ? WHERE id = ?", (checked_name(name), run_id))
            if tags is not None:
                db.execute("UPDATE runs SET tags = ? WHERE id = ?", (json.dumps(checked_tags(tags)), run_id))
            if note is not None:
                db.execute("UPDATE runs SET note = ? WHERE id = ?", (checked_note(note), run_id))

    def forget(self, run_id: str) -> None:
        """Deletes all rows of a run. Its folder stays; `cnn.store.disk.delete_run` deletes both."""
        with self._database.connection() as db:
            self.history(run_id).forget()
            db.execute("DELETE FROM experiment_runs WHERE run IS ?", (run_id,))
            db.execute("DELETE FROM runs WHERE id IS ?", (run_id,))  # IS: the id of a damaged run may be NULL

    def history(self, run_id: str) -> History:
        return History(self._database, run_id)

    def all(self) -> list[Run]:
        """All runs that can be read, newest first."""
        return [run for _, run in self.entries() if isinstance(run, Run)]

    def newest(self, number: int) -> list[Run]:
        """The `number` newest runs, newest first, without damaged ones. The cost hardly grows with the number of runs
        in the store."""
        return [run for _, run in self.entries(number) if isinstance(run, Run)]

    def damaged(self) -> list[tuple[str, str]]:
        """The id of each damaged run, newest first, with a sentence that says what is wrong."""
        return [(run_id, str(error)) for run_id, error in self.entries() if isinstance(error, RunError)]

    def entries(self, number: int = -1) -> Iterator[tuple[str, Run | RunError]]:
        """The id of each run, newest first, with the run or the reason why it cannot be read. number: the most to
        return; negative for all."""
        with self._database.connection() as db:  # SQLite, too, takes a negative LIMIT as no limit
            rows = db.execute("SELECT * FROM runs ORDER BY created DESC LIMIT ?", (number,)).fetchall()
        for row in rows:
            try:
                yield row["id"], self._run(row)
            except RunError as error:
                yield row["id"], error

    def with_status(self, *statuses: str) -> list[Run]:
        """The runs whose stored status is one of these, without damaged ones: in the order of the queue, then oldest
        first. Runs that have lost their trainer are returned as "interrupted"."""
        marks, found = ", ".join("?" * len(statuses)), []
        with self._database.connection() as db:
            order = f"SELECT * FROM runs WHERE status IN ({marks}) ORDER BY turn, created, rowid"
            for row in db.execute(order, statuses).fetchall():
                with suppress(RunError):
                    found.append(self._run(row))
        return found

    def get(self, run_id: str) -> Run:
        """The run with that id. Raises RunError if there is no such run, or it is damaged."""
        with self._database.connection() as db:
            row = db.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise RunError(f"There is no run {run_id!r} in {self.directory}. It may have been deleted.")
        return self._run(row)

    def find(self, run_ids: Iterable[str]) -> dict[str, Run]:
        """The runs with these ids that exist, by id, without damaged ones; in one query."""
        ids, found = json.dumps(list(run_ids)), {}
        with self._database.connection() as db:
            for row in db.execute("SELECT * FROM runs WHERE id IN (SELECT value FROM json_each(?))", (ids,)).fetchall():
                with suppress(RunError):
                    found[row["id"]] = self._run(row)
        return found

    def _run(self, row: sqlite3.Row) -> Run:
        run = read_run(row)
        if not run.active:  # has no trainer to lose; making the locks of hundreds of runs would take most of the time
            return run
        status, message = status_of(row, self._database, self.lock(row["id"]))
        is_stored = (status, message) == (run.status, run.message)
        return run if is_stored else replace(run, status=status, message=message)

    # Requests to the trainer

    def request(self, run_id: str, request: str) -> None:
        """Asks the trainer to "stop", to "pause", to "yield" (to go back to the queue), or to go on ("")."""
        with self._database.connection() as db:
            db.execute("UPDATE runs SET request = ? WHERE id = ?", (request, run_id))

    def request_rate(self, run_id: str, rate: float) -> None:
        """Asks the trainer to change the learning rate. Raises UserError if TrainingSpec does not allow the rate."""
        TrainingSpec(learning_rate=rate)
        with self._database.connection() as db:
            db.execute("UPDATE runs SET requested_rate = ? WHERE id = ?", (rate, run_id))

    def requests(self, run_id: str) -> tuple[str, float | None]:
        """The newest requests: ("stop" | "pause" | "yield" | "", learning rate or None)."""
        rows = self._database.rows("SELECT request, requested_rate FROM runs WHERE id = ?", run_id)
        if not rows:
            return "stop", None
        request, rate = rows[0]["request"], rows[0]["requested_rate"]
        return request if request in ("stop", "pause", "yield") else "", rate if is_rate(rate) else None

    # Writing, by the trainer

    def set_status(self, run_id: str, status: str, message: str = "") -> None:
        """message: why the run failed."""
        with self._database.connection() as db:
            db.execute("UPDATE runs SET status = ?, message = ? WHERE id = ?", (status, message, run_id))

    def set_dataset(
        self, run_id: str, classes: tuple[str, ...], fingerprint: str, facts: dict, probe_images: tuple[int, ...]
    ) -> None:
        """Stores what is known once the images are read; see Run. The facts are added to those known before. From now
        on, the trainer changes the run."""
        values = json.dumps(classes), fingerprint, json.dumps(facts | {"ended": None}), json.dumps(probe_images)
        with self._database.connection() as db:
            db.execute(
                "UPDATE runs SET classes = ?, fingerprint = ?, facts = json_patch(facts, ?), probe_images = ?"
                " WHERE id = ?",
                (*values, run_id),
            )

    def set_fact(self, run_id: str, name: str, value: object) -> None:
        """Stores a JSON value among a run's facts."""
        with self._database.connection() as db:
            db.execute("UPDATE runs SET facts = json_patch(facts, ?) WHERE id = ?", (json.dumps({name: value}), run_id))

    def add_fact(self, run_id: str, name: str, value: object) -> None:
        """Appends a JSON value to a list among a run's facts."""
        with self._database.connection(writing=True) as db:
            values = self.get(run_id).facts.get(name)
            values = [*values, value] if isinstance(values, list) else [value]
            patch = json.dumps({name: values})
            db.execute("UPDATE runs SET facts = json_patch(facts, ?) WHERE id = ?", (patch, run_id))

    def settle_rate(self, run_id: str, rate: float) -> None:
        """Clears the request for this learning rate, unless another rate has been requested since."""
        with self._database.connection() as db:
            db.execute("UPDATE runs SET requested_rate = NULL WHERE id = ? AND requested_rate = ?", (run_id, rate))
