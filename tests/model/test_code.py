import ast
import json
import os
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from cnn.data.decoding import STANDARD, Decoding
from cnn.data.images import read_image
from cnn.model.build import adopt_weights, build
from cnn.model.code import _READING, OPTIMIZERS, network_code, prediction_script, training_code
from cnn.model.export import save_weights
from cnn.model.layers import NetworkError, lay_out
from cnn.model.model import PLAIN, Model, Preprocessing
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.store import snapshots
from cnn.training.evaluation import probabilities
from cnn.training.loop import Training
from cnn.training.optimizers import make_optimizer

IMPORTS = "from collections import OrderedDict\nfrom torch import nn\n"


def run(program: str) -> dict:
    names = {}
    exec(compile(program, "copied.py", "exec"), names)
    return names


@given(spec=..., size=st.integers(16, 40), channels=st.sampled_from((1, 3)), classes=st.integers(2, 12))
def test_the_copied_network_is_the_network(spec: NetworkSpec, size, channels, classes):
    try:
        layers = lay_out(spec, size, channels, classes)
    except NetworkError:
        assume(False)
    copied, network = run(IMPORTS + network_code(layers))["network"], build(layers, seed=1)
    shapes = [{name: value.shape for name, value in n.state_dict().items()} for n in (copied, network)]
    assert shapes[0] == shapes[1] and list(shapes[0]) == list(shapes[1])
    assert [str(module) for module in copied] == [str(module) for module in network]  # dropout and the like, too
    copied.load_state_dict(network.state_dict())
    images = torch.rand(2, channels, size, size)
    assert torch.allclose(copied.eval()(images), network.eval()(images), rtol=1e-4, atol=1e-5)


def test_the_copied_network_reads_like_a_table_of_layers_and_shapes():
    lines = network_code(lay_out(NetworkSpec(dense=(16,)), 50, 1, 2)).splitlines()
    assert lines[0] == "network = nn.Sequential(OrderedDict([  # input: 1 × 50 × 50"
    assert lines[1].startswith('    ("conv1", nn.Conv2d(1, 16, 3)),') and lines[1].endswith("  # 16 × 48 × 48")
    assert lines[-2].startswith('    ("logits", nn.Linear(16, 2)),') and lines[-2].endswith("  # 2")
    assert lines[-1] == "]))" and len({line.index("  #") for line in lines[1:-1]}) == 1


@given(
    spec=st.builds(
        TrainingSpec,
        optimizer=st.sampled_from(tuple(OPTIMIZERS)),
        learning_rate=st.floats(1e-7, 10),
        weight_decay=st.just(0.0) | st.floats(0, 1),
    )
)
def test_the_copied_optimiser_is_the_optimiser_to_the_last_digit(spec):
    copied = run(training_code(LAYERS, spec, SMALL))
    expected = make_optimizer([copied["network"].parameters()], spec)
    assert type(copied["optimizer"]) is type(expected)
    # All that decides over the numbers. Going through the parameters at once is faster, and gives the same to rounding.
    joint = {name: expected.defaults.get(name) for name in ("foreach", "fused")}
    assert True in joint.values()
    assert copied["optimizer"].defaults | {name: value for name, value in joint.items() if value} == expected.defaults


SMALL = NetworkSpec(filters=(3,), dense=(4,))
LAYERS = lay_out(SMALL, 16, 1, 2)


@pytest.mark.parametrize("initial_weights", ["pytorch", "glorot", "he"])
def test_the_copied_network_begins_with_the_weights_of_the_training(initial_weights):
    spec = NetworkSpec(filters=(5,), dense=(40, 4), dense_bias=2, initial_weights=initial_weights)
    layers = lay_out(spec, 16, 1, 2)
    network = build(layers, 0, spec.initial_weights, spec.dense_bias)
    with torch.random.fork_rng():
        torch.manual_seed(0)  # draws the same numbers in the same order
        copied = run(training_code(layers, TrainingSpec(), spec))["network"]
    assert all(torch.equal(copied.get_parameter(name), value) for name, value in network.named_parameters())


