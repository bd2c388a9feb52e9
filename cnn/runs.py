"""The run store: one SQLite file (write-ahead log) and one folder of snapshots per run.

The trainer writes it; pages and the command line read it, and leave requests (stop, pause, ...) in it.
No torch here: listing runs and drawing their curves must not cost its import.
"""

import json
import os
import secrets
import shutil
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf, prod
from pathlib import Path

from filelock import FileLock, Timeout

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec

try:
    import fcntl
except ImportError:
    fcntl = None

# The steps from each version of the store to the next one; the first makes it. A step that was ever released stays as
# it is: what changes is a new step.
MIGRATIONS = [
    """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, created REAL NOT NULL, folder TEXT NOT NULL,
    dataset_spec TEXT NOT NULL, network_spec TEXT NOT NULL, training_spec TEXT NOT NULL,
    status TEXT NOT NULL, message TEXT NOT NULL DEFAULT '', launched REAL,
    request TEXT NOT NULL DEFAULT '', requested_rate REAL,
    classes TEXT, fingerprint TEXT, facts TEXT NOT NULL DEFAULT '{}', probe_images TEXT NOT NULL DEFAULT '[]');
CREATE TABLE steps (
    run TEXT NOT NULL, step INTEGER NOT NULL, epoch INTEGER NOT NULL, loss REAL NOT NULL, smooth REAL NOT NULL,
    PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE epochs (
    run TEXT NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL, train_loss REAL NOT NULL,
    train_accuracy REAL NOT NULL, val_loss REAL, val_accuracy REAL, seconds REAL NOT NULL,
    images_per_second REAL NOT NULL, PRIMARY KEY (run, epoch)) WITHOUT ROWID;
CREATE TABLE learning_rates (
    run TEXT NOT NULL, step INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE snapshots (
    run TEXT NOT NULL, step INTEGER NOT NULL, epoch REAL NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE probes (
    run TEXT NOT NULL, step INTEGER NOT NULL, probabilities TEXT NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE live (run TEXT PRIMARY KEY, progress TEXT NOT NULL, filters BLOB, filters_shape TEXT) WITHOUT ROWID
""",
]

# A run is in one of these states. The active ones have a trainer; "interrupted" is what a run is
# whose trainer is gone without having said so.
STARTING, READING, RUNNING, PAUSED = "starting", "reading", "running", "paused"
STOPPED, FINISHED, FAILED, INTERRUPTED = "stopped", "finished", "failed", "interrupted"
ACTIVE = (STARTING, READING, RUNNING, PAUSED)
STATUSES = (*ACTIVE, STOPPED, FINISHED, FAILED, INTERRUPTED)
LITTLE_SPACE = 20_000_000  # bytes left on a disk that is as good as full
START_PATIENCE = 60.0  # seconds a new trainer may take to come up before its run counts as interrupted


_probing = threading.Lock()


def _is_locked(path: Path) -> bool:
    """Whether a process holds the lock file, found out without another reader taking this one for the holder."""
    if fcntl is None:  # Windows has no shared locks; within this process, `_probing` keeps readers apart
        try:
            with FileLock(path).acquire(blocking=False):
                return False
        except Timeout:
            return True
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # the file is gone: so is the trainer
        pass
    return False


class RunError(ValueError):
    """A sentence for the user about a run: unknown, damaged, busy, ..."""


class StoreError(RunError):
    """A sentence for the user about the whole store: its disk is full, its file damaged or made by a newer version."""


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
        """For people: when it was started (local time) and what it was trained on."""
        return f"{time.strftime('%d %b %H:%M', time.localtime(self.created))} {Path(self.folder).name}"


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


