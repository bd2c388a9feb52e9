import json
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from cnn import runs
from cnn.runs import RunError, RunStore, new_id
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec

SPECS = (DatasetSpec(image_size=20), NetworkSpec(filters=(4,)), TrainingSpec(epochs=7))


@pytest.fixture
def run_id(store) -> str:
    store.create("20261122-064200-3fa9", "/images/of pets", *SPECS)
    return "20261122-064200-3fa9"


def change(store: RunStore, statement: str, *values) -> None:
    """Writes into the store past its own methods, as a crash or another program might have."""
    with sqlite3.connect(store.directory / "runs.sqlite") as db:
        db.execute(statement, values)
    db.close()


def add_steps(store: RunStore, run_id: str, last: int) -> None:
    rows = [(run_id, step, 1, 1 / step, 1 / step) for step in range(1, last + 1)]
    with sqlite3.connect(store.directory / "runs.sqlite") as db:
        db.executemany("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?)", rows)
    db.close()


def at_once(number: int, action) -> list:
    """What `action` gives in several threads that begin together."""
    barrier = threading.Barrier(number)

    def go():
        barrier.wait()
        return action()

    with ThreadPoolExecutor(number) as pool:
        return [waiting.result() for waiting in [pool.submit(go) for _ in range(number)]]


def test_a_new_run_says_all_that_it_was_created_with(store, run_id):
    run = store.get(run_id)
    assert (run.dataset_spec, run.network_spec, run.training_spec) == SPECS
    assert (run.id, run.folder, run.status, run.message) == (run_id, "/images/of pets", "starting", "")
    assert (run.classes, run.fingerprint, run.facts, run.probe_images) == ((), None, {}, ())
    assert run.active and abs(run.created - time.time()) < 60
    assert "of pets" in run.name


def test_creating_a_run_a_second_time_changes_nothing(store, run_id):
    assert store.create(run_id, "/elsewhere", *SPECS) is False
    assert store.get(run_id).folder == "/images/of pets"


def test_of_many_clicks_at_once_one_creates_the_run(store):
    assert at_once(5, lambda: store.create("one", "/images", *SPECS)).count(True) == 1


def test_new_names_differ_and_sort_by_time():
    assert len({new_id() for _ in range(50)}) > 45  # 16 random bits within a second
    early = new_id()
    time.sleep(1.1)
    assert early < new_id()


def test_an_unknown_run_is_an_error_that_names_it(store):
    with pytest.raises(RunError, match="There is no run 'nowhere'"):
        store.get("nowhere")


def test_a_folder_that_cannot_be_made_is_an_error_that_asks_for_another(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"The runs cannot be kept in .*Choose another folder"):
        RunStore(tmp_path / "file" / "runs")


def test_runs_are_listed_newest_first(store):
    for name in ("a", "c", "b"):
        store.create(name, "/images", *SPECS)
    assert [run.id for run in store.all()] == ["b", "c", "a"]
    assert [[run.id for run in store.newest(number)] for number in (0, 2, 9)] == [[], ["b", "c"], ["b", "c", "a"]]


def test_of_the_newest_runs_only_those_asked_for_are_read(store, monkeypatch):
    for name in ("a", "b", "c", "d"):
        store.create(name, "/images", *SPECS)
    change(store, "UPDATE runs SET facts = '[' WHERE id = 'd'")
    read, from_row = [], store._run
    monkeypatch.setattr(store, "_run", lambda row: read.append(row["id"]) or from_row(row))
    assert [run.id for run in store.newest(2)] == ["c"] and read == ["d", "c"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("dataset_spec", "{"),
        ("network_spec", '{"filters": [0]}'),
        ("network_spec", '{"colour": "blue"}'),
        ("training_spec", "null"),
        ("training_spec", '{"learning_rate": 1' + "0" * 400 + "}"),
        ("classes", "3"),
        ("facts", "not json"),
        ("probe_images", "[1, "),
    ],
)
def test_a_damaged_run_hides_no_other(store, run_id, column, value):
    store.create("whole", "/images", *SPECS)
    change(store, f"UPDATE runs SET {column} = ? WHERE id = ?", value, run_id)
    assert [run.id for run in store.all()] == ["whole"]
    with pytest.raises(RunError, match=f"Run {run_id} is damaged"):
        store.get(run_id)


# Trainers that are gone


def test_an_active_run_without_a_trainer_is_interrupted(store, run_id):
    for status in ("reading", "running", "paused"):
        store.update(run_id, status=status)
        run = store.get(run_id)
        assert run.status == "interrupted" and not run.active and "killed, crashed" in run.message


def test_an_active_run_whose_trainer_lives_is_what_it_says(store, run_id):
    store.update(run_id, status="running")
    with store.lock(run_id).acquire():
        assert store.get(run_id).status == "running" and store.all()[0].active


def test_a_run_that_ended_needs_no_trainer(store, run_id):
    for status in ("stopped", "finished", "failed"):
        store.update(run_id, status=status)
        assert store.get(run_id).status == status


def test_a_run_that_was_just_started_has_some_patience(store, run_id, monkeypatch):
    assert store.get(run_id).status == "starting"
    monkeypatch.setattr(runs, "START_PATIENCE", 0)
    assert store.get(run_id).status == "interrupted"


def test_many_readers_at_once_do_not_take_each_other_for_the_trainer(store, run_id):
    store.update(run_id, status="running")
    seen = at_once(6, lambda: {store.get(run_id).status for _ in range(40)})
    assert set.union(*seen) == {"interrupted"}


