"""The SQLite file of the run store: connections and transactions. Opening a store migrates it."""

import errno
import os
import shutil
import sqlite3
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import inf
from pathlib import Path

from filelock import FileLock, Timeout

from cnn.errors import UserError
from cnn.store.migrations import MIGRATIONS
from cnn.system.drives import is_on_network, sync_program

FILE_NAME = "runs.sqlite"
LOW_SPACE = 20_000_000  # a disk with fewer bytes free counts as full
LOCK_PATIENCE = 30.0  # seconds to wait while another process writes
OPENING_PATIENCE = 60.0  # seconds to wait while another process migrates the store
KEPT = 4  # connections that stay open when nobody uses them: opening one takes longer than most queries
NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)  # from drives that do not support locks


FileId = tuple[int, int]  # device and number of a file


class RunError(UserError):
    """A problem with one run: it is unknown, damaged, busy, ..."""


class StoreError(RunError):
    """A problem with the whole store: the disk is full, the file is damaged or from a newer version, ..."""


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def _text(text: bytes) -> str:
    return text.decode("utf-8", "replace")  # invalid text must damage one run, not the whole store


def _code(error: sqlite3.DatabaseError) -> int:
    """SQLite's code of an error, without the details; 0 if Python found the error itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _close_all(idle: deque[tuple[sqlite3.Connection, FileId]]) -> None:
    while idle:
        idle.pop()[0].close()


class Database:
    """The file `runs.sqlite` in a folder. Creates both if they are missing. Safe for several threads and processes.

    has_wal: whether SQLite writes changes to a write-ahead log first, so that a writer does not block readers.
    is_new: whether this object has created the file.
    The constructor and all methods raise StoreError if the folder or the file cannot be used.
    """

    def __init__(self, directory: str | Path):
        self.directory = Path(directory).expanduser().absolute()
        self.has_wal, self.is_new = True, False
        self._thread = threading.local()  # `connection`: the connection this thread uses
        # Connections that nobody uses, each with what identifies the file that it has open.
        self._idle: deque[tuple[sqlite3.Connection, FileId]] = deque()
        weakref.finalize(self, _close_all, self._idle)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._prepare()
            self._keep_open()
        except OSError as error:
            raise StoreError(self.cannot_save(error.strerror or str(error))) from None

    @property
    def file(self) -> Path:
        return self.directory / FILE_NAME

    def _prepare(self) -> None:
        """Creates the tables, or migrates those of an older version."""
        # One process at a time. SQLite's own locks do not suffice: reading a file while it switches to a write-ahead
        # log fails at once, whatever the timeout.
        try:
            with FileLock(self.directory / "opening.lock", OPENING_PATIENCE, fallback_to_soft=False):
                self._choose_journal()
                with self.connection() as db:
                    self._migrate(db)
        except Timeout:
            raise StoreError(
                f"The folder {self.directory} cannot be locked: another program holds the lock. Try again, or choose "
                "another folder."
            ) from None
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            raise StoreError(
                f"Files in {self.directory} cannot be locked: its disk does not support locks, like some network "
                "drives. Choose a folder on a local disk."
            ) from None

    def _choose_journal(self) -> None:
        """Chooses how SQLite protects the file from a crash in the middle of a change.

        A write-ahead log needs memory that all processes share, which a network drive does not have. A program that
        copies the folder to the internet would copy the log and the file at different moments. In such folders, SQLite
        saves the old pages to a journal instead.
        """
        shared = sync_program(self.directory) or is_on_network(self.directory)
        with self._errors_named():
            self.has_wal = not shared and self._switch_to_wal()
            if not self.has_wal:
                self._switch_to_journal()

    def _switch_to_journal(self) -> None:
        with closing(self._connect()) as db:
            # Without shared memory, SQLite can open a file that has a log only if it needs no other process.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            try:
                db.execute("PRAGMA journal_mode = TRUNCATE")
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY:
                    raise
                self.has_wal = True  # a process that opened the file with a log still has it open

    def _switch_to_wal(self) -> bool:
        """Whether the file has a write-ahead log now, and works with it."""
        try:
            with closing(self._connect()) as db:
                if db.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                    return False
                db.execute("BEGIN IMMEDIATE")  # fails if there is no shared memory
                return True
        except sqlite3.OperationalError as error:
            return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL)  # it has one

    def _migrate(self, db: sqlite3.Connection) -> None:
        version = _version(db)
        if version > len(MIGRATIONS):
            raise StoreError(
                f"The runs in {self.directory} were made by a newer version of this program (store version "
                f"{version}; this one knows up to {len(MIGRATIONS)}). Update it, or choose another folder."
            )
        if version == len(MIGRATIONS):
            return
        db.execute("BEGIN IMMEDIATE")
        for migration in MIGRATIONS[version:]:
            for statement in migration.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        self.is_new = version == 0

    def _keep_open(self) -> None:
        """Keeps one idle connection open. When the last connection closes, SQLite removes its helper files, which
        even reading needs. On a disk that has filled up meanwhile, it could not create them again."""
        idle = sqlite3.connect(self.file, timeout=30, check_same_thread=False)
        weakref.finalize(self, idle.close)
        try:
            idle.execute("SELECT id FROM runs LIMIT 1").fetchall()
        except sqlite3.DatabaseError as error:
            raise StoreError(self._error_sentence(error)) from error

    @contextmanager
    def connection(self, writing: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection for the block. All queries of this thread inside the block share it. All changes form one
        transaction: it commits when the outermost block ends, and rolls back if the block raises.

        writing: locks out other writers from the start, so that the block can safely read first and write afterwards.
        """
        if (db := getattr(self._thread, "connection", None)) is not None:
            yield db
            return
        with self._errors_named():
            file = self._file_id()
            db = self._idle_one(file) or self._open()
            self._thread.connection = db
            try:
                if writing:
                    db.execute("BEGIN IMMEDIATE")
                with db:
                    yield db
            except BaseException:
                db.close()
                raise
            finally:
                del self._thread.connection
            if len(self._idle) < KEPT:
                self._idle.append((db, file))
            else:
                db.close()

    def _idle_one(self, file: FileId) -> sqlite3.Connection | None:
        """A connection that nobody uses, if there is one. Those to a file that has been replaced are closed."""
        while True:
            try:
                db, opened = self._idle.pop()
            except IndexError:
                return None
            if opened == file:
                return db
            db.close()

    def _file_id(self) -> FileId:
        """Identifies the file that is now in the folder."""
        try:
            found = os.stat(self.file)
        except OSError:
            return 0, 0
        return found.st_dev, found.st_ino

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        """Turns errors of SQLite into sentences, except those that are programming errors."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise
        except sqlite3.DatabaseError as error:
            raise StoreError(self._error_sentence(error)) from error
        except UnicodeDecodeError as error:  # SQLite's own message repeats a damaged name
            raise StoreError(self._damaged(error)) from error

    def _open(self) -> sqlite3.Connection:
        db = self._connect()
        db.row_factory = sqlite3.Row
        db.text_factory = _text
        if self.has_wal:
            # With a log, NORMAL survives any crash of a process; only a power cut can lose the last commits.
            db.execute("PRAGMA synchronous = NORMAL")
        else:
            # Truncated, not deleted: Windows cannot delete a file that another program is reading.
            db.execute("PRAGMA journal_mode = TRUNCATE")
        return db

    def _connect(self) -> sqlite3.Connection:
        # A thread gives its connection back before another takes it.
        return sqlite3.connect(self.file, timeout=LOCK_PATIENCE, check_same_thread=False)

    def rows(self, query: str, *values) -> list[dict]:
        """The rows of a query, each as column -> value."""
        with self.connection() as db:
            return [dict(row) for row in db.execute(query, values)]

    def _error_sentence(self, error: sqlite3.DatabaseError) -> str:
        match _code(error):
            case sqlite3.SQLITE_FULL:
                return f"The disk is full: nothing more can be written to {self.file}. Free some space, then continue."
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return f"Another program has locked {self.file} for too long. Try again."
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                return self._damaged(error)
        return self.cannot_save(str(error))

    def _damaged(self, error: Exception) -> str:
        return (
            f"The file {self.file} is damaged ({error}). It was not changed. Replace it with a copy, or move it away "
            "to start with an empty one."
        )

    def free_space(self) -> float:
        """Bytes free on the disk; infinity if unknown."""
        try:
            return shutil.disk_usage(self.directory).free
        except OSError:  # no such folder
            return inf

    def cannot_save(self, reason: str) -> str:
        """The error message for a folder that cannot be written to."""
        if self.free_space() < LOW_SPACE:
            return f"The disk is full: no run can be saved in {self.directory}. Free some space, then continue."
        return f"Runs cannot be saved in {self.directory}: {reason}. Choose another folder."
