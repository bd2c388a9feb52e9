import os
import threading
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from cnn.data import version
from cnn.data.dataset import VAL, read_dataset
from cnn.engine import launch, recorder, trainer
from cnn.engine.recorder import choose_probe_images
from cnn.engine.requests import POLL, Requests
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec
from cnn.store import snapshots
from cnn.store.runs import RunError
from cnn.system.log import keep_log
from cnn.training.evaluation import probabilities
from cnn.training.loop import Training
from tests.conftest import SMALL_DATA, execute_sql

# The small run has 20 images to train on in batches of 4: 5 steps an epoch, 15 in all, and 4 to validate with.


@pytest.fixture
def report_every_step(monkeypatch):
    monkeypatch.setattr(recorder, "WRITE_EVERY", 0)


@pytest.fixture
def undisturbed(store, create_run, outcome):
    """The outcome of an uninterrupted run with these settings."""

    def train(**settings) -> dict:
        run_id = create_run(**settings)
        assert train_run(store, run_id) == "finished"
        return outcome(store, run_id)

    return train


def at_step(step: int, action):
    """A receiver of reports that acts at one step and then waits until the trainer has seen it."""

    def report(event):
        if event["event"] == "step" and event["step"] == step:
            action()
            time.sleep(3 * POLL)

    return report


def at_epoch(epoch: int, action):
    def report(event):
        if event["event"] == "epoch" and event["epoch"] == epoch:
            action()
            time.sleep(3 * POLL)

    return report


# A run from its start to its end


def test_a_run_is_reported_and_stored_as_it_goes(store, create_run, report_every_step):
    run_id, events = create_run(), []
    assert train_run(store, run_id, events.append) == "finished"
    kinds = [event["event"] for event in events]
    assert kinds.index("started") < kinds.index("step") and kinds.count("epoch") == 3
    started = events[kinds.index("started")]
    assert (started["run"], started["train_images"], started["val_images"]) == (run_id, 20, 4)
    steps = [event for event in events if event["event"] == "step"]
    assert [event["step"] for event in steps] == list(range(1, 16))
    assert {(event["steps"], event["epochs"]) for event in steps} == {(15, 3)}
    assert [event["epoch"] for event in steps] == [1] * 5 + [2] * 5 + [3] * 5
    assert all(event["learning_rate"] == 0.01 and event["seconds_left"] >= 0 for event in steps)

    run = store.get(run_id)
    assert (run.status, run.message, run.classes) == ("finished", "", ("dark", "light"))
    facts = {"device": started["device"], "train_images": 20, "val_images": 4, "val_per_class": [2, 2]}
    assert run.facts == facts | {"preprocessing": run.facts["preprocessing"]}
    rows = store.history(run_id).steps()
    assert [row.step for row in rows] == list(range(1, 16))
    assert [row.loss for row in rows] == [event["loss"] for event in steps]
    epochs = store.history(run_id).epochs()
    assert [(row.epoch, row.step) for row in epochs] == [(1, 5), (2, 10), (3, 15)]
    assert all(row.seconds > 0 and row.images_per_second > 0 for row in epochs)
    reported = [{k: v for k, v in event.items() if k != "event"} for event in events if event["event"] == "epoch"]
    assert [row._asdict() for row in epochs] == reported
    for epoch, row in enumerate(epochs):
        losses = [step.loss for step in rows[5 * epoch : 5 * epoch + 5]]
        assert row.train_loss == pytest.approx(np.mean(losses))


def test_snapshots_show_the_untrained_network_then_rapid_learning_then_every_epoch(store, create_run):
    run_id = create_run()
    train_run(store, run_id)
    assert [row.step for row in store.history(run_id).snapshots()] == [0, 1, 2, 4, 5, 10, 15]
    assert [row.epoch for row in store.history(run_id).snapshots()] == [0, 0.2, 0.4, 0.8, 1, 2, 3]
    run = store.get(run_id)
    first, untrained = snapshots.load_model(store, run, 0).network, snapshots.untrained_model(run).network
    assert torch.equal(first.conv1.weight, untrained.conv1.weight)