def test_the_copied_code_says_which_numbers_the_network_gets_and_what_it_leaves_out():
    code = training_code(LAYERS, TrainingSpec(), replace(SMALL, preprocessing="unit"))
    assert "# images: 32 × 1 × 16 × 16, float32 from 0 to 1\n" in code and "Not in this code" not in code
    code = training_code(LAYERS, TrainingSpec(shift=0.1, schedule="one_cycle", patience=3, label_smoothing=0.1), SMALL)
    assert "from 0 to 1, minus the mean of the training images, divided by their standard deviation\n" in code
    assert "cross_entropy(network(images), labels, label_smoothing=0.1)" in code
    assert code.endswith(
        "# Not in this code: augmentation, the one cycle schedule of the learning rate, stopping early.\n"
    )


def test_the_copied_training_step_gives_the_loss_and_moves_the_weights():
    copied = run(training_code(LAYERS, TrainingSpec(learning_rate=0.01), SMALL))
    images, labels = torch.rand(8, 1, 16, 16, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 2
    expected = copied["network"](images).log_softmax(1)[torch.arange(8), labels].mean().neg().item()
    before = copied["network"].logits.bias.tolist()
    assert copied["train_step"](images, labels) == pytest.approx(expected)
    assert copied["network"].logits.bias.tolist() != before


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("fine_tune", [False, True])
def test_the_copied_network_starts_from_its_base_and_learns_as_in_training(
    tmp_path, monkeypatch, make_dataset, fine_tune, optimizer
):
    dataset = make_dataset(train=8, val=0)
    own = NetworkSpec(filters=(3,), batch_norm=True, block_dropout=0 if fine_tune else 0.5, dense=(4,))
    spec = TrainingSpec(learning_rate=0.01, optimizer=optimizer, base_rate=0.2)
    base = build(lay_out(own, 16, 1, 5), seed=2)
    base.norm1.running_mean.fill_(0.3)
    save_weights(Model(lay_out(own, 16, 1, 5), base, tuple("abcde")), tmp_path / "base.pt", {})
    monkeypatch.chdir(tmp_path)
    layers = lay_out(replace(own, base="one", fine_tune=fine_tune), 16, 1, 2)
    model = Model(layers, build(layers, seed=1), dataset.classes)
    adopt_weights(model.network, layers, base.state_dict())

    copied = run(training_code(layers, spec, own, "run one, step 7"))
    assert copied["network"].conv1.weight.tolist() == base.conv1.weight.tolist()
    for name in ("dense1", "logits"):
        copied["network"].get_submodule(name).load_state_dict(model.network.get_submodule(name).state_dict())
    training = Training(model, dataset, spec)
    for _ in range(2):
        expected, _ = training.step(dataset.train)
        images, labels = PLAIN.batch(dataset.images), torch.tensor(dataset.labels)
        assert copied["train_step"](images, labels) == pytest.approx(expected, rel=1e-4)
    for name, value in model.network.named_parameters():
        assert torch.allclose(copied["network"].get_parameter(name), value, rtol=1e-3, atol=1e-5), name


# The program that predicts, run far from this project

STRANGE = ('it\'s "quoted"', "two\nlines\\n", "🐈‍⬛", "c{a}t", "", "caf\\xe9", "#'''\"\"\"")


@pytest.fixture
def exported(tmp_path):
    """Writes a program and its weights into an empty folder, and returns a function that runs it there."""

    def export(
        channels: int, classes: tuple[str, ...], weights: str = "pets.pt", preprocessing=PLAIN, decoding=STANDARD
    ):
        spec = NetworkSpec(filters=(3, 3), kernel_size=3, batch_norm=True, dropout=0.5, dense=(5,))
        layers = lay_out(spec, 20, channels, len(classes))
        model = Model(layers, build(layers, seed=4), classes, preprocessing, decoding)
        folder = tmp_path / f"far away {channels}"
        folder.mkdir()
        snapshots.save({"state_dict": model.network.state_dict()}, folder / weights)
        (folder / "predict.py").write_text(prediction_script(model, weights), encoding="utf-8")

        def predict(*arguments, isolated=True, **options) -> subprocess.CompletedProcess:
            command = [sys.executable, *(["-I"] if isolated else []), "predict.py", *map(str, arguments)]
            return subprocess.run(command, cwd=folder, capture_output=True, timeout=300, **options)

        return folder, model, predict

    return export


@pytest.fixture
def predict_here(monkeypatch, capsys):
    """Runs an exported program in this process, which is quicker than a new one: (exit status, output, errors)."""

    def predict(folder: Path, *arguments) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["predict.py", *map(str, arguments)])
        capsys.readouterr()
        try:
            runpy.run_path("predict.py", run_name="__main__")
        except SystemExit as ended:
            if isinstance(ended.code, str):  # as Python does
                return 1, capsys.readouterr().out, f"{ended.code}\n"
            return ended.code or 0, *capsys.readouterr()
        return 0, *capsys.readouterr()

    return predict


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.mark.parametrize(
    ("channels", "classes", "weights", "preprocessing"),
    [
        (1, ("cat", "dog"), "pets.pt", PLAIN),
        (3, STRANGE, 'it\'s "my" {cat} \\n.pt', Preprocessing((0.5, 0.4, 0.3), (0.2, 0.3, 0.1))),
    ],
)
def test_the_program_gives_the_same_probabilities_anywhere(exported, photo, channels, classes, weights, preprocessing):
    _, model, predict = exported(channels, classes, weights, preprocessing)
    done = predict(photo)
    assert done.returncode == 0, done.stderr.decode()
    answer = json.loads(done.stdout)
    pixels, _ = read_image(photo, 20, channels)
    expected = probabilities(model, pixels[None])[0]
    assert answer["path"] == str(photo) and list(answer["probabilities"]) == list(classes)
    assert list(answer["probabilities"].values()) == pytest.approx(expected.tolist(), abs=1e-6)
    assert answer["label"] == classes[expected.argmax()]
    assert done.stderr == b""


