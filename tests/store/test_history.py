"""What trainers leave behind, read back: curves of any length, looks at images, and values that nobody wrote."""

import json
import sqlite3
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.runs import RunError, RunStore
from tests.conftest import STEP, ask

SPECS = (DatasetSpec(), NetworkSpec(), TrainingSpec())
PROGRESS = {"epoch": 1, "epochs": 3, "step": 3, "steps": 15, "learning_rate": 0.01}
PROGRESS |= {"images_per_second": None, "seconds_left": 0.5}


@pytest.fixture
def run_id(store) -> str:
    store.create("a run", "/images", *SPECS)
    return "a run"


def add_steps(store: RunStore, run_id: str, last: int) -> None:
    rows = [(run_id, step, 1, 1 / step, 1 / step) for step in range(1, last + 1)]
    with sqlite3.connect(store.directory / "runs.sqlite") as db:
        db.executemany("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?)", rows)
    db.close()


# What the trainer writes


def test_rows_are_written_all_or_none(store, run_id):
    good = {"step": 1, "epoch": 1, "loss": 0.5, "smooth": 0.5}
    with pytest.raises(sqlite3.Error):
        store.write(run_id, [("steps", good), ("epochs", {"epoch": 1})])
    assert store.steps(run_id) == []
    store.write(run_id, [("steps", good), ("snapshots", {"step": 1, "epoch": 0.25})])
    assert store.steps(run_id) == [good] and store.snapshots(run_id) == [{"step": 1, "epoch": 0.25}]


def test_a_row_of_the_same_step_is_replaced(store, run_id):
    for loss in (0.5, 0.25):
        store.write(run_id, [("steps", {"step": 1, "epoch": 1, "loss": loss, "smooth": loss})])
    assert [row["loss"] for row in store.steps(run_id)] == [0.25]


def test_what_the_trainer_says_of_itself_comes_back(store, run_id):
    assert store.live(run_id) == {}
    live = {"progress": json.dumps(PROGRESS), "filters": b"\0\0\x80?", "filters_shape": "[1, 1, 1, 1]"}
    store.write(run_id, [("live", live), ("learning_rates", {"step": 4, "value": 0.1})])
    assert store.live(run_id) == PROGRESS | {"filters": b"\0\0\x80?", "filters_shape": [1, 1, 1, 1]}
    assert store.learning_rates(run_id) == {4: 0.1}


def test_runs_are_kept_apart(store, run_id):
    store.create("other", "/images", *SPECS)
    add_steps(store, run_id, 3)
    add_steps(store, "other", 5)
    assert len(store.steps(run_id)) == 3 and len(store.steps("other")) == 5


# Curves


@pytest.mark.parametrize("last", [0, 1, 2, 9, 10, 11, 20, 21, 1000, 1023])
def test_a_curve_has_few_points_that_include_the_first_and_the_newest(store, run_id, last):
    add_steps(store, run_id, last)
    points = [row["step"] for row in store.steps(run_id, at_most=10)]
    assert len(points) <= 12 and points == sorted(set(points))
    assert points[:1] + points[-1:] == ([1, last] if last else [])
    if last <= 10:
        assert points == list(range(1, last + 1))
    assert all(row["loss"] == 1 / row["step"] for row in store.steps(run_id, at_most=10))


def test_the_points_of_a_curve_stay_where_they_are_while_it_grows(store, run_id):
    earlier = set()
    for last in range(81, 161):
        add_steps(store, run_id, last)
        points = {row["step"] for row in store.steps(run_id, at_most=20)}
        assert earlier <= points
        earlier = points - {last}
    add_steps(store, run_id, 161)  # now every second of them
    assert {row["step"] for row in store.steps(run_id, at_most=20)} <= earlier | {160, 161}


@pytest.fixture
def effort(monkeypatch):
    """Counts the instructions of SQLite's virtual machine that a call takes."""
    connect = sqlite3.connect

    def measure(action) -> int:
        count = 0

        def instruction():
            nonlocal count
            count += 1

        def connect_and_count(*arguments, **options):
            db = connect(*arguments, **options)
            db.set_progress_handler(instruction, 1)
            return db

        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", connect_and_count)
            action()
        return count

    return measure


def test_what_a_curve_costs_does_not_grow_with_the_run(store, run_id, effort):
    add_steps(store, run_id, 1_000)
    short = effort(lambda: store.steps(run_id, at_most=100))
    add_steps(store, run_id, 16_000)
    assert effort(lambda: store.steps(run_id, at_most=100)) < 2 * short


def add_probes(store: RunStore, run_id: str, steps) -> None:
    rows = [("probes", {"step": step, "probabilities": json.dumps([[1 / (1 + step), 0.5]])}) for step in steps]
    store.write(run_id, rows)


@pytest.mark.parametrize("moments", [0, 1, 9, 10, 11, 95])
def test_looks_at_the_probe_images_are_thinned_evenly_and_end_with_the_newest(store, run_id, moments):
    add_probes(store, run_id, range(0, 7 * moments, 7))
    looks = store.probes(run_id, at_most=10)
    assert len(looks) == moments if moments <= 10 else 5 <= len(looks) <= 10
    steps = [look["step"] for look in looks]
    assert steps == sorted(steps) and steps[-1:] == ([7 * (moments - 1)] if moments else [])
    assert len({right - left for left, right in pairwise(steps)}) <= 1
    assert all(look["probabilities"] == [[1 / (1 + look["step"]), 0.5]] for look in looks)


