import json

import pytest

from cnn.cli.commands import main
from cnn.engine import launch, queue
from cnn.store import waiting
from cnn.store.run import QUEUED
from cnn.training import speed

SMALL = ["--image-size", "16", "--filters", "3", "--dense", "4", "--epochs", "2", "--batch-size", "4"]


@pytest.fixture(autouse=True)
def one_place(monkeypatch):
    monkeypatch.setenv("CNN_AT_ONCE", "1")


@pytest.fixture
def command(store, image_folder, capsys):
    """Runs a command on the store; returns what it prints, and its exit status."""

    def run(*arguments) -> tuple[str, int]:
        status = main([*map(str, arguments), "--runs", str(store.directory)])
        return capsys.readouterr().out, status

    return run


@pytest.fixture
def begun(monkeypatch) -> list[str]:
    runs: list[str] = []
    monkeypatch.setattr(launch, "start", lambda store, run_id: runs.append(run_id))
    return runs


def events(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def test_an_experiment_trains_every_value_with_every_seed_and_compares(command, store, image_folder, trainers):
    vary = ["--vary", "dense_activation=on,off", "--seeds", 2]
    output, status = command("experiment", image_folder, *vary, *SMALL, "--json")
    first, *runs, last = events(output)
    assert status == 0 and first["runs"] == 4 and [one["status"] for one in runs] == ["finished"] * 4
    means = {one["value"]: one["mean"] for one in last["results"]}
    for value in means:
        own = [one["val_accuracy"] for one in runs if one["value"] == value]
        assert len(own) == 2 and means[value] == pytest.approx(sum(own) / 2)
    assert "better" in last["sentences"][1] or "chance" in last["sentences"][1]
    shown, _ = command("experiments", first["experiment"])
    assert "4 of 4 finished" in shown and "2/2" in shown


def test_an_experiment_is_paused_continued_extended_and_cancelled(command, store, image_folder, begun):
    output, _ = command("experiment", image_folder, "--vary", "kernel_size=3,5", "--no-wait", *SMALL, "--json")
    (started,) = events(output)
    assert started["runs"] == 6
    name = started["experiment"]
    assert events(command("experiments", name, "--pause", "--json")[0])[0]["paused"]
    assert not events(command("experiments", name, "--continue", "--json")[0])[0]["paused"]
    assert len(events(command("experiments", name, "--extend", 1, "--json")[0])[0]["runs"]) == 8
    assert len(events(command("experiments", name, "--cancel", "--json")[0])[0]["runs"]) == 1  # it has a trainer
    assert name in command("experiments")[0]


def test_the_queue_is_listed_and_changed(command, store, create_run, begun):
    runs = []
    for _ in range(4):
        runs.append(create_run())
        queue.start(store, runs[-1])
    (listed,) = events(command("queue", "--json")[0])
    assert listed["training"] == runs[:1] and [one["run"] for one in listed["waiting"]] == runs[1:]
    (listed,) = events(command("queue", runs[3], "--to", 1, "--json")[0])
    assert [one["run"] for one in listed["waiting"]] == [runs[3], *runs[1:3]]
    command("queue", runs[1], "--remove")
    assert store.get(runs[1]).status == "stopped" and store.get(runs[2]).status == QUEUED
    assert command("queue", runs[1], "--remove")[1] == command("queue", runs[2])[1] == 2
    assert store.get(runs[2]).name in command("queue")[0]


def test_the_queue_says_which_run_gives_way_to_which(command, store, create_run, begun):
    running, short = create_run(epochs=1000), create_run()
    assert "none waits" not in command("queue")[0]
    queue.start(store, running)
    store.set_status(short, "stopped")
    waiting.add(store, short)
    with store.lock(running):
        store.set_status(running, "running")
        waiting.give_way_to(store, running, short)
        (listed,) = events(command("queue", "--json")[0])
        assert listed["gives_way"] == {running: short} and listed["waiting"][0]["paused_for"] is None
        assert f"gives way to {short}" in command("queue")[0]
        waiting.come_back(store, running)
    (listed,) = events(command("queue", "--json")[0])
    assert listed["training"] == [short] and listed["waiting"][0]["paused_for"] == short
    shown = command("queue")[0]
    assert "paused to let" in shown and "goes on after it" in shown


def test_a_wrong_use_of_a_command_is_said_in_a_sentence(command, store, capsys):
    assert command("queue", "--now")[1] == command("experiments", "--pause")[1] == 2
    assert command("experiments", "x", "--extend", 0)[1] == 2
    assert "There are no experiments yet." in command("experiments")[0]
    assert "No run trains, and none waits." in command("queue")[0]


def test_runs_of_a_paused_experiment_are_counted_and_cannot_be_moved(command, store, image_folder, begun):
    (started,) = events(command("experiment", image_folder, "--seeds", 2, "--no-wait", *SMALL, "--json")[0])
    waits = waiting.waiting(store)[0].id
    command("experiments", started["experiment"], "--pause")
    assert events(command("queue", "--json")[0])[0]["held"] == 1 and "1 more in paused" in command("queue")[0]
    assert command("queue", waits, "--to", 1)[1] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--vary", "dense_activation"],
        ["--vary", "kernel_size=3,4"],
        ["--vary", "colour=1,2"],
        ["--vary", "seed=1,2"],
        ["--ready", "Alchemy"],
        ["--seeds", "1000"],
        ["--ready", "Kernel size", "--image-size", "16"],
    ],
)
def test_impossible_experiments_start_nothing(command, store, image_folder, arguments):
    assert command("experiment", image_folder, *arguments)[1] == 2 and store.all() == []


def test_what_would_be_the_same_is_trained_once(command, store, image_folder, begun):
    ready = ["--ready", "Augmentation and number of images", "--seeds", 1, "--no-wait", *SMALL]
    output, status = command("experiment", image_folder, *ready, "--json")
    (started,) = events(output)
    assert status == 0 and started["runs"] == 2 and "no class has more than 12 images" in started["left_out"]
    output, _ = command("experiment", image_folder, *ready)
    assert "no class has more than 12 images" in output and "2 runs" in output
    assert len(store.all()) == 4


def test_what_an_experiment_takes_is_foreseen_without_starting_it(command, store, image_folder, monkeypatch):
    from cnn.cli import experiments

    measured = speed.Speedometer(lambda question: {"train": 100.0, "evaluate": 100.0})
    monkeypatch.setattr(experiments, "_speedometer", measured)
    output, status = command("experiment", image_folder, "--ready", "Kernel size", "--foresee", *SMALL[2:], "--json")
    (found,) = events(output)
    assert status == 0 and found["runs"] == 9 and found["seconds"] > 9 * 2 * 24 / 100 and found["disk"] > 0
    assert store.all() == []
