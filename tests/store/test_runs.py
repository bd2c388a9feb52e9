import json
import sqlite3
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn.errors import UserError
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import experiments
from cnn.store.records import Probe, Reading, Snapshot
from cnn.store.run import STATUSES, new_id
from cnn.store.runs import RunError, RunStore
from tests.conftest import EPOCH, STEP, execute_sql, in_threads

SPECS = (DatasetSpec(image_size=20), NetworkSpec(filters=(4,)), TrainingSpec(epochs=7))


@pytest.fixture
def run_id(store) -> str:
    store.create("20261122-064200-3fa9", "/images/of pets", *SPECS)
    return "20261122-064200-3fa9"


def test_a_new_run_has_everything_it_was_created_with(store, run_id):
    run = store.get(run_id)
    assert (run.dataset_spec, run.network_spec, run.training_spec) == SPECS
    assert (run.id, run.folder, run.status, run.message) == (run_id, "/images/of pets", "starting", "")
    assert (run.classes, run.fingerprint, run.facts, run.probe_images) == ((), None, {}, ())
    assert run.active and abs(run.created - time.time()) < 60
    assert "of pets" in run.name


def test_creating_a_run_a_second_time_changes_nothing(store, run_id):
    assert store.create(run_id, "/elsewhere", *SPECS) is False
    assert store.get(run_id).folder == "/images/of pets"


def test_one_of_many_simultaneous_clicks_creates_the_run(store):
    assert in_threads(5, lambda: store.create("one", "/images", *SPECS)).count(True) == 1


def test_new_names_differ_and_sort_by_time():
    assert len({new_id() for _ in range(50)}) > 45  # 16 random bits within a second
    early = new_id()
    time.sleep(1.1)
    assert early < new_id()


def test_an_unknown_run_is_an_error_that_names_it(store):
    with pytest.raises(RunError, match="There is no run 'nowhere'"):
        store.get("nowhere")


def test_a_folder_that_cannot_be_made_gives_an_error_that_asks_for_another(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"Runs cannot be saved in .*Choose another folder"):
        RunStore(tmp_path / "file" / "runs")


def test_runs_are_listed_newest_first(store):
    for name in ("a", "c", "b"):
        store.create(name, "/images", *SPECS)
    assert [run.id for run in store.all()] == ["b", "c", "a"]
    assert [[run.id for run in store.newest(number)] for number in (0, 2, 9)] == [[], ["b", "c"], ["b", "c", "a"]]


def test_only_the_requested_number_of_newest_runs_is_read(store, monkeypatch):
    for name in ("a", "b", "c", "d"):
        store.create(name, "/images", *SPECS)
    execute_sql(store, "UPDATE runs SET facts = '[' WHERE id = 'd'")
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
        ("name", "two\nlines"),
        ("tags", '"word"'),
        ("tags", '["two words"]'),
        ("note", "a bell\a"),
    ],
)
def test_a_damaged_run_hides_no_other(store, run_id, column, value):
    store.create("whole", "/images", *SPECS)
    execute_sql(store, f"UPDATE runs SET {column} = ? WHERE id = ?", value, run_id)
    assert [run.id for run in store.all()] == ["whole"]
    with pytest.raises(RunError, match=f"Run {run_id} is damaged"):
        store.get(run_id)


# Names and tags


def test_a_run_has_its_given_name_and_tags(store):
    store.create("one", "/images", *SPECS, name=" With dropout ", tags=("small", "gray", "small"))
    run = store.get("one")
    assert (run.name, run.given_name, run.tags) == ("With dropout", "With dropout", ("small", "gray"))
    assert run.exact_name.startswith("With dropout, ")
    store.label("one", name="Without")
    assert (store.get("one").name, store.get("one").tags) == ("Without", ("small", "gray"))
    store.label("one", name="", tags=["big"])
    run = store.get("one")
    assert run.name.endswith(" images") and run.given_name == "" and run.tags == ("big",)


@pytest.mark.parametrize("name", ["x" * 81, "two\nlines", "\x1b[31mred", "bell\a"])
def test_a_name_that_is_too_long_or_cannot_be_printed_is_refused(store, run_id, name):
    with pytest.raises(UserError, match="The name of a run can have up to 80 printable characters"):
        store.label(run_id, name)
    with pytest.raises(UserError, match="The name of a run can have"):
        store.create("another", "/images", *SPECS, name=name)
    assert store.get(run_id).given_name == "" and [run.id for run in store.all()] == [run_id]


