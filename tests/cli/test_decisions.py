"""The user's decisions about labels on the command line."""

import pytest

from cnn.data.dataset import read_dataset
from cnn.data.decisions import Decision
from cnn.engine import launch
from cnn.specs import DatasetSpec
from cnn.store import experiments
from cnn.store.kept_decisions import decide
from tests.cli.conftest import SETTINGS


@pytest.fixture
def dataset(store, image_folder):
    """The images as the folder labels them; the user has left the first out, relabelled the last, and kept another.
    A further decision is about an image of another folder."""
    found = read_dataset(image_folder, DatasetSpec(image_size=16), store.cache)
    first, last = found.classes
    decide(store, Decision(found.hashes[0], first, ""), found.paths[0])
    decide(store, Decision(found.hashes[-1], last, first), found.paths[-1])
    decide(store, Decision(found.hashes[1], first, first), found.paths[1])
    decide(store, Decision("e" * 32, first, ""), "elsewhere.png")
    return found


def test_a_new_run_has_the_decided_labels_unless_told_otherwise(answer, run, image_folder, store, dataset):
    command = ("train", image_folder, "--runs", store.directory, *SETTINGS, "--epochs", "1")
    made, *_ = answer(*command)
    assert made == {"event": "decisions", "left_out": 1, "relabelled": 1}
    own = store.all()[0]
    first, last = dataset.classes
    assert set(own.dataset_spec.decisions) == {(dataset.hashes[0], first, ""), (dataset.hashes[-1], last, first)}
    assert own.facts["train_images"] + own.facts["val_images"] == len(dataset.labels) - 1
    status, output, _ = run(*command, "--without-decisions")
    assert status == 0 and "decisions" not in output
    other = store.newest(1)[0]
    assert other.id != own.id and other.dataset_spec.decisions == ()
    assert other.facts["train_images"] + other.facts["val_images"] == len(dataset.labels)
    status, _, errors = run("train", "--runs", store.directory, "--resume", own.id, "--without-decisions")
    assert status == 2 and "with your decisions about labels" in errors


def test_scan_and_experiments_say_how_many_decisions_apply(answer, run, image_folder, store, dataset, monkeypatch):
    monkeypatch.setattr(launch, "start", lambda store, run_id: None)
    _, output, _ = run("scan", image_folder, "--runs", store.directory)
    assert "2 decisions of yours apply: 1 left out, 1 relabelled." in output
    (found,) = answer("scan", image_folder, "--runs", store.directory)
    assert (found["left_out"], found["relabelled"]) == (1, 1) and found["images"] == len(dataset.labels) - 1
    _, output, _ = run("experiment", image_folder, "--runs", store.directory, *SETTINGS, "--no-wait")
    assert "2 decisions of yours apply" in output
    (experiment,) = experiments.all_experiments(store)
    assert len(experiment.spec.dataset.decisions) == 2
