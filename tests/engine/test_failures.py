"""Runs that cannot be trained, and what they say."""

import os
from dataclasses import replace

import pytest
import torch
from PIL import Image

from cnn.data import version
from cnn.data.dataset import read_dataset
from cnn.engine import trainer
from cnn.engine.trainer import train_run
from cnn.specs import NetworkSpec
from cnn.store import snapshots
from cnn.system.log import keep_log
from tests.conftest import SMALL_DATA, execute_sql


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
        after = store.get(run_id)
        assert after == replace(before, message=message, launched=after.launched)  # what it learned is not lost
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
    after = store.get(run_id)
    assert after == replace(before, launched=after.launched)


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
