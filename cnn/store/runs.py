"""The run store: the runs in one SQLite file, and one folder of snapshots per run.

The trainer writes it; pages and the command line read it, and leave requests (stop, pause, ...) in it.
No torch here, nor in what it is made of (`cnn.store.database`, `cnn.store.history`): listing runs and drawing their
curves must not cost its import.
"""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from cnn.errors import UserError
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.database import LITTLE_SPACE, RunError, StoreError
from cnn.store.history import History, is_rate
from cnn.system.locks import is_held

# A run is in one of these states. The active ones have a trainer; "interrupted" is what a run is whose trainer is gone
# without having said so.
STARTING, READING, RUNNING, PAUSED = "starting", "reading", "running", "paused"
STOPPED, FINISHED, FAILED, INTERRUPTED = "stopped", "finished", "failed", "interrupted"
ACTIVE = (STARTING, READING, RUNNING, PAUSED)
STATUSES = (*ACTIVE, STOPPED, FINISHED, FAILED, INTERRUPTED)
START_PATIENCE = 60.0  # seconds a new trainer may take to come up before its run counts as interrupted


@dataclass(frozen=True)
class Run:
    """One row of the store. `facts` holds what the trainer found out: train_images, val_images, device, ..."""

    id: str
    created: float
    folder: str
    dataset_spec: DatasetSpec
    network_spec: NetworkSpec
    training_spec: TrainingSpec
    status: str
    message: str
    classes: tuple[str, ...]
    fingerprint: str | None
    facts: dict
    probe_images: tuple[int, ...]

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def name(self) -> str:
        """For people: when it was started (local time, with the date unless it was today), and on what."""
        return self._called("%H:%M")

    @property
    def exact_name(self) -> str:
        """The same, to the second."""
        return self._called("%H:%M:%S")

    def _called(self, clock: str) -> str:
        created = time.localtime(self.created)
        today = created[:3] == time.localtime()[:3]
        return f"{time.strftime(clock if today else f'%d %b {clock}', created)} {Path(self.folder).name}"


def new_id() -> str:
    """A name for a run that sorts by time and that nobody else has: 20261122-064200-3fa9."""
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(2)


def _check_row(row: sqlite3.Row, folder, classes: tuple, facts, probes: tuple) -> None:
    """Raises ValueError if a run's row holds what no run is: it was changed by hand, or damaged."""
    if not is_plain_name(row["id"]):
        raise ValueError("its name is none that a folder could have")
    if row["status"] not in STATUSES:
        raise ValueError(f"{row['status']!r} is no state of a run")
    texts = (folder, row["message"], *classes)
    numbers = (row["created"], row["launched"] or 0.0)
    if not (
        isinstance(facts, dict)
        and all(isinstance(text, str) for text in texts)
        and isinstance(row["fingerprint"], str | None)
        and all(isinstance(number, float) and 0 <= number < 1e11 for number in numbers)
        and all(isinstance(image, int) and image >= 0 for image in probes)
    ):
        raise ValueError("it holds values of the wrong kind")
    os.fsencode(folder)  # UnicodeError, a ValueError, if no path can be called that


def is_plain_name(name) -> bool:
    """Whether a folder of this name lies right where it is looked for, and not elsewhere."""
    return isinstance(name, str) and name != "" and name not in (".", "..") and not set(name) & set("/\\:\0")


