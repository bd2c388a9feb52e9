"""The Results page: the matrix, the images behind a part of it, and the chosen image."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

from cnn.data.dataset import Dataset, read_dataset
from cnn.engine.trainer import train_run
from cnn.report.report_store import Reports
from cnn.store.final_test import final_tests, keep_test
from cnn.store.snapshots import load_model
from cnn.training.evaluation import Predictions, predict
from tests.app import add_to_report, control
from tests.conftest import draw_images

STEP = 0  # the untrained network makes mistakes


@pytest.fixture
def dataset(store, trained) -> Dataset:
    run = store.get(trained)
    return read_dataset(run.folder, run.dataset_spec, store.cache)


@pytest.fixture
def predictions(store, trained, dataset) -> Predictions:
    model = load_model(store, store.get(trained), STEP)
    return predict(model, dataset.images, dataset.labels, dataset.train)


def header(app, component: str) -> dict:
    """What Python sends to the first component of that name, without its arrays."""
    message, *_ = [one.proto.bytes for one in app.get("bidi_component") if one.proto.component_name == component]
    return json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])


def texts(app) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def test_the_images_behind_each_part_of_the_matrix_are_those_with_its_class_and_answer(
    open_page, trained, dataset, predictions
):
    titles, app = [], open_page("results", run=trained, step=STEP, judged="training", cell="0.0")
    assert f"{predictions.right.sum()} of {len(predictions)}** training images are right" in texts(app)
    for text, behind in {
        "0.0": (predictions.labels == 0) & (predictions.predicted == 0),
        "1.": predictions.labels == 1,
        ".1": predictions.predicted == 1,
        ".": predictions.labels >= 0,
    }.items():
        app.session_state.session.parts["cell", trained].replace(text)
        app.run()
        assert sorted(header(app, "cnn_gallery")["ids"]) == sorted(predictions.indices[behind].tolist())
        assert app.query_params["cell"] == text
        titles.append(app.session_state.session.offers[0].title)
    one, other = dataset.classes
    assert titles == [
        f"Confusion matrix of the training images, and {one} rightly called so",
        f"Confusion matrix of the training images, and each {other}",
        f"Confusion matrix of the training images, and what is called {other}",
        "Confusion matrix of the training images",
    ]
    control(app.selectbox, "List").set_value("surest mistakes").run()
    assert set(header(app, "cnn_gallery")["ids"]) == set(predictions.indices[~predictions.right].tolist())
    assert not app.exception


def test_at_first_the_most_frequent_mistake_is_shown_and_a_wrong_cell_in_a_link_is_reported(
    open_page, trained, predictions
):
    mistakes = predictions.confusion - [[predictions.confusion[0, 0], 0], [0, predictions.confusion[1, 1]]]
    app = open_page("results", run=trained, step=STEP, judged="training", cell="7.0")
    assert "There are 2 classes" in "\n".join(one.value for one in app.toast)
    truth, answer = header(app, "cnn_confusion")["selected"]
    assert mistakes[truth, answer] == mistakes.max() > 0
    assert len(header(app, "cnn_gallery")["ids"]) == mistakes.max()


def test_test_images_are_opened_on_purpose_counted_and_shown_beside_the_held_out_ones(
    open_page, store, create_run, tmp_path
):
    for name, per_class in (("train", 6), ("val", 6), ("test", 12)):
        draw_images(tmp_path / "split" / name, per_class=per_class)
    run_id = create_run(folder=tmp_path / "split", epochs=1)
    assert train_run(store, run_id) == "finished"
    app = open_page("results", run=run_id, judged="test")
    assert "They were never opened" in "\n".join(one.value for one in app.info)
    assert not final_tests(store.get(run_id)) and " test images are right" not in texts(app)
    (opened,) = [one for one in app.button if one.label == "Open the test images"]
    opened.click().run()
    (test,) = final_tests(store.get(run_id))
    assert f"**{test.right} of 24** test images are right" in texts(app) and "Of the held-out images" in texts(app)
    app.run()
    assert len(final_tests(store.get(run_id))) == 1 and not app.exception
    captions = "\n".join(one.value for one in open_page("results", run=run_id, judged="test").caption)
    assert "The test images were opened once" in captions
    keep_test(store, run_id, test.step, test.right, test.images)
    captions = "\n".join(one.value for one in open_page("results", run=run_id, judged="test").caption)
    assert "test number 2" in captions and "opened once" not in captions


def test_images_learned_early_late_forgotten_and_never_are_those_of_the_snapshots(open_page, store, trained, dataset):
    steps = [snapshot.step for snapshot in store.history(trained).snapshots()]
    models = [load_model(store, store.get(trained), step) for step in steps]
    right = np.array([predict(model, dataset.images, dataset.labels, dataset.train).right for model in models])
    never = int((~right[1:].any(0)).sum())
    forgotten = int((right[1:].any(0) & ~right[-1]).sum())
    app = open_page("results", run=trained, judged="training", learned="forgotten")
    (choice,) = [one for one in app.button_group if f"never learned ({never})" in str(one.options)]
    assert f"forgotten ({forgotten})" in str(choice.options)
    galleries = [one for one in app.get("bidi_component") if one.proto.component_name == "cnn_gallery"]
    assert len(galleries) == 2 and not app.exception
    assert list(store.folder(trained).glob("predictions-*.npz"))
    assert app.session_state.session.offers[-1].numbers().rows[-1][:2] == ("never learned", never)


def test_each_picture_can_be_added_to_a_report(open_page, store, trained, predictions, cookies):
    reports = Reports(store)
    report = cookies["cnn_report"] = reports.create("# Own\n## Judge {#judge}\npage: results\n### Why?\n")
    app = open_page("results", run=trained, step=STEP, judged="training")
    for title in ("Confusion matrix", "How sure, and how right", "When images were learned"):
        add_to_report(app, title)
        assert not app.exception
    pieces = reports.get(report).evidence
    assert pieces[0].title.startswith("Confusion matrix of the training images")
    assert [piece.title for piece in pieces[1:]] == ["How sure, and how right", "When images were learned"]
    assert all(ElementTree.fromstring(piece.picture).tag.endswith("svg") for piece in pieces)
    calibration = pieces[1].numbers
    assert sum(row[0] for row in calibration.rows) == len(predictions)
    right = sum(images * share for images, _, share in calibration.rows)
    assert round(right) == predictions.right.sum()
