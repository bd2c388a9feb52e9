"""The Results page: the matrix, the images behind a part of it, and the chosen image."""

import json

import pytest

from cnn.data.dataset import Dataset, read_dataset
from cnn.store.snapshots import load_model
from cnn.training.evaluation import Predictions, predict
from tests.app import control

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
    """What Python sends to the component of that name, without its arrays."""
    (message,) = [one.proto.bytes for one in app.get("bidi_component") if one.proto.component_name == component]
    return json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])


def texts(app) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def test_the_images_behind_each_part_of_the_matrix_are_those_with_its_class_and_answer(
    open_page, trained, dataset, predictions
):
    app = open_page("results", run=trained, step=STEP, judged="training", cell="0.0")
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
