"""The Compare page: which runs it shows, and what it says of two of them."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from cnn.engine.trainer import train_run
from pages.shared.compare import compared_runs
from pages.shared.compare.compared_runs import all_epochs
from tests.app import control
from tests.conftest import SMALL_DATA


@pytest.fixture
def two_runs(store, trained, create_run) -> tuple[str, str]:
    other = create_run(epochs=1, learning_rate=0.1)
    assert train_run(store, other) == "finished"
    store.label(trained, "One")
    store.label(other, "Other")
    return trained, other


def differences(app):
    (table,) = (frame.value for frame in app.dataframe if "accuracy" in frame.value)
    return table


def text(app) -> str:
    return "\n".join([one.value for one in (*app.markdown, *app.caption)])


def test_the_newest_runs_are_compared_by_what_differs(open_page, store, two_runs):
    app = open_page("compare")
    table = differences(app)
    assert set(table["run"]) == {"One", "Other"}
    assert set(table["learning rate"]) == {"0.01", "0.1"} and "batch size" not in table
    best = {run.id: store.history(run.id).best_step() for run in store.all()}
    epochs = {epoch.step: epoch for epoch in store.history(two_runs[0]).epochs()}
    shown = table[table["run"] == "One"]["accuracy"].item()
    assert shown == round(100 * epochs[best[two_runs[0]]].val_accuracy, 1)
    assert app.session_state.session.shown["runs"] == ",".join(reversed(two_runs))


def test_a_link_chooses_the_runs(open_page, store, two_runs):
    app = open_page("compare", runs=two_runs[0])
    assert differences(app)["run"].tolist() == ["One"]
    assert not app.error


def test_two_runs_are_judged_on_the_same_images(open_page, store, two_runs):
    app = open_page("compare", runs=",".join(two_runs), compared="two runs")
    assert "of the same 4 images" in text(app) and "right only with One" in text(app)
    assert "nobody can tell" in text(app) or "exactly the same images" in text(app)
    control(app.selectbox, "Compare").select("saliency").run()
    assert not app.exception and app.session_state.session.shown["look"] == "saliency"
    control(app.selectbox, "The second run").select(two_runs[0]).run()
    assert "Choose two different runs." in [info.value for info in app.info]


@pytest.mark.parametrize(
    ("part", "title", "column"),
    [
        ("curves", "Held-out accuracy and held-out loss of 2 runs", "learning rate"),
        ("two runs", "“One” and “Other” compared", "only this one is right"),
        ("many runs", "Accuracy of 2 runs by learning rate", "standard deviation"),
    ],
)
def test_each_part_can_be_added_to_a_report(open_page, store, two_runs, part, title, column):
    app = open_page("compare", runs=",".join(two_runs), compared=part, look="filters", setting="learning_rate")
    offer = app.session_state.session.offers[0]
    picture, numbers = offer.picture(), offer.numbers()
    assert offer.title == title and ElementTree.fromstring(picture).tag.endswith("svg")
    assert column in numbers.columns and len(numbers.rows) >= 2
    assert all(len(row) == len(numbers.columns) for row in numbers.rows)
    if part == "two runs":
        (first, *_), (second, *_) = numbers.rows
        assert {first, second} == {"One", "Other"} and "Filters of the first convolution" in picture


def test_the_file_of_the_curves_has_every_epoch(store, two_runs, monkeypatch):
    monkeypatch.setattr(compared_runs.run_choice, "store", lambda: store)
    table = all_epochs([store.get(run_id) for run_id in two_runs])
    column = table.columns.index("val_accuracy")
    epochs = {run_id: store.history(run_id).epochs() for run_id in two_runs}
    assert [row[column] for row in table.rows if row[0] == "One"] == [one.val_accuracy for one in epochs[two_runs[0]]]
    assert len(table.rows) == sum(map(len, epochs.values()))


def test_runs_on_different_images_say_what_to_do(open_page, store, trained, create_run, own_folder):
    other = create_run(epochs=1, data=replace(SMALL_DATA, val_fraction=0.0))
    assert train_run(store, other) == "finished"
    app = open_page("compare", runs=f"{trained},{other}", compared="two runs")
    assert any("holds out no images" in message.value for message in app.info)
    assert not [one for one in app.button if one.label == "Try again"]  # it would find the same
    assert len(differences(app)) == 2 and set(differences(app)["held-out images"]) == {"0.2", "0"}
    assert not app.exception


def test_the_losses_of_single_steps_are_drawn(open_page, store, two_runs):
    app = open_page("compare", runs=",".join(two_runs), curves_of="single steps")
    assert "Pale: single batches" in text(app) and not app.exception and not app.error
    control(app.selectbox, "Along").select("seconds").run()
    assert not app.exception and not app.error
