"""What a report shows, in order: the same for its HTML page, its PDF and its notebook."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cnn.data.archive_members import is_device
from cnn.fields import Spec
from cnn.figures import curves
from cnn.figures.evidence_pictures import confusion_picture, curves_picture, network_picture, new_images_picture
from cnn.model.layers import total_parameters
from cnn.percent import percent, with_minus, with_unit
from cnn.report import gaps
from cnn.report.assignment import Assignment, Question
from cnn.report.assignment_file import AssignmentError
from cnn.report.checking import unit_of
from cnn.report.exported_run import ExportedRun
from cnn.report.exported_sets import ExportedSet
from cnn.report.report import Evidence, Report, Table
from cnn.store.run import Run
from cnn.store.run_summary import summary
from cnn.training.accuracy import Accuracy, guessing

_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")  # all that Markdown may read as markup
NO_ANSWER = "No answer."
MOST_CLASSES = 20  # of a confusion matrix on paper
MOST_COLUMNS = 8  # of a table on paper, unless it has as many rows


@dataclass(frozen=True)
class Answered:
    """A question and its answer, Markdown both. answer: "" if there is none."""

    question: Question
    answer: str


@dataclass(frozen=True)
class Section:
    """A step of the assignment. text: Markdown."""

    title: str
    text: str
    answers: tuple[Answered, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class NewImages:
    """A set of new images. accuracy: a sentence. picture: SVG text."""

    name: str
    accuracy: str
    picture: str


@dataclass(frozen=True)
class RunSection:
    """The run of a report. accuracy: a sentence, or "" if it is not known. pictures: caption, SVG text. layers: name,
    shape, parameters. settings: label, value."""

    name: str
    summary: str
    accuracy: str
    pictures: tuple[tuple[str, str], ...]
    layers: tuple[tuple[str, str, str], ...]
    parameters: str
    settings: tuple[tuple[str, str], ...]
    new_images: tuple[NewImages, ...] = ()


@dataclass(frozen=True)
class Document:
    """A report, ready to be laid out. names: the students and their group, or "". unfinished: what is missing, a
    sentence, or ""."""

    title: str
    names: str
    date: str
    sections: tuple[Section, ...]
    run: RunSection | None
    unfinished: str = ""


def document_of(report: Report | None, results: ExportedRun | None) -> Document:
    """A report with its run; or one of them alone."""
    title = report.title if report else results.run.name if results else ""
    return Document(
        title,
        names_of(report) if report else "",
        time.strftime("%d %B %Y", time.localtime(report.changed if report else results.run.created if results else 0)),
        sections_of(report) if report else (),
        run_section(results) if results else None,
        unfinished(report) if report else "",
    )


def unfinished(report: Report) -> str:
    """What the report still lacks, a sentence; "" if nothing, or its assignment is damaged."""
    try:
        return gaps.summary(report, report.parsed())
    except AssignmentError:
        return ""


def names_of(report: Report) -> str:
    group = f"group {report.group.strip()}" if report.group.strip() else ""
    return " · ".join(filter(None, (students_of(report), group)))


def students_of(report: Report) -> str:
    """The names of the students in one line, or ""."""
    return ", ".join(" ".join(line.split()) for line in report.students.splitlines() if line.strip())


def file_name(text: str) -> str:
    """A name for a file, at most 80 characters, that every system allows."""
    name = re.sub(r"[^\w\- ]+", " ", text)
    name = " ".join(name.split())[:80].strip() or "report"
    return f"{name} report" if is_device(name) else name


def on_paper(piece: Evidence) -> Evidence:
    """The piece with a table that fits on paper: one with many columns and fewer rows, such as that of some runs with
    all their settings, is turned on its side."""
    table = piece.numbers
    if len(table.columns) <= MOST_COLUMNS or len(table.rows) + 1 >= len(table.columns):
        return piece
    names, *rows = zip(table.columns, *table.rows, strict=True)
    return replace(piece, numbers=Table(tuple(map(str, names)), tuple(rows)))


def sections_of(report: Report) -> tuple[Section, ...]:
    """The steps with their answers and evidence, then the evidence that belongs to none."""
    try:
        assignment = report.parsed()
    except AssignmentError:  # a damaged copy: the answers stay
        assignment = Assignment(report.title)
    sections = [
        Section(
            step.title,
            step.text,
            tuple(Answered(one, answer_text(one, report.answers)) for one in step.questions),
            tuple(map(on_paper, report.of_step(step.id))),
        )
        for step in assignment.steps
    ]
    known = {question.id for question in assignment.questions}
    rest = tuple(
        Answered(Question(name, "text", name), str(answer))
        for name, answer in report.answers.items()
        if name not in known and assignment.kind != "lesson"  # which keeps the ids of its runs there
    )
    steps = {step.id for step in assignment.steps}
    loose = tuple(on_paper(piece) for piece in report.evidence if piece.step not in steps)
    if rest or loose:
        sections.append(Section("More", "", rest, loose))
    return tuple(sections)


def answer_text(question: Question, answers: Mapping) -> str:
    """An answer in Markdown, with its unit."""
    answer = answers.get(question.id, "")
    if isinstance(answer, int | float):
        return with_minus(with_unit(f"{answer:,.12g}", unit_of(question)))
    if question.kind == "text" or any(option.text == answer for option in question.options):
        return answer.strip()
    return _MARKUP.sub(r"\\\g<0>", answer.strip())  # a class or a layer, which may have any name


def run_section(results: ExportedRun) -> RunSection:
    run, layers = results.run, results.model.layers
    return RunSection(
        run.name,
        summary(run, results.epochs),
        accuracy_text(results),
        pictures_of(results),
        tuple((layer.name, layer.shape_text, f"{layer.parameters:,}" if layer.parameters else "") for layer in layers),
        f"{total_parameters(layers):,}",
        settings_of(run),
        tuple(new_images(one, results.model.classes) for one in results.sets),
    )


def new_images(one: ExportedSet, classes: tuple[str, ...]) -> NewImages:
    found = one.predictions
    order = np.argsort(found.labels, kind="stable")
    captions = [
        f"{classes[found.labels[i]]}: {classes[found.predicted[i]]} {percent(found.probabilities[i].max())}"
        for i in order
    ]
    picture = new_images_picture(list(one.images[order]), captions, found.right[order].tolist())
    return NewImages(one.name, accuracy_sentence(one.right, len(found), "new"), picture)


def accuracy_text(results: ExportedRun) -> str:
    """A sentence about the accuracy on the judged images."""
    name, chosen = results.judged
    found = results.predictions
    if found is None:
        return results.missing
    return accuracy_sentence(int(found.right.sum()), len(chosen), name)


def accuracy_sentence(right: int, images: int, name: str) -> str:
    """name: of the images."""
    accuracy = Accuracy(right, images)
    counted = f"{right:,} of the {images:,} {name} images are right: {percent(accuracy.value, 1)}."
    if name == "training":
        return f"{counted} The network has learned from these images, so this says little about others."
    low, high = accuracy.interval
    return (
        f"{counted} On very many such images, the accuracy would likely ({percent(0.95)}) lie between "
        f"{percent(low, 1)} and {percent(high, 1)}."
    )


def settings_of(run: Run) -> tuple[tuple[str, str], ...]:
    """The settings of a run that differ from the defaults."""
    found = []
    specs: tuple[Spec, ...] = (run.dataset_spec, run.network_spec, run.training_spec)
    for spec in specs:
        defaults = type(spec).defaults()
        for name, described in type(spec).settings().items():
            value = getattr(spec, name)
            if not described.hidden and value != defaults[name]:
                found.append((described.label, described.text(value)))
    return tuple(dict.fromkeys(found))  # the seed is a setting of two specs


def pictures_of(results: ExportedRun) -> tuple[tuple[str, str], ...]:
    """Caption and SVG text: the network, the learning curves once an epoch has ended, and the confusion matrix."""
    run, layers, epochs = results.run, list(results.model.layers), list(results.epochs)
    found = [("The network, from the image to the answer.", network_picture(layers, results.model.classes))]
    if epochs:
        judged = np.array(results.version.labels)[results.judged[1]]
        chance = guessing(np.bincount(judged, minlength=len(results.model.classes)).tolist())
        charts = [
            curves.losses(list(results.steps), epochs, results.rates),
            curves.accuracies(epochs, run.training_spec.epochs, chance),
        ]
        found.append(("Learning curves.", curves_picture(charts, "")))
    predictions = results.predictions
    if predictions is not None and len(results.model.classes) <= MOST_CLASSES:
        table = confusion_picture(results.model.classes, predictions.confusion, (), (), "", "")
        found.append(("Confusion matrix. Rows: the true class. Columns: the network's answer.", table))
    return tuple(found)