class RunStore(History):
    """The runs kept in a folder, made if it is not there. Safe to use from several threads and processes.

    Raises StoreError, here and in all that its methods do, if the folder or the file in it cannot be used.
    """

    # Folders and locks

    @property
    def cache(self) -> Path:
        """Where decoded datasets are kept."""
        return self.directory / "datasets"

    @property
    def uploads(self) -> Path:
        """Where datasets are kept that came as archives."""
        return self.directory / "uploads"

    def folder(self, run_id: str) -> Path:
        return self.directory / run_id

    def snapshot_path(self, run_id: str, step: int) -> Path:
        return self.folder(run_id) / f"snapshot-{step:08d}.pt"

    def checkpoint_path(self, run_id: str) -> Path:
        return self.folder(run_id) / "checkpoint.pt"

    def lock(self, run_id: str) -> FileLock:
        """Held by a run's trainer for as long as it lives; the operating system frees it however the trainer ends."""
        return FileLock(self.folder(run_id) / "trainer.lock")

    # Creating and asking

    def create(
        self, run_id: str, folder: str, dataset: DatasetSpec, network: NetworkSpec, training: TrainingSpec
    ) -> bool:
        """Enters a run, to be trained. False if a run of that id is there already (a second click).

        Raises StoreError if it cannot be kept, as on a full disk.
        """
        try:
            self.folder(run_id).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(self._cannot_keep(error.strerror or str(error))) from None
        specs = [json.dumps(spec.to_dict()) for spec in (dataset, network, training)]
        with self._connect() as db:
            made = db.execute(
                "INSERT OR IGNORE INTO runs (id, created, folder, dataset_spec, network_spec, training_spec, status,"
                " launched) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (run_id, time.time(), json.dumps(str(folder)), *specs, STARTING, time.time()),
            )
            return made.rowcount == 1

    def reopen(self, run_id: str, more_epochs: int = 0) -> bool:
        """Marks an ended run as starting again, to go on where it was. False if it is active already.

        more_epochs: so many beyond those that are complete; with 0, the run goes on to the epochs that it was to have.
        Raises UserError if it would have more epochs than a run may have.
        """
        if isinstance(more_epochs, bool) or not isinstance(more_epochs, int) or more_epochs < 0:
            raise UserError(f"More epochs must be a whole number from 0 on, not {more_epochs!r}.")
        with self._connect() as db:
            db.execute("BEGIN IMMEDIATE")  # of two clicks, the second one sees what the first one did
            run = self._run(self._row(db, run_id))
            if run.active:
                return False
            spec = run.training_spec
            if more_epochs:
                complete = len(self.epochs(run_id))
                spec = replace(spec, epochs=complete + more_epochs)
            db.execute(
                "UPDATE runs SET status = ?, message = '', request = '', launched = ?, training_spec = ? WHERE id = ?",
                (STARTING, time.time(), json.dumps(spec.to_dict()), run_id),
            )
            return True

    def request(self, run_id: str, request: str) -> None:
        """Asks the trainer: "stop", "pause" or "" (go on)."""
        with self._connect() as db:
            db.execute("UPDATE runs SET request = ? WHERE id = ?", (request, run_id))

    def request_rate(self, run_id: str, rate: float) -> None:
        """Asks the trainer to go on with another learning rate (range as in TrainingSpec; else ValueError)."""
        TrainingSpec(learning_rate=rate)
        with self._connect() as db:
            db.execute("UPDATE runs SET requested_rate = ? WHERE id = ?", (rate, run_id))

    # Reading

    def all(self) -> list[Run]:
        """All runs that can be read, newest first."""
        return [run for _, run in self.entries() if isinstance(run, Run)]

    def newest(self, number: int) -> list[Run]:
        """Of the so many newest runs those that can be read, newest first. What it costs hardly grows with all runs."""
        return [run for _, run in self.entries(number) if isinstance(run, Run)]

    def damaged(self) -> list[tuple[str, str]]:
        """The id of each run that cannot be read, and a sentence that says why; newest first."""
        return [(run_id, str(error)) for run_id, error in self.entries() if isinstance(error, RunError)]

    def entries(self, number: int = -1) -> Iterator[tuple[str, Run | RunError]]:
        """The id of each run, newest first, with the run or the reason why it cannot be read. number: of them at most,
        if it is not negative."""
        with self._connect() as db:  # to SQLite, a negative limit is none
            rows = db.execute("SELECT * FROM runs ORDER BY created DESC LIMIT ?", (number,)).fetchall()
        for row in rows:
            try:
                yield row["id"], self._run(row)
            except RunError as error:
                yield row["id"], error

    def get(self, run_id: str) -> Run:
        with self._connect() as db:
            row = self._row(db, run_id)
        return self._run(row)

    def _row(self, db: sqlite3.Connection, run_id: str) -> sqlite3.Row:
        row = db.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise RunError(f"There is no run {run_id!r} in {self.directory} (any more).")
        return row

    def _run(self, row: sqlite3.Row) -> Run:
        try:
            specs = [
                spec.from_dict(json.loads(row[column]))
                for spec, column in (
                    (DatasetSpec, "dataset_spec"),
                    (NetworkSpec, "network_spec"),
                    (TrainingSpec, "training_spec"),
                )
            ]
            folder = json.loads(row["folder"])  # JSON, because a path may hold bytes that are no text
            classes, facts = tuple(json.loads(row["classes"] or "[]")), json.loads(row["facts"])
            probes = tuple(json.loads(row["probe_images"]))
            _check_row(row, folder, classes, facts, probes)
        except (ValueError, TypeError, AttributeError) as error:
            raise RunError(f"Run {row['id']} is damaged: {error}") from None
        status, message = row["status"], row["message"]
        young = status == STARTING and time.time() - (row["launched"] or 0) < START_PATIENCE
        if status in ACTIVE and not young and not is_held(self.lock(row["id"])):
            now = self._rows("SELECT status, message FROM runs WHERE id = ?", row["id"])
            if now == [{"status": status, "message": message}]:
                status, message = INTERRUPTED, self._why_gone()
            elif now and now[0]["status"] in STATUSES:  # its trainer ended well since the row was read
                status, message = now[0]["status"], str(now[0]["message"])
        return Run(
            row["id"],
            row["created"],
            folder,
            *specs,
            status,
            message,
            classes,
            row["fingerprint"],
            facts,
            probes,
        )

    def _why_gone(self) -> str:
        message = (
            "The training process ended without saying why: it was killed, crashed, ran out of memory, "
            "or the machine went off."
        )
        free = self._free_space()
        if free < LITTLE_SPACE:  # then it could not even write that
            message += f" The disk is full, with {free / 1e6:.1f} MB left: free some space first."
        return message

    def requests(self, run_id: str) -> tuple[str, float | None]:
        """What was asked of the trainer: ("stop" | "pause" | "", learning rate or None)."""
        rows = self._rows("SELECT request, requested_rate FROM runs WHERE id = ?", run_id)
        if not rows:
            return "stop", None
        request, rate = rows[0]["request"], rows[0]["requested_rate"]
        return request if request in ("stop", "pause") else "", rate if is_rate(rate) else None

    # Writing: the trainer only, and whoever deletes a run that has none

    def settle_rate(self, run_id: str, rate: float) -> None:
        """Takes back the request for a learning rate, unless another one was made since."""
        with self._connect() as db:
            db.execute("UPDATE runs SET requested_rate = NULL WHERE id = ? AND requested_rate = ?", (run_id, rate))

    def forget(self, run_id: str) -> None:
        """Removes all rows of a run. Its folder stays: `cnn.store.disk.delete_run` deletes both."""
        with self._connect() as db:
            tables = db.execute(
                "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c"
                " WHERE m.type = 'table' AND c.name = 'run'"
            ).fetchall()
            for (table,) in tables:
                db.execute(f"DELETE FROM {table} WHERE run = ?", (run_id,))
            db.execute("DELETE FROM runs WHERE id IS ?", (run_id,))  # IS: of a damaged one, the id may be missing

    def update(self, run_id: str, **columns) -> None:
        """Changes columns of the run's own row; dicts and tuples are kept as JSON."""
        values = [json.dumps(v) if isinstance(v, (dict, list, tuple)) else v for v in columns.values()]
        with self._connect() as db:
            db.execute(f"UPDATE runs SET {', '.join(f'{c} = ?' for c in columns)} WHERE id = ?", (*values, run_id))
