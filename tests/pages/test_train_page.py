"""The Train page as a script, without a browser: simultaneous clicks, and runs that end while the page is drawn."""

import json
import re
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from cnn.engine import launch
from cnn.percent import percent
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.runs import RunStore
from cnn.training.accuracy import Accuracy
from pages.server import live
from pages.shared import run_choice
from pages.shared.address import to_text
from pages.shared.settings import FIELDS
from tests.app import control
from tests.conftest import execute_sql, in_threads, running_work, status_of_component


def test_a_network_that_only_guesses_gives_a_warning(open_page, image_folder, trained, store):
    facts = store.get(trained).facts | {"val_images": 200, "val_per_class": [100, 100]}
    execute_sql(store, "UPDATE runs SET facts = ?", json.dumps(facts))
    execute_sql(store, "UPDATE epochs SET val_accuracy = 0.9, val_predicted = '[100, 100]', val_right = '[90, 90]'")
    app = open_page("train", folder=image_folder, run=trained)
    assert "It gets 90.0\xa0% of the 200 held-out images right" in app.success[0].value and not app.warning
    execute_sql(store, "UPDATE epochs SET val_predicted = '[190, 10]'")
    app.run()
    assert not app.success and "It calls 95\xa0% of all held-out images “dark”." in app.warning[0].value
    execute_sql(store, "UPDATE epochs SET val_accuracy = 0.53, val_predicted = '[100, 100]'")
    app.run()
    assert not app.success and "not clearly better than guessing" in app.warning[0].value


def test_a_guess_is_kept_with_the_run_and_held_against_the_outcome(open_page, image_folder, trained, store):
    facts = store.get(trained).facts | {"guess": 70, "val_images": 200, "val_per_class": [100, 100]}
    execute_sql(store, "UPDATE runs SET facts = ?", json.dumps(facts))
    execute_sql(store, "UPDATE epochs SET val_accuracy = 0.9")
    app = open_page("train", folder=image_folder, run=trained)
    assert "You guessed 70\xa0%: 20 points too low." in app.success[0].value


def test_too_few_steps_are_foreseen_and_a_click_gives_enough(open_page, image_folder):
    app = open_page("train", folder=image_folder, epochs=2)
    assert any("Only 2 steps: too few" in caption.value for caption in app.caption)
    control(app.button, "Use 300 epochs").click().run()
    assert app.query_params["epochs"] == ["300"] or app.query_params["epochs"] == "300"
    assert any("300 steps" in caption.value for caption in app.caption)


def press_find(app, wait):
    control(app.button, "Find a learning rate").click().run()
    wait(lambda: not running_work(app) or not running_work(app.run()))
    assert not app.exception


def drawings(app) -> str:
    return "".join(one.proto.json for one in app.get("bidi_component") if one.proto.component_name == "cnn_drawing")


def test_a_click_finds_a_learning_rate_and_another_one_uses_it(open_page, image_folder, wait):
    app = open_page("train", folder=image_folder, image_size=16, batch_size=4, learning_rate=0.1)
    before = [button.label for button in app.button]
    assert "learning rate rises" not in drawings(app)
    press_find(app, wait)
    assert "The loss while the learning rate rises" in drawings(app)
    assert any("The loss falls fastest near" in caption.value for caption in app.caption)
    (use,) = (button for button in app.button if button.label not in before)
    rate = float(use.label.removeprefix("Use "))
    assert rate < 0.1 == control(app.select_slider, "Learning rate").value
    use.click().run()
    assert control(app.select_slider, "Learning rate").value == rate
    assert app.session_state.session.settings["learning_rate"].value == rate
    assert control(app.button, use.label).disabled  # the result stays, as it does not depend on the rate


def test_a_learning_rate_is_only_shown_for_the_settings_it_was_found_for(open_page, image_folder, wait):
    app = open_page("train", folder=image_folder, image_size=16, batch_size=4)
    press_find(app, wait)
    control(app.number_input, "Epochs").set_value(9).run()
    assert "learning rate rises" in drawings(app)
    control(app.number_input, "Batch size").set_value(8).run()
    assert "learning rate rises" not in drawings(app)


