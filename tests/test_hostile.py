"""Runs, stores, links and command lines as nobody would make them: each gives a sentence, and never a traceback."""

from types import SimpleNamespace

import pytest
import streamlit as st
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from cnn import launch, runs
from cnn.__main__ import main
from cnn.listing import Cancelled, list_images
from cnn.runs import RunError
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.storage import delete_run
from cnn.trainer import train_run
from pages import state
from tests.conftest import ROOT, ask, draw_images

LOOKING = ("filters", "activations", "explain", "take_apart", "change_image", "neighbours")
PAGES = ("data", "network", "train", *LOOKING, "storage")


@pytest.fixture
def open_app(store, monkeypatch):
    """Opens the first page with settings in its address."""
    monkeypatch.setenv("CNN_RUNS", str(store.directory))
    monkeypatch.setattr(launch, "prepare", lambda store: None)
    st.cache_resource.clear()
    st.cache_data.clear()

    def open_app(**address) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
        for name, value in address.items():
            app.query_params[name] = str(value)
        return app.run()

    return open_app


@pytest.fixture
def open_page(open_app, wait):
    """Opens a page with settings in its address, and waits until it has read its images."""

    def open_page(page: str, **address) -> AppTest:
        app = open_app(**address)
        app.switch_page(f"pages/{page}.py").run()
        wait(lambda: not app.get("progress") or not app.run().get("progress"))
        assert not app.exception
        return app

    return open_page


def sentences(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.info, *app.warning, *app.error, *app.toast))


@pytest.fixture
def trained(store, create_run) -> str:
    run_id = create_run(epochs=1)
    assert train_run(store, run_id) == "finished"
    return run_id


# Damaged runs on every page


DAMAGES = ("missing", "empty", "cut", "another network", "a web page")


@pytest.mark.parametrize(
    ("page", "damage"),
    [*((page, "missing") for page in LOOKING), *(("activations", damage) for damage in DAMAGES[1:])],
)
def test_a_damaged_snapshot_is_a_sentence(open_page, store, create_run, image_folder, trained, page, damage):
    path = store.snapshot_path(trained, store.snapshots(trained)[-1]["step"])
    match damage:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(path.read_bytes()[:-200])
        case "another network":
            other = create_run(network=NetworkSpec(filters=(5,)), epochs=1)
            train_run(store, other)
            path.write_bytes(store.snapshot_path(other, 0).read_bytes())
        case "a web page":
            path.write_bytes(b"<!DOCTYPE html><title>404</title>")
    app = open_page(page, folder=image_folder, run=trained)
    assert "are missing" in sentences(app) or "are damaged" in sentences(app) or "does not fit" in sentences(app)


DAMAGED_ROWS = {
    "network_spec": '{"layer": "unknown"}',
    "training_spec": "{",
    "status": "asleep",
    "created": "yesterday",
    "facts": "[]",
    "folder": "7",
}


@pytest.mark.parametrize(
    ("page", "column"),
    [*((page, "network_spec") for page in PAGES), *(("train", column) for column in [*DAMAGED_ROWS][1:])],
)
def test_a_damaged_run_is_a_sentence_where_it_is_looked_at(open_page, store, trained, page, column):
    ask(store, f"UPDATE runs SET {column} = ?", DAMAGED_ROWS[column])
    app = open_page(page, folder="shapes", max_per_class=4, image_size=16, run=trained)
    if page in ("train", *LOOKING):
        assert f"Run {trained} is damaged" in sentences(app)


