"""The database in folders where SQLite's write-ahead log does not work or is not safe."""

import errno
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cnn.store import database
from cnn.store.runs import RunStore, StoreError
from cnn.system import locks
from tests.conftest import STEP, execute_sql, in_threads
from tests.store.test_database import SPECS

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other ways to reach a file.")


@pytest.fixture
def synced(tmp_path) -> Path:
    """A folder that OneDrive copies to the internet."""
    return tmp_path / "OneDrive - Some School" / "runs"


def has_log(folder: Path) -> bool:
    """Whether the file says that it needs a write-ahead log: bytes 18 and 19 of SQLite's file format."""
    return (folder / "runs.sqlite").read_bytes()[18:20] == b"\x02\x02"


def works(store: RunStore) -> bool:
    """Whether another process could use the store, too."""
    if not store.all():
        store.create("one", "/images", *SPECS)
        store.history("one").add_steps([STEP])
    store.set_status("one", "stopped")
    return execute_sql(store, "SELECT status FROM runs") == [("stopped",)] and store.history("one").steps() == [STEP]


def test_a_store_on_a_local_disk_has_a_log(store):
    assert works(store) and has_log(store.directory)


def test_a_store_in_a_synchronised_folder_or_on_a_network_drive_has_none(synced, tmp_path, monkeypatch):
    assert works(RunStore(synced)) and not has_log(synced) and not list(synced.glob("*-wal"))
    monkeypatch.setattr(database, "is_on_network", lambda folder: True)
    assert works(RunStore(tmp_path / "home")) and not has_log(tmp_path / "home")


def test_a_store_that_moves_is_adapted_and_keeps_its_runs(filled, synced):
    there = Path(shutil.copytree(filled.directory, synced))
    assert works(RunStore(there)) and not has_log(there)
    back = Path(shutil.copytree(there, filled.directory.parent / "back"))
    assert works(RunStore(back)) and has_log(back)


def test_a_store_that_is_open_with_a_log_keeps_it(filled, monkeypatch):
    monkeypatch.setattr(database, "LOCK_PATIENCE", 0.2)
    monkeypatch.setattr(database, "is_on_network", lambda folder: True)
    assert works(RunStore(filled.directory)) and works(filled) and has_log(filled.directory)


def test_a_disk_without_shared_memory_needs_no_log(tmp_path):
    (tmp_path / "runs" / "runs.sqlite-shm").mkdir(parents=True)  # where SQLite would put the shared memory
    store = RunStore(tmp_path / "runs")
    assert works(store) and not has_log(store.directory)
    assert works(RunStore(store.directory))


@posix_only
@pytest.mark.parametrize("had_log", [False, True])
def test_a_disk_that_cannot_have_a_log_works_with_new_and_old_stores(tmp_path, monkeypatch, had_log):
    folder, connect = tmp_path / "runs", sqlite3.connect
    if had_log:
        with closing(RunStore(folder)._database._connect()) as db:
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert has_log(folder)
    # SQLite's way to use disks with neither locks nor shared memory.
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **options: connect(f"file:{path}?vfs=unix-dotfile", uri=True, **options)
    )
    store = RunStore(folder)
    assert works(store) and not has_log(folder)


def test_without_a_log_simultaneous_readers_and_writers_wait_for_each_other(synced):
    store = RunStore(synced)
    store.create("one", "/images", *SPECS)
    turns = iter(range(6))

    def use() -> int:
        mine = next(turns)
        for i in range(20):
            with store.transaction():
                store.history("one").add_steps([STEP._replace(step=1 + 20 * mine + i)])
            assert len(store.history("one").steps()) > i and store.get("one")
        return mine

    assert sorted(in_threads(6, use)) == list(range(6))
    assert [step.step for step in store.history("one").steps()] == list(range(1, 121))
    assert execute_sql(store, "PRAGMA integrity_check") == [("ok",)]


@posix_only
@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_a_disk_without_locks_gives_a_sentence(tmp_path, monkeypatch, code):
    def flock(*_):
        raise OSError(code, "not here")

    monkeypatch.setattr(locks.fcntl, "flock", flock)
    with pytest.raises(StoreError, match=r"cannot be locked: its disk does not support locks.* local disk"):
        RunStore(tmp_path / "runs")
