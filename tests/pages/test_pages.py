"""Every page as a script, without a browser: what it shows for all kinds of settings and runs. It never breaks."""

import dataclasses
import threading

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.engine.trainer import train_run
from cnn.training.evaluation import Predictions
from pages.server.pool import THREADS
from pages.shared import jobs
from pages.shared.text import plain
from tests.app import NEEDS_A_RUN, PAGES, TITLES, control, go_to, sentences
from tests.conftest import ROOT, SMALL_DATA, draw_images, running_work


@pytest.fixture
def open_page(open_page):
    """Opens a page with settings in its address, and checks that it is the right page."""

    def open_and_see(page: str, **settings) -> AppTest:
        app = open_page(page, **settings)
        is_old_link = page == "start" and "folder" in settings  # of the time when Data was the first page
        assert [title.value for title in app.title] == [TITLES["data" if is_old_link else page]]
        return app

    return open_and_see


@pytest.mark.parametrize("page", PAGES)
def test_a_link_to_a_page_shows_it_in_the_frame_with_the_settings_of_the_link(open_app, page):
    app = go_to(open_app(epochs=77), page).run()
    assert not app.exception
    assert [title.value for title in app.title] == [TITLES[page]]
    assert [box.label for box in app.sidebar.selectbox] == ["Run"]
    assert app.session_state.session.settings["epochs"].value == 77


@pytest.mark.parametrize("page", PAGES)
def test_the_file_of_a_page_draws_nothing_by_itself(page):
    app = AppTest.from_file(str(ROOT / f"pages/{page}.py"), default_timeout=200).run()
    assert not app.exception and not len(app.main)


@pytest.mark.parametrize("page", PAGES)
def test_a_first_visit_shows_what_to_do(open_page, page):
    app = open_page(page)
    buttons = {button.key for button in app.button}
    if page == "data":
        assert {"use_cats_dogs", "use_digits", "use_shapes"} <= buttons
    elif page in NEEDS_A_RUN:
        assert {"train_own", "add_example"} <= buttons
    elif page == "start":
        assert {"Train your own", "add_example"} <= buttons
    elif page in ("network", "train"):
        assert {"use_samples", "use_own_images"} <= buttons


def test_without_the_example_the_newest_network_is_shown(open_page, store, trained):
    app = open_page("activations")
    assert f"No run is chosen. This is **{plain(store.get(trained).name)}**." in [text.value for text in app.markdown]
    assert "train_own" not in {button.key for button in app.button}
    app = open_page("activations", run="20200101-000000-aaaa")
    assert "There is no run '20200101-000000-aaaa'" in sentences(app)
    assert f"This is **{plain(store.get(trained).name)}**." in [text.value for text in app.markdown]


@pytest.mark.parametrize("page", PAGES)
def test_a_dataset_in_the_address_is_shown(open_page, image_folder, page):
    app = open_page(page, folder=image_folder)
    assert not app.error
    if page == "data":
        assert any("24 images" in text.value for text in app.markdown)


@pytest.mark.parametrize("page", PAGES)
def test_a_sample_dataset_is_in_the_address_by_name(open_page, page):
    app = open_page(page, folder="shapes", max_per_class=4, image_size=16)
    assert not app.error
    assert app.query_params["folder"] == "shapes"


@pytest.mark.parametrize("page", ["data", "network", "train"])
@pytest.mark.parametrize("folder", ["/nonexistent", "<script>alert(1)</script>", "shapes/../nowhere", "a" * 5000])
def test_a_missing_folder_gives_an_error_message(open_page, page, folder):
    app = open_page(page, folder=folder)
    assert len(app.error) == 1
    assert "does not exist" in sentences(app) or "cannot be" in sentences(app)


@pytest.mark.parametrize("page", ["data", "network", "train"])
def test_a_folder_without_images_gives_an_error_message(open_page, tmp_path, page):
    (tmp_path / "empty").mkdir()
    app = open_page(page, folder=tmp_path / "empty")
    assert len(app.error) == 1


@pytest.mark.parametrize("page", ["data", "network", "train"])
def test_a_folder_created_later_is_found_when_the_page_is_reopened(open_app, open_page, tmp_path, page):
    folder = tmp_path / "later"
    assert "does not exist" in sentences(open_page(page, folder=folder))
    draw_images(folder)
    assert not open_page(page, folder=folder).error


