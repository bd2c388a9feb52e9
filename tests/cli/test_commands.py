import json
import shutil
import time
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from cnn.data.dataset import read_dataset
from cnn.data.images import read_image
from cnn.engine import trainer
from cnn.explain.activations import activations
from cnn.model.code import prediction_script
from cnn.percent import NO_BREAK_SPACE
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import snapshots
from cnn.store.base import origin
from cnn.store.final_test import final_tests
from cnn.training.dataset_warnings import dataset_warnings
from cnn.training.device import best_device
from cnn.training.evaluation import probabilities
from cnn.training.rate_finder import find_rate_of
from tests.cli.conftest import SETTINGS
from tests.conftest import draw_images

# What the commands answer


def test_scan_counts_the_images_of_each_class_and_lists_skipped_files(answer, own_folder, store):
    (own_folder / "dark" / "broken.png").write_bytes(b"\x89PNG and no more")
    (own_folder / "dark" / "notes.txt").write_text("Dear diary")
    (found,) = answer("scan", own_folder, "--runs", store.directory)
    assert found["reading"] == "folders" and found["read_as"] == ["Read as one folder per class."]
    assert found["other_readings"] == []
    assert found["classes"] == {"dark": 12, "light": 12} and found["images"] == 24
    assert {skip["path"] for skip in found["skipped"]} == {"dark/broken.png", "dark/notes.txt"}
    assert all(set(skip) == {"path", "reason"} and skip["reason"] for skip in found["skipped"])


def test_an_archive_is_scanned_and_trained_on_like_its_folder(answer, own_folder, store, tmp_path):
    file = shutil.make_archive(tmp_path / "pets", "gztar", own_folder.parent, own_folder.name)
    path = f'"{file}" '  # as Windows copies it
    (by_folder,), (by_archive,) = (answer("scan", place, "--runs", store.directory) for place in (own_folder, path))
    assert by_archive == by_folder
    events = answer("train", path, "--runs", store.directory, *SETTINGS, "--epochs", "1")
    run = store.get(events[-1]["run"])
    (unpacked,) = [place for place in store.uploads.iterdir() if not place.name.startswith(".")]
    assert run.folder == str(unpacked) and unpacked.name.startswith("pets ")


def test_train_reports_its_start_each_epoch_and_its_end(answer, image_folder, store):
    events = answer("train", image_folder, "--runs", store.directory, *SETTINGS, "--epochs", "2")
    started, *epochs, finished = [event for event in events if event["event"] != "warning"]
    dataset = read_dataset(image_folder, DatasetSpec(image_size=16, seed=5), store.cache)
    assert started["event"] == "started"
    assert (started["train_images"], started["val_images"]) == (len(dataset.train), len(dataset.val))
    losses = ["train_loss", "train_accuracy", "val_loss", "val_accuracy"]
    by_class = ["val_predicted", "val_right", "dead"]
    columns = ["event", "epoch", *losses, *by_class, "seconds", "images_per_second"]
    assert [sorted(epoch) for epoch in epochs] == [sorted(columns)] * 2
    assert [(epoch["event"], epoch["epoch"]) for epoch in epochs] == [("epoch", 1), ("epoch", 2)]
    assert finished == {
        "event": "finished",
        "run": started["run"],
        "status": "finished",
        "val_accuracy": epochs[-1]["val_accuracy"],
    }
    stored = store.history(started["run"]).epochs()
    assert [row.train_loss for row in stored] == [epoch["train_loss"] for epoch in epochs]


