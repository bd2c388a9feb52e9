"""A run as a Jupyter notebook with all outputs visible, which also runs elsewhere and gives the same numbers.

The outputs are made by running the cells' own code on the run's images, weights and curves. Only reading the files and
training are left out: their results are known.
"""

import base64
import io
import threading
from collections.abc import Iterable, Mapping
from textwrap import indent
from typing import Any

import nbformat
import numpy as np
import torch
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cnn.model.layers import frozen_parameters
from cnn.model.model import Model
from cnn.report import notebook_code as code
from cnn.report import notebook_new_images, notebook_training
from cnn.report.exported_run import ExportedRun
from cnn.report.notebook_text import MarkdownCell
from cnn.store.run_summary import summary

MOST_EMBEDDED = 3_000_000  # bytes of weights inside the notebook; larger ones are expected in a file beside it

_drawing = threading.Lock()  # matplotlib's figures belong to the whole process


class _Notebook:
    """A notebook that is being written. names: what the code of its cells has defined."""

    def __init__(self) -> None:
        self.cells: list[Any] = []
        self.names: dict[str, Any] = {}

    def text(self, markdown: str, pictures: Mapping[str, bytes] | None = None) -> None:
        """Adds a cell of Markdown. pictures: PNG files that it shows as attachments."""
        cell = new_markdown_cell(markdown, id=f"cell-{len(self.cells) + 1}")
        if pictures:
            found = {name: {"image/png": base64.b64encode(png).decode()} for name, png in pictures.items()}
            cell["attachments"] = found
        self.cells.append(cell)

    def run(self, source: str, hidden: bool = False) -> None:
        """Adds a cell of code, with what the code prints and draws."""
        self.code(source, self.outputs(source), hidden)

    def code(self, source: str, outputs: Iterable = (), hidden: bool = False) -> None:
        """Adds a cell of code with these outputs. hidden: Jupyter folds the code."""
        number = 1 + sum(cell.cell_type == "code" for cell in self.cells)
        metadata = {"jupyter": {"source_hidden": True}} if hidden else {}
        cell = new_code_cell(source, execution_count=number, outputs=list(outputs), metadata=metadata)
        cell["id"] = f"cell-{len(self.cells) + 1}"
        self.cells.append(cell)

    def outputs(self, source: str) -> list:
        """What code prints and draws, run with the names that are defined so far."""
        from cnn.explain.plotting import pyplot  # here, because it takes a second to load

        printed = io.StringIO()
        self.names["print"] = lambda *values, **options: print(*values, file=printed, **options)
        with _drawing, torch.random.fork_rng(devices=[]):
            pyplot.close("all")
            exec(compile(source, "<notebook>", "exec"), self.names)  # our own code, without a word of the student's
            drawn = [_png(pyplot.figure(number)) for number in pyplot.get_fignums()]
            pyplot.close("all")
        return [*_printed(printed.getvalue()), *drawn]

    def content(self) -> bytes:
        metadata = {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
        notebook = new_notebook(cells=self.cells, metadata=metadata)
        nbformat.validate(notebook)
        return nbformat.writes(notebook).encode()


def _printed(text: str) -> list:
    return [new_output("stream", name="stdout", text=text)] if text else []


def _png(figure) -> Any:
    content = io.BytesIO()
    figure.savefig(content, dpi=80)
    return new_output("display_data", data={"image/png": base64.b64encode(content.getvalue()).decode()})


def notebook_of(
    results: ExportedRun | None, sections: Iterable[MarkdownCell] = (), title: str = "", about: str = ""
) -> bytes:
    """The content of an .ipynb file. sections: what the student has written, shown before the code. about: who hands it
    in, and what is missing. Without results, there is no code."""
    written = _Notebook()
    written.text(f"# {title or (results.run.name if results else '')}\n\n{about}".strip())
    for section in sections:
        written.text(section.text, section.pictures)
    if results:
        _write_run(written, results)
    return written.content()


def _write_run(written: _Notebook, results: ExportedRun) -> None:
    written.text(_introduction(results))
    written.run(code.SETUP)
    _write_images(written, results)
    _write_network(written, results)
    _write_training(written, results)
    _write_results(written, results)


def _introduction(results: ExportedRun) -> str:
    return f"""## The network, from the images to the results

{summary(results.run, results.epochs)}.

The outputs below are those of the training that is reported here. Run all cells to compute everything again: it needs
PyTorch, NumPy, Pillow and matplotlib. The images, their order, their changes and the first weights are the same. When
you train again, the numbers differ in the last digits, because the sums are computed in another order; after many steps
a few answers may differ as well. The reported weights are part of this notebook or lie beside it: they give exactly the
reported accuracy."""


def _write_images(written: _Notebook, results: ExportedRun) -> None:
    written.text("### The images\n\nWhere they are, and which are held out: training never sees these.")
    written.run(code.settings(results))
    source = code.listing(results)
    written.run(source, hidden=len(source) > 4000)
    written.run(code.reader(results), hidden=not code.read_is_short(results))
    dataset, version = results.dataset, results.version
    if dataset is None:
        # The images are gone: what follows has no outputs, except what is known without them.
        written.names["images"] = np.zeros(
            (len(version.paths), version.image_size, version.image_size, version.channels), np.uint8
        )
        written.names["available"] = np.arange(0)
        written.code(code.READ, _printed(results.missing + "\n"))
    else:
        written.names["images"] = np.asarray(dataset.images)
        written.names["available"] = np.arange(len(version.paths))
        written.code(code.READ)
    written.run(code.SPLIT)
    _run_with_images(written, results, code.SAMPLES)
    written.text(
        "### Preparing the pixels\n\nA network learns better from numbers around 0. The mean and the standard "
        "deviation are those of the training images, for all images."
    )
    _run_with_images(written, results, code.prepare(results))


def _run_with_images(written: _Notebook, results: ExportedRun, source: str) -> None:
    """Adds a cell whose output needs the images."""
    if results.dataset is not None:
        written.run(source)
        return
    written.code(source)


def _write_network(written: _Notebook, results: ExportedRun) -> None:
    written.text("### The network")
    written.run(code.network(results))
    if results.run.network_spec.base:
        goes_on = "stay as they are" if frozen_parameters(results.model.layers) else "go on learning"
        written.text(
            f"The convolutions start with those of another network, which was trained earlier, and {goes_on}. These "
            "are the weights before the first step."
        )
        written.code(_load_code(results.start, "start.pt", "can_train = False"), hidden=True)
    written.run(code.TABLE)


def _write_training(written: _Notebook, results: ExportedRun) -> None:
    written.text("### Training")
    written.code(notebook_training.optimizer(results))  # not run: the first optimizer makes torch load its compiler
    written.run(notebook_training.training(results))
    rows = [(e.epoch, e.train_loss, e.train_accuracy, e.val_loss, e.val_accuracy) for e in results.epochs]
    written.names["history"] = rows
    written.code(notebook_training.loop(results), written.outputs("for row in history:\n    show_epoch(row)"))
    written.text("### Learning curves")
    written.run(code.CURVES)
    written.text("### Saving and loading\n\nA file of weights is all that another program needs besides the network.")
    written.code(code.SAVE)


def _write_results(written: _Notebook, results: ExportedRun) -> None:
    last = results.epochs[-1].epoch if results.epochs else 0
    which = f"those after epoch {results.epoch} of {last}" if results.epoch else f"those after step {results.step}"
    written.text(
        f"The weights of the training that is reported, loaded without training: {which}"
        f"{', which had the lowest held-out loss' if _is_best(results) else ''}."
    )
    written.code(_load_code(results.model, "weights.pt"), hidden=True)
    written.names["network"].load_state_dict(
        {name: value.contiguous() for name, value in results.model.network.state_dict().items()}
    )
    written.text(f"### Results on the {results.judged[0]} images")
    _run_with_images(written, results, code.JUDGE)
    _run_with_images(written, results, code.CONFUSION)
    written.text("The surest mistakes: the true class, then the answer and its probability.")
    _run_with_images(written, results, code.WORST)
    written.text("The first filters: red where a pixel adds to the answer of the filter, blue where it subtracts.")
    written.run(code.FILTERS)
    written.text("### New images")
    if results.sets:
        written.run(notebook_new_images.listing(results), hidden=sum(len(one.paths) for one in results.sets) > 40)
        written.names["NEW_IMAGES"] = results.sets[0].root  # where they are on this computer
        _run_with_images(written, results, notebook_new_images.JUDGE)
    _run_with_images(written, results, notebook_new_images.MORE)


def _is_best(results: ExportedRun) -> bool:
    judged = [epoch for epoch in results.epochs if epoch.val_loss is not None]
    return bool(judged) and min(judged, key=lambda epoch: epoch.val_loss or 0).step == results.step


def _load_code(model: Model, file: str, otherwise: str = "") -> str:
    """Code that gives the network the weights of a model: from the notebook itself if they are small, else from a file
    beside it. otherwise: code that runs if there is no such file."""
    state = model.network.state_dict()
    size = sum(value.numel() * value.element_size() for value in state.values())
    if size > MOST_EMBEDDED:
        load = f"""\
weights = torch.load("{file}", weights_only=True)["state_dict"]
network.load_state_dict(weights)"""
        if not otherwise:
            return load
        return f"""\
if Path("{file}").exists():
{indent(load, "    ")}
else:
    {otherwise}"""
    content = io.BytesIO()
    torch.save({name: value.contiguous().clone() for name, value in state.items()}, content)
    text = base64.b64encode(content.getvalue()).decode()
    lines = "\n".join(text[i : i + 120] for i in range(0, len(text), 120))
    return f'''\
import base64
import io

WEIGHTS = """
{lines}
"""
weights = torch.load(io.BytesIO(base64.b64decode(WEIGHTS)), weights_only=True)
network.load_state_dict(weights)
print(f"{{sum(value.numel() for value in weights.values()):,}} numbers loaded")'''


def kept_images(results: ExportedRun, most: int) -> dict[str, np.ndarray] | None:
    """The judged images at the size the network takes, for `images.npz`: indices int64 (n,), images uint8
    (n, S, S, C), labels int64 (n,). None without images, or if they take more than `most` bytes."""
    dataset, chosen = results.dataset, results.judged[1]
    if dataset is None or dataset.images[:1].nbytes * len(chosen) > most:
        return None
    return {"indices": chosen, "images": np.asarray(dataset.images[chosen]), "labels": dataset.labels[chosen]}
