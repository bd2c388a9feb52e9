"""Every page as a script, without a browser: what it shows for all kinds of settings and runs. It never breaks."""

import dataclasses
import shutil
import threading

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.dataset import TRAIN, read_dataset
from cnn.data.images import to_png
from cnn.engine.trainer import train_run
from cnn.explain.attribution import Attribution, Method
from cnn.explain.methods import METHODS
from cnn.specs import DatasetSpec
from cnn.store.final_test import final_tests
from cnn.store.kept_images import kept_images
from cnn.training.evaluation import Predictions
from pages.server.pool import THREADS
from pages.shared import jobs
from tests.app import NEEDS_A_RUN, PAGES, TITLES, control, go_to, sentences
from tests.conftest import ROOT, SMALL_DATA, draw_images, execute_sql, running_work


@pytest.fixture
def open_page(open_page):
    """Opens a page with settings in its address, and checks that it is the right page."""

    def open_and_see(page: str, **settings) -> AppTest:
        app = open_page(page, **settings)
        is_old_link = page == "start" and "folder" in settings  # of the time when Data was the first page
        assert [title.value for title in app.title] == [TITLES["data" if is_old_link else page]]
        return app

    return open_and_see


def reruns_itself(app: AppTest) -> bool:
    """Whether a part of the page will rerun by itself."""
    return any(element.proto.component_name == "cnn_rerun" for element in app.get("bidi_component"))


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
    elif page in (*NEEDS_A_RUN, "start"):
        assert {"train_own", "add_example"} <= buttons
    elif page in ("network", "train"):
        assert {"use_samples", "use_own_images"} <= buttons


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
    monkeypatch.setattr("pages.shared.dataset_choice.read_dataset", lambda *_: pytest.fail("It was read again."))
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
def test_a_filter_is_silent_if_its_map_is_zero_for_the_whole_dataset(make_dataset, values, dead):
    def script(dataset, values):
        import numpy as np

        from cnn.explain.patches import Patches
        from pages.shared.filter_examples import strongest

        boxes = np.tile(np.array([0, 0, 3, 3]), (1, 2, 1))
        places = np.zeros((1, 2), int)
        strongest(dataset, Patches(np.array([values]), np.array([[0, 1]]), places, places, boxes), 0, "ReLU")

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

    monkeypatch.setattr("pages.shared.model_choice.predict", slow)
    app = open_app(folder=image_folder, run=trained).run()
    go_to(app, "activations").run()
    (status,) = running_work(app)
    assert "Predicting" in status["progress"]["text"] and not status["ended"] and not status["cancelled"]
    released.set()
    app.run()
    assert not running_work(app) and not app.warning and not app.exception


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def test_test_images_are_used_once_on_purpose(open_page, create_run, store, tmp_path, wait):
    for name, per_class in (("train", 4), ("val", 2), ("test", 3)):
        draw_images(tmp_path / "split" / name, per_class=per_class)
    run_id = create_run(folder=tmp_path / "split", epochs=1)
    train_run(store, run_id)
    app = open_page("train", run=run_id)
    assert "6 test images are set aside" in texts(app) and final_tests(store.get(run_id)) == []
    app.button(key="final_test").click().run()
    wait(lambda: not running_work(app.run()))
    (kept,) = final_tests(store.get(run_id))
    assert kept.images == 6 and f"{kept.right} of the 6 test images are right" in texts(app)
    for again in (app.run(), open_page("train", run=run_id)):
        assert "final_test" not in [button.key for button in again.button]
    assert final_tests(store.get(run_id)) == [kept]
    store.reopen(run_id, 1)
    train_run(store, run_id)
    if store.history(run_id).step_to_show(False) != kept.step:
        assert open_page("train", run=run_id).button(key="final_test").label == "Test again"


def test_test_images_are_kept_for_the_final_test_or_held_out_as_the_user_chooses(open_page, tmp_path):
    for part in ("train", "test"):
        draw_images(tmp_path / "set" / part)
    app = open_page("data", folder=tmp_path / "set")
    kept = next(text.value for text in app.markdown if "images** in 2 classes" in text.value)
    assert "24 test images set aside" in kept and "as the folders split" not in kept
    control(app.segmented_control, "Test images").set_value("held_out").run()
    held_out = next(text.value for text in app.markdown if "images** in 2 classes" in text.value)
    assert "24 to train on, 24 held out (as the folders split them)" in held_out and "set aside" not in held_out


def test_the_data_page_warns_with_the_images_behind(open_page, own_folder):
    shutil.copy(own_folder / "dark" / "0.png", own_folder / "light" / "copy.png")
    app = open_page("data", folder=own_folder)
    assert "2 warnings below" in texts(app)
    said = [expander.label for expander in app.expander]
    assert said[0].startswith("2 images are in two classes") and said[1].startswith("Few images are held out")


