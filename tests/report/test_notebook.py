"""The notebook: its outputs are those of the run, and running it elsewhere gives the same numbers."""

import io
import re
import shutil
import zipfile
from dataclasses import replace

import nbformat
import pytest

from cnn.engine.trainer import train_run
from cnn.report.exported_run import results_of
from cnn.report.exports import Export
from cnn.report.notebook import notebook_of
from cnn.specs import NetworkSpec
from cnn.store.snapshots import load_model
from cnn.training.new_images import answers
from tests.conftest import SMALL_NETWORK
from tests.report.examples import keep_new_images, report

# Nothing but these may be imported where the notebook runs, besides what they need themselves.
ONLY_KNOWN = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("cnn", "pages", "streamlit", "nbformat", "IPython"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
import matplotlib
matplotlib.use("Agg")
"""
EVERYTHING = {
    "optimizer": "sgd",
    "schedule": "cosine",
    "label_smoothing": 0.1,
    "weight_decay": 0.001,
    "mirror": True,
    "shift": 0.1,
    "rotate": 10,
    "brightness": 0.2,
    "erase": 0.2,
}


def printed(notebook) -> str:
    return "".join(
        out.text for cell in notebook.cells for out in cell.get("outputs", ()) if out.output_type == "stream"
    )


def run_elsewhere(notebook, folder, run_python) -> str:
    """What the cells print in a new process, in an empty folder."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    program = "\n\n".join([ONLY_KNOWN, "import torch\ntorch.set_num_threads(1)", *cells])
    (folder / "notebook.py").write_text(program, encoding="utf-8")
    done = run_python(folder / "notebook.py", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers(line: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+\.\d+", line)]


@pytest.mark.parametrize(
    ("network", "training"),
    [
        (NetworkSpec(filters=(4,), dense=(4,)), {}),
        (NetworkSpec(filters=(3, 3), padding="same", batch_norm=True, dropout=0.25, initial_weights="he"), EVERYTHING),
    ],
    ids=["plain", "everything"],
)
def test_the_notebook_gives_the_numbers_of_the_run_elsewhere(
    store, create_run, run_python, tmp_path, network, training
):
    run_id = create_run(network=network, **training)
    see_the_same_numbers(store, run_id, run_python, tmp_path)


@pytest.mark.parametrize("fine_tune", [False, True], ids=["frozen", "fine-tuned"])
def test_the_notebook_of_a_network_with_a_base_gives_its_numbers(
    store, create_run, trained, run_python, tmp_path, fine_tune
):
    network = replace(SMALL_NETWORK, dense=(6,), base=trained, fine_tune=fine_tune, block_dropout=0.5)
    see_the_same_numbers(store, create_run(network=network), run_python, tmp_path)


def see_the_same_numbers(store, run_id, run_python, folder) -> None:
    """Trains a run, and compares what its notebook says with what it prints when it runs in an empty folder."""
    assert train_run(store, run_id) == "finished"
    results = results_of(store, run_id)
    notebook = nbformat.reads(notebook_of(results).decode(), 4)
    saved, again = printed(notebook), run_elsewhere(notebook, folder, run_python)
    of_epochs = [[line for line in text.splitlines() if line.startswith("epoch ")] for text in (saved, again)]
    assert len(of_epochs[0]) == 3
    for here, there in zip(*of_epochs, strict=True):  # trained again: equal up to rounding
        assert numbers(here) == pytest.approx(numbers(there), abs=2e-3)
    # All that does not come from training again is equal to the last digit.
    rest = [
        [line for line in text.splitlines() if not line.startswith("epoch ") and "loaded" not in line]
        for text in (saved, again)
    ]
    assert rest[0] == rest[1]
    predictions = results.predictions
    right = f"{int(predictions.right.sum())} of {len(predictions)} images are right: {100 * predictions.accuracy:.2f} %"
    assert right in rest[0]
    assert f"{results.epochs[0].train_loss:.4f}" in of_epochs[0][0]
    assert sum(out.output_type == "display_data" for cell in notebook.cells for out in cell.get("outputs", ())) >= 4


def test_the_notebook_of_a_hand_in_judges_the_network_where_its_images_are_not(store, trained, run_python, tmp_path):
    new = keep_new_images(store, tmp_path / "new")
    answered = answers(load_model(store, store.get(trained)), new.files).predictions(new.labels, ("dark", "light"))
    assert len(answered) == 10
    content = Export(report(trained), results_of(store, trained)).content("hand-in")
    shutil.rmtree(new.folder)
    elsewhere = tmp_path / "elsewhere"
    zipfile.ZipFile(io.BytesIO(content)).extractall(elsewhere)
    notebook = nbformat.read(elsewhere / "report.ipynb", 4)
    assert "The **dogs** are darker" in notebook.cells[1].source
    assert notebook.cells[1].attachments["picture1.png"]["image/png"]
    for cell in notebook.cells:
        cell.source = re.sub(r"FOLDER = Path\(.*\)", 'FOLDER = Path("nowhere")', cell.source)
    shown = run_elsewhere(notebook, elsewhere, run_python)
    assert "the network is not trained again" in shown
    predictions = results_of(store, trained).predictions
    right = f"{int(predictions.right.sum())} of {len(predictions)} images are right"
    assert f"{right}: {100 * predictions.accuracy:.2f} %" in shown
    of_new = f"phone: {int(answered.right.sum())} of 10 new images are right: {100 * answered.accuracy:.2f} %"
    assert of_new in shown and of_new in printed(notebook)