def test_the_program_reads_files_on_the_scale_of_the_dataset(exported, predict_here, tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 4096, (30, 40), dtype=np.uint16)).save(tmp_path / "deep.png")
    folder, model, _ = exported(1, ("cat", "dog"), decoding=Decoding(100, 4000))
    _, output, _ = predict_here(folder, tmp_path / "deep.png")
    pixels, _ = read_image(tmp_path / "deep.png", 20, 1, model.decoding)
    assert pixels.max() > 100  # on the full scale of 16 bits: at most 15
    expected = probabilities(model, pixels[None])[0].tolist()
    assert list(json.loads(output)["probabilities"].values()) == pytest.approx(expected, abs=1e-6)


def test_the_files_that_the_program_copies_do_not_overwrite_names_of_each_other():
    defined = [name for node in _copied() for name in _names_defined_by(node)]
    assert len(defined) == len(set(defined))


def test_the_program_copies_all_that_the_copied_files_import_from_here():
    own = [node for node in _copied() if isinstance(node, ast.ImportFrom) and str(node.module).startswith("cnn.")]
    imported = {name.name for node in own for name in node.names}
    assert imported - {"UserError"} <= {name for node in _copied() for name in _names_defined_by(node)}


def _copied() -> list[ast.stmt]:
    return [node for file in _READING for node in ast.parse(Path("cnn", file).read_text("utf-8")).body]


def _names_defined_by(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    return [name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)]


def test_the_program_reads_any_name_of_a_file_and_answers_on_a_terminal_that_knows_only_ascii(exported, photo):
    folder, _, predict = exported(1, ("🐈‍⬛", "dog"))
    name = os.fsdecode(b"caf\xe9.png")  # not valid text
    shutil.copy(photo, folder / name)
    done = predict(name, isolated=False, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr.decode()
    answer = json.loads(done.stdout)
    assert answer["path"] == name and list(answer["probabilities"]) == ["🐈‍⬛", "dog"]


def test_the_program_says_in_one_line_what_is_wrong(exported, predict_here, photo):
    folder, _, _ = exported(1, ("cat", "dog"))
    no_image = folder / "notes.txt"
    no_image.write_text("Dear diary")
    for arguments, word in (([], "Usage"), ([no_image], "notes.txt"), ([photo, "other.pt"], "other.pt")):
        status, output, errors = predict_here(folder, *arguments)
        assert status == 1 and output == ""
        assert word in errors and len(errors.splitlines()) == 1, errors