def test_looking_up_the_looks_takes_little_for_each(store, run_id, effort):
    add_probes(store, run_id, range(4_000))
    assert effort(lambda: store.probes(run_id)) < 30 * 4_000


# Damage


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        *(("live", "progress", value) for value in ("{", "[1]", "3", "")),
        *(("live", "progress", json.dumps(PROGRESS | {name: "x"})) for name in PROGRESS),
        *(("live", "progress", value) for value in ('{"step": 3}', '{"reading": 5}', '{"reading": {"done": 1}}')),
        *(("live", "filters_shape", value) for value in ("{", "[1, 2]", "5", None, "[1]", "[-1, -1, 1, 1]")),
        ("live", "filters", None),
        ("live", "filters", "1234"),
        *(("probes", "probabilities", value) for value in ("[[0.5, ", "[0.5]", "[[0.5], [0.2, 0.3]]", '[["x"]]', "7")),
        *(("probes", "probabilities", value) for value in ("[[1.5]]", "[[-Infinity]]", "[[1e999]]", "[[null]]")),
        ("probes", "step", "x"),
    ],
)
def test_broken_values_that_a_trainer_left_are_a_sentence(filled, table, column, value):
    live = {"progress": "{}", "filters": b"1234", "filters_shape": "[1, 1, 1, 1]"}
    filled.write("one", [("live", live), ("probes", {"step": 1, "probabilities": "[[1.0]]"})])
    read = {"live": filled.live, "probes": filled.probes}[table]
    assert read("one")
    ask(filled, f"UPDATE {table} SET {column} = ?", value)
    with pytest.raises(RunError, match="Run one is damaged: "):
        read("one")


FULL = {  # table -> a row as a trainer writes it, and the method that reads it back
    "steps": (STEP, RunStore.steps),
    "epochs": (
        {"epoch": 1, "step": 4, "train_loss": 0.5, "train_accuracy": 1.0, "val_loss": 0.25, "val_accuracy": 0.5}
        | {"seconds": 1.5, "images_per_second": 80.0},
        RunStore.epochs,
    ),
    "snapshots": ({"step": 4, "epoch": 0.5}, RunStore.snapshots),
    "learning_rates": ({"step": 4, "value": 0.1}, RunStore.learning_rates),
}
COLUMNS = [(table, column) for table, (row, _) in FULL.items() for column in row]


@pytest.fixture
def recorded(filled) -> RunStore:
    """A store of two runs with a row in each table."""
    filled.create("whole", "/images", *SPECS)
    filled.write("whole", [(table, row) for table, (row, _) in FULL.items()])
    return filled


def set_value(store: RunStore, table: str, column: str, value: str) -> None:
    """Gives a column of the run "one" a value, written as SQL."""
    store.write("one", [(table, FULL[table][0])])
    ask(store, f"UPDATE {table} SET {column} = {value} WHERE run = 'one'")


@pytest.mark.parametrize(("table", "column"), COLUMNS)
@pytest.mark.parametrize("value", ["'x'", "''", "x'00ff'", "CAST(x'ff' AS TEXT)", "-1", "9e999", "-9e999", "1e100"])
def test_a_value_that_no_trainer_writes_is_damage_that_is_named_and_hides_no_other_run(recorded, table, column, value):
    set_value(recorded, table, column, value)
    read = FULL[table][1]
    with pytest.raises(RunError, match=rf"Run one is damaged: its .* cannot have .* as {column.replace('_', ' ')}"):
        read(recorded, "one")
    assert len(read(recorded, "whole")) == 1
    assert {run.id for run in recorded.all()} == {"one", "whole"}


def test_a_column_that_may_be_missing_is_missing_and_no_other(recorded):
    for column in FULL["epochs"][0]:
        ask(recorded, "DROP TABLE epochs")
        ask(
            recorded,
            "CREATE TABLE epochs (run, epoch, step, train_loss, train_accuracy, val_loss, val_accuracy,"
            " seconds, images_per_second, PRIMARY KEY (run, step))",
        )
        set_value(recorded, "epochs", column, "NULL")
        if column in ("val_loss", "val_accuracy"):
            assert recorded.epochs("one")[0][column] is None
        else:
            with pytest.raises(RunError, match="Run one is damaged: its epochs cannot have None as"):
                recorded.epochs("one")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.sampled_from(COLUMNS),
    value=st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
)
def test_whatever_a_row_holds_what_is_read_is_of_its_kind_or_damage(filled, place, value):
    table, column = place
    row, read = FULL[table]
    ask(filled, f"DELETE FROM {table}")
    filled.write("one", [(table, row)])
    try:
        ask(filled, f"UPDATE {table} SET {column} = ?", value)
    except (sqlite3.IntegrityError, UnicodeEncodeError):
        return  # NOT NULL, and what is no text
    try:
        found = read(filled, "one")
    except RunError as error:
        assert str(error).startswith("Run one is damaged: its ")
        return
    numbers = [*found, *found.values()] if table == "learning_rates" else [found[0][name] for name in row]
    if column in ("val_loss", "val_accuracy") and found[0][column] is None:  # SQLite keeps NaN as NULL: there was none
        numbers.remove(None)
    assert all(isinstance(number, int | float) and 0 <= number < 1e39 for number in numbers)


def test_looks_at_images_of_a_network_that_diverged_are_left_out(store, run_id):
    shares = ("[[0.5, 0.5]]", "[[0.1, 0.9]]", "[[NaN, NaN]]")
    store.write(run_id, [("probes", {"step": step, "probabilities": text}) for step, text in enumerate(shares)])
    assert [look["step"] for look in store.probes(run_id)] == [0, 1]
