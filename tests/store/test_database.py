"""The database of the store: older and newer versions, damage, a full disk, many users at once."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import database
from cnn.store.database import Database
from cnn.store.migrations import MIGRATIONS
from cnn.store.records import Probe, Snapshot
from cnn.store.runs import RunError, RunStore, StoreError
from tests.conftest import ROOT, STEP, execute_sql, in_threads

SPECS = (DatasetSpec(), NetworkSpec(), TrainingSpec())


# Versions


def test_a_store_of_an_older_version_is_upgraded_with_its_content(filled, monkeypatch):
    steps = [
        "ALTER TABLE runs ADD COLUMN remark TEXT NOT NULL DEFAULT 'none'",
        "CREATE TABLE remarks (run TEXT); DROP TABLE probes",
    ]
    monkeypatch.setattr(database, "MIGRATIONS", [*MIGRATIONS, *steps])
    newer = RunStore(filled.directory)
    assert execute_sql(newer, "PRAGMA user_version") == [(len(MIGRATIONS) + 2,)]
    assert execute_sql(newer, "SELECT id, remark FROM runs") == [("one", "none")]
    assert newer.get("one").folder == "/images" and newer.history("one").steps() == [STEP]
    assert RunStore(filled.directory).all() == newer.all()  # opened again, nothing is done twice


def make_first_version(folder: Path, **dataset_specs: str) -> None:
    """A store as the first version of the program made it, with a run for each id and dataset spec, in JSON."""
    with closing(sqlite3.connect(folder / "runs.sqlite")) as db, db:
        for statement in MIGRATIONS[0].split(";"):
            db.execute(statement)
        db.execute("PRAGMA user_version = 1")
        network, training = (json.dumps(spec.to_dict()) for spec in SPECS[1:])
        for run_id, dataset in dataset_specs.items():
            db.execute(
                "INSERT INTO runs (id, created, folder, dataset_spec, network_spec, training_spec, status, classes)"
                " VALUES (?, 1e9, '\"/images/pets\"', ?, ?, ?, 'finished', '[\"cat\", \"dog\"]')",
                (run_id, dataset, network, training),
            )
            db.execute("INSERT INTO steps VALUES (?, 1, 1, 0.5, 0.5)", (run_id,))


def test_a_store_of_the_first_version_opens_with_its_runs(tmp_path):
    make_first_version(tmp_path, one='{"image_size": 64}')
    store = RunStore(tmp_path)
    run = store.get("one")
    assert (run.status, run.classes, run.dataset_spec.image_size) == ("finished", ("cat", "dog"), 64)
    assert (run.given_name, run.tags) == ("", ()) and run.name.endswith(" pets")
    assert store.history("one").steps() == [STEP]


def test_only_missing_upgrade_steps_run(filled, monkeypatch):
    first = "ALTER TABLE runs ADD COLUMN remark TEXT NOT NULL DEFAULT 'none'"
    monkeypatch.setattr(database, "MIGRATIONS", [*MIGRATIONS, first])
    RunStore(filled.directory)
    monkeypatch.setattr(database, "MIGRATIONS", [*MIGRATIONS, first, "UPDATE runs SET note = 'two'"])
    RunStore(filled.directory)
    assert execute_sql(filled, "SELECT note FROM runs") == [("two",)]


def test_a_failed_upgrade_step_changes_nothing(filled, monkeypatch):
    broken = "UPDATE runs SET folder = 'lost'; UPDATE nothing SET x = 1"
    monkeypatch.setattr(database, "MIGRATIONS", [*MIGRATIONS, broken])
    with pytest.raises(StoreError):
        RunStore(filled.directory)
    monkeypatch.undo()
    assert RunStore(filled.directory).get("one").folder == "/images"


def test_a_store_of_a_newer_version_is_not_changed(filled):
    execute_sql(filled, "PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"made by a newer version of this program \(store version 99; .*Update it"):
        RunStore(filled.directory)
    execute_sql(filled, f"PRAGMA user_version = {len(MIGRATIONS)}")
    assert filled.history("one").steps() == [STEP]


def test_runs_from_before_the_split_by_content_keep_the_split_by_order(tmp_path):
    make_first_version(tmp_path, one='{"image_size": 64, "val_fraction": 0.25, "seed": 7}', two="{}", damaged="no spec")
    store = RunStore(tmp_path)
    assert store.get("one").dataset_spec == DatasetSpec(
        image_size=64, val_fraction=0.25, seed=7, split="order", test_images="held_out"
    )
    assert store.get("two").dataset_spec == DatasetSpec(split="order", test_images="held_out")
    assert [run_id for run_id, _ in store.damaged()] == ["damaged"]
    store.create("three", "/images", *SPECS)
    assert RunStore(tmp_path).get("three").dataset_spec.split == "content"


def test_runs_from_before_standardised_pixels_keep_theirs_and_have_epochs_without_details(tmp_path):
    make_first_version(tmp_path, one="{}")
    execute_sql_in(tmp_path, "INSERT INTO epochs VALUES ('one', 1, 5, 0.5, 0.8, 0.6, 0.7, 1.0, 100.0)")
    store = RunStore(tmp_path)
    spec = store.get("one").network_spec
    assert (spec.preprocessing, spec.initial_weights, spec.dense_bias) == ("unit", "pytorch", 0)
    (epoch,) = store.history("one").epochs()
    assert (epoch.val_accuracy, epoch.val_predicted, epoch.val_right, epoch.dead) == (0.7, (), (), ())
    store.create("two", "/images", *SPECS)
    assert store.get("two").network_spec.preprocessing == "standardised"


def execute_sql_in(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "runs.sqlite")) as db, db:
        db.execute(statement)


# The file


@pytest.mark.parametrize(
    "content", [b"not a database, but notes about one" * 100, b"\0" * 5000, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_file_that_is_not_a_store_is_not_changed(tmp_path, content):
    (tmp_path / "runs.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"runs\.sqlite is damaged .*It was not changed"):
        RunStore(tmp_path)
    assert (tmp_path / "runs.sqlite").read_bytes() == content


def test_a_database_of_another_program_is_not_changed(tmp_path):
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as db, db:
        db.execute("CREATE TABLE runs (what TEXT)")
        db.execute("INSERT INTO runs VALUES ('theirs')")
    with pytest.raises(StoreError, match="already exists"):
        RunStore(tmp_path)
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as db:
        assert db.execute("SELECT what FROM runs").fetchall() == [("theirs",)]
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_a_file_damaged_anywhere_gives_runs_or_an_error_message(filled, tmp_path):
    for i in range(30):
        filled.create(f"run {i}", "/images", *SPECS)
        filled.history(f"run {i}").add_steps(STEP._replace(step=step) for step in range(40))
    execute_sql(filled, "PRAGMA wal_checkpoint(TRUNCATE)")
    whole, draw, sentences = (filled.directory / "runs.sqlite").read_bytes(), random.Random(0), 0
    for i in range(60):
        damaged = bytearray(whole)
        for _ in range(3):
            at = draw.randrange(len(damaged))
            damaged[at : at + 200] = draw.randbytes(len(damaged[at : at + 200]))
        folder = tmp_path / f"copy {i}"
        folder.mkdir()
        (folder / "runs.sqlite").write_bytes(damaged[: draw.choice((len(damaged), draw.randrange(len(damaged))))])
        try:
            store = RunStore(folder)
            for run in store.all():
                history = store.history(run.id)
                assert (history.steps(), history.epochs(), history.live()) is not None
            store.damaged()
        except RunError as error:
            sentences += 1
            assert str(error).endswith((".", ")")) or "is damaged" in str(error)
    assert sentences > 10


def test_a_store_opens_after_a_crash_in_the_middle_of_a_write(filled, tmp_path):
    """The write-ahead log of a crashed process is cut off anywhere: whole transactions are there, halves are not."""
    with closing(sqlite3.connect(filled.directory / "runs.sqlite")) as open_elsewhere:
        open_elsewhere.execute("SELECT * FROM runs")  # so that the log is not tidied away
        for step in range(2, 12):
            with filled.transaction():
                filled.history("one").add_steps([STEP._replace(step=step)])
                filled.history("one").add_snapshot(Snapshot(step, 0.5))
        log = (filled.directory / "runs.sqlite-wal").read_bytes()
        database = (filled.directory / "runs.sqlite").read_bytes()
    lengths = set()
    for i, end in enumerate([*range(0, len(log), len(log) // 40), len(log)]):
        crashed = tmp_path / f"crash {i}"
        crashed.mkdir()
        (crashed / "runs.sqlite").write_bytes(database)
        (crashed / "runs.sqlite-wal").write_bytes(log[:end])
        store = RunStore(crashed)
        steps = [row.step for row in store.history("one").steps()] if store.all() else []
        assert steps == list(range(1, len(steps) + 1))
        assert [row.step for row in store.history("one").snapshots()] == steps[1:]
        assert execute_sql(store, "PRAGMA integrity_check") == [("ok",)]
        lengths.add(len(steps))
    assert max(lengths) == 11 and len(lengths) > 5


def test_a_full_disk_gives_an_error_message_and_loses_nothing(filled):
    pages = execute_sql(filled, "PRAGMA page_count")[0][0]
    connect = sqlite3.connect

    def full(*arguments, **options):
        db = connect(*arguments, **options)
        db.execute(f"PRAGMA max_page_count = {pages}")
        return db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", full)
        patch.setattr(Database, "_idle_one", lambda *_: None)
        with pytest.raises(StoreError, match="The disk is full: nothing more can be written"):
            filled.history("one").add_probe(Probe(1, [[0.5] * 50_000]))
        assert filled.history("one").steps() == [STEP]
    filled.history("one").add_steps([STEP._replace(step=2)])
    assert len(filled.history("one").steps()) == 2 and execute_sql(filled, "PRAGMA integrity_check") == [("ok",)]


def test_a_locked_store_gives_an_error_message(filled, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **options: connect(*a, **options | {"timeout": 0}))
    monkeypatch.setattr(Database, "_idle_one", lambda *_: None)
    with closing(connect(filled.directory / "runs.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"locked .* for too long\. Try again"):
            filled.request("one", "stop")
    filled.request("one", "stop")


# Several processes


OPEN_STORES = """
import sys
from cnn.store.runs import RunStore
print("ready", flush=True)
sys.stdin.readline()
for i in range(20):
    RunStore(f"{sys.argv[1]}/{i}")