def test_without_a_clear_fall_no_learning_rate_can_be_used(open_page, tmp_path, wait):
    for name in ("grey", "gray"):
        (tmp_path / name).mkdir()
        for i in range(8):
            Image.new("L", (16, 16), 128).save(tmp_path / name / f"{i}.png")
    app = open_page("train", folder=tmp_path, image_size=16, batch_size=4)
    press_find(app, wait)
    assert any("does not fall clearly" in caption.value for caption in app.caption)
    assert not [button for button in app.button if button.label.startswith("Use 0")]


def test_augmentation_is_shown_on_a_training_image(open_page, image_folder):
    app = open_page("train", folder=image_folder, mirror="on", rotate=20)
    assert control(app.toggle, "Mirror").value and control(app.slider, "Rotate").value == 20
    assert not augmented_images(app)
    app.session_state["more_settings"] = True  # a person opens the settings
    rotated = augmented_images(app.run())
    assert len(rotated) == 6 and len(set(rotated)) == 6
    control(app.toggle, "Mirror").set_value(False)
    control(app.slider, "Rotate").set_value(0)
    assert len(set(augmented_images(app.run()))) == 1


def augmented_images(app) -> list[str]:
    """The images in the drawing that shows what augmentation does, as addresses of data."""
    return [
        found
        for element in app.get("bidi_component")
        if "how it is changed" in element.proto.json
        for found in re.findall(r"data:image/[^\"\\]+", element.proto.json)
    ]


@pytest.mark.parametrize(("schedule", "name"), [("constant", None), ("one_cycle", "one cycle"), ("cosine", "cosine")])
def test_after_a_schedule_the_button_says_that_more_epochs_raise_the_rate_again(
    open_page, image_folder, trained, store, schedule, name
):
    execute_sql(store, "UPDATE runs SET training_spec = json_set(training_spec, '$.schedule', ?)", schedule)
    app = open_page("train", folder=image_folder, run=trained)
    said = control(app.button, "Train 5 more epochs").help
    assert said == "" if name is None else f"the {name} schedule" in said and "the learning rate rises again" in said


def test_the_page_says_what_the_run_is_and_whether_the_settings_beside_it_are_for_another_one(
    open_page, image_folder, trained, store
):
    run = store.get(trained)
    app = open_page("train", folder=image_folder, run=trained)
    (line,) = (text.value for text in app.markdown if text.value.startswith("**This run:**"))
    assert image_folder.name in line and "parameters" in line and "best accuracy" in line
    compared = [text.value for text in app.caption if "the run shown here" in text.value.lower()]
    assert len(compared) == 1 and "Not the run shown here" in compared[0]
    app = open_page("train", folder=image_folder, run=trained, **settings_of(run))
    assert any(text.value == "The settings of the run shown here." for text in app.caption)
    control(app.number_input, "Epochs").set_value(run.training_spec.epochs + 1).run()
    assert any(text.value.endswith("Not the run shown here: other epochs.") for text in app.caption)
    control(app.button, "Use the run's settings").click().run()
    assert control(app.number_input, "Epochs").value == run.training_spec.epochs
    assert any(text.value == "The settings of the run shown here." for text in app.caption)
    assert "Use the run's settings" not in [button.label for button in app.button]


def test_a_link_with_a_run_but_no_images_leads_to_its_images_and_settings_by_one_click(open_page, trained, store):
    run = store.get(trained)
    app = open_page("train", run=trained)
    assert f":small[Run's dataset] **{Path(run.folder).name}**" in [text.value for text in app.sidebar.markdown]
    assert "New network" in [header.value for header in app.header]
    control(app.button, "Those of the chosen run").click().run()
    kept = app.session_state.session.settings
    assert not app.exception and (kept["folder"].value, kept["run"].value) == (run.folder, trained)
    assert any(text.value == "The settings of the run shown here." for text in app.caption)
    execute_sql(store, "UPDATE runs SET folder = ?", str(Path(run.folder) / "gone"))
    app = open_page("train", run=trained)
    assert ":small[No dataset chosen]" in [text.value for text in app.sidebar.markdown]
    assert "Those of the chosen run" not in [button.label for button in app.button]