@pytest.mark.parametrize("page", PAGES)
def test_the_other_runs_keep_working_beside_a_damaged_one(open_page, store, create_run, image_folder, trained, page):
    broken = create_run()
    ask(store, "UPDATE runs SET training_spec = 'null' WHERE id = ?", broken)
    app = open_page(page, folder=image_folder, run=trained)
    assert "damaged" not in sentences(app)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE live SET progress = '{'",
        "UPDATE live SET filters_shape = '[9, 9, 9, 9]'",
        "UPDATE probes SET probabilities = 'x'",
        "UPDATE probes SET probabilities = '[[0.5]]'",
        "UPDATE runs SET probe_images = '[0]'",
        "UPDATE runs SET probe_images = '[100000]'",
    ],
)
def test_what_a_trainer_left_broken_is_a_sentence_or_left_out(open_page, store, image_folder, trained, statement):
    ask(store, statement)
    app = open_page("train", folder=image_folder, run=trained)
    assert "is damaged" in sentences(app) or "100000" in statement


DAMAGED_HISTORY = {  # a table and a column of it -> what somebody wrote there
    "steps.loss": "'low'",
    "steps.step": "'last'",
    "steps.smooth": "9e999",
    "epochs.val_accuracy": "'all of them'",
    "epochs.seconds": "-1e300",
    "epochs.train_loss": "CAST(x'ff' AS TEXT)",
    "snapshots.step": "'newest'",
    "snapshots.epoch": "x'00'",
    "learning_rates.value": "1e9",
    "probes.probabilities": "'[[0.5]]'",
    "live.progress": "'{\"steps\": 5}'",
}


def damage(store, run_id: str, place: str) -> None:
    """Changes the newest row of a table of the run's history."""
    table, column = place.split(".")
    store.write(run_id, [("learning_rates", {"step": 2, "value": 0.1})])
    key = {"live": "run", "epochs": "epoch"}.get(table, "step")
    newest = f"{key} = (SELECT MAX({key}) FROM {table} WHERE run = '{run_id}')"
    ask(store, f"UPDATE {table} SET {column} = {DAMAGED_HISTORY[place]} WHERE run = '{run_id}' AND {newest}")


@pytest.mark.parametrize(
    ("page", "place"),
    [
        *(("train", place) for place in DAMAGED_HISTORY if "snapshots" not in place),
        *((page, place) for page in LOOKING for place in ("snapshots.step", "snapshots.epoch")),
    ],
)
def test_a_damaged_history_is_a_sentence_where_it_is_looked_at(open_page, store, image_folder, trained, page, place):
    damage(store, trained, place)
    assert f"Run {trained} is damaged: its " in sentences(open_page(page, folder=image_folder, run=trained))


@pytest.mark.parametrize("place", ["epochs.val_accuracy", "epochs.train_loss", "snapshots.step"])
def test_runs_with_a_damaged_history_are_listed_as_such_and_the_others_as_ever(
    open_page, store, create_run, image_folder, trained, capsys, place
):
    broken = create_run(epochs=1)
    train_run(store, broken)
    damage(store, broken, place)
    table = open_page("storage", folder=image_folder, run=trained).dataframe[0].value
    assert table["status"].tolist() == ["✓ finished", "✗ damaged"] and table["epochs"].tolist() == ["1 of 1", ""]
    assert table["what is wrong"].tolist()[1].startswith(f"Run {broken} is damaged: its ")
    for page in PAGES:
        assert "is damaged" not in sentences(open_page(page, folder=image_folder, run=trained))
    if place.startswith("epochs"):
        assert main(["runs", "--runs", str(store.directory)]) == 0
        above, below = capsys.readouterr().out.split("\nDamaged:\n")
        assert trained in above and broken not in above and f"{broken}  Run {broken} is damaged: its epochs" in below
    delete_run(store, broken)
    assert [run.id for run in store.all()] == [trained]


