"""The SQLite file of the run store: its tables, connections and transactions. It is brought up to date when opened."""

import shutil
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

from filelock import FileLock, Timeout

from cnn.errors import UserError

# Each migration brings the store from one version to the next; the first one makes it. A migration that was released
# stays as it is: every change is a new one, at the end.
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
    # What the user calls a run, and short words to find it by.
    """
ALTER TABLE runs ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'
""",
    # Pixels are standardised by default. Runs from before took them from 0 to 1.
    """
UPDATE runs SET network_spec = json_set(network_spec, '$.preprocessing', 'unit') WHERE json_valid(network_spec)
""",
    # What each epoch shows of single classes and layers, as JSON.
    """
ALTER TABLE epochs ADD COLUMN val_predicted TEXT NOT NULL DEFAULT '[]';
ALTER TABLE epochs ADD COLUMN val_right TEXT NOT NULL DEFAULT '[]';
ALTER TABLE epochs ADD COLUMN dead TEXT NOT NULL DEFAULT '[]'
""",
]

LITTLE_SPACE = 20_000_000  # bytes left on a disk that is as good as full
OPENING_PATIENCE = 60.0  # seconds for another process to bring the store up to date


class RunError(UserError):
    """About one run: it is unknown, damaged, busy, ..."""


class StoreError(RunError):
    """About the whole store: its disk is full, its file is damaged or was made by a newer version, ..."""


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def _text(text: bytes) -> str:
    return text.decode("utf-8", "replace")  # invalid text damages the run it belongs to, not the store


class Database:
    """The file `runs.sqlite` in a folder; both are made if they are missing. For use by several threads and processes.

    Raises StoreError, here and in all methods, if the folder or the file cannot be used.
    """

    def __init__(self, directory: str | Path):
        self.directory = Path(directory).expanduser().absolute()
        self._thread = threading.local()  # `connection`: the one that this thread has open
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._prepare()
            self._keep_open()
        except OSError as error:
            raise StoreError(self.cannot_keep(error.strerror or str(error))) from None

    @property
    def file(self) -> Path:
        return self.directory / "runs.sqlite"

    def _prepare(self) -> None:
        """Makes the tables, or migrates those of an older version."""
        # One process at a time. SQLite's own locks would not do: reading a file just when it changes over to a
        # write-ahead log is an error at once, whatever the timeout.
        try:
            with FileLock(self.directory / "opening.lock", timeout=OPENING_PATIENCE), self.connection() as db:
                self._migrate(db)
        except Timeout:
            raise StoreError(
                f"The folder {self.directory} cannot be locked: another program holds it, or its disk has no locks, "
                "as some network drives. Try again, or choose a folder on a local disk."
            ) from None

    def _migrate(self, db: sqlite3.Connection) -> None:
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
        for migration in MIGRATIONS[version:]:
            for statement in migration.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _keep_open(self) -> None:
        """Keeps one connection open that nobody uses. When the last connection closes, SQLite removes the files beside
        the store that even reading needs; if the disk has filled up meanwhile, they could not be made again."""
        kept = sqlite3.connect(self.file, timeout=30, check_same_thread=False)
        weakref.finalize(self, kept.close)
        try:
            kept.execute("SELECT id FROM runs LIMIT 1").fetchall()
        except sqlite3.DatabaseError as error:
            raise StoreError(self._what_failed(error)) from error

    @contextmanager
    def connection(self, writing: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection for the block. Inside of it, whatever this thread asks of the database goes through the same
        connection (opening one takes most of the time of a short question), and all changes form one transaction: they
        are kept when the outermost block ends, and none of them if it raises.

        writing: whether the block may read first and write then: no other process writes in between.
        """
        if (db := getattr(self._thread, "connection", None)) is not None:
            yield db
            return
        try:
            db = self._thread.connection = self._open()
            try:
                if writing:
                    db.execute("BEGIN IMMEDIATE")
                with db:
                    yield db
            finally:
                del self._thread.connection
                db.close()
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):  # a mistake in this program
            raise
        except sqlite3.DatabaseError as error:
            raise StoreError(self._what_failed(error)) from error

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.file, timeout=30)
        db.row_factory = sqlite3.Row
        db.text_factory = _text
        # In WAL mode NORMAL survives any crash of a process; only a power cut may take the last commits.
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    def rows(self, query: str, *values) -> list[dict]:
        """The rows that a query gives, each as column -> value."""
        with self.connection() as db:
            return [dict(row) for row in db.execute(query, values)]

    def _what_failed(self, error: sqlite3.DatabaseError) -> str:
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:  # the primary code; the other bits are details
            case sqlite3.SQLITE_FULL:
                return f"The disk is full: nothing more can be written to {self.file}. Free some space, then go on."
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return f"Another program has kept {self.file} to itself for too long. Try again."
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                return (
                    f"The file {self.file} is damaged ({error}). It was left as it is: put a copy in its place, "
                    "or move it away to start with an empty one."
                )
        return self.cannot_keep(str(error))

    def free_space(self) -> float:
        """Bytes free on the disk; infinity if that is unknown."""
        try:
            return shutil.disk_usage(self.directory).free
        except OSError:  # there is no such folder
            return inf

    def cannot_keep(self, reason: str) -> str:
        """The sentence for a folder in which nothing can be kept."""
        if self.free_space() < LITTLE_SPACE:
            return f"The disk is full: no run can be kept in {self.directory}. Free some space, then go on."
        return f"The runs cannot be kept in {self.directory}: {reason}. Choose another folder."