def test_every_option_of_train_reaches_the_run(answer, image_folder, store):
    options = (
        *("--image-size", 20, "--color", "--max-per-class", 9, "--val-fraction", 0.5, "--filters", 2, 3),
        *("--convs-per-block", 2, "--kernel-size", 5, "--padding", "same", "--pooling", "average"),
        *("--activation", "tanh", "--batch-norm", "--dropout", 0.1, "--dense", 5, 6, "--no-dense-activation"),
        *("--epochs", 1, "--batch-size", 7, "--learning-rate", 0.5, "--optimizer", "rmsprop"),
        *("--weight-decay", 0.25, "--seed", 9, "--schedule", "cosine", "--patience", 4, "--label-smoothing", 0.1),
        *("--mirror", "--shift", 0.1, "--rotate", 15, "--zoom", 0.2, "--brightness", 0.3, "--contrast", 0.4),
        *("--erase", 0.5, "--preprocessing", "unit", "--initial-weights", "he", "--block-dropout", 0.2),
    )
    started, *_ = answer("train", image_folder, "--runs", store.directory, *options)
    run = store.get(started["run"])
    assert run.dataset_spec == DatasetSpec(20, 3, 9, 0.5, 9)
    network = NetworkSpec((2, 3), 2, 5, "same", "average", "tanh", True, 0.1, (5, 6), False)
    more = {"preprocessing": "unit", "initial_weights": "he", "block_dropout": 0.2}
    assert run.network_spec == replace(network, **more)
    training = TrainingSpec(1, 7, 0.5, "rmsprop", 0.25, 9, schedule="cosine", patience=4, label_smoothing=0.1)
    more = {"mirror": True, "shift": 0.1, "rotate": 15, "zoom": 0.2, "brightness": 0.3, "contrast": 0.4, "erase": 0.5}
    assert run.training_spec == replace(training, **more)


def test_train_without_options_trains_the_assignment(answer, image_folder, store):
    started, *_ = answer("train", image_folder, "--runs", store.directory)
    run = store.get(started["run"])
    assert (run.dataset_spec, run.network_spec, run.training_spec) == (DatasetSpec(), NetworkSpec(), TrainingSpec())


def test_dense_without_numbers_means_no_hidden_layer(answer, image_folder, store):
    started, *_ = answer("train", image_folder, "--runs", store.directory, "--dense", "--epochs", 1)
    assert store.get(started["run"]).network_spec.dense == ()


def test_runs_lists_them_with_settings_and_figures(answer, trained):
    store, run_id = trained
    ((facts,),) = answer("runs", "--runs", store.directory)
    run, last = store.get(run_id), store.history(run_id).epochs()[-1]
    assert (facts["run"], facts["status"], facts["epochs"]) == (run_id, "finished", 2)
    assert facts["classes"] == ["dark", "light"] and facts["folder"] == run.folder
    assert (facts["val_loss"], facts["val_accuracy"]) == (last.val_loss, last.val_accuracy)
    assert TrainingSpec.from_dict(facts["training"]) == run.training_spec
    assert NetworkSpec.from_dict(facts["network"]) == run.network_spec
    assert DatasetSpec.from_dict(facts["dataset"]) == run.dataset_spec


def test_without_runs_the_list_is_empty(answer, tmp_path):
    assert answer("runs", "--runs", tmp_path / "new") == [[]]


def test_predict_gives_each_image_its_class_and_probabilities(answer, trained, image_folder):
    store, run_id = trained
    photos = [image_folder / "dark" / "0.png", image_folder / "light" / "3.png"]
    answers = answer("predict", run_id, *photos, "--runs", store.directory)
    model = snapshots.load_model(store, store.get(run_id))
    for found, path in zip(answers, photos, strict=True):
        expected = probabilities(model, read_image(path, 16, 1)[0][None])[0].tolist()
        assert list(found) == ["path", "label", "probabilities"] and found["path"] == str(path)
        assert found["probabilities"] == dict(zip(("dark", "light"), expected, strict=True))
        assert found["label"] == max(found["probabilities"], key=found["probabilities"].get)


def test_predict_continues_after_an_unreadable_image(run, trained, photo, tmp_path):
    store, run_id = trained
    (tmp_path / "broken.png").write_bytes(b"\x89PNG and no more")
    status, output, errors = run("predict", run_id, tmp_path / "broken.png", photo, "--runs", store.directory, "--json")
    assert status == 2 and [json.loads(line)["path"] for line in output.splitlines()] == [str(photo)]
    assert errors.startswith(f"error: {tmp_path / 'broken.png'}: is damaged") and errors.count("\n") == 1


