"""Commands as processes of their own."""

import json
import os
import signal
import subprocess
import sys

import pytest

from cnn.engine import launch
from cnn.specs import DatasetSpec
from tests.cli.conftest import SETTINGS
from tests.conftest import needs_any_name


def test_a_closed_output_pipe_fails_neither_the_command_nor_the_run(image_folder, store):
    command = [sys.executable, "-m", "cnn", "train", str(image_folder), "--runs", str(store.directory), "--json"]
    command += [*SETTINGS, "--epochs", "5"]
    with subprocess.Popen(command, cwd=launch.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""
    assert store.all()[0].status != "failed"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl-C for a single process.")
def test_ctrl_c_keeps_the_run_and_resume_continues_exactly(image_folder, store, create_run, answer, outcome):
    where = ("--runs", str(store.directory))
    command = [sys.executable, "-m", "cnn", "train", str(image_folder), *SETTINGS, "--epochs", "40", *where, "--json"]
    with subprocess.Popen(command, cwd=launch.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while (event := json.loads(process.stdout.readline()))["event"] != "epoch":
            run_id = event["run"]
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (130, b"")
    assert json.loads(output.splitlines()[-1])["status"] == "stopped"
    assert store.get(run_id).status == "stopped" and 1 <= len(store.history(run_id).epochs()) < 40
    *_, finished = answer("train", "--resume", run_id, *where)
    assert finished["status"] == "finished" and len(store.history(run_id).epochs()) == 40

    straight, *_ = answer("train", image_folder, *SETTINGS, "--epochs", 40, *where)
    assert outcome(store, run_id) == outcome(store, straight["run"])


def test_command_line_and_launched_trainer_train_the_same_run_bit_for_bit(
    answer, image_folder, store, create_run, trainers, outcome, wait
):
    launched = create_run(data=DatasetSpec(image_size=16, seed=5))
    launch.start(store, launched)
    started, *_ = answer("train", image_folder, *SETTINGS, "--epochs", 3, "--runs", store.directory)
    by_hand = started["run"]
    wait(lambda: store.get(launched).status == "finished")
    ours, theirs = store.get(by_hand), store.get(launched)
    assert (ours.network_spec, ours.training_spec) == (theirs.network_spec, theirs.training_spec)
    assert outcome(store, by_hand) == outcome(store, launched)


def test_help_names_every_command(run_python):
    done = run_python("-m", "cnn", "--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("scan", "train", "runs", "predict", "activations", "export"))


@needs_any_name
def test_names_that_are_not_valid_text_can_be_scanned_trained_on_and_listed(answer, run_python, own_folder, store):
    folder = os.fsencode(own_folder.parent) + b"/caf\xe9"
    os.rename(own_folder, folder)
    os.rename(folder + b"/dark", folder + b"/d\xe4rk")
    path = os.fsdecode(folder)
    (scanned,) = answer("scan", path, "--runs", store.directory)
    assert scanned["classes"] == {"d\\xe4rk": 12, "light": 12}
    command = ("-m", "cnn", "train", path, *SETTINGS, "--epochs", 1, "--runs", store.directory, "--json")
    done = run_python(*command)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "finished"
