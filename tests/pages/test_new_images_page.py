"""New images on the Results page, without a browser."""

import shutil

import numpy as np
import pytest

from cnn.data.dataset import read_dataset
from cnn.data.image_traits import SIDE
from cnn.store.image_sets import add, find_set
from cnn.store.snapshots import load_model
from cnn.training.accuracy import Accuracy
from cnn.training.evaluation import predict
from cnn.training.failures import Range
from pages.shared.results.new_images_text import range_rows
from tests.pages.test_results_page import STEP, header, texts


@pytest.fixture
def phone(store, own_folder, tmp_path):
    """A set of the run's own images under other names of classes: some of DARK, the rest of horse, one of none."""
    (tmp_path / "phone" / "horse").mkdir(parents=True)
    shutil.copytree(own_folder / "dark", tmp_path / "phone" / "DARK")
    for name in ("0.png", "1.png"):
        shutil.copy(own_folder / "light" / name, tmp_path / "phone" / "horse" / f"light {name}")
    shutil.copy(own_folder / "light" / "2.png", tmp_path / "phone" / "loose.png")
    return add(store, "phone", tmp_path / "phone", ["dark", "light"])[0]


def test_a_set_is_judged_by_its_classes_beside_the_held_out_images(open_page, store, trained, phone):
    run = store.get(trained)
    dataset = read_dataset(run.folder, run.dataset_spec, store.cache)
    model = load_model(store, run, STEP)
    dark = [i for i, path in enumerate(dataset.paths) if path.startswith("dark/")]
    expected = predict(model, dataset.images, dataset.labels, np.array(dark))
    app = open_page("results", run=trained, step=STEP, judged="new")
    text = texts(app)
    assert f"{expected.right.sum()} of {len(dark)}** new images are right" in text
    held_out = predict(model, dataset.images, dataset.labels, dataset.val)
    assert f"Of the held-out images, **{100 * held_out.accuracy:.1f}\xa0%** are right" in text
    low, high = Accuracy(int(held_out.right.sum()), len(held_out)).interval
    assert f"({100 * low:.0f}\xa0% to {100 * high:.0f}\xa0%)" in text
    assert "1 image without a class" in text and "2 of horse, no class" in text
    assert app.run().query_params["set"] == "phone" and not app.exception
    assert sorted(header(app, "cnn_gallery")["titles"]) == sorted(
        f.name for f in phone.files if f.parent.name == "DARK"
    )


def test_without_a_set_the_page_says_what_to_do(open_page, trained):
    app = open_page("results", run=trained, judged="new")
    assert "about ten for each class" in "\n".join(one.value for one in app.info) and not app.exception


def test_images_without_a_class_get_one_in_the_dialog(open_page, store, trained, phone):
    app = open_page("results", run=trained, judged="new")
    next(one for one in app.button if one.label == "Classes").click().run()
    (everyone,) = [one for one in app.button if one.label == "All 1 without a class"]
    everyone.click().run()
    assert not app.exception
    found = find_set(store, "phone")
    labels = {file.name: label for file, label in zip(found.files, found.labels, strict=True)}
    assert labels["loose.png"] == "dark" and labels["light 0.png"] == "horse"


def test_training_images_of_one_size_have_no_range():
    rows = range_rows([Range(SIDE, 346, 346, 346, 346, None), Range(SIDE, 40, 60, 80, 50, 60)])
    assert [row["training images"] for row in rows] == ["346 px", "40 px to 80 px"]