def test_the_newest_probe_is_that_of_the_finished_network(store, create_run, image_folder):
    run_id = create_run()
    train_run(store, run_id)
    run, dataset = store.get(run_id), read_dataset(image_folder, DatasetSpec(image_size=16), store.cache)
    model = snapshots.load_model(store, run, step=15)
    probe = store.history(run_id).probes()[-1]
    assert probe.step == 15 and len(run.probe_images) == 4
    expected = probabilities(model, np.asarray(dataset.images[list(run.probe_images)]))
    assert np.array(probe.probabilities) == pytest.approx(expected, abs=1e-5)
    live = store.history(run_id).live()
    assert (live.filters == model.weights("conv1")).all()
    assert live.progress[:4] == (3, 3, 15, 15)


def test_a_run_gives_the_same_as_the_bare_loop(store, create_run, image_folder):
    run_id = create_run()
    train_run(store, run_id)
    run, dataset = store.get(run_id), read_dataset(image_folder, DatasetSpec(image_size=16), store.cache)
    model = snapshots.untrained_model(run)
    losses = [event.loss for event in Training(model, dataset, run.training_spec).run() if hasattr(event, "loss")]
    assert [row.loss for row in store.history(run_id).steps()] == losses
    last = snapshots.load_model(store, run, step=len(losses)).network.state_dict()
    assert all(torch.equal(last[name], value) for name, value in model.network.state_dict().items())


def test_probe_images_are_held_out_images_of_all_classes_in_turn(make_dataset):
    dataset = make_dataset(train=10, val=20, classes=3)
    chosen = list(choose_probe_images(dataset))
    assert len(chosen) == 8 and len(set(chosen)) == 8
    assert all(dataset.splits[i] == VAL for i in chosen)
    assert dataset.labels[chosen].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    assert choose_probe_images(make_dataset(train=2, val=0)) == (0, 1)


def test_each_snapshot_is_written_once(store, create_run, monkeypatch):
    written, save = [], snapshots.save
    monkeypatch.setattr(snapshots, "save", lambda state, path: written.append(path.name) or save(state, path))
    run_id = create_run()
    train_run(store, run_id)
    names = [name for name in written if name.startswith("snapshot")]
    assert names == [store.snapshot_path(run_id, step).name for step in (0, 1, 2, 4, 5, 10, 15)]


# Stopping and going on


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


# Changing the learning rate


def test_a_new_learning_rate_is_recorded_and_applies_from_the_next_step(
    store, create_run, undisturbed, outcome, report_every_step
):
    run_id = create_run()
    train_run(store, run_id, at_step(6, lambda: store.request_rate(run_id, 0.1)))
    assert store.history(run_id).learning_rates() == {7: 0.1}
    ours, unchanged = outcome(store, run_id)["steps"], undisturbed()["steps"]
    assert ours[:7] == unchanged[:7]  # the loss of step 7 is that before its weights moved
    assert all(changed.loss != same.loss for changed, same in zip(ours[7:], unchanged[7:], strict=True))


@pytest.mark.parametrize("ending", ["stop", "crash"])
def test_a_new_learning_rate_survives_the_end_of_its_trainer(store, create_run, outcome, report_every_step, ending):
    def change_at_step_8(run_id: str):
        return at_step(8, lambda: store.request_rate(run_id, 0.1))

    def end():
        if ending == "crash":
            raise KeyboardInterrupt
        store.request(run_id, "stop")

    def report(event):
        change_at_step_8(run_id)(event)
        at_step(9, end)(event)

    expected, run_id = create_run(), create_run()
    train_run(store, expected, change_at_step_8(expected))
    with suppress(KeyboardInterrupt):
        train_run(store, run_id, report)
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
    assert store.history(run_id).learning_rates() == {9: 0.1}
    assert outcome(store, run_id) == outcome(store, expected)


