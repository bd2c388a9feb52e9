"""The pages about filters, for a network that has only dense layers: its units take the place of filters."""

import pytest

from cnn.engine.trainer import train_run
from cnn.specs import NetworkSpec
from tests.app import control


def run_of(store, create_run, dense: tuple[int, ...]) -> str:
    run_id = create_run(network=NetworkSpec(filters=(), dense=dense), epochs=1)
    assert train_run(store, run_id) == "finished"
    return run_id


@pytest.fixture
def drawn(monkeypatch) -> list[tuple]:
    """What the switches show."""
    found: list[tuple] = []
    monkeypatch.setattr(
        "pages.shared.inside.unit_switches.switches",
        lambda weights, values, **how: found.append((weights, values, how)),
    )
    return found


def test_units_are_switched_off_and_ranked(open_page, store, create_run, drawn):
    run = run_of(store, create_run, (5,))
    app = open_page("take_apart", run=run, changes="dense1.1:off,dense1.3:off", mode="Edit a filter")
    weights, values, how = drawn[-1]
    assert weights.shape == (5, 16, 16) and values.shape == (5, 1, 1) and how["off"] == (1, 3)
    assert len(how["captions"]) == 5 and how["one"] == "unit"
    assert "dense1 without 1, 3" in [text.value for text in app.markdown]
    control(app.button, "Rank all units").click().run()
    assert drawn[-1][2]["captions"][0].startswith("worth")


def test_without_a_hidden_layer_the_page_still_shows_what_the_network_answers(open_page, store, create_run, drawn):
    app = open_page("take_apart", run=run_of(store, create_run, ()))
    assert not drawn and "no hidden layer" in app.info[0].value
    assert app.metric[0].label.startswith("Accuracy on the")


@pytest.mark.parametrize("dense", [(5,), ()])
def test_a_click_on_a_unit_shows_the_images_that_activate_it_most(open_page, store, create_run, dense, monkeypatch):
    shown = {}
    monkeypatch.setattr(
        "pages.shared.inside.filter_examples.gallery", lambda images, ids, label, **_: shown.update({label: images})
    )
    app = open_page("filters", run=run_of(store, create_run, dense), unit=1)
    name = "dense1" if dense else "logits"
    assert f"What does unit 1 of {name} respond to?" in [header.value for header in app.header]
    assert shown["Images that activate the unit least"].shape[1:3] == (16, 16)  # whole, not beside themselves
    assert [one.label for one in app.button if one.label == "Add to report"]
