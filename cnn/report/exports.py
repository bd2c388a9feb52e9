"""A report as files: a notebook, a PDF, an HTML page, and all of them with the weights in one hand-in file."""

import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from cnn.model.export import weights_bytes
from cnn.report import notebook_new_images
from cnn.report.document import Document, document_of, file_name, names_of
from cnn.report.exported_run import ExportedRun
from cnn.report.hand_in import VERSION
from cnn.report.html import html_of
from cnn.report.notebook import kept_images, notebook_of
from cnn.report.notebook_text import sections_with_pictures
from cnn.report.pdf import pdf_of
from cnn.report.report import Report, dumps

FORMATS = {"notebook": ".ipynb", "pdf": ".pdf", "html": ".html", "hand-in": ".zip"}
Part = tuple[str, Callable[[], bytes]]  # a file of a hand-in: its name, and a function that makes the content
MOST_IMAGES = 25_000_000  # bytes of held-out images, as the network takes them, in a hand-in file


@dataclass(frozen=True, eq=False)
class Export:
    """What is exported: a report, the results of its run, or both. At least one is there."""

    report: Report | None
    results: ExportedRun | None

    @cached_property
    def document(self) -> Document:
        return document_of(self.report, self.results)

    @property
    def name(self) -> str:
        """For files: the title and the names, without characters that a system does not allow."""
        names = [self.report.title, names_of(self.report)] if self.report else []
        return file_name(" ".join(names) or (self.results.run.name if self.results else ""))

    def content(self, form: str, progress: Callable[[float], None] = lambda share: None) -> bytes:
        """The file in one of FORMATS. progress: called with 0..1."""
        match form:
            case "html":
                return html_of(self.document)
            case "pdf":
                return pdf_of(self.document)
            case "notebook":
                return self._notebook()
            case "hand-in":
                return self._hand_in(progress)
        raise ValueError(f"Unknown format {form!r}.")

    def _notebook(self) -> bytes:
        sections = sections_with_pictures(self.document)
        about = "\n\n".join(filter(None, (self.document.names, self.document.unfinished)))
        return notebook_of(self.results, sections, self.document.title, about)

    def without_documents(self) -> bytes:
        """A hand-in file without those parts that only people read: the HTML page, the PDF and the notebook."""
        return _packed(self._parts())

    def _hand_in(self, progress: Callable[[float], None]) -> bytes:
        document = self.document
        with ThreadPoolExecutor(2) as pool:  # Typst lays out the PDF beside the pictures of the notebook
            pdf, notebook = pool.submit(pdf_of, document), pool.submit(self._notebook)
            documents: list[Part] = [
                ("report.html", lambda: html_of(document)),
                ("report.pdf", pdf.result),
                ("report.ipynb", notebook.result),
            ]
            return _packed([*self._parts(), *documents], progress)

    def _parts(self) -> list[Part]:
        """What the Hand-ins page reads."""
        parts: list[Part] = [
            ("hand-in.json", lambda: _json({"format": VERSION, "program": "How convolutional networks see"})),
        ]
        if self.report:
            parts.append(("answers.json", partial(_answers, self.report)))
            parts += [
                (picture_name(i), partial(piece.picture.encode, "utf-8", "replace"))
                for i, piece in enumerate(self.report.evidence)
                if piece.picture
            ]
        if self.results:
            parts += _run_parts(self.results)
        return parts


def _packed(parts: list[Part], progress: Callable[[float], None] = lambda share: None) -> bytes:
    content = io.BytesIO()
    # Most of it is pictures, compressed already: level 6 takes 1.4 times as long, and saves 2 %.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for done, (name, make) in enumerate(parts):
            packed.writestr(name, make())
            progress((done + 1) / len(parts))
    return content.getvalue()


def _run_parts(results: ExportedRun) -> list[Part]:
    run = results.run
    settings = {
        "spec": run.network_spec.to_dict(),
        "dataset_spec": run.dataset_spec.to_dict(),
        "training_spec": run.training_spec.to_dict(),
    }
    parts: list[Part] = [
        ("settings.json", lambda: _json(settings | _facts(results))),
        ("weights.pt", lambda: weights_bytes(results.model, settings)),
    ]
    if run.network_spec.base:
        parts.append(("start.pt", lambda: weights_bytes(results.start, settings)))
    for one in results.sets:  # unchanged, where the notebook looks for them
        parts += [(f"{notebook_new_images.FOLDER}/{path}", (one.root / path).read_bytes) for path in one.paths]
    if (images := kept_images(results, MOST_IMAGES)) is not None:
        parts.append(("images.npz", lambda: _arrays(images)))
    return parts


def _facts(results: ExportedRun) -> dict:
    model, predictions = results.model, results.predictions
    split, chosen = results.judged
    right = int(predictions.right.sum()) if predictions else None
    return {
        "run": results.run.id,
        "name": results.run.name,
        "step": results.step,
        "classes": list(model.classes),
        "preprocessing": model.preprocessing.to_dict(),
        "decoding": model.decoding.to_dict(),
        "judged": {"split": split, "images": len(chosen), "right": right},
        "new_images": [{"set": one.name, "images": len(one.paths), "right": one.right} for one in results.sets],
        "epochs": [epoch._asdict() for epoch in results.epochs],
    }


def _answers(report: Report) -> bytes:
    """The report; its pictures are files of their own."""
    pieces = tuple(
        replace(piece, picture=picture_name(i) if piece.picture else "") for i, piece in enumerate(report.evidence)
    )
    return json.dumps(json.loads(dumps(replace(report, evidence=pieces))), indent=1).encode()


def picture_name(index: int) -> str:
    return f"evidence/{index + 1:03}.svg"


def _json(values: dict) -> bytes:
    return json.dumps(values, indent=1).encode()


def _arrays(arrays: dict[str, np.ndarray]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()