def test_activations_writes_an_array_for_each_layer(run, trained, photo, tmp_path):
    store, run_id = trained
    path = tmp_path / "maps.of this"
    assert run("activations", run_id, photo, "--output", path, "--runs", store.directory, "--json") == (0, "", "")
    expected = activations(snapshots.load_model(store, store.get(run_id)), read_image(photo, 16, 1)[0])
    with np.load(path, allow_pickle=False) as arrays:
        assert list(arrays) == list(expected)
        assert all((arrays[name] == expected[name]).all() for name in expected)


def test_export_writes_weights_and_a_program_that_belong_together(run, trained, tmp_path):
    store, run_id = trained
    options = ("--output", tmp_path / "pets.pt", "--code", tmp_path / "predict.py", "--runs", store.directory)
    assert run("export", run_id, *options) == (0, "", "")
    model = snapshots.load_model(store, store.get(run_id))
    expected = prediction_script(model, "pets.pt")
    assert (tmp_path / "predict.py").read_text(encoding="utf-8") == expected
    exported = torch.load(tmp_path / "pets.pt", weights_only=True)
    assert torch.equal(exported["state_dict"]["conv1.weight"], model.network.conv1.weight)
    specs = store.get(run_id)
    assert exported["spec"] == specs.network_spec.to_dict()
    assert exported["dataset_spec"] == specs.dataset_spec.to_dict()
    assert exported["training_spec"] == specs.training_spec.to_dict()


def test_without_json_the_output_is_tables(run, trained, photo, image_folder):
    store, run_id = trained
    where = ("--runs", store.directory)
    _, output, _ = run("scan", image_folder, *where)
    assert "24 images in 2 classes." in output and output.splitlines()[1].split() == ["dark", "12"]
    _, output, _ = run("runs", *where)
    assert run_id in output and "2/2" in output and " %" in output
    _, output, _ = run("predict", run_id, photo, *where)
    assert output.splitlines()[0].split() == ["image", "prediction", "dark", "light"] and output.count(" %") == 2
    status, output, errors = run("train", image_folder, *SETTINGS, "--epochs", 1, *where)
    facts = store.all()[0].facts
    assert facts["train_images"] + facts["val_images"] == 24
    assert f"{facts['train_images']} training images, {facts['val_images']} held-out images" in output
    assert status == 0 and errors == ""
    assert f"Run {store.all()[0].id} finished.\n" in output


def test_find_rate_prints_what_the_test_finds(answer, run, image_folder, store):
    own = ("--image-size", 16, "--filters", 3, "--dense", 4, "--batch-size", 4, "--seed", 5)
    (found,) = answer("find-rate", image_folder, "--runs", store.directory, *own)
    dataset = read_dataset(image_folder, DatasetSpec(image_size=16, seed=5), store.cache)
    network = NetworkSpec(filters=(3,), dense=(4,))
    expected = find_rate_of(network, dataset, TrainingSpec(batch_size=4, seed=5), best_device())
    assert found == json.loads(json.dumps(asdict(expected))) and found["suggestion"] is not None
    status, output, errors = run("find-rate", image_folder, "--runs", store.directory, *own)
    assert (status, errors) == (0, "")
    assert expected.reason in output and f"--learning-rate {expected.suggestion:g}" in output
    assert store.all() == []


