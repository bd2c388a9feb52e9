"""python -m cnn explain, in this process."""

import signal

import numpy as np
import pytest

from cnn.cli.commands import main
from cnn.data.images import read_image
from cnn.explain.grad_cam import grad_cam
from cnn.explain.methods import METHODS
from cnn.explain.occlusion import occlusion
from cnn.explain.saliency import saliency
from cnn.store.runs import RunStore
from cnn.store.snapshots import load_model
from cnn.training.evaluation import probabilities

SETTINGS = ("--image-size", "16", "--filters", "3", "2", "--padding", "same", "--epochs", "1", "--json")


@pytest.fixture(scope="module")
def trained(image_folder, tmp_path_factory) -> RunStore:
    store = RunStore(tmp_path_factory.mktemp("runs"))
    handler = signal.getsignal(signal.SIGINT)
    assert main(["train", str(image_folder), "--runs", str(store.directory), *SETTINGS]) == 0
    signal.signal(signal.SIGINT, handler)
    return store


@pytest.fixture
def explain(trained, image_folder, tmp_path, capsys):
    """Explains an image: (exit status, standard output, standard error, the arrays written or None)."""
    photo, output, run_id = image_folder / "dark" / "0.png", tmp_path / "found.npz", trained.all()[0].id

    def explain(*options, run=run_id, image=photo, output=output):
        capsys.readouterr()
        command = ["explain", run, str(image), "--output", str(output), "--runs", str(trained.directory), *options]
        status = main(command)
        arrays = dict(np.load(output, allow_pickle=False)) if output.exists() else None
        return status, *capsys.readouterr(), arrays

    return explain


@pytest.fixture
def known(trained, image_folder):
    image = read_image(image_folder / "dark" / "0.png", 16, 1)[0]
    return load_model(trained, trained.all()[0]), image


CASES = {
    **{(method.slug,): lambda *known, run=method.run: run(*known, 1, {}) for method in METHODS},
    ("grad-cam", "--layer", "conv1"): lambda *known: grad_cam(*known, 1, "conv1"),
    ("occlusion", "--patch", "5"): lambda *known: occlusion(*known, 1, 5, 2, 128),
    ("occlusion", "--patch", "5", "--stride", "3", "--fill", "0"): lambda *known: occlusion(*known, 1, 5, 3, 0),
}


@pytest.mark.parametrize(("options", "expected"), CASES.items(), ids=map(" ".join, CASES))
def test_each_method_writes_the_result_of_its_function(explain, known, options, expected):
    status, output, errors, arrays = explain("--class", "light", "--json", "--method", *options)
    assert (status, output, errors) == (0, "", "")
    model, image = known
    assert set(arrays) == {"attribution", "image", "probabilities", "class"}
    assert arrays["attribution"].dtype == np.float32 and arrays["class"] == "light"
    assert (arrays["attribution"] == expected(*known).values).all()
    assert (arrays["image"] == image).all()
    assert (arrays["probabilities"] == probabilities(model, image[None])[0]).all()


def test_without_a_class_the_predicted_one_is_explained_and_named(explain, known):
    status, output, errors, arrays = explain("--method", "saliency")
    predicted = int(arrays["probabilities"].argmax())
    assert (status, errors, arrays["class"]) == (0, "", ("dark", "light")[predicted])
    assert output.startswith(f"saliency for {arrays['class']}. The network gives this class ")
    assert output.endswith(" %.\n")
    assert (arrays["attribution"] == saliency(*known, predicted).values).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("saliency", "--class", "cat"), "There is no class 'cat'. The classes are: dark, light."),
        (("grad-cam", "--layer", "dense1"), "There is no convolution 'dense1'; there are conv1, conv2."),
        (("saliency", "--layer", "conv1"), "saliency has no option 'layer'."),
        (("grad-cam", "--patch", "4"), "Grad-CAM has no option 'patch'."),
        (("occlusion", "--patch", "99"), "The patch must be from 1 to 16 pixels, the side of the image, not 99."),
        (("occlusion", "--patch", "4.5"), "patch must be a whole number, not '4.5'."),
        (("occlusion", "--fill", "300"), "The fill must be from 0 (black) to 255 (white), not 300."),
        (("occlusion", "--stride", "9"), "The stride must be from 1 to 2 pixels, the side of the patch, not 9."),
    ],
)
def test_a_users_error_is_one_sentence_and_status_2(explain, options, says):
    assert explain("--method", *options) == (2, "", f"error: {says}\n", None)


def test_an_unknown_run_a_broken_image_and_a_missing_folder_are_errors_too(explain, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG and no more")
    for wrong in ({"run": "nowhere"}, {"image": broken}, {"output": tmp_path / "nowhere" / "found.npz"}):
        status, output, errors, arrays = explain("--method", "saliency", **wrong)
        assert (status, output, arrays) == (2, "", None)
        assert errors.startswith("error: ") and errors.count("\n") == 1


def test_an_unknown_method_shows_the_usage(explain, capsys):
    with pytest.raises(SystemExit) as ended:
        explain("--method", "guessing")
    shown = capsys.readouterr().err
    assert ended.value.code == 2 and all(method.slug in shown for method in METHODS)


def test_its_help_names_the_options_of_each_method(explain, capsys):
    with pytest.raises(SystemExit):
        explain("--help")
    shown = " ".join(capsys.readouterr().out.split())
    for method in METHODS:
        assert all(f"--{option.name} {option.unit}" in shown for option in method.options)
    assert "grad-cam: a convolution (default: the last)" in shown
