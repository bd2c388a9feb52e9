"""Histories: writing and reading, curves of any length, probes, and damaged values."""

import json
import math
import sqlite3
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn.figures import curves
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.database import Database
from cnn.store.history import TABLES, History
from cnn.store.records import EpochRecord, Live, Probe, Progress, Reading, Snapshot
from cnn.store.runs import RunError, RunStore
from tests.conftest import EPOCH, STEP, execute_sql

SPECS = (DatasetSpec(), NetworkSpec(), TrainingSpec())
PROGRESS = Progress(1, 3, 3, 15, images_per_second=None, seconds_left=0.5, learning_rate=0.01)


class Rate(NamedTuple):
    """A row of the table learning_rates."""

    step: int
    value: float


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


def test_each_record_survives_writing_and_reading(store, run_id):
    history = store.history(run_id)
    assert (history.steps(), history.epochs(), history.snapshots(), history.probes()) == ([], [], [], [])
    assert (history.learning_rates(), history.live()) == ({}, Live())
    not_validated = EPOCH._replace(epoch=2, val_loss=None, val_accuracy=None)
    history.add_steps([STEP, STEP._replace(step=2)])
    history.add_epoch(EPOCH)
    history.add_epoch(not_validated)
    history.add_snapshot(Snapshot(0, 0.0))
    history.add_probe(Probe(1, [[0.25, 0.75]]))
    history.set_learning_rate(4, 0.1)
    assert history.steps() == [STEP, STEP._replace(step=2)] and history.epochs() == [EPOCH, not_validated]
    assert history.snapshots() == [Snapshot(0, 0.0)] and history.probes() == [Probe(1, [[0.25, 0.75]])]
    assert history.learning_rates() == {4: 0.1}


def test_a_record_of_the_same_step_is_replaced(store, run_id):
    for loss in (0.5, 0.25):
        store.history(run_id).add_steps([STEP._replace(loss=loss)])
    assert [row.loss for row in store.history(run_id).steps()] == [0.25]


def test_the_newest_progress_replaces_the_previous_one(store, run_id):
    history, filters = store.history(run_id), np.arange(18, dtype=np.float32).reshape(2, 1, 3, 3)
    history.set_reading(Reading(5, 20, 100.0))
    assert history.live() == Live(reading=Reading(5, 20, 100.0))
    history.set_progress(PROGRESS, filters)
    live = history.live()
    assert (live.reading, live.progress) == (None, PROGRESS) and (live.filters == filters).all()
    assert live.filters.dtype == np.float32 and live.filters.shape == (2, 1, 3, 3)
    history.set_progress(PROGRESS)
    assert history.live() == Live(progress=PROGRESS)


def test_a_learning_rate_replaces_those_of_later_steps(store, run_id):
    for step, rate in ((3, 0.1), (9, 0.2), (5, 0.3)):
        store.history(run_id).set_learning_rate(step, rate)
    assert store.history(run_id).learning_rates() == {3: 0.1, 5: 0.3}


def test_going_back_drops_later_records_but_no_learning_rate(store, run_id):
    history = store.history(run_id)
    history.add_steps(STEP._replace(step=step) for step in range(1, 10))
    for step in (0, 4, 8):
        history.add_snapshot(Snapshot(step, step / 4))
        history.add_probe(Probe(step, [[1.0]]))
    for epoch in (1, 2):
        history.add_epoch(EPOCH._replace(epoch=epoch, step=4 * epoch))
    history.set_learning_rate(7, 0.1)
    assert history.rewind(4) == [8]
    assert [row.step for row in history.steps()] == [1, 2, 3, 4] and [row.epoch for row in history.epochs()] == [1]
    assert [row.step for row in history.snapshots()] == [row.step for row in history.probes()] == [0, 4]
    assert history.learning_rates() == {7: 0.1}


def test_every_table_with_rows_of_a_run_is_known(store):
    tables = execute_sql(
        store,
        "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND c.name = 'run'",
    )
    others = {"experiment_runs", "reports", "evidence"}  # these name a run, and are not its history
    assert {name for (name,) in tables} == {*TABLES, *others}


def test_runs_do_not_affect_each_other(store, run_id):
    store.create("other", "/images", *SPECS)
    add_steps(store, run_id, 3)
    add_steps(store, "other", 5)
    assert len(store.history(run_id).steps()) == 3 and len(store.history("other").steps()) == 5


# Curves