def test_a_rerun_shows_the_error_of_a_folder_without_reading_it_again(open_page, tmp_path, monkeypatch):
    app = open_page("data", folder=tmp_path / "nowhere")
    monkeypatch.setattr(
        "pages.shared.dataset.dataset_choice.read_dataset", lambda *_: pytest.fail("It was read again.")
    )
    assert "does not exist" in sentences(app.run())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"folder": "/no/such/folder"}, "does not exist"),
        (
            {"folder": "shapes", "filters": "4,4,4", "kernel_size": 7, "image_size": 16},
            "This network cannot be trained.",
        ),
    ],
)
def test_a_run_is_shown_even_if_no_new_one_can_be_trained(open_page, trained, settings, sentence):
    app = open_page("train", run=trained, **settings)
    assert "Finished in" in sentences(app) and sentence in sentences(app)
    assert "Train a new network" not in [button.label for button in app.button]


@pytest.mark.parametrize("page", ["train", *NEEDS_A_RUN])
@pytest.mark.parametrize("run", ["nope", "../../etc", "<script>", "'; DROP TABLE runs; --"])
def test_an_unknown_run_gives_an_error_message(open_page, image_folder, page, run):
    app = open_page(page, folder=image_folder, run=run)
    assert "There is no run" in sentences(app)
    assert not app.error


@pytest.mark.parametrize("page", NEEDS_A_RUN)
def test_a_run_without_weights_says_so(open_page, create_run, page):
    app = open_page(page, run=create_run())
    assert any("has no weights yet" in text.value for text in app.markdown)


@pytest.mark.parametrize("page", PAGES)
def test_a_trained_network_is_shown(open_page, image_folder, trained, page, store):
    app = open_page(page, folder=image_folder, run=trained)
    assert not app.error
    if page == "train":
        assert "Finished in" in sentences(app)
    if page in ("filters", "activations"):
        assert control(app.select_slider, "Snapshot").value == store.history(trained).best_step()


@pytest.mark.parametrize("page", PAGES)
def test_a_network_that_trains_is_shown(open_page, image_folder, trained, page, store):
    store.set_status(trained, "running")
    with store.lock(trained).acquire():
        app = open_page(page, folder=image_folder, run=trained)
        assert not app.error
        assert ("Stop" in [button.label for button in app.button]) == (page == "train")


@pytest.mark.parametrize("page", PAGES)
def test_a_run_without_held_out_images_is_shown_during_and_after_its_work(
    open_app, create_run, store, page, monkeypatch
):
    run_id = create_run(data=dataclasses.replace(SMALL_DATA, val_fraction=0))
    train_run(store, run_id)
    app = open_app(run=run_id).run()
    go_to(app, "activations").run()  # the other pages sort images by its predictions
    released = threading.Event()
    monkeypatch.setattr("pages.shared.jobs.AT_ONCE", 0.01)
    for number in range(THREADS):  # all threads are busy, so all work of the page has to wait
        jobs.pool().ask({}, ("busy", number), lambda progress: released.wait(60), "Busy")
    go_to(app, page).run()
    assert not app.exception
    released.set()
    app.run()
    lesson = ROOT / f"pages/lessons/{page}.md"  # it mentions held-out images
    texts = "\n".join(element.value for element in app.markdown)
    texts = texts.replace(lesson.read_text("utf-8").strip(), "") if lesson.exists() else texts
    shown = [sentences(app), texts, *(metric.label for metric in app.metric)]
    assert not app.exception and "held-out" not in "\n".join(shown).lower()


@pytest.mark.parametrize(("values", "dead"), [((-0.1, -0.4), False), ((0.0, 0.0), True), ((0.7, 0.0), False)])
def test_a_filter_is_dead_if_its_map_is_zero_for_the_whole_dataset(make_dataset, values, dead):
    def script(dataset, values):
        import numpy as np

        from cnn.explain.patches import Patches
        from cnn.model.layers import lay_out
        from cnn.specs import NetworkSpec
        from pages.shared.inside.filter_examples import strongest

        boxes = np.tile(np.array([0, 0, 3, 3]), (1, 2, 1))
        places = np.zeros((1, 2), int)
        found = Patches(np.array([values]), np.array([[0, 1]]), places, places, boxes)
        strongest(dataset, found, lay_out(NetworkSpec(), 16, 1, 2)[1], 0, "ReLU")

    app = AppTest.from_function(script, kwargs={"dataset": make_dataset(), "values": values}).run()
    assert not app.exception and bool(app.info) == dead and bool(app.markdown) != dead


