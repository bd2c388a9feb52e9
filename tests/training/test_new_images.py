"""New images get the answers that the same images get in a dataset."""

from pathlib import Path

import numpy as np
import pytest

from cnn.data.dataset import read_dataset
from cnn.errors import Cancelled
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict
from cnn.training.new_images import answers


@pytest.fixture
def model(store, trained):
    return load_model(store, store.get(trained), store.history(trained).snapshots()[-1].step)


def test_files_are_prepared_exactly_as_those_of_the_run(store, trained, model):
    run = store.get(trained)
    dataset = read_dataset(run.folder, run.dataset_spec, store.cache)
    new = answers(model, [Path(dataset.folder, path) for path in dataset.paths])
    assert np.array_equal(new.images, dataset.images) and np.array_equal(new.sizes, dataset.sizes)
    expected = predict(model, dataset.images, dataset.labels, np.arange(len(dataset.labels)))
    names = [dataset.classes[label].upper() for label in dataset.labels]
    found = new.predictions(names, model.classes)
    assert np.array_equal(found.logits, expected.logits) and np.array_equal(found.labels, expected.labels)


def test_files_that_cannot_be_read_and_classes_that_do_not_match_are_left_out(model, image_folder, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no image")
    files = [tmp_path / "broken.png", *[image_folder / name for name in ("light/0.png", "dark/0.png", "dark/1.png")]]
    shares = []
    new = answers(model, files, shares.append)
    ((row, reason),) = new.unread
    assert row == 0 and reason and new.rows.tolist() == [1, 2, 3]
    found = new.predictions(["dark", "light", "horse", ""], model.classes)
    assert found.indices.tolist() == [0] and found.labels.tolist() == [model.classes.index("light")]
    assert shares == sorted(shares) and shares[-1] == 1


def test_nothing_readable_gives_no_answers_and_cancelling_ends_it(model, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no image")
    assert len(answers(model, [tmp_path / "broken.png"]).predictions(["dark"], model.classes)) == 0

    def cancel(share):
        raise Cancelled

    with pytest.raises(Cancelled):
        answers(model, [tmp_path / "broken.png"], cancel)
