"""What a command says when it cannot do what it is asked."""

import pytest

from cnn.cli import commands
from cnn.cli.commands import main

WRONG = {
    "start from a missing run": "train {images} --base nowhere",
    "scan a missing folder": "scan {nowhere}",
    "train on a missing folder": "train {nowhere}",
    "train on nothing": "train",
    "no epochs": "train {images} --epochs 0",
    "tiny images": "train {images} --image-size 5",
    "no filters": "train {images} --filters 0",
    "five blocks": "train {images} --filters 1 1 1 1 1",
    "a rate that is no number": "train {images} --learning-rate nan",
    "a rate of zero": "train {images} --learning-rate 0",
    "all for validation": "train {images} --val-fraction 1",
    "too much dropout": "train {images} --dropout 1",
    "a negative seed": "train {images} --seed -1",
    "a network that does not fit": "train {images} --image-size 16 --filters 1 1 1 1",
    "going on with an unknown run": "train --resume nowhere",
    "fewer epochs than there were": "train --resume {run} --epochs -1",
    "going on with another seed": "train --resume {run} --seed 6",
    "going on with a rate of zero": "train --resume {run} --learning-rate 0",
    "going on in a missing folder": "train {nowhere} --resume {run}",
    "evaluating on test images that are not there": "evaluate {run} --split test",
    "evaluating an unknown run": "evaluate nowhere",
    "evaluating in a missing folder": "evaluate {run} {nowhere}",
    "predicting with an unknown run": "predict nowhere {photo}",
    "predicting a missing image": "predict {run} {nowhere}/0.png",
    "predicting a folder": "predict {run} {images}",
    "activations of a broken image": "activations {run} {broken} --output {out}/maps.npz",
    "activations into a missing folder": "activations {run} {photo} --output {nowhere}/maps.npz",
    "exporting an unknown run": "export nowhere --output {out}/pets.pt",
    "exporting nothing": "export {run}",
    "exporting into a missing folder": "export {run} --output {nowhere}/pets.pt",
    "exporting onto a folder": "export {run} --output {images}",
    "code into a missing folder": "export {run} --code {nowhere}/predict.py",
    "renaming an unknown run": "rename nowhere Pets",
    "renaming without a name": "rename {run}",
    "a tag of two words": "rename {run} --tag cats,dogs",
    "runs in a place that is a file": "runs --runs {broken}",
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_a_users_error_is_one_sentence_and_status_2(run, trained, image_folder, photo, tmp_path, line):
    store, run_id = trained
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG and no more")
    places = {
        "images": image_folder,
        "photo": photo,
        "broken": broken,
        "out": tmp_path,
        "nowhere": tmp_path / "nowhere",
    }
    before, runs_before = store.get(run_id), len(store.all())
    arguments = [word.format(run=run_id, **places) for word in line.split()]
    where = [] if "--runs" in arguments else ["--runs", store.directory]
    status, output, errors = run(*arguments, *where)
    assert (status, output) == (2, "")
    assert errors.startswith("error: ") and errors.count("\n") == 1 and "Traceback" not in errors
    assert "Errno" not in errors and ".part" not in errors  # a message for users
    assert store.get(run_id) == before and len(store.all()) == runs_before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.png"]


def test_a_programming_error_is_one_sentence_that_names_the_log_and_status_1(run, store, logged, monkeypatch):
    def fail(options):
        raise TypeError("'NoneType' object is not iterable")

    monkeypatch.setitem(commands.COMMANDS, "runs", fail)
    log = store.directory / "log.txt"
    sentence = f"error: Something went wrong inside the command 'runs'. The details are in {log}.\n"
    assert run("runs", "--runs", store.directory) == (1, "", sentence)
    assert "TypeError: 'NoneType' object is not iterable" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileNotFoundError(2, "No such file or directory", "cat.png"), "error: cat.png: No such file or directory\n"),
        (OSError(28, "No space left on device"), "error: No space left on device\n"),
        (OSError("cannot identify the file"), "error: cannot identify the file\n"),
        (OSError(), "error: OSError\n"),
    ],
)
def test_an_error_of_the_system_is_one_sentence(run, store, monkeypatch, error, sentence):
    def fail(options):
        raise error

    monkeypatch.setitem(commands.COMMANDS, "runs", fail)
    assert run("runs", "--runs", store.directory) == (2, "", sentence)


@pytest.mark.parametrize("line", ["", "fly", "train x --kernel", "predict run"])
def test_an_invalid_command_line_shows_the_usage(capsys, line):
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 2 and capsys.readouterr().err.startswith("usage: python -m cnn")