def test_train_starts_from_another_run(answer, run, trained, image_folder, tmp_path):
    store, base = trained
    where = ("--runs", store.directory)
    own = ("--dense", 3, "--batch-size", 4, "--epochs", 1, "--kernel-size", 3)
    started, *_ = answer("train", image_folder, "--base", base, "--fine-tune", "--base-rate", 0.5, *own, *where)
    made = store.get(started["run"])
    changed = {"base": base, "base_step": store.history(base).best_step(), "fine_tune": True, "dense": (3,)}
    assert made.network_spec == replace(store.get(base).network_spec, **changed, dropout=0.0)
    assert made.training_spec.base_rate == 0.5
    ((newest, *_),) = answer("runs", *where)
    assert newest["base"] == made.facts["base"] and newest["base"]["run"] == base
    files = ("--output", tmp_path / "new.pt", "--code", tmp_path / "new.py")
    assert run("export", made.id, *files, *where) == (0, "", "")
    assert torch.load(tmp_path / "new.pt", weights_only=True)["base"] == made.facts["base"]
    assert origin(made) in (tmp_path / "new.py").read_text(encoding="utf-8")
    assert run("train", image_folder, "--base", base, "--base-step", 0, *own, *where)[0] == 0
    assert store.all()[0].facts["base"]["step"] == 0
    (found,) = answer("find-rate", image_folder, "--base", base, "--batch-size", 4, *where)
    assert len(found["rates"]) > 0
    status, _, errors = run("train", image_folder, "--base", base, "--image-size", 20, *where)
    assert status == 2 and errors.startswith("error: The base gives the setting “image size”: 16.")


@pytest.fixture
def with_test_images(tmp_path):
    """A folder with 8 images to train on, 4 held out and 6 to test."""
    folder = tmp_path / "split"
    for name, per_class in (("train", 4), ("val", 2), ("test", 3)):
        draw_images(folder / name, per_class=per_class)
    return folder


def test_evaluate_gives_the_accuracy_of_each_split(answer, trained):
    store, run_id = trained
    best = min(store.history(run_id).epochs(), key=lambda epoch: epoch.val_loss)
    (found,) = answer("evaluate", run_id, "--runs", store.directory)
    facts = store.get(run_id).facts
    assert (found["split"], found["images"], found["step"]) == ("held-out", facts["val_images"], best.step)
    assert found["accuracy"] == best.val_accuracy == found["right"] / facts["val_images"]
    right = dict(zip(store.get(run_id).classes, best.val_right, strict=True))
    per_class = dict(zip(store.get(run_id).classes, facts["val_per_class"], strict=True))
    assert found["per_class"] == {name: right[name] / per_class[name] for name in right}
    (found,) = answer("evaluate", run_id, "--split", "training", "--runs", store.directory)
    assert found["images"] == facts["train_images"] and final_tests(store.get(run_id)) == []


def test_each_evaluation_on_the_test_images_is_kept_and_counted(run, answer, with_test_images, store):
    where = ("--runs", store.directory)
    started, *_ = answer("train", with_test_images, *SETTINGS, "--epochs", 1, *where)
    status, output, _ = run("evaluate", started["run"], "--split", "test", *where)
    (kept,) = final_tests(store.get(started["run"]))
    assert status == 0 and f"{kept.right} of the 6 test images are right" in output and "number" not in output
    assert kept.images == 6 and abs(kept.asked - time.time()) < 60
    moved = with_test_images.rename(with_test_images.parent / "moved")
    assert "test number 2" in run("evaluate", started["run"], moved, "--split", "test", *where)[1]
    assert [one.right for one in final_tests(store.get(started["run"]))] == [kept.right] * 2


def test_scan_warns_with_the_images_behind(run, answer, own_folder, store):
    shutil.copy(own_folder / "dark" / "0.png", own_folder / "light" / "copy.png")
    ((scanned),) = answer("scan", own_folder, "--runs", store.directory)
    two, few = scanned["warnings"]
    assert "2 images are in two classes" in two["text"] and two["images"] == ["dark/0.png", "light/copy.png"]
    assert "Few images are held out" in few["text"]
    status, output, _ = run("scan", own_folder, "--runs", store.directory)
    assert status == 0 and f"Warning: {two['text']}" in output and "For example: dark/0.png, light/copy.png" in output


def test_train_warns_with_the_images_behind(run, answer, own_folder, store):
    where = (own_folder, "--runs", store.directory)
    dataset = read_dataset(own_folder, DatasetSpec(image_size=16, seed=5), store.cache)
    (expected,) = dataset_warnings(dataset)
    warning, *events = answer("train", *where, *SETTINGS, "--epochs", 1)
    assert warning["event"] == "warning" and warning["run"] == events[0]["run"]
    assert (warning["text"], warning["images"]) == (expected.text, [dataset.paths[i] for i in expected.images])
    _, output, _ = run("train", *where, *SETTINGS, "--epochs", 1)
    assert f"Warning: {warning['text']}".replace(NO_BREAK_SPACE, " ") in output