@pytest.mark.parametrize("place", ["snapshots.step", "epochs.seconds", "learning_rates.value"])
def test_commands_say_that_a_history_is_damaged(store, image_folder, trained, capsys, tmp_path, place):
    damage(store, trained, place)
    runs, image = ["--runs", str(store.directory)], str(image_folder / "dark" / "0.png")
    commands = {
        "snapshots.step": [
            ["predict", trained, image],
            ["activations", trained, image, "--output", str(tmp_path / "out.npz")],
            ["explain", trained, image, "--method=saliency", "--output", str(tmp_path / "out.npz")],
            ["export", trained, "--output", str(tmp_path / "out.pt")],
        ],
        "epochs.seconds": [["train", "--resume", trained]],
        "learning_rates.value": [["train", "--resume", trained]],
    }
    for command in commands[place]:
        assert main([*command, *runs]) == 2
        assert f"error: Run {trained} is damaged: its {place.split('.')[0][:8]}" in capsys.readouterr().err


# Stores that cannot be used


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_store_is_a_sentence_on_every_page(open_page, store, page):
    for beside in store.directory.glob("runs.sqlite*"):
        beside.write_bytes(b"no database" * 500)
    assert "is damaged" in sentences(open_page(page))


def test_a_store_of_a_newer_version_is_a_sentence(open_page, store):
    ask(store, "PRAGMA user_version = 99")
    assert "made by a newer version" in sentences(open_page("data"))


def test_a_run_that_cannot_be_entered_is_a_sentence(open_page, image_folder, monkeypatch):
    app = open_page("train", folder=image_folder)

    def create(*_):
        raise runs.StoreError("The disk is full: nothing more can be written.")

    monkeypatch.setattr(runs.RunStore, "create", create)
    next(button for button in app.button if button.label == "Train").click().run()
    assert not app.exception and "The disk is full" in sentences(app)


def test_a_process_that_cannot_be_started_is_a_sentence(store, monkeypatch):
    def spawn(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(launch.subprocess, "Popen", spawn)
    monkeypatch.setattr(launch, "_spares", {})
    with pytest.raises(RunError, match=r"No training process could be started: Cannot allocate memory\."):
        launch.start(store, "run")


# Links


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("epochs", "many", "Epochs must be a whole number from 1 to 10,000, not 'many'."),
        ("epochs", "1.5", "Epochs must be a whole number from 1 to 10,000, not '1.5'."),
        ("batch_size", "", "Batch size must be a whole number from 1 to 4,096, not ''."),
        ("image_size", "9999", "Image size must be a whole number from 16 to 128, not 9999."),
        ("learning_rate", "fast", "Learning rate must be a number from 1e-07 to 10, not 'fast'."),
        ("filters", "16,x", "Each of the filters per block must be a whole number from 1 to 256, not 'x'."),
        ("val_fraction", "half", "Validation share must be a number from 0 to 0.9, not 'half'."),
        ("split_seed", "x", "Seed must be a whole number from 0 to 2,147,483,647, not 'x'."),
        ("channels", "two", "Channels must be one of 1, 3, not 'two'."),
    ],
)
def test_a_link_with_a_wrong_number_is_told_the_range(open_app, name, text, sentence):
    app = open_app(**{name: text})
    assert not app.exception and sentence in sentences(app)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    address=some.dictionaries(
        some.sampled_from([*state.DEFAULTS, "other"]),
        some.text(max_size=12)
        | some.integers().map(str)
        | some.floats().map(str)
        | some.lists(some.integers(-1, 300).map(str), max_size=6).map(",".join)
        | some.sampled_from(("on", "off", "same", "adam", "none", "tanh", "max")),
        max_size=8,
    )
)
def test_whatever_a_link_says_all_settings_are_valid_and_what_was_wrong_is_told(monkeypatch, address):
    told = []
    monkeypatch.setattr(state.st, "query_params", SimpleNamespace(to_dict=lambda: address))
    monkeypatch.setattr(state.st, "toast", lambda text, **_: told.append(text))
    values = state._from_address()
    assert set(values) == set(state.DEFAULTS)
    for spec, group in ((DatasetSpec, state._DATASET), (NetworkSpec, state._NETWORK), (TrainingSpec, state._TRAINING)):
        spec.from_dict({"seed" if name == "split_seed" else name: values[name] for name in group})
    wrong = [name for name in address if name in state.DEFAULTS and values[name] == state.DEFAULTS[name]]
    assert len(told) <= len(wrong)
    assert all("must be" in text or "on or off" in text for text in told)
    # What was taken goes back into a link that says the same.
    monkeypatch.setattr(state.st, "query_params", SimpleNamespace(to_dict=lambda: texts(values)))
    told.clear()
    assert state._from_address() == values and told == []