@pytest.mark.parametrize("tags", [["two words"], [""], ["a,b"], ["x" * 25], ["tab\t"], [f"tag{i}" for i in range(11)]])
def test_tags_that_are_too_long_too_many_or_not_words_are_refused(store, run_id, tags):
    with pytest.raises(UserError, match=r"A tag is one word|at most 10 tags"):
        store.label(run_id, "A name", tags)
    assert (store.get(run_id).given_name, store.get(run_id).tags) == ("", ())  # neither was changed


def test_a_run_keeps_what_the_user_wrote_about_it(store, run_id):
    store.label(run_id, note="  Learns slowly.\nTry a larger rate? ")
    store.label(run_id, name="Slow")
    assert (store.get(run_id).name, store.get(run_id).note) == ("Slow", "Learns slowly.\nTry a larger rate?")
    for note in ("x" * 2001, "a bell\a"):
        with pytest.raises(UserError, match="A note can have up to 2,000 printable characters"):
            store.label(run_id, name="Other", note=note)
    assert store.get(run_id).name == "Slow"
    store.label(run_id, note="")
    assert store.get(run_id).note == ""


def test_an_unknown_run_cannot_be_named(store):
    with pytest.raises(RunError, match="There is no run 'nowhere'"):
        store.label("nowhere", "A name")


# Going on


def complete_epochs(store, run_id, number: int) -> None:
    for i in range(1, number + 1):
        store.history(run_id).add_epoch(EPOCH._replace(epoch=i, step=10 * i))


@pytest.mark.parametrize(("status", "complete"), [("finished", 7), ("stopped", 3), ("failed", 0), ("running", 3)])
def test_an_ended_run_can_be_reopened_for_more_epochs_after_the_complete_ones(store, run_id, status, complete):
    complete_epochs(store, run_id, complete)
    store.set_status(run_id, status, "It was so.")
    store.request(run_id, "stop")
    assert store.reopen(run_id, more_epochs=2) is True
    run = store.get(run_id)
    assert (run.status, run.message, run.training_spec.epochs) == ("starting", "", complete + 2)
    assert store.requests(run_id)[0] == ""


def test_an_active_run_cannot_be_reopened(store, run_id):
    assert store.reopen(run_id) is False
    store.set_status(run_id, "running")
    with store.lock(run_id).acquire():
        assert store.reopen(run_id, more_epochs=1) is False
    assert store.get(run_id).training_spec.epochs == 7


@pytest.mark.parametrize("status", ["stopped", "finished", "failed", "running"])
@pytest.mark.parametrize("more", [0, 2])
def test_one_of_many_simultaneous_clicks_reopens_the_run(store, run_id, status, more):
    complete_epochs(store, run_id, 7)
    spec = json.dumps(SPECS[2].to_dict())
    for _ in range(5):
        execute_sql(store, "UPDATE runs SET status = ?, launched = 0, training_spec = ?", status, spec)
        assert in_threads(3, lambda: store.reopen(run_id, more)).count(True) == 1
    assert store.get(run_id).training_spec.epochs == 7 + more


@pytest.mark.parametrize("more", [-1, 10_001])
def test_a_run_cannot_be_reopened_for_fewer_or_far_too_many_epochs(store, run_id, more):
    store.set_status(run_id, "stopped")
    with pytest.raises(UserError, match="must be a whole number"):
        store.reopen(run_id, more_epochs=more)
    assert store.get(run_id).status == "stopped"


# Requests


def test_a_request_stays_until_the_next_one(store, run_id):
    assert store.requests(run_id) == ("", None)
    store.request(run_id, "pause")
    store.request_rate(run_id, 0.5)
    assert store.requests(run_id) == ("pause", 0.5)
    store.request(run_id, "")
    assert store.requests(run_id) == ("", 0.5)


def test_a_learning_rate_out_of_range_is_refused(store, run_id):
    with pytest.raises(UserError, match="Learning rate must be a number from 1e-07 to 10"):
        store.request_rate(run_id, 11)
    assert store.requests(run_id) == ("", None)


@pytest.mark.parametrize(("request_", "rate"), [("dance", "'fast'"), (b"stop", "9e999"), ("", "-1"), (7, "x'00'")])
def test_invalid_requests_are_ignored(store, run_id, request_, rate):
    execute_sql(store, f"UPDATE runs SET request = ?, requested_rate = {rate}", request_)
    assert store.requests(run_id) == ("", None)


def test_the_trainer_of_a_deleted_run_is_asked_to_stop(store):
    assert store.requests("deleted") == ("stop", None)


# Rows

