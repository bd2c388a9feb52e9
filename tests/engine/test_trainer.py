"""A run from its start to its end."""

import shutil
import threading
import time

import numpy as np
import pytest
import torch
from PIL import Image

from cnn.data.dataset import VAL, read_dataset
from cnn.engine import recorder
from cnn.engine.recorder import choose_probe_images
from cnn.engine.requests import POLL, Requests
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec
from cnn.store import snapshots
from cnn.store.runs import RunError
from cnn.training.evaluation import probabilities
from cnn.training.loop import Training


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
    facts = {"device": started["device"], "train_images": 20, "val_images": 4}
    facts |= {"train_per_class": [10, 10], "val_per_class": [2, 2]}
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


def test_held_out_images_that_are_copies_of_training_images_are_counted(store, create_run, image_folder, tmp_path):
    for split in ("train", "val"):
        shutil.copytree(image_folder, tmp_path / "twice" / split)
    Image.new("RGB", (20, 20), "red").save(tmp_path / "twice" / "val" / "dark" / "new.png")
    run_id = create_run(tmp_path / "twice")
    assert train_run(store, run_id) == "finished"
    facts = store.get(run_id).facts
    assert (facts["val_images"], facts["val_copies"]) == (25, 24)


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


def test_time_in_which_the_computer_sleeps_does_not_count(store, create_run, monkeypatch):
    monkeypatch.setattr(recorder, "seconds_awake", lambda: 7.0)  # it sleeps all the time
    run_id = create_run()
    assert train_run(store, run_id) == "finished"
    assert [epoch.seconds for epoch in store.history(run_id).epochs()] == [0, 0, 0]


def test_a_run_has_one_trainer_at_a_time(store, create_run):
    run_id = create_run()
    with store.lock(run_id).acquire(), pytest.raises(RunError, match="is being trained by another process"):
        train_run(store, run_id)
    assert store.history(run_id).steps() == []


def test_an_unknown_run_is_not_trained(store):
    with pytest.raises(RunError, match="There is no run 'nowhere'"):
        train_run(store, "nowhere")


def test_no_thread_watches_for_requests_after_training(store, create_run):
    def crash(event):
        if event["event"] == "epoch":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_run(store, create_run(), crash)
    train_run(store, create_run())
    time.sleep(3 * POLL)
    assert not [thread for thread in threading.enumerate() if isinstance(thread, Requests)]