def texts(values: dict) -> dict[str, str]:
    return {name: state._to_text(value) for name, value in values.items()}


# The command line


@pytest.mark.parametrize(
    ("option", "text", "sentence"),
    [
        ("--epochs", "many", "Epochs must be a whole number from 1 to 10,000, not 'many'."),
        ("--epochs", "0", "Epochs must be a whole number from 1 to 10,000, not 0."),
        ("--epochs", "1e3", "Epochs must be a whole number from 1 to 10,000, not '1e3'."),
        ("--batch-size", "4097", "Batch size must be a whole number from 1 to 4,096, not 4097."),
        ("--image-size", "-16", "Image size must be a whole number from 16 to 128, not -16."),
        ("--max-per-class", "0", "Images per class must be a whole number from 1 to 1,000,000, not 0."),
        ("--val-fraction", "1", "Validation share must be a number from 0 to 0.9, not 1.0."),
        ("--filters", "0", "Each of the filters per block must be a whole number from 1 to 256, not 0."),
        ("--convs-per-block", "3", "Convolutions per block must be one of 1, 2, not 3."),
        ("--dense", "x", "Each of the dense widths must be a whole number from 1 to 256, not 'x'."),
        ("--dropout", "nan", "Dropout must be a number from 0 to 0.9, not nan."),
        ("--learning-rate", "fast", "Learning rate must be a number from 1e-07 to 10, not 'fast'."),
        ("--weight-decay", "-1", "Weight decay must be a number from 0 to 1, not -1.0."),
        ("--seed", "1.5", "Seed must be a whole number from 0 to 2,147,483,647, not '1.5'."),
    ],
)
def test_a_command_with_a_wrong_number_is_told_the_range(store, image_folder, capsys, option, text, sentence):
    assert main(["train", str(image_folder), "--runs", str(store.directory), f"{option}={text}"]) == 2
    assert capsys.readouterr().err == f"error: {sentence}\n"
    assert store.all() == []


@pytest.mark.parametrize("epochs", ["many", "-1", "10000"])
def test_going_on_for_a_wrong_number_of_epochs_is_told_the_range(store, trained, capsys, epochs):
    assert main(["train", "--resume", trained, "--runs", str(store.directory), f"--epochs={epochs}"]) == 2
    error = capsys.readouterr().err
    assert "must be a whole number from" in error and "Traceback" not in error
    assert store.get(trained).status == "finished"


