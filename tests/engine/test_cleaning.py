"""The search for wrong labels: each image is judged by a network that has not seen it."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from cnn.data.dataset import read_dataset
from cnn.data.images import to_png
from cnn.engine import cleaning, experiment, launch
from cnn.engine.trainer import train_run
from cnn.store import waiting
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict
from cnn.training.suspicious import suspicious
from tests.conftest import SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING

SPECS = SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING


@pytest.fixture(autouse=True)
def no_trainers(monkeypatch):
    """Runs are trained in this process."""
    monkeypatch.setattr(launch, "start", train_run)
    monkeypatch.setenv("CNN_AT_ONCE", "1")


def search(store, folder) -> list:
    """Trains the networks of a search in this process; returns its runs."""
    experiment.start(store, str(folder), cleaning.plan(SPECS))
    one = cleaning.newest(store, str(folder))
    while (run_id := waiting.reserve(store, 1, lambda *_: True)) is not None:
        train_run(store, run_id)
    assert [(run.status, run.message) for run in experiment.runs(store, one.id).values()] == [("finished", "")] * 5
    return cleaning.finished(store, one)


def test_each_image_is_judged_by_a_network_that_did_not_train_on_it(store, own_folder):
    swapped = own_folder / "dark" / "swapped.png"
    shutil.move(next((own_folder / "light").iterdir()), swapped)
    runs = search(store, own_folder)
    assert len(runs) == cleaning.FOLDS
    dataset = read_dataset(own_folder, runs[0].dataset_spec, store.cache)
    found = cleaning.out_of_fold(store, runs, dataset)
    assert found.rows.tolist() == list(range(len(dataset.labels)))
    answers: dict[int, list] = {}
    for run in runs:
        own = read_dataset(own_folder, run.dataset_spec, store.cache)
        last = store.history(run.id).epochs()[-1].step
        predicted = predict(load_model(store, run, last), own.images, own.labels, own.val).probabilities
        for image, probabilities in zip(own.val.tolist(), predicted, strict=True):
            answers.setdefault(image, []).append(probabilities)
        assert not {image for image in own.train.tolist() if found.run_ids[image] == run.id}
    expected = [np.mean(answers[image], axis=0) for image in found.rows]  # in small classes, folds may share an image
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-5)
    flagged = suspicious(found.probabilities, dataset.labels)
    assert dataset.paths[found.rows[flagged.rows[0]]] == "dark/swapped.png"
    assert cleaning.newest(store, str(own_folder.parent)) is None


def test_a_search_trains_with_the_labels_of_the_folder_and_without_a_base():
    dataset, network, training = SPECS
    own = type(dataset)(**vars(dataset) | {"decisions": (("a" * 32, "cat", "dog"),), "fold": 3})
    spec = cleaning.plan((own, network, training))
    found = [spec.specs(variant, 0)[0] for variant in spec.variants]
    assert [one.fold for one in found] == [0, 1, 2, 3, 4]
    assert all(one.decisions == () and one.val_fraction == 0.2 for one in found)
    assert len(cleaning.plan(SPECS, draws_held_out=False).variants) == 1


def test_copies_are_harmful_unless_they_are_the_same_file_in_the_same_class(store, tmp_path):
    """A large drawing, saved again a little brighter, and copied inside its class and into the other."""
    random = np.random.default_rng(0)

    def save(path: str, pixels: np.ndarray) -> None:
        (tmp_path / "pets" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / path).write_bytes(to_png(pixels))

    drawing = np.kron(random.integers(0, 200, (4, 4, 1), np.uint8), np.ones((8, 8, 1), np.uint8))
    other = np.kron(random.integers(0, 200, (4, 4, 1), np.uint8), np.ones((8, 8, 1), np.uint8))
    for path, pixels in {"cat/1": drawing, "cat/2": drawing, "cat/3": drawing + 9, "dog/1": other}.items():
        save(f"{path}.png", pixels)
    save("dog/2.png", other)
    dataset = read_dataset(tmp_path / "pets", SMALL_DATA, store.cache)
    pairs = {tuple(dataset.paths[i] for i in pair) for pair in cleaning.harmful_copies(dataset)}
    assert pairs == {("cat/1.png", "cat/3.png"), ("cat/2.png", "cat/3.png")}
    save("dog/3.png", drawing)
    dataset = read_dataset(tmp_path / "pets", SMALL_DATA, store.cache)
    pairs = {tuple(dataset.paths[i] for i in pair) for pair in cleaning.harmful_copies(dataset)}
    assert any("dog/3.png" in pair for pair in pairs) and ("cat/1.png", "cat/2.png") not in pairs


def test_a_file_that_is_trained_on_and_held_out_is_a_harmful_copy(make_dataset):
    """Folders that define the split can do that."""
    dataset = make_dataset()
    hashes = list(dataset.hashes)
    one, other, held_out = *dataset.train[:2], dataset.val[0]
    hashes[other] = hashes[held_out] = hashes[one]
    labels = dataset.labels.copy()
    labels[[other, held_out]] = labels[one]
    found = cleaning.harmful_copies(replace(dataset, hashes=tuple(hashes), labels=labels)).tolist()
    assert sorted((int(one), int(held_out))) in found and sorted((int(one), int(other))) not in found
