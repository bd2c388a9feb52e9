"""The run store: all runs in one SQLite file, and a folder of snapshots for each run.

The trainer writes it; pages and the command line read it, and leave requests (stop, pause, ...) in it. It imports no
torch, nor do `cnn.store.database` and `cnn.store.history`, so that listing runs and drawing their curves stays quick.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from cnn.errors import UserError
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.database import LITTLE_SPACE, Database, RunError, StoreError
from cnn.store.history import History, is_rate
from cnn.store.run import ACTIVE, INTERRUPTED, STARTING, STATUSES, Run, checked_name, checked_tags, read_run
from cnn.system.locks import is_held

START_PATIENCE = 60.0  # seconds a new trainer may take to come up before its run counts as interrupted


class RunStore:
    """The runs in a folder, which is made if it is missing. For use by several threads and processes.

    Raises StoreError, here and in all methods, if the folder or the file in it cannot be used.
    """

    def __init__(self, directory: str | Path):
        self._database = Database(directory)

    @property
    def directory(self) -> Path:
        return self._database.directory

    def transaction(self) -> AbstractContextManager:
        """Within the block, all that this thread asks of the store goes through one connection, which spares most of
        the time of many short questions; and all changes are kept when it ends, or none of them if it raises."""
        return self._database.connection()

    # Folders and locks

    @property
    def cache(self) -> Path:
        """Where decoded datasets are kept."""
        return self.directory / "datasets"

    @property
    def uploads(self) -> Path:
        """Where datasets are kept that came as archives."""
        return self.directory / "uploads"

    @property
    def images(self) -> Path:
        """Where images are kept that users brought to look at: see cnn.store.kept_images."""
        return self.directory / "images"

    def folder(self, run_id: str) -> Path:
        return self.directory / run_id

    def snapshot_path(self, run_id: str, step: int) -> Path:
        return self.folder(run_id) / f"snapshot-{step:08d}.pt"

    def checkpoint_path(self, run_id: str) -> Path:
        return self.folder(run_id) / "checkpoint.pt"

    def lock(self, run_id: str) -> FileLock:
        """A run's trainer holds it as long as it lives; the operating system frees it however the trainer ends."""
        return FileLock(self.folder(run_id) / "trainer.lock")

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
    ) -> bool:
        """Enters a run that a trainer is to train. False if there is a run of that id already (a second click).

        Raises UserError if the name or a tag cannot be one, and StoreError if the run cannot be kept (a full disk).
        """
        name, tags = checked_name(name), checked_tags(tags)
        try:
            self.folder(run_id).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(self._database.cannot_keep(error.strerror or str(error))) from None
        specs = [json.dumps(spec.to_dict()) for spec in (dataset, network, training)]
        with self._database.connection() as db:
            made = db.execute(
                "INSERT OR IGNORE INTO runs (id, created, folder, dataset_spec, network_spec, training_spec, status,"
                " launched, name, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (run_id, time.time(), json.dumps(str(folder)), *specs, STARTING, time.time(), name, json.dumps(tags)),
            )
            return made.rowcount == 1

    def reopen(self, run_id: str, more_epochs: int = 0) -> bool:
        """Marks an ended run as starting again, to go on from where it was. False if it is active already.

        more_epochs: this many beyond the complete ones; with 0, the run goes on to the epochs it was to have.
        Raises UserError if it would have more epochs than a run may have.
        """
        if isinstance(more_epochs, bool) or not isinstance(more_epochs, int) or more_epochs < 0:
            raise UserError(f"More epochs must be a whole number from 0 on, not {more_epochs!r}.")
        with self._database.connection(writing=True) as db:  # of two clicks, the second sees what the first did
            run = self.get(run_id)
            if run.active:
                return False
            spec = run.training_spec
            if more_epochs:
                spec = replace(spec, epochs=len(self.history(run_id).epochs()) + more_epochs)
            db.execute(
                "UPDATE runs SET status = ?, message = '', request = '', launched = ?, training_spec = ? WHERE id = ?",
                (STARTING, time.time(), json.dumps(spec.to_dict()), run_id),
            )
            return True

    def label(self, run_id: str, name: str | None = None, tags: Iterable[str] | None = None) -> None:
        """Changes a run's name ("": back to the time and the folder), its tags, or both.

        Raises UserError if one of them cannot be one, and RunError if there is no such run.
        """
        self.get(run_id)
        with self._database.connection() as db:
            if name is not None:
                db.execute("UPDATE runs SET name = ? WHERE id = ?", (checked_name(name), run_id))
            if tags is not None:
                db.execute("UPDATE runs SET tags = ? WHERE id = ?", (json.dumps(checked_tags(tags)), run_id))

    def forget(self, run_id: str) -> None:
        """Removes all rows of a run. Its folder stays: `cnn.store.disk.delete_run` deletes both."""
        with self._database.connection() as db:
            self.history(run_id).forget()
            db.execute("DELETE FROM runs WHERE id IS ?", (run_id,))  # IS: the id of a damaged run may be NULL

    def history(self, run_id: str) -> History:
        return History(self._database, run_id)

    def all(self) -> list[Run]:
        """All runs that can be read, newest first."""
        return [run for _, run in self.entries() if isinstance(run, Run)]

    def newest(self, number: int) -> list[Run]:
        """Those of the `number` newest runs that can be read, newest first. The cost hardly grows with all runs."""
        return [run for _, run in self.entries(number) if isinstance(run, Run)]

    def damaged(self) -> list[tuple[str, str]]:
        """The id of each run that cannot be read, and a sentence that says why; newest first."""
        return [(run_id, str(error)) for run_id, error in self.entries() if isinstance(error, RunError)]

    def entries(self, number: int = -1) -> Iterator[tuple[str, Run | RunError]]:
        """The id of each run, newest first, with the run or the reason why it cannot be read. number: at most this
        many; a negative number is no limit."""
        with self._database.connection() as db:  # a negative LIMIT is none, to SQLite too
            rows = db.execute("SELECT * FROM runs ORDER BY created DESC LIMIT ?", (number,)).fetchall()
        for row in rows:
            try:
                yield row["id"], self._run(row)
            except RunError as error:
                yield row["id"], error

    def get(self, run_id: str) -> Run:
        """Raises RunError if there is no such run, or it is damaged."""
        with self._database.connection() as db:
            row = db.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise RunError(f"There is no run {run_id!r} in {self.directory} (any more).")
        return self._run(row)

    def _run(self, row: sqlite3.Row) -> Run:
        run = read_run(row)
        status, message = self._status(row)
        return replace(run, status=status, message=message)

    def _status(self, row: sqlite3.Row) -> tuple[str, str]:
        """The status and the message of a run, whose trainer may be gone."""
        status, message = row["status"], row["message"]
        young = status == STARTING and time.time() - (row["launched"] or 0) < START_PATIENCE
        if status not in ACTIVE or young or is_held(self.lock(row["id"])):
            return status, message
        now = self._database.rows("SELECT status, message FROM runs WHERE id = ?", row["id"])
        if now == [{"status": status, "message": message}]:
            return INTERRUPTED, self._why_gone()
        if now and now[0]["status"] in STATUSES:  # its trainer ended well since the row was read
            return now[0]["status"], str(now[0]["message"])
        return status, message

    def _why_gone(self) -> str:
        message = (
            "The training process ended without saying why: it was killed, crashed, ran out of memory, "
            "or the machine went off."
        )
        free = self._database.free_space()
        if free < LITTLE_SPACE:  # then it could not even write that
            message += f" The disk is full, with {free / 1e6:.1f} MB left: free some space first."
        return message

    # What users ask of a trainer

    def request(self, run_id: str, request: str) -> None:
        """Asks the trainer: "stop", "pause" or "" (go on)."""
        with self._database.connection() as db:
            db.execute("UPDATE runs SET request = ? WHERE id = ?", (request, run_id))

    def request_rate(self, run_id: str, rate: float) -> None:
        """Asks the trainer to go on with another learning rate. Raises UserError if TrainingSpec does not allow it."""
        TrainingSpec(learning_rate=rate)
        with self._database.connection() as db:
            db.execute("UPDATE runs SET requested_rate = ? WHERE id = ?", (rate, run_id))

    def requests(self, run_id: str) -> tuple[str, float | None]:
        """The newest requests: ("stop" | "pause" | "", learning rate or None)."""
        rows = self._database.rows("SELECT request, requested_rate FROM runs WHERE id = ?", run_id)
        if not rows:
            return "stop", None
        request, rate = rows[0]["request"], rows[0]["requested_rate"]
        return request if request in ("stop", "pause") else "", rate if is_rate(rate) else None

    # What the trainer writes

    def set_status(self, run_id: str, status: str, message: str = "") -> None:
        """message: why it failed."""
        with self._database.connection() as db:
            db.execute("UPDATE runs SET status = ?, message = ? WHERE id = ?", (status, message, run_id))

    def set_dataset(
        self, run_id: str, classes: tuple[str, ...], fingerprint: str, facts: dict, probe_images: tuple[int, ...]
    ) -> None:
        """What is known once the images are read; see Run."""
        values = json.dumps(classes), fingerprint, json.dumps(facts), json.dumps(probe_images)
        with self._database.connection() as db:
            db.execute(
                "UPDATE runs SET classes = ?, fingerprint = ?, facts = ?, probe_images = ? WHERE id = ?",
                (*values, run_id),
            )

    def settle_rate(self, run_id: str, rate: float) -> None:
        """Takes back the request for this learning rate, unless another one was made since."""
        with self._database.connection() as db:
            db.execute("UPDATE runs SET requested_rate = NULL WHERE id = ? AND requested_rate = ?", (run_id, rate))
