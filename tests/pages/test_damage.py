"""Damaged runs and stores give an error message, never a traceback."""

import pytest

from cnn.cli.commands import main
from cnn.engine import launch
from cnn.engine.trainer import train_run
from cnn.specs import NetworkSpec
from cnn.store import runs
from cnn.store.disk import delete_run
from cnn.store.runs import RunError
from tests.app import NEEDS_A_RUN, PAGES, sentences
from tests.conftest import execute_sql

# Damaged runs on every page


DAMAGES = ("missing", "empty", "cut", "another network", "a web page")


@pytest.mark.parametrize(
    ("page", "damage"),
    [*((page, "missing") for page in NEEDS_A_RUN), *(("activations", damage) for damage in DAMAGES[1:])],
)
def test_a_damaged_snapshot_gives_an_error_message(open_page, store, create_run, image_folder, trained, page, damage):
    path = store.snapshot_path(trained, store.history(trained).step_to_show(is_active=False))
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
def test_a_damaged_run_gives_an_error_message_on_every_page(open_page, store, trained, page, column):
    execute_sql(store, f"UPDATE runs SET {column} = ?", DAMAGED_ROWS[column])
    app = open_page(page, folder="shapes", max_per_class=4, image_size=16, run=trained)
    if page in ("train", *NEEDS_A_RUN):
        assert f"Run {trained} is damaged" in sentences(app)


@pytest.mark.parametrize("page", PAGES)
def test_other_runs_keep_working_beside_a_damaged_one(open_page, store, create_run, image_folder, trained, page):
    broken = create_run()
    execute_sql(store, "UPDATE runs SET training_spec = 'null' WHERE id = ?", broken)
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
def test_broken_values_give_an_error_message_or_are_left_out(open_page, store, image_folder, trained, statement):
    execute_sql(store, statement)
    app = open_page("train", folder=image_folder, run=trained)
    assert "is damaged" in sentences(app) or "100000" in statement


DAMAGED_HISTORY = {  # table and column -> a damaged value
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
    store.history(run_id).set_learning_rate(2, 0.1)
    key = {"live": "run", "epochs": "epoch"}.get(table, "step")
    newest = f"{key} = (SELECT MAX({key}) FROM {table} WHERE run = '{run_id}')"
    execute_sql(store, f"UPDATE {table} SET {column} = {DAMAGED_HISTORY[place]} WHERE run = '{run_id}' AND {newest}")


@pytest.mark.parametrize(
    ("page", "place"),
    [
        *(("train", place) for place in DAMAGED_HISTORY if "snapshots" not in place),
        *((page, place) for page in NEEDS_A_RUN for place in ("snapshots.step", "snapshots.epoch")),
    ],
)
def test_a_damaged_history_gives_an_error_message_on_every_page(open_page, store, image_folder, trained, page, place):
    damage(store, trained, place)
    assert f"Run {trained} is damaged: its " in sentences(open_page(page, folder=image_folder, run=trained))


@pytest.mark.parametrize("place", ["epochs.val_accuracy", "epochs.train_loss", "snapshots.step"])
def test_a_damaged_history_marks_only_its_own_run_in_lists(
    open_page, store, create_run, image_folder, trained, capsys, place
):
    broken = create_run(epochs=1)
    train_run(store, broken)
    damage(store, broken, place)
    table = open_page("storage", folder=image_folder, run=trained).dataframe[0].value
    assert table["status"].tolist() == ["✓ finished", "✗ damaged"] and table["epochs"].tolist() == ["3 of 3", ""]
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
def test_a_damaged_store_gives_an_error_message_on_every_page(open_page, store, page):
    for beside in store.directory.glob("runs.sqlite*"):
        beside.write_bytes(b"no database" * 500)
    assert "is damaged" in sentences(open_page(page))


def test_a_store_of_a_newer_version_gives_an_error_message(open_page, store):
    execute_sql(store, "PRAGMA user_version = 99")
    assert "made by a newer version" in sentences(open_page("data"))


def test_a_run_that_cannot_be_stored_gives_an_error_message(open_page, image_folder, monkeypatch):
    app = open_page("train", folder=image_folder)

    def create(*_, **__):
        raise runs.StoreError("The disk is full: nothing more can be written.")

    monkeypatch.setattr(runs.RunStore, "create", create)
    next(button for button in app.button if button.label == "Train a new network").click().run()
    assert not app.exception and "The disk is full" in sentences(app)


def test_a_process_that_cannot_start_gives_an_error_message(store, create_run, monkeypatch):
    def spawn(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(launch.subprocess, "Popen", spawn)
    monkeypatch.setattr(launch, "_spares", {})
    with pytest.raises(RunError, match=r"No training process could be started: Cannot allocate memory\."):
        launch.start(store, create_run())


@pytest.mark.parametrize("click", ["Train a new network", "Continue", "more"])
def test_a_run_without_a_training_process_says_why(open_page, store, image_folder, trained, monkeypatch, click):
    def spawn(store):
        raise RunError("No training process could be started: Cannot allocate memory.")

    if click == "Continue":
        store.set_status(trained, "stopped")
    app = open_page("train", folder=image_folder, run="" if click == "Train a new network" else trained)
    monkeypatch.setattr(launch, "_spares", {})
    monkeypatch.setattr(launch, "_spawn", spawn)
    next(button for button in app.button if click in (button.label, button.key)).click().run()
    assert not app.exception and "Cannot allocate memory" in sentences(app)
    run = store.all()[0]
    ended = {
        "Train a new network": "failed",
        "Continue": "stopped",
        "more": "finished",
    }  # a run that has ended stays as it is
    assert run.status == ended[click] and run.message.startswith("No training process could be started")
    assert ("Continue" in [button.label for button in app.button]) == (click != "more")


def test_the_command_line_lists_damaged_runs_below_the_others(store, create_run, trained, capsys):
    broken = create_run()
    execute_sql(store, "UPDATE runs SET facts = '[' WHERE id = ?", broken)
    assert main(["runs", "--runs", str(store.directory)]) == 0
    above, below = capsys.readouterr().out.split("\nDamaged:\n")
    assert trained in above and broken not in above and f"{broken}  Run {broken} is damaged: " in below
