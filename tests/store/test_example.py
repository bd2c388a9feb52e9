"""The example that comes with the program is a run like any other, in every store that the dashboard creates."""

from pathlib import Path

import numpy as np
import pytest

from cnn.data import version
from cnn.data.version import read_version
from cnn.store import example
from cnn.store.disk import delete_run
from cnn.store.run_file import add_run, write_run
from cnn.store.runs import RunStore, StoreError
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict
from tests.conftest import execute_sql


def test_the_example_is_right_for_more_than_nine_in_ten_of_the_images_it_was_not_trained_on(store):
    example.add(store)
    run = store.get(example.ID)
    file = store.folder(run.id) / version.NAME
    assert run.fingerprint is not None
    dataset = read_version(file, run.fingerprint, run.folder, run.dataset_spec, store.cache)
    predicted = predict(load_model(store, run), dataset.images, dataset.labels, dataset.val).predicted
    right = float(np.mean(predicted == dataset.labels[dataset.val]))
    assert right > 0.9
    (best,) = (epoch for epoch in store.history(run.id).epochs() if epoch.step == store.history(run.id).best_step())
    assert best.val_accuracy == pytest.approx(right)


def test_adding_it_again_changes_nothing_and_a_deleted_one_can_be_had_back(store):
    for _ in range(2):
        example.add(store)
    assert [run.id for run in store.all()] == [example.ID]
    delete_run(store, example.ID)
    assert example.find(store) is None and not store.folder(example.ID).exists()
    example.add(store)
    assert example.find(store) is not None and load_model(store, store.get(example.ID), 0)


def test_its_images_are_found_after_the_program_was_moved(store, tmp_path, monkeypatch):
    example.add(store)
    assert Path(store.get(example.ID).folder) == example.IMAGES
    execute_sql(store, "UPDATE runs SET folder = ?", f'"{(tmp_path / "old place" / "cats_dogs").as_posix()}"')
    example.find_images(store)
    assert Path(store.get(example.ID).folder) == example.IMAGES


def test_only_the_object_that_creates_a_store_calls_it_new(tmp_path):
    assert RunStore(tmp_path).is_new and not RunStore(tmp_path).is_new


def test_a_run_written_to_a_file_is_the_same_in_another_store(store, trained, tmp_path, outcome):
    write_run(store, trained, tmp_path / "run.zip")
    other = RunStore(tmp_path / "other")
    add_run(tmp_path / "run.zip", other)
    assert other.get(trained) == store.get(trained)
    assert outcome(other, trained) == outcome(store, trained)
    assert other.history(trained).live().filters is not None
    assert {path.name for path in store.folder(trained).iterdir() if path.suffix != ".lock"} == {
        path.name for path in other.folder(trained).iterdir()
    }


@pytest.mark.parametrize("content", [None, b"", b"no zip", "cut off"])
def test_a_missing_or_damaged_file_is_reported(store, trained, tmp_path, content):
    file = tmp_path / "run.zip"
    if content == "cut off":
        write_run(store, trained, file)
        content = file.read_bytes()[:-200]
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StoreError, match="could not be added"):
        add_run(file, RunStore(tmp_path / "other"))