def test_among_runs_of_the_same_minute_the_one_in_the_address_stays_chosen(open_app, image_folder, create_run):
    ids = [create_run() for _ in range(3)]
    app = open_app(folder=image_folder, run=ids[1]).run()
    assert len(set(app.sidebar.selectbox[0].options)) == 4  # none, and three different names
    app.run()
    assert app.query_params["run"] == ids[1]
    app.sidebar.selectbox[0].set_value(ids[0]).run()
    assert app.query_params["run"] == ids[0]


def test_slow_predictions_show_progress_until_they_are_done(open_app, image_folder, trained, monkeypatch):
    released = threading.Event()

    def slow(model, images, labels, indices, progress):
        while not released.wait(0.01):
            progress(0.5)
        return Predictions(np.zeros((len(indices), 2), np.float32), labels[indices], indices, 1)

    monkeypatch.setattr("pages.shared.inside.model_choice.predict", slow)
    app = open_app(folder=image_folder, run=trained).run()
    go_to(app, "activations").run()
    (status,) = running_work(app)
    assert "Predicting" in status["progress"]["text"] and not status["ended"] and not status["cancelled"]
    released.set()
    app.run()
    assert not running_work(app) and not app.warning and not app.exception


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image_size", "9999"),
        ("image_size", "5e1"),
        ("image_size", ""),
        ("channels", "2"),
        ("max_per_class", "0"),
        ("val_fraction", "2"),
        ("val_fraction", "-0.1"),
        ("split_seed", "1" * 5000),
        ("filters", "0"),
        ("filters", "abc"),
        ("filters", "8,"),
        ("filters", "8,8,8,8,8"),
        ("filters", "257"),
        ("convs_per_block", "3"),
        ("kernel_size", "4"),
        ("padding", "<b>same</b>"),
        ("pooling", "min"),
        ("activation", "ReLU"),
        ("batch_norm", "yes"),
        ("dropout", "1"),
        ("dense", "16,,16"),
        ("dense", "1,2,3,4"),
        ("dense_activation", "1"),
        ("epochs", "-1"),
        ("batch_size", "1.5"),
        ("learning_rate", "nan"),
        ("learning_rate", "inf"),
        ("learning_rate", "1e-400"),
        ("optimizer", "foo"),
        ("weight_decay", "²"),
        ("seed", "1e3"),
    ],
)
def test_an_invalid_setting_is_reported_and_stays_at_its_default(open_app, name, value):
    app = open_app(**{name: value}).run()
    assert not app.exception
    assert f"The link says {name} = {value!r}, which is not possible. " in sentences(app)
    go_to(app, "network").run()
    assert not app.exception
    # The browser sets the address of a newly opened page, the server that of later runs: only what is not the default.
    assert name not in app.run().query_params


def test_settings_are_kept_from_page_to_page(open_page, image_folder):
    app = open_page("network", folder=image_folder)
    control(app.slider, "Filters in block 1").set_value(40).run()
    go_to(app, "train").run()
    go_to(app, "data").run()
    control(app.slider, "Image size").set_value(20).run()
    go_to(app, "network").run()
    assert not app.exception
    assert control(app.slider, "Filters in block 1").value == 40
    assert app.query_params["filters"] == "40,16"
    assert app.query_params["image_size"] == "20"


def test_names_of_folders_and_classes_are_never_markup(open_page, tmp_path):
    folder = draw_images(tmp_path / "**bold** <b>x<", classes=("<script>", "$a_b$ :red[c]"), per_class=3)
    for page in ("data", "network", "train"):
        app = open_page(page, folder=folder)
        assert not app.error
        assert r"\*\*bold\*\*" in "".join(text.value for text in app.sidebar.markdown)


@pytest.mark.parametrize(
    ("page", "folded", "chart"), [("data", "sizes", "sizes"), ("filters", "weights", "weights_histogram")]
)
def test_a_chart_in_an_expander_is_drawn_when_it_is_opened(open_page, image_folder, trained, page, folded, chart):
    def shown(app: AppTest) -> list[bool]:
        return [chart in element.proto.id for element in app.get("bidi_component")]

    app = open_page(page, folder=image_folder, run=trained)
    assert not any(shown(app))
    app.session_state[f"{folded}_open"] = True
    assert any(shown(app.run())) and not app.exception