COLUMNS = ("created", "folder", "dataset_spec", "network_spec", "training_spec", "status", "message", "launched")
COLUMNS += ("request", "requested_rate", "classes", "fingerprint", "facts", "probe_images", "name", "tags", "note")
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
def test_any_row_gives_a_run_or_damage_and_hides_no_other_run(filled, column, value):
    filled.create("whole", "/images", *SPECS)
    try:
        execute_sql(filled, f"UPDATE runs SET {column} = ? WHERE id = 'one'", value)
    except sqlite3.IntegrityError:
        return  # NOT NULL
    readable = {run.id: run for run in filled.all()}
    assert "whole" in readable
    if "one" in readable:
        run = readable["one"]
        assert run.name and run.status in STATUSES and filled.damaged() == []
        assert all(isinstance(name, str) for name in (*run.classes, run.folder, run.message))
    else:
        [(run_id, reason)] = filled.damaged()
        assert run_id == "one" and reason.startswith("Run one is damaged: ")
    execute_sql(filled, "DELETE FROM runs")
    filled.create("one", "/images", *SPECS)


@pytest.mark.parametrize("name", ["..", ".", "../elsewhere", "/etc", "a/b", "a\\b", "", "C:", "a\0b"])
def test_a_run_whose_name_is_a_path_elsewhere_is_damaged(filled, name):
    execute_sql(filled, "UPDATE runs SET id = ?", name)
    assert filled.all() == []
    assert "its id cannot be the name of a folder" in filled.damaged()[0][1]


KEPT_WITHOUT_RUNS = ("runs", "experiments", "reports", "answers", "tries", "evidence", "marks", "decisions")


def test_forgetting_a_run_removes_all_its_rows_and_no_others(filled):
    filled.create("two", "/images", *SPECS)
    for seed, run_id in enumerate(("one", "two")):
        history = filled.history(run_id)
        history.add_steps([STEP])
        history.add_epoch(EPOCH)
        history.set_learning_rate(1, 0.1)
        history.set_reading(Reading(1, 2, 3.0))
        history.add_snapshot(Snapshot(1, 1.0))
        history.add_probe(Probe(1, [[0.5]]))
        experiments.add_run(filled, "an experiment", 0, seed, run_id)
    filled.forget("one")
    assert [run.id for run in filled.all()] == ["two"]
    tables = [
        name
        for (name,) in execute_sql(filled, "SELECT name FROM sqlite_master WHERE type = 'table'")
        if name not in KEPT_WITHOUT_RUNS
    ]
    assert set(tables) == {"steps", "epochs", "learning_rates", "live", "snapshots", "probes", "experiment_runs"}
    for table in tables:
        assert execute_sql(filled, f"SELECT run FROM {table}") == [("two",)]


# Where the images are


def test_all_runs_of_a_folder_that_is_gone_follow_to_its_new_place(store, tmp_path):
    gone, there = tmp_path / "gone", tmp_path / "there"
    there.mkdir()
    for run_id, folder in {"a": gone, "b": gone, "c": tmp_path / "other", "d": there, "e": there}.items():
        store.create(run_id, str(folder), DatasetSpec(), NetworkSpec(), TrainingSpec())
    store.move_images("a", "/new")
    store.move_images("d", "/new")  # some of its images are elsewhere; those of "e" need not be
    folders = {run_id: store.get(run_id).folder for run_id in "abcde"}
    assert folders == {"a": "/new", "b": "/new", "c": str(tmp_path / "other"), "d": "/new", "e": str(there)}


@pytest.mark.parametrize("ended", [None, "finished", {"status": "running"}, {"status": "finished", "epochs": "many"}])
def test_a_start_can_be_cancelled_whatever_the_facts_are(store, run_id, ended):
    execute_sql(store, "UPDATE runs SET facts = ?", json.dumps({"ended": ended}))
    store.cancel_start(run_id, "failed", "Because.")
    status = "finished" if isinstance(ended, dict) and ended["status"] == "finished" else "failed"
    run = store.get(run_id)
    assert (run.status, run.message, run.facts, run.training_spec) == (status, "Because.", {}, SPECS[2])


def test_a_row_that_has_changed_is_read_again(store, run_id):
    before = store.get(run_id)
    assert store.get(run_id) == before and store.get(run_id).name == before.name
    store.label(run_id, name="another")
    assert store.get(run_id).name == "another"
    execute_sql(store, "UPDATE runs SET facts = '[]'")
    with pytest.raises(RunError, match="damaged"):
        store.get(run_id)