def test_the_best_snapshot_is_shown_and_the_last_is_a_click_away(open_page, image_folder, trained, store):
    execute_sql(store, "UPDATE epochs SET val_loss = 0.1 * epoch + 0.5 * (epoch = 1)")  # epoch 2 of 3 is the best
    app = open_page("filters", folder=image_folder, run=trained)
    slider = control(app.select_slider, "Snapshot")
    assert (slider.value, [name for name in slider.options if "best" in name]) == (10, ["epoch 2 (best)"])
    control(app.button, "Last").click().run()
    assert control(app.select_slider, "Snapshot").value == 15 and app.query_params["step"] == "15"
    control(app.button, "Best").click().run()
    assert control(app.select_slider, "Snapshot").value == 10


def test_snapshots_play_from_the_first_to_the_last(open_page, image_folder, trained, store):
    app = open_page("filters", folder=image_folder, run=trained)
    names = app.select_slider[0].options
    last, best = store.history(trained).snapshots()[-1].step, store.history(trained).best_step()
    assert len(names) > 2 and app.select_slider[0].value == best
    app.button(key="play").click().run()
    for name in names[:-1]:
        assert app.get("progress")[0].proto.text == f"Snapshot: {name}"
        assert reruns_itself(app) and app.button(key="play").label == "Stop"
        app.run()
    assert app.select_slider[0].value == last
    assert not reruns_itself(app) and app.button(key="play").label == "Play"


def test_stopping_keeps_the_snapshot_that_was_playing(open_page, image_folder, trained, store):
    app = open_page("filters", folder=image_folder, run=trained)
    app.button(key="play").click().run().run()
    app.button(key="play").click().run()
    assert not reruns_itself(app) and not app.exception
    assert app.select_slider[0].value == store.history(trained).snapshots()[1].step


def test_an_explanation_without_evidence_for_the_class_says_so(open_page, image_folder, trained, monkeypatch):
    drawn, answers = {}, {"Grad-CAM": 6e-8, "saliency": 0.3}  # the first is a rounding error

    def answering(method: Method) -> Method:
        answer = Attribution(np.full((16, 16), answers[method.name], np.float32), signed=False)
        return dataclasses.replace(method, attribute=lambda *_, **__: answer)

    known = tuple(answering(method) for method in METHODS if method.name in answers)
    monkeypatch.setattr("pages.explain.METHODS", known)
    monkeypatch.setattr("pages.explain.BY_SLUG", {method.slug: method for method in known})
    monkeypatch.setattr(
        "pages.explain.overlays",
        lambda image, pictures, **_: drawn.update({picture.name: picture for picture in pictures}),
    )
    open_page("explain", folder=image_folder, run=trained, guess_first="off")
    assert drawn["Grad-CAM"].note == "no map of conv1 raises the score: try another layer or class"
    assert not drawn["Grad-CAM"].values.any()  # no noise at full colour
    assert drawn["saliency"].note == "how much a small change of each pixel changes the score"
    assert drawn["saliency"].values.any()


@pytest.fixture
def lost_run(own_folder, create_run, store) -> str:
    """A run whose images are gone, so its pages ask for one of the user's own."""
    run_id = create_run(folder=own_folder)
    train_run(store, run_id)
    shutil.rmtree(own_folder)
    return run_id


def test_an_uploaded_image_is_shown_and_is_part_of_the_link(open_page, store, lost_run):
    app = open_page("activations", run=lost_run)
    png = to_png(np.full((20, 20, 3), 200, np.uint8))
    app.file_uploader[0].upload("mine.png", png, "image/png").run()
    (kept,) = kept_images(store)
    assert not app.exception and not app.file_uploader
    assert (app.query_params["source"], app.query_params["image"], kept.size) == ("upload", kept.id, len(png))


def test_an_empty_uploaded_file_gives_an_error_message(open_page, store, lost_run):
    app = open_page("activations", run=lost_run)
    app.file_uploader[0].upload("empty.jpg", b"", "image/jpeg").run()
    assert not app.exception and r"empty\.jpg is empty" in sentences(app)
    assert kept_images(store) == []


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


def test_the_data_page_says_what_the_network_gets_for_pixels(open_page, image_folder, tmp_path):
    app = open_page("data", folder=image_folder)
    dataset = read_dataset(image_folder, DatasetSpec(), tmp_path)
    pixels = dataset.images[dataset.splits == TRAIN].astype(float)
    assert any(f"{pixels.mean():.0f} and {pixels.std():.0f} (all pixels)" in text.value for text in app.caption)
    unit = open_page("data", folder=image_folder, preprocessing="unit")
    assert any("each pixel divided by 255" in text.value for text in unit.caption)


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
        return [chart in element.proto.id for element in app.get("plotly_chart")]

    app = open_page(page, folder=image_folder, run=trained)
    assert not any(shown(app))
    app.session_state[f"{folded}_open"] = True
    assert any(shown(app.run())) and not app.exception