@pytest.mark.parametrize("last", [0, 1, 2, 9, 10, 11, 20, 21, 1000, 1023])
def test_a_curve_has_few_points_that_include_the_first_and_the_newest(store, run_id, last):
    add_steps(store, run_id, last)
    points = [row.step for row in store.history(run_id).steps(at_most=10)]
    assert len(points) <= 12 and points == sorted(set(points))
    assert points[:1] + points[-1:] == ([1, last] if last else [])
    if last <= 10:
        assert points == list(range(1, last + 1))
    assert all(row.loss == 1 / row.step for row in store.history(run_id).steps(at_most=10))


def test_the_points_of_a_growing_curve_stay_the_same(store, run_id):
    earlier = set()
    for last in range(81, 161):
        add_steps(store, run_id, last)
        points = {row.step for row in store.history(run_id).steps(at_most=20)}
        assert earlier <= points
        earlier = points - {last}
    add_steps(store, run_id, 161)  # now every second of them
    assert {row.step for row in store.history(run_id).steps(at_most=20)} <= earlier | {160, 161}


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
            patch.setattr(Database, "_idle_one", lambda *_: None)
            action()
        return count

    return measure


def test_the_cost_of_a_curve_does_not_grow_with_the_run(store, run_id, effort):
    add_steps(store, run_id, 1_000)
    short = effort(lambda: store.history(run_id).steps(at_most=100))
    add_steps(store, run_id, 16_000)
    assert effort(lambda: store.history(run_id).steps(at_most=100)) < 2 * short


def add_epochs(store: RunStore, run_id: str, number: int) -> list[EpochRecord]:
    """Epochs of which the lowest held-out loss is that of number 77, and the highest accuracy that of number 33."""
    epochs = [
        EPOCH._replace(epoch=n, step=5 * n, val_loss=1 + abs(n - 77), val_accuracy=1 / (1 + abs(n - 33)))
        for n in range(1, number + 1)
    ]
    with store.transaction():
        for epoch in epochs:
            store.history(run_id).add_epoch(epoch)
    return epochs


def test_long_runs_give_some_epochs_with_the_best_and_the_newest(store, run_id):
    assert store.history(run_id).epochs(at_most=10) == []
    epochs = add_epochs(store, run_id, 1001)
    assert store.history(run_id).epochs() == epochs == store.history(run_id).epochs(at_most=1001)
    assert [epoch.epoch for epoch in store.history(run_id).epochs(at_most=10)] == sorted(
        {*range(128, 1001, 128), 33, 77, 1001}
    )


def test_curves_of_some_epochs_agree_with_those_of_all(store, run_id):
    epochs = add_epochs(store, run_id, 1001)
    some = store.history(run_id).epochs(at_most=curves.MAX_EPOCHS)
    assert len(some) < 210
    assert curves.losses([], some, {}) == curves.losses([], epochs, {})
    assert curves.accuracies(some, 2000, 0.5) == curves.accuracies(epochs, 2000, 0.5)


def add_probes(store: RunStore, run_id: str, steps) -> None:
    with store.transaction():
        for step in steps:
            store.history(run_id).add_probe(Probe(step, [[1 / (1 + step), 0.5]]))


@pytest.mark.parametrize("moments", [0, 1, 9, 10, 11, 95])
def test_probes_are_thinned_evenly_and_end_with_the_newest(store, run_id, moments):
    add_probes(store, run_id, range(0, 7 * moments, 7))
    probes = store.history(run_id).probes(at_most=10)
    assert len(probes) == moments if moments <= 10 else 5 <= len(probes) <= 10
    steps = [probe.step for probe in probes]
    assert steps == sorted(steps) and steps[-1:] == ([7 * (moments - 1)] if moments else [])
    assert len({right - left for left, right in pairwise(steps)}) <= 1
    assert all(probe.probabilities == [[1 / (1 + probe.step), 0.5]] for probe in probes)


def test_reading_probes_is_cheap(store, run_id, effort):
    add_probes(store, run_id, range(4_000))
    assert effort(lambda: store.history(run_id).probes()) < 30 * 4_000


# Damage


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        *(("live", "progress", value) for value in ("{", "[1]", "3", "")),
        *(("live", "progress", json.dumps(PROGRESS._asdict() | {name: "x"})) for name in PROGRESS._fields),
        *(("live", "progress", value) for value in ('{"step": 3}', '{"reading": 5}', '{"reading": {"done": 1}}')),
        *(("live", "filters_shape", value) for value in ("{", "[1, 2]", "5", None, "[1]", "[-1, -1, 1, 1]")),
        ("live", "filters", None),
        ("live", "filters", "1234"),
        *(("probes", "probabilities", value) for value in ("[[0.5, ", "[0.5]", "[[0.5], [0.2, 0.3]]", '[["x"]]', "7")),
        *(("probes", "probabilities", value) for value in ("[[1.5]]", "[[-Infinity]]", "[[1e999]]", "[[null]]")),
        ("probes", "step", "x"),
    ],
)
def test_broken_values_give_an_error_message(filled, table, column, value):
    history = filled.history("one")
    history.set_progress(PROGRESS, np.zeros((1, 1, 1, 1), np.float32))
    history.add_probe(Probe(1, [[1.0]]))
    read = {"live": history.live, "probes": history.probes}[table]
    assert read()
    execute_sql(filled, f"UPDATE {table} SET {column} = ?", value)
    with pytest.raises(RunError, match="Run one is damaged: "):
        read()


