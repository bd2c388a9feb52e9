"""Stores that are older, newer, damaged or out of space; rows that were changed by hand."""

import json
import random
import shutil
import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn import runs
from cnn.runs import MIGRATIONS, RunError, RunStore, StoreError
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec

SPECS = (DatasetSpec(), NetworkSpec(), TrainingSpec())
ROW = {"step": 1, "epoch": 1, "loss": 0.5, "smooth": 0.5}


def ask(store: RunStore, statement: str, *values) -> list[tuple]:
    """Runs a statement past the store's own methods, as another program or a hand might."""
    with closing(sqlite3.connect(store.directory / "runs.sqlite")) as db, db:
        return db.execute(statement, values).fetchall()


@pytest.fixture
def filled(store) -> RunStore:
    store.create("one", "/images", *SPECS)
    store.write("one", [("steps", ROW)])
    return store


# Versions


def test_a_store_of_an_older_version_is_brought_up_to_date_with_all_that_is_in_it(filled, monkeypatch):
    steps = [
        "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",
        "CREATE TABLE marks (run TEXT); DROP TABLE probes",
    ]
    monkeypatch.setattr(runs, "MIGRATIONS", [*MIGRATIONS, *steps])
    newer = RunStore(filled.directory)
    assert ask(newer, "PRAGMA user_version") == [(len(MIGRATIONS) + 2,)]
    assert ask(newer, "SELECT id, note FROM runs") == [("one", "none")]
    assert newer.get("one").folder == "/images" and newer.steps("one") == [ROW]
    assert RunStore(filled.directory).all() == newer.all()  # opened again, nothing is done twice


def test_only_the_steps_that_are_missing_are_taken(filled, monkeypatch):
    first = "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'none'"
    monkeypatch.setattr(runs, "MIGRATIONS", [*MIGRATIONS, first])
    RunStore(filled.directory)
    monkeypatch.setattr(runs, "MIGRATIONS", [*MIGRATIONS, first, "UPDATE runs SET note = 'two'"])
    RunStore(filled.directory)
    assert ask(filled, "SELECT note FROM runs") == [("two",)]


def test_a_step_that_fails_leaves_the_store_as_it_was(filled, monkeypatch):
    broken = "UPDATE runs SET folder = 'lost'; UPDATE nothing SET x = 1"
    monkeypatch.setattr(runs, "MIGRATIONS", [*MIGRATIONS, broken])
    with pytest.raises(StoreError):
        RunStore(filled.directory)
    monkeypatch.undo()
    assert RunStore(filled.directory).get("one").folder == "/images"