def test_scan_reads_only_the_named_classes_and_tells_test_images_apart(answer, own_folder, store, tmp_path):
    for part in ("train", "test"):
        shutil.copytree(own_folder, tmp_path / "set" / part)
    where = (tmp_path / "set", "--runs", store.directory)
    (found,) = answer("scan", *where)
    assert found["splits"]["test"] == {"dark": 12, "light": 12} and sum(found["splits"]["held-out"].values()) > 0
    (found,) = answer("scan", *where, "--test-images", "held_out")
    assert found["splits"]["held-out"] == {"dark": 12, "light": 12} and not sum(found["splits"]["test"].values())
    shutil.copytree(own_folder / "dark", own_folder / "gray")
    (found,) = answer("scan", own_folder, "--runs", store.directory, "--classes", "gray", "light")
    assert found["classes"] == {"gray": 12, "light": 12}


# What can go wrong


def test_a_run_that_fails_is_an_error_and_says_so_in_json_too(run, image_folder, store, monkeypatch):
    monkeypatch.setattr(trainer, "shortage", lambda *_: "There is too little memory.")
    status, output, errors = run("train", image_folder, "--runs", store.directory, *SETTINGS, "--json")
    assert status == 2 and errors == "error: There is too little memory.\n"
    assert json.loads(output.splitlines()[-1])["status"] == "failed"


def test_an_active_run_is_not_trained_again(run, create_run, store):
    run_id = create_run()
    status, _, errors = run("train", "--resume", run_id, "--runs", store.directory)
    assert status == 2 and "is already being trained" in errors


def test_a_run_can_be_named_and_tagged_when_trained_and_later(run, answer, image_folder, store):
    where = ("--runs", store.directory)
    options = (*SETTINGS, "--epochs", 1, "--name", "Small one", "--tag", "gray", "quick")
    started, *_ = answer("train", image_folder, *where, *options)

    def labels() -> tuple[str, list[str]]:
        ((facts,),) = answer("runs", *where)
        return facts["name"], facts["tags"]

    assert labels() == ("Small one", ["gray", "quick"])
    head, row = run("runs", *where)[1].splitlines()
    assert head.split()[:3] == ["run", "name", "tags"] and "Small one  gray quick" in row
    assert run("rename", started["run"], "Tiny", *where) == (0, "", "")
    assert labels() == ("Tiny", ["gray", "quick"])
    assert run("rename", started["run"], "--note", "Too small?", *where) == (0, "", "")
    assert answer("runs", *where)[0][0]["note"] == "Too small?"
    assert run("rename", started["run"], "--tag", *where) == (0, "", "")
    assert labels() == ("Tiny", [])
    assert answer("train", "--resume", started["run"], "--epochs", 1, "--tag", "long", *where)
    assert labels() == ("Tiny", ["long"])


# Going on with a run


def test_resume_with_epochs_adds_them(answer, image_folder, store, outcome):
    where = ("--runs", store.directory)
    started, *_ = answer("train", image_folder, *SETTINGS, "--epochs", 1, *where)
    _, epoch, finished = answer("train", "--resume", started["run"], "--epochs", 1, *where)
    assert epoch["epoch"] == 2 and finished["run"] == started["run"]
    whole, *_ = answer("train", image_folder, *SETTINGS, "--epochs", 2, *where)
    assert outcome(store, started["run"]) == outcome(store, whole["run"])


def test_resume_names_the_settings_that_cannot_change(run, trained):
    store, run_id = trained
    before = store.get(run_id)
    other = ("--batch-size", 8, "--filters", 4, 4, "--color", "--seed", 5, "--optimizer", "sgd", "--learning-rate", 1)
    status, _, errors = run("train", "--resume", run_id, *other, "--runs", store.directory)
    assert status == 2 and store.get(run_id) == before
    differ = (
        "channels grayscale, not colour; filters per block 3, not 4, 4; batch size 4, not 8; optimiser adam, not sgd, "
    )
    assert f"differ: {differ}momentum." in errors and "seed" not in errors