def test_steps_after_the_checkpoint_are_dropped_when_a_crashed_run_continues_differently(
    store, create_run, report_every_step
):
    def change_and_crash(event):
        at_step(8, lambda: store.request_rate(run_id, 0.1))(event)
        if event["event"] == "epoch" and event["epoch"] == 2:
            raise KeyboardInterrupt

    run_id = create_run()
    with suppress(KeyboardInterrupt):
        train_run(store, run_id, change_and_crash)
    assert store.history(run_id).epochs() and store.history(run_id).learning_rates() == {9: 0.1}
    store.request_rate(run_id, 0.5)
    assert store.reopen(run_id)
    assert train_run(store, run_id, at_step(2, lambda: store.request(run_id, "stop"))) == "stopped"
    last = store.history(run_id).live().progress.step
    snapshots = {row.step for row in store.history(run_id).snapshots()}
    assert 2 <= last == store.history(run_id).steps()[-1].step == max(snapshots) < 5
    assert {path.name for path in store.folder(run_id).glob("snapshot-*")} == {
        store.snapshot_path(run_id, step).name for step in snapshots
    }
    assert store.history(run_id).epochs() == [] and store.history(run_id).learning_rates() == {1: 0.5}
    assert all(probe.step <= last for probe in store.history(run_id).probes())


def test_the_last_of_two_quick_learning_rate_changes_applies(store, create_run, report_every_step):
    def change_and_change_again():
        store.request_rate(run_id, 0.1)
        time.sleep(3 * POLL)
        store.request_rate(run_id, 0.2)

    def report(event):
        if event["event"] == "step" and event["step"] == 6:
            change_and_change_again()
        at_step(10, lambda: None)(event)

    run_id = create_run()
    train_run(store, run_id, report)
    assert store.history(run_id).live().progress.learning_rate == 0.2


# What can go wrong


def test_a_run_has_one_trainer_at_a_time(store, create_run):
    run_id = create_run()
    with store.lock(run_id).acquire(), pytest.raises(RunError, match="is being trained by another process"):
        train_run(store, run_id)
    assert store.history(run_id).steps() == []


def test_an_unknown_run_is_not_trained(store):
    with pytest.raises(RunError, match="There is no run 'nowhere'"):
        train_run(store, "nowhere")


@pytest.fixture
def failure(store):
    """Trains a run that cannot be trained, and returns the sentence that says why."""

    def of(run_id: str, status: str = "failed", **options) -> str:
        assert train_run(store, run_id, **options) == "failed"
        run = store.get(run_id)
        assert run.status == status and run.message.endswith((".", ")"))
        return run.message

    return of


def test_a_run_does_not_go_on_without_one_of_its_images(store, create_run, own_folder, failure):
    run_id = create_run(folder=own_folder)
    train_run(store, run_id)
    before = store.get(run_id)
    (own_folder / "dark" / "0.png").rename(own_folder / "0.png")
    for _ in range(2):
        assert store.reopen(run_id, more_epochs=1)
        message = failure(run_id, status="finished")
        assert "1 of the 24 images of this run has changed or is missing" in message
        assert store.get(run_id) == replace(before, message=message)  # what it learned is not lost
    (own_folder / "0.png").rename(own_folder / "dark" / "0.png")
    assert store.reopen(run_id, more_epochs=1) and train_run(store, run_id) == "finished"
    run = store.get(run_id)
    assert (run.training_spec.epochs, run.message, run.facts) == (4, "", before.facts)


def test_a_run_that_is_stopped_before_it_goes_on_stays_as_it_ended(store, create_run):
    run_id = create_run(epochs=1)
    train_run(store, run_id)
    before = store.get(run_id)
    assert store.reopen(run_id, more_epochs=5)
    assert train_run(store, run_id, stop_requested=lambda: True) == "stopped"
    assert store.get(run_id) == before


def test_a_run_continues_where_its_images_are_now(store, create_run, own_folder, undisturbed, outcome):
    run_id = create_run(folder=own_folder, epochs=1)
    train_run(store, run_id)
    store.move_images(run_id, str(own_folder.rename(own_folder.parent / "moved")))
    assert store.reopen(run_id, more_epochs=2) and train_run(store, run_id) == "finished"
    assert outcome(store, run_id) == undisturbed()