FULL = {  # table -> a record, the method that writes it, and the one that reads it back
    "steps": (STEP, lambda history: history.add_steps([STEP]), History.steps),
    "epochs": (EPOCH, lambda history: history.add_epoch(EPOCH), History.epochs),
    "snapshots": (Snapshot(4, 0.5), lambda history: history.add_snapshot(Snapshot(4, 0.5)), History.snapshots),
    "learning_rates": (Rate(4, 0.1), lambda history: history.set_learning_rate(4, 0.1), History.learning_rates),
}
COLUMNS = [(table, column) for table, (record, *_) in FULL.items() for column in record._fields]


@pytest.fixture
def recorded(filled) -> RunStore:
    """A store of two runs with a row in each table."""
    filled.create("whole", "/images", *SPECS)
    for _, write, _ in FULL.values():
        write(filled.history("whole"))
    return filled


def set_value(store: RunStore, table: str, column: str, value: str) -> None:
    """Gives a column of the run "one" a value, written as SQL."""
    FULL[table][1](store.history("one"))
    execute_sql(store, f"UPDATE {table} SET {column} = {value} WHERE run = 'one'")


@pytest.mark.parametrize(("table", "column"), COLUMNS)
@pytest.mark.parametrize("value", ["'x'", "''", "x'00ff'", "CAST(x'ff' AS TEXT)", "-1", "9e999", "-9e999", "1e100"])
def test_an_impossible_value_is_reported_as_damage_and_hides_no_other_run(recorded, table, column, value):
    set_value(recorded, table, column, value)
    read = FULL[table][2]
    with pytest.raises(RunError, match=rf"Run one is damaged: its .* cannot have .* as {column.replace('_', ' ')}"):
        read(recorded.history("one"))
    assert len(read(recorded.history("whole"))) == 1
    assert {run.id for run in recorded.all()} == {"one", "whole"}


def test_only_optional_columns_may_be_missing(recorded):
    for column in EPOCH._fields:
        execute_sql(recorded, "DROP TABLE epochs")
        execute_sql(
            recorded,
            "CREATE TABLE epochs (run, epoch, step, train_loss, train_accuracy, val_loss, val_accuracy,"
            " seconds, images_per_second, val_predicted, val_right, dead, PRIMARY KEY (run, step))",
        )
        set_value(recorded, "epochs", column, "NULL")
        if column in ("val_loss", "val_accuracy"):
            assert getattr(recorded.history("one").epochs()[0], column) is None
        else:
            with pytest.raises(RunError, match="Run one is damaged: its epochs cannot have None as"):
                recorded.history("one").epochs()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.sampled_from(COLUMNS),
    value=st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
)
def test_any_row_gives_values_of_the_right_type_or_damage(filled, place, value):
    table, column = place
    _, write, read = FULL[table]
    execute_sql(filled, f"DELETE FROM {table}")
    write(filled.history("one"))
    try:
        execute_sql(filled, f"UPDATE {table} SET {column} = ?", value)
    except (sqlite3.IntegrityError, UnicodeEncodeError):
        return  # NOT NULL, and what is no text
    try:
        found = read(filled.history("one"))
    except RunError as error:
        assert str(error).startswith("Run one is damaged: its ")
        return
    numbers = [*found, *found.values()] if table == "learning_rates" else list(found[0])
    if table == "epochs":
        *numbers, predicted, right, dead = numbers
        numbers += [*predicted, *right, *(count for _, *counts in dead for count in counts)]
    if column in ("val_loss", "val_accuracy") and getattr(found[0], column) is None:  # SQLite keeps NaN as NULL
        numbers.remove(None)
    assert all(isinstance(number, int | float) and 0 <= number < 1e39 for number in numbers)


def test_probes_of_a_network_that_diverged_are_left_out(store, run_id):
    for step, made in enumerate(([0.5, 0.5], [0.1, 0.9], [math.nan, math.nan])):
        store.history(run_id).add_probe(Probe(step, [made]))
    assert [probe.step for probe in store.history(run_id).probes()] == [0, 1]
