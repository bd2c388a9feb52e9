"""A run that has lost its trainer."""

import shutil

import pytest

from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import interruption
from tests.conftest import in_threads


@pytest.fixture
def run_id(store) -> str:
    store.create("lost", "/images/of pets", DatasetSpec(), NetworkSpec(), TrainingSpec())
    return "lost"


def test_an_active_run_without_a_trainer_is_interrupted(store, run_id):
    for status in ("reading", "running", "paused"):
        store.set_status(run_id, status)
        run = store.get(run_id)
        assert run.status == "interrupted" and not run.active and "it was killed, it crashed" in run.message


def test_an_active_run_with_a_live_trainer_keeps_its_status(store, run_id):
    store.set_status(run_id, "running")
    with store.lock(run_id).acquire():
        assert store.get(run_id).status == "running" and store.all()[0].active


def test_an_ended_run_needs_no_trainer(store, run_id):
    for status in ("stopped", "finished", "failed"):
        store.set_status(run_id, status)
        assert store.get(run_id).status == status


def test_a_run_whose_trainer_ends_during_the_check_is_not_interrupted(store, run_id, monkeypatch):
    def end_first(lock) -> bool:
        store.set_status(run_id, "failed", "It is full.")
        return False

    monkeypatch.setattr(interruption, "is_held", end_first)
    for look in (store.get, lambda run_id: store.all()[0]):
        store.set_status(run_id, "running", "")
        run = look(run_id)
        assert (run.status, run.message) == ("failed", "It is full.")


def test_a_run_that_just_started_is_not_interrupted(store, run_id, monkeypatch):
    assert store.get(run_id).status == "starting"
    monkeypatch.setattr(interruption, "START_PATIENCE", 0)
    assert store.get(run_id).status == "interrupted"


def test_simultaneous_readers_do_not_mistake_each_other_for_the_trainer(store, run_id):
    store.set_status(run_id, "running")
    seen = in_threads(6, lambda: {store.get(run_id).status for _ in range(40)})
    assert set.union(*seen) == {"interrupted"}


def test_a_run_whose_folder_is_missing_is_interrupted(store, run_id):
    store.set_status(run_id, "running")
    for path in store.folder(run_id).iterdir():
        path.unlink()
    store.folder(run_id).rmdir()
    assert store.get(run_id).status == "interrupted"


def test_a_run_that_ended_on_a_full_disk_says_so(filled, monkeypatch):
    filled.set_status("one", "running")
    assert "The disk is full" not in filled.get("one").message
    usage = shutil.disk_usage(filled.directory)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=3_000_000))
    assert filled.get("one").message.endswith("The disk is full, with 3 MB left: free some space first.")
