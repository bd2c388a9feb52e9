"""What `train` says at the end."""

from cnn.cli.terminal import printable
from cnn.engine import trainer
from cnn.store.advice import advice
from cnn.store.verdict import Verdict
from tests.cli.conftest import SETTINGS


def test_a_finished_training_ends_with_what_the_network_knows_and_what_would_help(run, image_folder, store):
    status, output, errors = run("train", image_folder, *SETTINGS, "--epochs", 1, "--runs", store.directory)
    assert (status, errors) == (0, "")
    (trained,) = store.all()
    verdict = Verdict(trained, store.history(trained.id).epochs())
    said = [printable(sentence.replace("*", "")) for sentence in (*verdict.sentences(), *advice(verdict))]
    assert output.split(" finished.\n")[1].splitlines() == said
    assert "one image is" in said[0] and any("uessing" in sentence for sentence in said)


def test_without_held_out_images_it_says_that_the_accuracy_is_unknown(run, image_folder, store):
    own = (*SETTINGS, "--epochs", 1, "--val-fraction", 0, "--runs", store.directory)
    status, output, errors = run("train", image_folder, *own)
    assert (status, errors) == (0, "")
    assert output.endswith(" finished.\nNo images were held out, so its accuracy on new images is unknown.\n")


def test_a_finished_run_that_cannot_go_on_stays_finished(run, image_folder, store, monkeypatch):
    assert run("train", image_folder, *SETTINGS, "--epochs", 1, "--runs", store.directory)[0] == 0
    (trained,) = store.all()
    monkeypatch.setattr(trainer, "shortage", lambda *_: "There is too little memory.")
    status, output, errors = run("train", "--resume", trained.id, "--epochs", 1, "--runs", store.directory)
    assert (status, output) == (2, f"Run {trained.id} stays finished.\n")
    assert errors == "error: There is too little memory.\n" and store.get(trained.id).status == "finished"