def test_resume_takes_another_learning_rate_on_the_way(answer, image_folder, store):
    where = ("--runs", store.directory)
    started, *_ = answer("train", image_folder, *SETTINGS, "--epochs", 1, *where)
    answer("train", "--resume", started["run"], *SETTINGS, "--epochs", 1, "--learning-rate", 0.5, *where)
    first = store.history(started["run"]).epochs()[0].step
    assert store.history(started["run"]).learning_rates() == {first + 1: 0.5}


def test_a_run_whose_images_are_gone_says_where_they_were_and_which_command_goes_on(run, answer, own_folder, store):
    where = ("--runs", store.directory)
    run_id = answer("train", own_folder, *SETTINGS, "--epochs", 1, *where)[0]["run"]
    moved, before = own_folder.rename(own_folder.parent / "moved"), store.get(run_id)
    lost = f"The images of this run are not in “{own_folder}”, which does not exist."
    elsewhere = "If the images are in another folder now: python -m cnn"
    go_on, again = f"train NEW_FOLDER --resume {run_id}", f"evaluate {run_id} NEW_FOLDER"
    more = ("train", "--resume", run_id, "--epochs", 1, *where)
    assert run(*more) == (2, "", f"error: {lost} {elsewhere} {go_on}\n")
    assert run("evaluate", run_id, *where) == (2, "", f"error: {lost} {elsewhere} {again}\n")
    assert store.get(run_id) == before
    archive = shutil.make_archive(str(moved), "zip", moved)
    assert run(*again.replace("NEW_FOLDER", archive).split(" "), *where)[0] == 0
    for command in (again, go_on):
        assert run(*command.replace("NEW_FOLDER", str(moved)).split(" "), *where)[0] == 0
    (moved / "dark" / "0.png").unlink()
    status, _, errors = run(*more)
    assert status == 2 and "has changed or is missing" in errors and "dark/0.png" in errors
    assert errors.endswith(f"{elsewhere} {go_on}\n")


def test_resume_finds_the_images_in_the_folder_that_is_named(run, answer, own_folder, store, tmp_path):
    where = ("--runs", store.directory)
    started, *_ = answer("train", own_folder, *SETTINGS, "--epochs", 1, *where)
    moved = own_folder.rename(own_folder.parent / "moved")
    other = draw_images(tmp_path / "other", per_class=6)
    status, _, errors = run("train", other, "--resume", started["run"], *where)
    assert status == 2 and "missing from" in errors and "NEW_FOLDER" not in errors
    assert store.get(started["run"]).folder == str(own_folder)
    *_, finished = answer("train", moved, "--resume", started["run"], "--epochs", 1, *where)
    assert finished["status"] == "finished" and store.get(started["run"]).folder == str(moved)


# Comparing runs


def test_two_runs_are_compared_by_settings_results_and_images(run, answer, image_folder, store):
    where = ("--runs", store.directory)
    first, second = (
        answer("train", image_folder, *where, *SETTINGS, "--epochs", 1, "--learning-rate", rate)[0]["run"]
        for rate in (0.01, 0.1)
    )
    store.label(first, "Slow")
    ((facts,),) = [answer("compare", first, second, *where)]
    assert [one["settings"] for one in facts["runs"]] == [{"learning_rate": 0.01}, {"learning_rate": 0.1}]
    for one in facts["runs"]:
        assert one["accuracy"] == store.history(one["run"]).epochs()[-1].val_accuracy
    right = facts["both_right"] + facts["only_first_right"]
    assert right == round(facts["runs"][0]["accuracy"] * facts["common_images"])
    status, output, _ = run("compare", first, second, *where)
    assert status == 0 and "learning rate" in output and "Slow" in output and "kernel" not in output
    status, _, errors = run("compare", first, first, *where)
    assert status == 2 and "at least two different runs" in errors
