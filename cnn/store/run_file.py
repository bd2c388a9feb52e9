"""A run as one file: a zip of a run store that holds only this run. Opening the store brings it up to date, so a file
made by an older version of the program stays readable."""

import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from cnn.store.database import FILE_NAME, StoreError
from cnn.store.history import TABLES
from cnn.store.runs import RunStore


def write_run(store: RunStore, run_id: str, file: Path) -> None:
    """Writes a run that has ended into a zip file: settings, history, snapshots, checkpoint and list of images."""
    with _temporary_folder() as folder:
        copy_run(store, run_id, RunStore(folder / "whole"))
        with RunStore(folder / "whole").transaction() as db:
            db.execute("VACUUM INTO ?", (str(folder / FILE_NAME),))  # one file, without a write-ahead log
        with ZipFile(file, "w", ZIP_DEFLATED) as packed:
            packed.write(folder / FILE_NAME, FILE_NAME)
            for part in _files(store, run_id):
                packed.write(part, f"{run_id}/{part.name}")


def add_run(file: Path, store: RunStore) -> None:
    """Adds the run in such a file to a store, which may already hold it. Raises StoreError if the file is missing or
    damaged, or the disk is full."""
    try:
        with _temporary_folder() as folder:
            with ZipFile(file) as packed:
                packed.extractall(folder)
            source = RunStore(folder)
            for run in source.all():
                copy_run(source, run.id, store)
    except (OSError, BadZipFile, zlib.error, EOFError) as error:
        raise StoreError(f"The run in {file} could not be added: {error}.") from None


def copy_run(source: RunStore, run_id: str, target: RunStore) -> None:
    """Copies a run that has ended. Its files come first, so that a run in the list always has its weights."""
    target.folder(run_id).mkdir(parents=True, exist_ok=True)
    for part in _files(source, run_id):
        shutil.copy(part, target.folder(run_id) / part.name)
    with source.transaction() as db:
        tables = {"runs": "id", **dict.fromkeys(TABLES, "run")}  # table -> its column with the id of the run
        rows = {
            table: [dict(row) for row in db.execute(f"SELECT * FROM {table} WHERE {column} = ?", (run_id,))]
            for table, column in tables.items()
        }
    with target.transaction() as db:
        for table, found in rows.items():
            for row in found:
                columns, values = ", ".join(row), ", ".join("?" * len(row))
                db.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({values})", tuple(row.values()))


def _files(store: RunStore, run_id: str) -> list[Path]:
    """The files of a run, but for the lock of its trainer."""
    return sorted(part for part in store.folder(run_id).iterdir() if part.is_file() and part.suffix != ".lock")


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    # Windows cannot delete the file of a store that is still open.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)