def test_a_run_continues_exactly_in_a_changed_folder(store, create_run, own_folder, undisturbed, outcome):
    run_id = create_run(folder=own_folder, epochs=1)
    assert train_run(store, run_id) == "finished"
    fingerprint = store.get(run_id).fingerprint
    Image.new("RGB", (9, 9), "red").save(own_folder / "dark" / "00.png")
    (own_folder / "light" / "3.png").rename(own_folder / "light" / "renamed.png")
    os.utime(own_folder / "dark" / "5.png", (1, 1))
    assert store.reopen(run_id, more_epochs=2)
    assert train_run(store, run_id) == "finished"
    assert store.get(run_id).fingerprint == fingerprint
    assert outcome(store, run_id) == undisturbed()


def test_a_run_without_a_dataset_version_continues_exactly_with_its_split(
    store, create_run, image_folder, undisturbed, outcome, failure
):
    by_order = replace(SMALL_DATA, split="order")
    run_id = create_run(data=by_order, epochs=1)
    assert train_run(store, run_id) == "finished"
    dataset = read_dataset(image_folder, by_order, store.cache)
    (store.folder(run_id) / version.NAME).unlink()
    execute_sql(store, "UPDATE runs SET fingerprint = ?", dataset.fingerprint)
    assert store.reopen(run_id, more_epochs=2)
    assert train_run(store, run_id) == "finished"
    assert outcome(store, run_id) == undisturbed(data=by_order) != undisturbed()
    (store.folder(run_id) / version.NAME).unlink()
    execute_sql(store, "UPDATE runs SET fingerprint = 'another'")
    assert store.reopen(run_id, more_epochs=1)
    assert "are not those this run was trained on" in failure(run_id, status="finished")


def test_a_missing_folder_fails_the_run(store, create_run, tmp_path, failure):
    assert "nowhere" in failure(create_run(folder=tmp_path / "nowhere"))


def test_a_diverging_run_fails_with_advice_and_keeps_its_history(store, create_run, failure):
    network = NetworkSpec(filters=(3,), activation="leaky_relu", dense=(4, 4))
    run_id = create_run(network=network, learning_rate=10.0, optimizer="sgd", epochs=20)
    assert "Try a smaller learning rate (it was 10)" in failure(run_id)
    assert len(store.history(run_id).steps()) > 0


def test_a_network_that_does_not_fit_fails_the_run(create_run, failure):
    assert failure(create_run(network=NetworkSpec(filters=(2,) * 4))).startswith("conv3 does not fit")


@pytest.mark.parametrize(
    "error", [MemoryError(), torch.OutOfMemoryError("Tried to allocate"), RuntimeError("can't allocate memory: 9 GB")]
)
def test_too_little_memory_fails_the_run_with_advice(create_run, failure, monkeypatch, error):
    def run(self):
        raise error
        yield

    monkeypatch.setattr(trainer.Training, "run", run)
    assert "Try a smaller batch size, fewer filters or smaller images" in failure(create_run())


def test_a_full_disk_fails_the_run_with_the_system_message(store, create_run, monkeypatch):
    def save(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "save", save)
    run_id = create_run()
    assert train_run(store, run_id) == "failed"
    assert "Training could not continue" in store.get(run_id).message and "No space left" in store.get(run_id).message


def test_a_programming_error_fails_the_run_and_names_the_log(store, create_run, failure, logged, monkeypatch):
    def run(self):
        raise ValueError("operands could not be broadcast together")
        yield

    monkeypatch.setattr(trainer.Training, "run", run)
    keep_log(store.directory)
    path = store.directory / "log.txt"
    assert failure(create_run()) == f"Something went wrong inside the training. The details are in {path}."
    assert "operands could not be broadcast together" in path.read_text(encoding="utf-8")


def test_a_damaged_checkpoint_fails_the_run(store, create_run, failure):
    run_id = create_run()
    train_run(store, run_id)
    store.checkpoint_path(run_id).write_bytes(b"not a checkpoint")
    assert store.reopen(run_id, more_epochs=1)
    assert "checkpoint.pt" in failure(run_id)


def test_no_thread_watches_for_requests_after_training(store, create_run):
    def crash(event):
        if event["event"] == "epoch":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_run(store, create_run(), crash)
    train_run(store, create_run())
    time.sleep(3 * POLL)
    assert not [thread for thread in threading.enumerate() if isinstance(thread, Requests)]


# Processes


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