"""


def test_processes_can_open_a_new_store_at_the_same_time(tmp_path):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    processes = [subprocess.Popen([sys.executable, "-c", OPEN_STORES, tmp_path], **pipes) for _ in range(4)]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("now\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors


def test_threads_can_open_a_new_store_at_the_same_time(tmp_path):
    for attempt in range(10):
        stores = in_threads(6, lambda attempt=attempt: RunStore(tmp_path / f"runs {attempt}").all())
        assert stores == [[]] * 6


def test_a_writer_does_not_block_a_reader(filled):
    writer = sqlite3.connect(filled.directory / "runs.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE runs SET status = 'failed'")
    start = time.monotonic()
    assert filled.get("one").status == "starting" and time.monotonic() - start < 5
    writer.execute("ROLLBACK")
    writer.close()


def test_queries_of_a_thread_share_one_connection_and_the_next_block_takes_it_over(filled):
    with filled.transaction() as first, filled.transaction() as inner, ThreadPoolExecutor(1) as pool:
        assert inner is first and filled.get("one").status == "starting"
        assert pool.submit(lambda: filled.transaction().__enter__()).result() is not first
    with filled.transaction() as second:
        assert second is first
    with pytest.raises(RunError), filled.transaction():
        filled.get("no such run")
    with filled.transaction() as third:
        assert third is not first and filled.get("one")  # a connection is not used after an error


def test_few_connections_stay_open(filled):
    in_threads(3 * database.KEPT, lambda: filled.get("one"))
    assert 1 <= len(filled._database._idle) <= database.KEPT


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let anybody replace an open file.")
def test_a_file_that_was_replaced_is_read(filled, tmp_path):
    other = RunStore(tmp_path / "other")
    other.create("two", "/images", *SPECS)
    execute_sql(other, "PRAGMA wal_checkpoint(TRUNCATE)")
    (other.directory / "runs.sqlite").replace(filled.directory / "runs.sqlite")
    for name in ("runs.sqlite-wal", "runs.sqlite-shm"):
        (filled.directory / name).unlink(missing_ok=True)
    assert [run.id for run in filled.all()] == ["two"]


def test_nested_transactions_commit_with_the_outermost_block(filled):
    with filled.transaction():
        with filled.transaction():
            filled.set_status("one", "stopped")
            filled.history("one").add_steps([STEP._replace(step=2)])
        assert filled.get("one").status == "stopped" and len(filled.history("one").steps()) == 2
        assert execute_sql(filled, "SELECT status FROM runs") == [("starting",)]  # to others nothing has happened yet
    assert execute_sql(filled, "SELECT status FROM runs") == [("stopped",)] and len(filled.history("one").steps()) == 2


def test_a_failed_transaction_changes_nothing_and_the_next_one_works(filled):
    with pytest.raises(KeyError), filled.transaction():
        filled.set_status("one", "stopped")
        with filled.transaction():
            filled.history("one").add_steps([STEP._replace(step=2)])
        raise KeyError
    assert filled.get("one").status == "starting" and filled.history("one").steps() == [STEP]
    filled.set_status("one", "failed")
    assert filled.get("one").status == "failed"


def test_a_folder_that_cannot_be_locked_gives_an_error_message(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "OPENING_PATIENCE", 0.1)
    (tmp_path / "runs").mkdir()
    with FileLock(tmp_path / "runs" / "opening.lock"), pytest.raises(StoreError, match="cannot be locked"):
        RunStore(tmp_path / "runs")