def test_a_store_of_a_newer_version_is_left_alone(filled):
    ask(filled, "PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"made by a newer version of this program \(store version 99; .*Update it"):
        RunStore(filled.directory)
    ask(filled, f"PRAGMA user_version = {len(MIGRATIONS)}")
    assert filled.steps("one") == [ROW]


# The file


@pytest.mark.parametrize(
    "content", [b"not a database, but notes about one" * 100, b"\0" * 5000, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path, content):
    (tmp_path / "runs.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"runs\.sqlite is damaged .*It was left as it is"):
        RunStore(tmp_path)
    assert (tmp_path / "runs.sqlite").read_bytes() == content


def test_a_database_of_another_program_is_left_as_it_is(tmp_path):
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as db, db:
        db.execute("CREATE TABLE runs (what TEXT)")
        db.execute("INSERT INTO runs VALUES ('theirs')")
    with pytest.raises(StoreError, match="already exists"):
        RunStore(tmp_path)
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as db:
        assert db.execute("SELECT what FROM runs").fetchall() == [("theirs",)]
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_a_damaged_file_gives_runs_or_a_sentence_wherever_it_is_damaged(filled, tmp_path):
    for i in range(30):
        filled.create(f"run {i}", "/images", *SPECS)
        filled.write(f"run {i}", [("steps", ROW | {"step": step}) for step in range(40)])
    ask(filled, "PRAGMA wal_checkpoint(TRUNCATE)")
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
                assert (store.steps(run.id), store.epochs(run.id), store.live(run.id)) is not None
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
            rows = [("steps", ROW | {"step": step}), ("snapshots", {"step": step, "epoch": 0.5})]
            filled.write("one", rows)
        log = (filled.directory / "runs.sqlite-wal").read_bytes()
        database = (filled.directory / "runs.sqlite").read_bytes()
    lengths = set()
    for i, end in enumerate([*range(0, len(log), len(log) // 40), len(log)]):
        crashed = tmp_path / f"crash {i}"
        crashed.mkdir()
        (crashed / "runs.sqlite").write_bytes(database)
        (crashed / "runs.sqlite-wal").write_bytes(log[:end])
        store = RunStore(crashed)
        steps = [row["step"] for row in store.steps("one")] if store.all() else []
        assert steps == list(range(1, len(steps) + 1))
        assert [row["step"] for row in store.snapshots("one")] == steps[1:]
        assert ask(store, "PRAGMA integrity_check") == [("ok",)]
        lengths.add(len(steps))
    assert max(lengths) == 11 and len(lengths) > 5


def test_a_full_disk_is_a_sentence_and_all_that_was_written_stays(filled):
    pages = ask(filled, "PRAGMA page_count")[0][0]
    connect = sqlite3.connect

    def full(*arguments, **options):
        db = connect(*arguments, **options)
        db.execute(f"PRAGMA max_page_count = {pages}")
        return db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs.sqlite3, "connect", full)
        with pytest.raises(StoreError, match="The disk is full: nothing more can be written"):
            filled.write("one", [("live", {"progress": "x" * 100_000})])
        assert filled.steps("one") == [ROW]
    filled.write("one", [("steps", ROW | {"step": 2})])
    assert len(filled.steps("one")) == 2 and ask(filled, "PRAGMA integrity_check") == [("ok",)]


def test_a_store_that_another_program_keeps_to_itself_is_a_sentence(filled, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(runs.sqlite3, "connect", lambda *a, **options: connect(*a, **options | {"timeout": 0}))
    with closing(connect(filled.directory / "runs.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"kept .* to itself for too long\. Try again"):
            filled.request("one", "stop")
    filled.request("one", "stop")


def test_a_run_that_ended_on_a_full_disk_says_so(filled, monkeypatch):
    filled.update("one", status="running")
    assert "The disk is full" not in filled.get("one").message
    usage = shutil.disk_usage(filled.directory)
    monkeypatch.setattr(runs.shutil, "disk_usage", lambda _: usage._replace(free=3_000_000))
    assert filled.get("one").message.endswith("The disk is full, with 3.0 MB left: free some space first.")


# Rows

COLUMNS = ("created", "folder", "dataset_spec", "network_spec", "training_spec", "status", "message", "launched")
COLUMNS += ("request", "requested_rate", "classes", "fingerprint", "facts", "probe_images")
plain = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.binary(max_size=5)
)
in_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
).map(json.dumps)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(column=st.sampled_from(COLUMNS), value=plain | in_json)
def test_whatever_a_row_holds_the_run_can_be_read_or_is_damaged_and_the_others_are_there(filled, column, value):
    filled.create("whole", "/images", *SPECS)
    try:
        ask(filled, f"UPDATE runs SET {column} = ? WHERE id = 'one'", value)
    except sqlite3.IntegrityError:
        return  # NOT NULL
    readable = {run.id: run for run in filled.all()}
    assert "whole" in readable
    if "one" in readable:
        run = readable["one"]
        assert run.name and run.status in runs.STATUSES and filled.damaged() == []
        assert all(isinstance(name, str) for name in (*run.classes, run.folder, run.message))
    else:
        [(run_id, reason)] = filled.damaged()
        assert run_id == "one" and reason.startswith("Run one is damaged: ")
    ask(filled, "DELETE FROM runs")
    filled.create("one", "/images", *SPECS)


@pytest.mark.parametrize("name", ["..", ".", "../elsewhere", "/etc", "a/b", "a\\b", "", "C:", "a\0b"])
def test_a_run_whose_name_leads_elsewhere_is_damaged(filled, name):
    ask(filled, "UPDATE runs SET id = ?", name)
    assert filled.all() == []
    assert "its name is none that a folder could have" in filled.damaged()[0][1]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        *(("live", "progress", value) for value in ("{", "[1]", "3", "")),
        *(("live", "filters_shape", value) for value in ("{", "[1, 2]", "5")),
        ("probes", "probabilities", "[[0.5, "),
    ],
)
def test_broken_values_that_a_trainer_left_are_a_sentence(filled, table, column, value):
    live = {"progress": "{}", "filters": b"1234", "filters_shape": "[1]"}
    filled.write("one", [("live", live), ("probes", {"step": 1, "probabilities": "[[1.0]]"})])
    read = {"live": filled.live, "probes": filled.probes}[table]
    assert read("one")
    ask(filled, f"UPDATE {table} SET {column} = ?", value)
    with pytest.raises(RunError, match="Run one is damaged: "):
        read("one")


def test_forgetting_a_run_removes_all_of_its_rows_and_none_of_another(filled):
    filled.create("two", "/images", *SPECS)
    epoch = {"epoch": 1, "step": 1, "train_loss": 1.0, "train_accuracy": 1.0, "seconds": 1.0, "images_per_second": 1.0}
    rows = [
        ("steps", ROW),
        ("epochs", epoch),
        ("learning_rates", {"step": 1, "value": 0.1}),
        ("live", {"progress": "{}"}),
    ]
    rows += [("snapshots", {"step": 1, "epoch": 1}), ("probes", {"step": 1, "probabilities": "[]"})]
    for run_id in ("one", "two"):
        filled.write(run_id, rows)
    filled.forget("one")
    assert [run.id for run in filled.all()] == ["two"]
    tables = [name for (name,) in ask(filled, "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'runs'")]
    assert len(tables) == 6
    for table in tables:
        assert ask(filled, f"SELECT run FROM {table}") == [("two",)]
