"""The Start page, the example on all pages, and the path."""

import pytest

from cnn.store import example
from cnn.store.disk import delete_run
from pages.shared.text import plain
from tests.app import NEEDS_A_RUN, TITLES, control, go_to
from tests.conftest import running_work


@pytest.fixture
def with_example(store):
    example.add(store)
    return store


def texts(app) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def settled(app, wait):
    wait(lambda: not running_work(app) or not running_work(app.run()))
    assert not app.exception and not app.error
    return app


def test_every_page_shows_the_example_and_how_to_train_ones_own(with_example, open_app, wait):
    app = open_app().run()
    for page in (*NEEDS_A_RUN, "train"):
        settled(go_to(app, page).run(), wait)
        assert [title.value for title in app.title] == [TITLES[page]]
        assert "This is the **example**" in texts(app), page
        assert "train_own" in [button.key for button in app.button], page
    assert "continue" not in [button.key for button in app.button] and "more" not in [b.key for b in app.button]


def test_a_run_of_ones_own_is_shown_instead_of_the_example(with_example, trained, open_page):
    assert "This is the **example**" not in texts(open_page("filters", run=trained))


def test_start_shows_the_example_and_its_answer(with_example, open_app):
    app = open_app().run()
    assert not app.exception and not app.error
    assert "drawn cats from dogs" in texts(app)
    drawn = [element.proto.component_name for element in app.get("bidi_component")]
    assert drawn.count("cnn_maps") == 4 and "cnn_amounts" in drawn and "cnn_gallery" in drawn


def test_start_leads_to_training_with_the_samples_chosen(with_example, open_app, wait):
    app = open_app().run()
    settled(control(app.button, "Train your own").click().run(), wait)
    assert [title.value for title in app.title] == ["Train"]
    assert app.session_state.session.settings["folder"].value == "cats_dogs"
    assert not control(app.button, "Train a new network").disabled


def test_start_leads_to_the_dialog_for_ones_own_images(with_example, open_app):
    app = open_app().run()
    control(app.button, "Use your own photographs").click().run()
    assert [title.value for title in app.title] == ["Data"]
    assert "Use this folder" in [button.label for button in app.button]


def test_start_offers_to_look_inside_only_what_is_there(store, open_app, open_page, trained):
    run = store.get(trained)
    assert f"Every layer of “{plain(run.name)}”" in texts(open_page("start", run=trained))
    assert f"Every layer of “{plain(run.name)}”" in texts(open_app().run())  # the newest, because there is no example
    example.add(store)
    assert "Every layer of the example" in texts(open_app().run())
    for one in (trained, example.ID):
        delete_run(store, one)
    app = open_app().run()
    assert "Every layer of" not in texts(app) and "Look inside" not in [button.label for button in app.button]


def test_a_deleted_example_comes_back_on_request(store, open_app):
    app = open_app().run()
    control(app.button, "Add the example").click().run()
    assert example.find(store) is not None and "drawn cats from dogs" in texts(app)


def test_a_new_store_of_the_dashboard_has_the_example(tmp_path, open_app, monkeypatch):
    monkeypatch.setenv("CNN_RUNS", str(tmp_path / "new"))
    assert "drawn cats from dogs" in texts(open_app().run())


def test_an_old_link_to_the_data_page_still_leads_there(open_page):
    app = open_page("start", folder="shapes", max_per_class=4, image_size=16)
    assert [title.value for title in app.title] == ["Data"]
    settings = app.session_state.session.settings
    assert (settings["folder"].value, settings["image_size"].value) == ("shapes", 16)


def done_steps(app) -> list[str]:
    links = [element.proto for element in app.get("page_link")]
    return [link.label.strip("*") for link in links if "check_circle" in link.icon]  # bold: the page itself


def test_the_path_says_what_is_done_and_each_page_ends_with_its_next_step(open_page, trained):
    app = open_page("data", folder="shapes", max_per_class=4, image_size=16)
    assert done_steps(app) == ["Data"]
    assert control(app.button, "Next: Network").click().run().title[0].value == "Network"
    assert done_steps(app) == ["Data", "Network"]
    app = open_page("network", folder="shapes", max_per_class=4, image_size=16, kernel_size=7)
    assert "cannot be built" in app.error[0].value and done_steps(app) == ["Data"]
    app = open_page("train", folder="shapes", run=trained)
    assert done_steps(app) == ["Data", "Network", "Train"]
    assert "Next: Results" in [button.label for button in app.button]


def test_a_page_beside_the_path_ends_with_the_step_after_it_too(open_page, trained, wait):
    app = open_page("compare", folder="shapes", max_per_class=4, image_size=16, run=trained)
    for page, following in {
        "compare": "Next: Filters",
        "experiments": "Next: Filters",
        "cleaning": "Next: Network",
        "storage": "Next: Results",  # the first step that is not done
        "hand_ins": "Next: Results",
    }.items():
        assert settled(go_to(app, page).run(), wait).button(key="next").label == following
