"""The file of the run store: SQLite with a write-ahead log, brought up to date when it is opened."""

import shutil
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

from filelock import FileLock

from cnn.errors import UserError

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
    # The split follows from the content of the images. Runs from before keep theirs, which followed from their order.
    """
UPDATE runs SET dataset_spec = json_set(dataset_spec, '$.split', 'order') WHERE json_valid(dataset_spec)
""",
]

LITTLE_SPACE = 20_000_000  # bytes left on a disk that is as good as full


class RunError(UserError):
    """A sentence for the user about a run: unknown, damaged, busy, ..."""


class StoreError(RunError):
    """A sentence for the user about the whole store: its disk is full, its file damaged or made by a newer version."""


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def _text(text: bytes) -> str:
    return text.decode("utf-8", "replace")  # what is no text damages the run it belongs to, not the store


class Database:
    """The file `runs.sqlite` in a folder, both made if they are not there. Raises StoreError if it cannot be used."""

    def __init__(self, directory: str | Path):
        self.directory = Path(directory).expanduser().absolute()
        self._held = threading.local()
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
            held = getattr(self._held, "db", None)
            db = held or self._open()
            try:
                with db:
                    yield db
            finally:
                if db is not held:
                    db.close()
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):  # a mistake in this program
            raise
        except sqlite3.DatabaseError as error:
            raise StoreError(self._what_failed(error)) from error

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.directory / "runs.sqlite", timeout=30)
        db.row_factory = sqlite3.Row
        db.text_factory = _text
        # In WAL mode NORMAL survives any crash of a process; only a power cut may take the last commits.
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    @contextmanager
    def one_connection(self) -> Iterator[None]:
        """Within the block, all that this thread asks of the store goes through one connection: of a thousand short
        questions, opening one for each takes nearly all of the time."""
        with self._connect() as self._held.db:
            try:
                yield
            finally:
                del self._held.db

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

    def _rows(self, query: str, *values) -> list[dict]:
        with self._connect() as db:
            return [dict(row) for row in db.execute(query, values)]
