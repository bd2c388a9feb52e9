"""The view and its address: the address of a view opens that view, and Back returns to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cnn.data.dataset import read_dataset
from cnn.data.images import to_png
from cnn.store.kept_images import delete_image, keep_image
from pages.shared import session, view
from pages.shared.inside import changing
from tests.app import control, go_to, sentences


@pytest.fixture
def dataset(store, trained):
    run = store.get(trained)
    return read_dataset(run.folder, run.dataset_spec, store.cache)


@pytest.fixture
def back(monkeypatch):
    """Runs the app as after the Back button, with the address of the history entry."""

    def back(app, page: str, values: dict):
        app.query_params.clear()
        app.query_params.update(values)
        with monkeypatch.context() as patch:
            patch.setattr(view, "is_back_or_forward", lambda: True)
            return go_to(app, page).run()

    return back


def opened(app) -> view.View:
    """The view of the app's address."""
    return view.View(app.session_state.session.page, {name: str(text) for name, text in app.query_params.items()})


LINKS = {
    "data": {"class": "light", "side": "held-out", "image": 3},
    "train": {"guess": "40"},
    "results": {"image": 3, "cell": "1.0", "judged": "training", "numbers": "% of the class", "list": "most unsure"},
    "filters": {"step": "0", "layer": "conv1", "unit": "2", "one_scale": "off", "image": None},
    "activations": {"step": "5", "image": 7, "which": "right ones", "layer": "conv1", "unit": "1"},
    "explain": {"image": 2, "target": "light", "occlusion.patch": "3", "occlusion.fill": "0"},
    "take_apart": {"image": 2, "changes": "conv1.0:off,conv1.2:blur", "mode": "Edit a filter", "filter": "2"},
    "change_image": {"image": 1, "amounts": "rotate:10,blur:0.5", "curve": "shift down", "pooling": "less"},
    "neighbours": {"image": 4, "step": "0"},
}


@pytest.mark.parametrize("page", LINKS)
def test_a_link_opens_its_view_and_the_address_stays_the_same(open_page, dataset, image_folder, trained, page):
    link = {"folder": str(image_folder), "run": trained} | LINKS[page]
    if "image" in link:
        link["image"] = dataset.hashes[link["image"] or 0]
    if page == "filters":
        del link["image"]
    app = open_page(page, image_size=16, **link)
    app.run()
    assert not app.exception and not app.toast
    assert link.items() <= opened(app).values.items()


def test_back_restores_the_view_of_the_entry_and_defaults_for_the_rest(open_page, image_folder, trained, back):
    app = open_page("explain", folder=image_folder, run=trained, epochs=7).run()
    before = opened(app).values
    control(app.select_slider, "Snapshot").set_value(0).run()
    control(app.toggle, "Guess first").set_value(False).run()
    assert opened(app).values == before | {"step": "0", "guess_first": "off"}
    back(app, "explain", before)
    assert opened(app).values == before and not app.exception
    assert control(app.select_slider, "Snapshot").value == int(before["step"])
    assert control(app.toggle, "Guess first").value
    # Clicks after Back count.
    control(app.select_slider, "Snapshot").set_value(5).run()
    assert opened(app).values == before | {"step": "5"}


