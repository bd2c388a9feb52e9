"""Stopped, paused and finished runs continue exactly."""

import os
import threading
import time

import pytest

from cnn.engine import launch
from cnn.engine.requests import POLL
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec
from tests.engine.reports import at_epoch, at_step


@pytest.mark.parametrize("step", [1, 7, 14])
def test_a_stopped_run_continues_exactly(store, create_run, undisturbed, outcome, report_every_step, step):
    run_id = create_run()
    assert train_run(store, run_id, at_step(step, lambda: store.request(run_id, "stop"))) == "stopped"
    assert store.get(run_id).status == "stopped"
    assert [row.step for row in store.history(run_id).steps()] == list(range(1, step + 1))
    assert store.history(run_id).snapshots()[-1].step == step
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
    assert outcome(store, run_id) == undisturbed()
    for row in store.history(run_id).epochs():  # its speed is that of all its 20 images, also where it was cut in two
        assert row.images_per_second * row.seconds >= 20


def test_a_run_stopped_between_two_epochs_continues_exactly(store, create_run, undisturbed, outcome):
    run_id = create_run()
    requested = []
    report = at_epoch(2, lambda: requested.append(1))
    assert train_run(store, run_id, report, stop_requested=lambda: bool(requested)) == "stopped"
    assert len(store.history(run_id).epochs()) == 2 and len(store.history(run_id).steps()) == 10
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
    assert outcome(store, run_id) == undisturbed()


def test_a_run_stopped_while_reading_images_can_start_again(store, create_run, own_folder, undisturbed, outcome):
    run_id = create_run(folder=own_folder)
    assert train_run(store, run_id, stop_requested=lambda: True) == "stopped"
    assert store.get(run_id).message == "" and store.history(run_id).steps() == []
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
    assert outcome(store, run_id) == undisturbed()


def test_a_paused_run_waits_and_then_continues_exactly(
    store, create_run, undisturbed, outcome, report_every_step, wait
):
    run_id = create_run()
    pause = at_step(7, lambda: store.request(run_id, "pause"))
    thread = threading.Thread(target=train_run, args=(store, run_id, pause))
    thread.start()
    wait(lambda: store.get(run_id).status == "paused")
    time.sleep(4 * POLL)
    assert len(store.history(run_id).steps()) == 7 and store.history(run_id).live().progress.step == 7
    assert store.get(run_id).status == "paused"
    store.request(run_id, "")
    thread.join()
    assert store.get(run_id).status == "finished"
    assert outcome(store, run_id) == undisturbed()


def test_a_paused_run_can_be_stopped(store, create_run, report_every_step, wait):
    run_id = create_run()
    thread = threading.Thread(
        target=train_run, args=(store, run_id, at_step(7, lambda: store.request(run_id, "pause")))
    )
    thread.start()
    wait(lambda: store.get(run_id).status == "paused")
    store.request(run_id, "stop")
    thread.join()
    assert store.get(run_id).status == "stopped" and len(store.history(run_id).steps()) == 7


def test_three_epochs_and_two_more_equal_five(store, create_run, undisturbed, outcome):
    run_id = create_run(epochs=3)
    train_run(store, run_id)
    assert store.reopen(run_id, more_epochs=2) and train_run(store, run_id) == "finished"
    assert store.get(run_id).training_spec.epochs == 5
    ours, expected = outcome(store, run_id), undisturbed(epochs=5)
    assert len(ours["steps"]) == 25 and ours == expected


def test_reopening_a_finished_run_changes_nothing(store, create_run, outcome):
    run_id = create_run()
    train_run(store, run_id)
    before, snapshot = outcome(store, run_id), store.snapshot_path(run_id, 15)
    os.utime(snapshot, (1, 1))
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
    assert outcome(store, run_id) == before
    assert snapshot.stat().st_mtime == 1  # not written again: on Windows, a page that reads it would be in the way


@pytest.fixture
def launched(store, wait, trainers):
    """Starts the trainer process of a run, and waits for a condition."""

    def start(run_id: str, until):
        launch.start(store, run_id)
        wait(lambda: until(store.get(run_id)))
        return trainers[-1]

    return start


def test_a_run_whose_process_was_killed_continues_exactly(store, create_run, undisturbed, launched, outcome, wait):
    run_id = create_run(epochs=60)
    process = launched(run_id, until=lambda run: len(store.history(run.id).epochs()) >= 2)
    process.kill()
    wait(lambda: store.get(run_id).status == "interrupted")
    assert 10 <= len(store.history(run_id).steps()) < 300
    assert store.reopen(run_id)
    launched(run_id, until=lambda run: run.status == "finished")
    assert outcome(store, run_id) == undisturbed(epochs=60)


def test_stop_does_not_wait_for_the_end_of_a_long_step(store, create_run, launched, wait):
    run_id = create_run(data=DatasetSpec(image_size=128), network=NetworkSpec(filters=(256, 256)), batch_size=64)
    process = launched(run_id, until=lambda run: run.status == "running")
    time.sleep(0.3)
    assert store.history(run_id).steps() == []  # still at its first step
    store.request(run_id, "stop")
    wait(lambda: store.get(run_id).status == "stopped" and process.poll() is not None)
    assert store.history(run_id).steps() == [] and store.get(run_id).message == ""
