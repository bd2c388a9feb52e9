"""The page “Wrong labels”, without a browser."""

import numpy as np
import pytest

from cnn.data.dataset import read_dataset
from cnn.engine import cleaning, experiment, launch
from cnn.store.kept_decisions import all_decisions
from cnn.store.snapshots import load_model
from cnn.training.evaluation import predict
from cnn.training.suspicious import Suspicious
from pages.shared.cleaning import doubts
from pages.shared.text import count
from tests.conftest import SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING

SPECS = SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING


@pytest.fixture(autouse=True)
def no_trainers(monkeypatch):
    monkeypatch.setattr(launch, "start", lambda store, run_id: None)


def button(app, label: str):
    return next(one for one in app.button if one.label == label)


def text(app) -> str:
    return "\n".join([*(one.value for one in app.markdown), *(one.value for one in app.caption)])


def test_a_search_starts_with_the_settings_of_the_page(open_page, store, image_folder):
    app = open_page("cleaning", folder=image_folder, image_size=16, epochs=2, filters="3")
    assert "Your files stay as they are" in text(app)
    button(app, "Train 5 networks").click().run()
    assert not app.exception and "0 of 5 networks trained." in text(app)
    one = cleaning.newest(store, str(image_folder))
    runs = experiment.runs(store, one.id).values()
    assert [run.dataset_spec.fold for run in runs] == [0, 1, 2, 3, 4]
    assert {run.training_spec.epochs for run in runs} == {2}
    experiments = open_page("experiments", folder=image_folder)
    assert experiments.info[0].value.startswith("Choose what to find out")  # none yet: a search compares nothing


@pytest.fixture
def doubted(store, image_folder, trained, monkeypatch):
    """A search in which a trained run suspects two images of its held-out ones."""
    run = store.get(trained)
    experiment.start(store, run.folder, cleaning.plan(SPECS))
    monkeypatch.setattr(cleaning, "finished", lambda store, one: [run])
    rows = [0, 1]
    monkeypatch.setattr(
        doubts,
        "suspicious",
        lambda probabilities, labels: Suspicious(
            *(np.array(column) for column in (rows, [1 - labels[row] for row in rows], [0.1, 0.2], [0.9, 0.8]))
        ),
    )
    dataset = read_dataset(run.folder, SMALL_DATA, store.cache)
    return run.folder, [int(dataset.val[row]) for row in rows], dataset


def test_each_decision_leads_to_the_next_image_and_applies_to_the_dataset(open_page, store, doubted):
    folder, (first, second), dataset = doubted
    given = [dataset.classes[dataset.labels[i]] for i in (first, second)]
    other = next(name for name in dataset.classes if name != given[0])
    app = open_page("cleaning", folder=folder, image_size=16)
    assert "many of them are right" in text(app)
    assert "0 of 2 images decided" in text(app) and f"“{other}” 90\xa0%" in text(app)
    button(app, f"It is “{other}”").click().run()
    assert "1 of 2 images decided" in text(app)
    button(app, "Leave it out").click().run()
    assert "2 of 2 images decided" in text(app) and not app.exception
    assert {one.decision for one in all_decisions(store)} == {
        (dataset.hashes[first], given[0], other),
        (dataset.hashes[second], given[1], ""),
    }
    data = open_page("data", folder=folder, image_size=16)
    assert f"{len(dataset.labels) - 1:,} images" in text(data) and "your decisions change 2 labels" in text(data)
    button(app, "Undo the last one").click().run()
    assert [one.decision.hash for one in all_decisions(store)] == [dataset.hashes[first]]
    data = open_page("data", folder=folder, image_size=16)
    assert f"{len(dataset.labels):,} images" in text(data) and "your decisions change 1 label" in text(data)


def test_the_mistakes_of_a_run_can_be_looked_at_and_opened_elsewhere(open_page, store, trained):
    run = store.get(trained)
    dataset = read_dataset(run.folder, SMALL_DATA, store.cache)
    model = load_model(store, run, store.history(trained).step_to_show(False))
    found = predict(model, dataset.images, dataset.labels, dataset.train)
    index = int(found.indices[np.flatnonzero(found.right)[0]])  # the link names an image that is right
    link = {"folder": run.folder, "run": trained, "image_size": 16, "doubt": "surest mistakes", "judged": "training"}
    app = open_page("cleaning", **link, image=dataset.hashes[index])
    wrong = int((~found.right).sum())
    assert f"{wrong} mistake" in text(app) if wrong else "No mistakes" in text(app)
    assert f"0 of {count(wrong + 1, 'image', 'images')} decided" in text(app)
    name, sure = dataset.classes[dataset.labels[index]], found.probabilities[index == found.indices].max()
    assert f"The network was trained on it and says “{name}” {100 * sure:.0f}\xa0%" in text(app).replace("\\", "")
    offer = app.session_state.session.offers[0]
    assert offer.picture().startswith("<svg") and offer.numbers().rows[0][0] == dataset.paths[index]
    button(app, "Explain").click().run()
    assert app.session_state.session.page == "explain"
    assert app.session_state.session.parts["image", "dataset", trained].value == dataset.hashes[index]


def test_near_copies_need_no_networks(open_page, image_folder):
    app = open_page("cleaning", folder=image_folder, image_size=16, doubt="near copies")
    assert "No near copies." in text(app) and not app.exception