@pytest.mark.parametrize(
    ("option", "text"), [("--patch", "x"), ("--patch", "0"), ("--stride", "1.5"), ("--patch", "99")]
)
def test_a_wrong_patch_is_a_sentence(store, image_folder, trained, capsys, tmp_path, option, text):
    image = image_folder / "dark" / "0.png"
    command = ["explain", trained, str(image), "--method=occlusion", f"{option}={text}", "--runs", str(store.directory)]
    assert main([*command, "--output", str(tmp_path / "out.npz")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "out.npz").exists()


def test_the_command_line_lists_damaged_runs_below_the_others(store, create_run, trained, capsys):
    broken = create_run()
    ask(store, "UPDATE runs SET facts = '[' WHERE id = ?", broken)
    assert main(["runs", "--runs", str(store.directory)]) == 0
    above, below = capsys.readouterr().out.split("\nDamaged:\n")
    assert trained in above and broken not in above and f"{broken}  Run {broken} is damaged: " in below


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.dictionaries(
        some.sampled_from(("--epochs", "--batch-size", "--image-size", "--dropout", "--learning-rate", "--seed")),
        some.text(some.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
        | some.integers(-10, 5000).map(str)
        | some.floats().map(str),
        min_size=1,
    )
)
def test_whatever_numbers_a_command_is_given_it_makes_a_run_or_says_a_sentence(
    store, image_folder, capsys, monkeypatch, options
):
    monkeypatch.setattr("cnn.__main__._train", lambda *_: 0)
    command = ["train", str(image_folder), "--runs", str(store.directory)]
    try:
        status = main([*command, *(f"{name}={text}" for name, text in options.items())])
    except SystemExit as refused:  # argparse
        status = refused.code
    assert status in (0, 2)
    assert status == 0 or "error: " in capsys.readouterr().err


def test_looking_through_a_large_folder_can_be_cancelled(image_folder):
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        list_images(image_folder, lambda: next(asked))


# What dialogs hold (these tests cannot open one, but what is in it is a function like others)


def find_a_folder():
    import streamlit as st

    from pages import folders

    folders.browse.__wrapped__(lambda folder: st.session_state.update(taken=folder))


@pytest.fixture
def finder(open_app):
    return AppTest.from_function(find_a_folder, default_timeout=60).run()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


TYPED = ("~nobody_here/images", "a\0b", "", "   ", "'/tmp'", "/" + "x" * 5000, "../../..", "😀")


@pytest.mark.parametrize("path", TYPED)
def test_whatever_is_typed_as_a_path_the_dialog_goes_on(finder, path):
    finder.text_input(key="typed_folder").set_value(path).run()
    assert not finder.exception
    press(finder, "Use this folder")
    assert not finder.exception
    assert bool(finder.error) != ("taken" in finder.session_state)  # "/" is too large to be looked through at once


def test_a_folder_that_was_clicked_is_taken(finder, image_folder):
    finder.text_input(key="typed_folder").set_value(f"  '{image_folder.parent}' ").run()
    press(press(finder, image_folder.name.replace("_", "\\_")), "Use this folder")
    assert not finder.exception and finder.session_state.taken == str(image_folder)


def test_a_folder_whose_name_is_no_text_is_not_taken(finder, tmp_path):
    draw_images(tmp_path / "caf\udce9")
    finder.text_input(key="typed_folder").set_value(str(tmp_path)).run()
    next(button for button in finder.button if button.label.startswith("caf")).click().run()
    press(finder, "Use this folder")
    assert not finder.exception and "Rename it" in sentences(finder) and "taken" not in finder.session_state


def ask_before_deleting():
    from functools import partial

    from cnn import storage
    from pages import deleting, runs, state

    state.load()
    ids = [run.id for run in runs.store().all()]
    delete = partial(deleting.delete_all, storage.delete_run, ids)
    deleting.ask.__wrapped__("2 runs", ids, 5_000_000, "They will be gone.", delete)


@pytest.mark.parametrize(("answer", "left"), [("Keep", 1), ("Delete", 0)])
def test_nothing_is_deleted_before_it_is_confirmed(open_app, store, trained, answer, left):
    app = AppTest.from_function(ask_before_deleting, default_timeout=60).run()
    told = "\n".join(text.value for text in app.markdown)
    assert "This deletes 2 runs" in told and trained.replace("-", "\\-") in told and "**5 MB** of the disk" in told
    assert len(store.all()) == 1
    press(app, answer)
    assert not app.exception and len(store.all()) == left


def test_a_run_that_was_started_meanwhile_is_not_deleted_and_the_dialog_says_so(open_app, store, trained):
    app = AppTest.from_function(ask_before_deleting, default_timeout=60).run()
    with store.lock(trained).acquire():
        press(app, "Delete")
    assert not app.exception and "is being trained" in sentences(app) and len(store.all()) == 1