def test_a_run_whose_folder_is_gone_is_interrupted(store, run_id):
    store.update(run_id, status="running")
    for path in store.folder(run_id).iterdir():
        path.unlink()
    store.folder(run_id).rmdir()
    assert store.get(run_id).status == "interrupted"


# Going on


@pytest.mark.parametrize("status", ["stopped", "finished", "failed", "running"])
def test_an_ended_run_can_be_reopened_for_more_epochs(store, run_id, status):
    store.update(run_id, status=status, message="It was so.")
    store.request(run_id, "stop")
    assert store.reopen(run_id, more_epochs=2) is True
    run = store.get(run_id)
    assert (run.status, run.message, run.training_spec.epochs) == ("starting", "", 9)
    assert store.requests(run_id)[0] == ""


def test_an_active_run_cannot_be_reopened(store, run_id):
    assert store.reopen(run_id) is False
    store.update(run_id, status="running")
    with store.lock(run_id).acquire():
        assert store.reopen(run_id, more_epochs=1) is False
    assert store.get(run_id).training_spec.epochs == 7


@pytest.mark.parametrize("status", ["stopped", "finished", "failed", "running"])
@pytest.mark.parametrize("more", [0, 2])
def test_of_many_clicks_at_once_one_reopens_the_run(store, run_id, status, more):
    for _ in range(5):
        store.update(run_id, status=status, launched=0, training_spec=SPECS[2].to_dict())
        assert at_once(3, lambda: store.reopen(run_id, more)).count(True) == 1
    assert store.get(run_id).training_spec.epochs == 7 + more


@pytest.mark.parametrize("more", [-1, 10_000])
def test_a_run_cannot_be_reopened_for_fewer_or_far_too_many_epochs(store, run_id, more):
    store.update(run_id, status="stopped")
    with pytest.raises(ValueError, match="must be a whole number"):
        store.reopen(run_id, more_epochs=more)
    assert store.get(run_id).status == "stopped"


# Requests


def test_requests_are_there_for_the_trainer_until_others_are_made(store, run_id):
    assert store.requests(run_id) == ("", None)
    store.request(run_id, "pause")
    store.request_rate(run_id, 0.5)
    assert store.requests(run_id) == ("pause", 0.5)
    store.request(run_id, "")
    assert store.requests(run_id) == ("", 0.5)


def test_a_learning_rate_out_of_range_is_refused(store, run_id):
    with pytest.raises(ValueError, match="Learning rate must be a number from 1e-07 to 10"):
        store.request_rate(run_id, 11)
    assert store.requests(run_id) == ("", None)


def test_the_trainer_of_a_run_that_is_gone_is_asked_to_stop(store):
    assert store.requests("deleted") == ("stop", None)


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
    live = {"progress": json.dumps({"step": 3}), "filters": b"\0\0\x80?", "filters_shape": "[1]"}
    store.write(run_id, [("live", live), ("learning_rates", {"step": 4, "value": 0.1})])
    assert store.live(run_id) == {"step": 3, "filters": b"\0\0\x80?", "filters_shape": [1]}
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
            patch.setattr(runs.sqlite3, "connect", connect_and_count)
            action()
        return count

    return measure


def test_what_a_curve_costs_does_not_grow_with_the_run(store, run_id, effort):
    add_steps(store, run_id, 1_000)
    short = effort(lambda: store.steps(run_id, at_most=100))
    add_steps(store, run_id, 16_000)
    assert effort(lambda: store.steps(run_id, at_most=100)) < 2 * short


def add_probes(store: RunStore, run_id: str, steps) -> None:
    rows = [("probes", {"step": step, "probabilities": json.dumps([[step, 0.5]])}) for step in steps]
    store.write(run_id, rows)


@pytest.mark.parametrize("moments", [0, 1, 9, 10, 11, 95])
def test_looks_at_the_probe_images_are_thinned_evenly_and_end_with_the_newest(store, run_id, moments):
    add_probes(store, run_id, range(0, 7 * moments, 7))
    looks = store.probes(run_id, at_most=10)
    assert len(looks) == moments if moments <= 10 else 5 <= len(looks) <= 10
    steps = [look["step"] for look in looks]
    assert steps == sorted(steps) and steps[-1:] == ([7 * (moments - 1)] if moments else [])
    assert len({right - left for left, right in pairwise(steps)}) <= 1
    assert all(look["probabilities"] == [[look["step"], 0.5]] for look in looks)


def test_looking_up_the_looks_takes_little_for_each(store, run_id, effort):
    add_probes(store, run_id, range(4_000))
    assert effort(lambda: store.probes(run_id)) < 30 * 4_000


# Several processes


OPEN_STORES = """
import sys
from cnn.runs import RunStore
print("ready", flush=True)
sys.stdin.readline()
for i in range(20):
    RunStore(f"{sys.argv[1]}/{i}")
"""


def test_processes_that_open_new_stores_at_once_all_get_them(tmp_path):
    root = Path(runs.__file__).parent.parent
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": root}
    processes = [subprocess.Popen([sys.executable, "-c", OPEN_STORES, tmp_path], **pipes) for _ in range(4)]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("now\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


def test_threads_that_open_a_new_store_at_once_all_get_it(tmp_path):
    for attempt in range(10):
        stores = at_once(6, lambda attempt=attempt: RunStore(tmp_path / f"runs {attempt}").all())
        assert stores == [[]] * 6


def test_a_reader_is_not_held_up_by_a_writer(store, run_id):
    writer = sqlite3.connect(store.directory / "runs.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE runs SET status = 'failed'")
    start = time.monotonic()
    assert store.get(run_id).status == "starting" and time.monotonic() - start < 5
    writer.execute("ROLLBACK")
    writer.close()
