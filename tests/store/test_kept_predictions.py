import os

import numpy as np
import pytest

from cnn.specs import DatasetSpec
from cnn.store import kept_predictions as module
from cnn.store.kept_predictions import kept_predictions
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict


@pytest.fixture
def ask(store, trained, make_dataset):
    """Asks for the predictions of a step for the first images; counts how often they are computed."""
    dataset, computed = make_dataset(channels=DatasetSpec().channels), []

    def ask(step: int, images: int = 5, fingerprint: str = "one"):
        model, indices = load_model(store, store.get(trained), step), np.arange(images)[::-1]

        def compute():
            computed.append(step)
            return predict(model, dataset.images, dataset.labels, indices)

        return kept_predictions(store, trained, model, fingerprint, dataset.labels, indices, compute)

    ask.computed = computed
    return ask


def test_predictions_are_computed_once_for_each_snapshot_images_and_dataset(ask):
    first, again = ask(0), ask(0)
    assert ask.computed == [0]
    assert np.array_equal(first.logits, again.logits) and np.array_equal(first.indices, again.indices)
    assert (first.loss, first.accuracy) == (again.loss, again.accuracy)
    ask(0, images=4), ask(0, fingerprint="two")
    assert ask.computed == [0, 0, 0]


def test_damaged_files_are_computed_again_and_the_oldest_go_when_there_are_too_many(ask, store, trained, monkeypatch):
    ask(0)
    (file,) = store.folder(trained).glob(module.PATTERN)
    file.write_bytes(b"damaged")
    ask(0)
    assert ask.computed == [0, 0]
    os.utime(file, (1, 1))
    monkeypatch.setattr(module, "MOST_BYTES", 1.5 * file.stat().st_size)
    ask(0, fingerprint="newer")
    (left,) = store.folder(trained).glob(module.PATTERN)
    assert left != file