def test_back_to_another_page_restores_its_settings(open_page, image_folder, back):
    app = open_page("network", folder=image_folder).run()
    network = opened(app).values
    control(app.slider, "Filters in block 1").set_value(40).run()
    go_to(app, "train").run()
    control(app.number_input, "Epochs").set_value(3).run()
    assert opened(app) == view.View("train", network | {"filters": "40,16", "epochs": "3"})
    back(app, "network", network | {"filters": "40,16"})
    assert opened(app) == view.View("network", network | {"filters": "40,16"})
    go_to(app, "train").run()
    assert control(app.number_input, "Epochs").value == 10


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("step", "7", "It is one of 0, 1, 2, 4, 5, 10, 15."),
        ("step", "last", "Snapshot must be a whole number"),
        ("image", "x" * 32, "Image must be 32 hex digits"),
        ("layer", "conv9", "It is one of conv1."),
        ("source", "mars", "Source must be one of dataset, upload, camera"),
        ("class", "grey", "It is one of dark, light."),
        ("order", "", "Order must be one of worst first"),
        ("one_scale", "1", "It is on or off."),
    ],
)
def test_an_invalid_value_in_a_link_is_reported_once_and_stays_at_its_default(
    open_page, image_folder, trained, name, text, sentence
):
    page = "filters" if name in ("layer", "one_scale") else "activations"
    app = open_page(page, folder=image_folder, run=trained, **{name: text})
    assert not app.exception and sentence in sentences(app) and f"{name} = {text!r}" in sentences(app)
    app.run()
    assert not app.toast and app.query_params.get(name) != text


def test_an_image_that_is_not_in_the_dataset_is_reported(open_page, image_folder, trained):
    app = open_page("activations", folder=image_folder, run=trained, image="0" * 32)
    assert not app.exception and "not among these images" in sentences(app)


def test_a_link_to_an_uploaded_image_opens_in_another_session(open_page, store, dataset, image_folder, trained):
    kept = keep_image(store, to_png(dataset.images[0]))
    link = {"folder": str(image_folder), "run": trained, "source": "upload", "image": kept}
    app = open_page("activations", **link)
    assert not app.exception and not app.toast
    assert link.items() <= opened(app).values.items()
    delete_image(store, kept)
    gone = open_page("activations", **link)
    assert not gone.exception and "no longer kept on this server" in sentences(gone)


def test_an_active_run_shows_its_newest_snapshot_and_links_name_none(open_page, store, image_folder, trained):
    app = open_page("filters", folder=image_folder, run=trained).run()
    assert app.query_params["step"] == str(store.history(trained).best_step())
    store.set_status(trained, "running")
    with store.lock(trained).acquire():
        assert "step" not in open_page("filters", folder=image_folder, run=trained).run().query_params


@given(some.dictionaries(some.sampled_from([dial.name for dial in changing.DIALS]), some.integers(-180, 180)))
def test_amounts_survive_the_round_trip_through_an_address(amounts):
    chosen = {dial.name: float(amounts.get(dial.name, dial.neutral)) for dial in changing.DIALS}
    text = changing.as_text(chosen)
    assert {dial.name: dial.neutral for dial in changing.DIALS} | changing.from_text(text) == chosen


@given(some.text())
def test_any_text_for_amounts_gives_numbers(text):
    assert all(isinstance(amount, float) for amount in changing.from_text(text).values())


@pytest.fixture
def state(monkeypatch) -> dict:
    """Streamlit's widget values of a session."""
    monkeypatch.setattr(session.st, "session_state", {})
    return session.st.session_state


def test_a_value_follows_its_widget_and_setting_it_makes_a_new_widget(state):
    kept = session.Versioned("epochs", 3)
    first = kept.bound()
    assert first["value"] == 3
    state[first["key"]] = 4
    assert kept.current() == 4 and kept.bound() == {"value": 4, "key": first["key"]}
    kept.replace(9)
    second = kept.bound()
    assert second["value"] == 9 and second["key"] != first["key"]
    state[first["key"]] = 4  # the page still shows the first widget
    assert kept.current() == 9
    state[first["key"]] = 5  # now it moves
    assert kept.current() == 5 and kept.bound()["key"] not in (first["key"], second["key"])


def test_a_start_value_does_not_count_as_chosen(state):
    kept = session.Versioned("step", None)
    assert kept.start_at(10) == 10 and kept.value is None
    state[kept.key] = 10  # Streamlit stores the start value of a widget
    assert kept.current() is None and kept.start_at(20) == 20
    state[kept.key] = 5
    assert kept.current() == 5 and kept.start_at(30) == 5