@contextmanager
def _damage(run_id: str) -> Iterator[None]:
    """Turns what reading broken values raises into a sentence."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise RunError(f"Run {run_id} is damaged: {error}") from None


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


class RunStore:
    """The runs kept in a folder, made if it is not there. Safe to use from several threads and processes."""

    def __init__(self, directory: str | Path):
        self.directory = Path(directory).expanduser().absolute()
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._prepare()
            self._keep_open()
        except OSError as error:
            raise StoreError(self._cannot_keep(error.strerror or str(error))) from None

    def _prepare(self) -> None:
        # Of processes that open a store, one brings it up to date. SQLite's own locks would not do: a file that is
        # being read while it changes over to a write-ahead log is an error at once, however long one would wait.
        with FileLock(self.directory / "opening.lock"), self._connect() as db:
            version = _version(db)
            if version > len(MIGRATIONS):
                raise StoreError(
                    f"The runs in {self.directory} were made by a newer version of this program (store version "
                    f"{version}; this one knows up to {len(MIGRATIONS)}). Update it, or choose another folder."
                )
            if version == len(MIGRATIONS):
                return
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            for step in MIGRATIONS[version:]:
                for statement in step.split(";"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _keep_open(self) -> None:
        """Keeps a connection that nobody uses. When the last one is closed, SQLite removes the files beside the store
        that even reading needs; on a disk that has filled up meanwhile they could not be made again."""
        kept = sqlite3.connect(self.directory / "runs.sqlite", timeout=30, check_same_thread=False)
        weakref.finalize(self, kept.close)
        try:
            kept.execute("SELECT id FROM runs LIMIT 1").fetchall()
        except sqlite3.DatabaseError as error:
            raise StoreError(self._what_failed(error)) from error

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept together when the block ends, and not at all if it raises."""
        try:
            db = sqlite3.connect(self.directory / "runs.sqlite", timeout=30)
            try:
                db.row_factory = sqlite3.Row
                # In WAL mode NORMAL survives any crash of a process; only a power cut may take the last commits.
                db.execute("PRAGMA synchronous = NORMAL")
                with db:
                    yield db
            finally:
                db.close()
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):  # a mistake in this program
            raise
        except sqlite3.DatabaseError as error:
            raise StoreError(self._what_failed(error)) from error

    def _what_failed(self, error: sqlite3.DatabaseError) -> str:
        file = self.directory / "runs.sqlite"
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:  # the rest says more than anybody needs
            case sqlite3.SQLITE_FULL:
                return f"The disk is full: nothing more can be written to {file}. Free some space, then go on."
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return f"Another program has kept {file} to itself for too long. Try again."
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                return (
                    f"The file {file} is damaged ({error}). It was left as it is: put a copy in its place, "
                    "or move it away to begin anew."
                )
        return self._cannot_keep(str(error))

    def _free_space(self) -> float:
        try:
            return shutil.disk_usage(self.directory).free
        except OSError:  # there is no such folder
            return inf

    def _cannot_keep(self, reason: str) -> str:
        if self._free_space() < LITTLE_SPACE:
            return f"The disk is full: no run can be kept in {self.directory}. Free some space, then go on."
        return f"The runs cannot be kept in {self.directory}: {reason}. Choose another folder."

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

    def _has_trainer(self, run_id: str) -> bool:
        path = Path(self.lock(run_id).lock_file)
        if not path.exists():
            return False
        with _probing:
            return _is_locked(path)

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

        Raises ValueError if it would have more epochs than a run may have.
        """
        if isinstance(more_epochs, bool) or not isinstance(more_epochs, int) or more_epochs < 0:
            raise ValueError(f"More epochs must be a whole number from 0 on, not {more_epochs!r}.")
        with self._connect() as db:
            db.execute("BEGIN IMMEDIATE")  # of two clicks, the second one sees what the first one did
            run = self._run(self._row(db, run_id))
            if run.active:
                return False
            spec = replace(run.training_spec, epochs=run.training_spec.epochs + more_epochs)
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
        return [run for _, run in self._newest() if isinstance(run, Run)]

    def newest(self, number: int) -> list[Run]:
        """Of the so many newest runs those that can be read, newest first. What it costs hardly grows with all runs."""
        return [run for _, run in self._newest(number) if isinstance(run, Run)]

    def damaged(self) -> list[tuple[str, str]]:
        """The id of each run that cannot be read, and a sentence that says why; newest first."""
        return [(run_id, str(error)) for run_id, error in self._newest() if isinstance(error, RunError)]

    def _newest(self, number: int = -1) -> Iterator[tuple[str, Run | RunError]]:
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
            raise RunError(f"There is no run {run_id!r} in {self.directory}. `python -m cnn runs` lists them.")
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
        if status in ACTIVE and not young and not self._has_trainer(row["id"]):
            status, message = INTERRUPTED, self._why_gone()
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

    def requests(self, run_id: str) -> tuple[str, float | None]:
        """What was asked of the trainer: ("stop" | "pause" | "", learning rate or None)."""
        rows = self._rows("SELECT request, requested_rate FROM runs WHERE id = ?", run_id)
        return (rows[0]["request"], rows[0]["requested_rate"]) if rows else ("stop", None)

    def _rows(self, query: str, *values) -> list[dict]:
        with self._connect() as db:
            return [dict(row) for row in db.execute(query, values)]

    # Writing: the trainer only, and whoever deletes a run that has none

    def settle_rate(self, run_id: str, rate: float) -> None:
        """Takes back the request for a learning rate, unless another one was made since."""
        with self._connect() as db:
            db.execute("UPDATE runs SET requested_rate = NULL WHERE id = ? AND requested_rate = ?", (run_id, rate))

    def write(self, run_id: str, writes: Sequence[tuple[str, dict]]) -> None:
        """Enters rows, all or none. Each is (table, column -> value); a row of the same key is replaced."""
        with self._connect() as db:
            for table, row in writes:
                columns = ["run", *row]
                db.execute(
                    f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                    (run_id, *row.values()),
                )

    def forget(self, run_id: str) -> None:
        """Removes all rows of a run. Its folder stays; see `cnn.storage.delete_run`, which asks for its lock, too."""
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