def settings_of(run) -> dict[str, str]:
    """The settings of a run as an address has them."""
    specs = (run.dataset_spec, run.network_spec, run.training_spec)
    values = {
        name: getattr(next(one for one in specs if type(one) is spec), field) for name, (spec, field) in FIELDS.items()
    }
    return {name: to_text(value) for name, value in values.items()}


@pytest.mark.parametrize(("folder", "warned"), [("digits", True), ("shapes", False)])
def test_mirroring_images_that_would_change_their_class_gives_a_warning(open_page, folder, warned):
    app = open_page("train", folder=folder, max_per_class=40, mirror="on")
    assert any("changes the classes" in text.value for text in app.caption) == warned
    if warned:
        next(button for button in app.button if button.label == "Switch mirroring off").click().run()
        assert "mirror" not in app.query_params
        assert not any("changes the classes" in text.value for text in app.caption)


def test_if_a_run_ends_while_its_page_is_drawn_the_browser_gets_the_drawn_state(
    open_page, image_folder, trained, store, monkeypatch
):
    store.set_status(trained, "running")
    popover = DeltaGenerator.popover

    def end_meanwhile(*arguments, **settings):
        store.set_status(trained, "finished")
        return popover(*arguments, **settings)

    monkeypatch.setattr(DeltaGenerator, "popover", end_meanwhile)  # after Pause and before the curves
    with store.lock(trained).acquire():
        app = open_page("train", folder=image_folder, run=trained)
    assert "pause" in [button.key for button in app.button]
    (curves,) = status_of_component(app, "cnn_curves")
    assert curves["state"].startswith("running, ")
    assert live.status(trained)["state"].startswith("finished, ")  # so the browser asks for a rerun


@pytest.mark.parametrize(("status", "mark"), [("finished", "✓"), ("paused", "‖")])
def test_the_sidebar_is_redrawn_when_the_status_of_a_run_changed_after_it(
    open_page, image_folder, trained, store, monkeypatch, status, mark
):
    store.set_status(trained, "running")
    monkeypatch.setattr(launch, "prepare", lambda store: store.set_status(trained, status))  # below the sidebar
    with store.lock(trained).acquire():
        app = open_page("train", folder=image_folder, run=trained)
    (chosen,) = (box.options[box.index] for box in app.sidebar.selectbox)
    assert chosen.startswith(mark)


def test_while_a_network_trains_its_accuracy_is_shown_with_its_uncertainty(open_page, image_folder, trained, store):
    store.set_status(trained, "running")
    with store.lock(trained).acquire():
        app = open_page("train", folder=image_folder, run=trained)
    last = store.history(trained).epochs()[-1]
    images = store.get(trained).facts["val_images"]
    low, high = Accuracy(round(last.val_accuracy * images), images).interval
    said = next(text.value for text in app.markdown if text.value.startswith(f"After epoch {last.epoch}: "))
    assert said.endswith(f"On others of this kind, expect {percent(low)} to {percent(high)}.")


def test_two_simultaneous_clicks_on_train_make_one_run(store, monkeypatch):
    kept = {"run": ""}
    session = {
        "current": kept.get,
        "put": kept.update,
        "folder": lambda: "/images",
        "dataset_spec": DatasetSpec,
        "network_spec": NetworkSpec,
        "training_spec": TrainingSpec,
        "save": lambda: None,
    }
    monkeypatch.setattr(run_choice, "settings", SimpleNamespace(**session))
    view = SimpleNamespace(part=lambda name: SimpleNamespace(current=lambda: 0), value=lambda name: "")
    monkeypatch.setattr(run_choice, "view", view)
    monkeypatch.setattr(run_choice, "store", lambda: store)
    begun, create = [], RunStore.create
    monkeypatch.setattr(launch, "start", lambda store, run_id: begun.append(run_id))
    monkeypatch.setattr(RunStore, "create", lambda *settings, **guesses: time.sleep(0.1) or create(*settings))
    in_threads(4, run_choice.start_new)
    assert begun == [run.id for run in store.all()] == [kept["run"]]
