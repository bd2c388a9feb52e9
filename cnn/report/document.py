"""What a report shows, in order: the same for its HTML page, its PDF and its notebook."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cnn.fields import Spec
from cnn.figures.charts import TRAIN_COLOR, VAL_COLOR
from cnn.model.layers import total_parameters
from cnn.report.assignment import Assignment, AssignmentError, Question
from cnn.report.report import Evidence, Report
from cnn.report.run_results import RunResults
from cnn.store.run import Run
from cnn.store.run_summary import summary
from cnn.training.accuracy import Accuracy

NO_ANSWER = "No answer."


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
class RunSection:
    """The run of a report. curves: an SVG text, or "". layers: name, shape, parameters. accuracy: a sentence, or "" if
    it is not known. settings: label, value."""

    name: str
    summary: str
    accuracy: str
    curves: str
    layers: tuple[tuple[str, str, str], ...]
    parameters: str
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Document:
    """A report, ready to be laid out. names: the students and their group, or ""."""

    title: str
    names: str
    date: str
    sections: tuple[Section, ...]
    run: RunSection | None


def document_of(report: Report | None, results: RunResults | None) -> Document:
    """A report with its run; or one of them alone."""
    title = report.title if report else results.run.name if results else ""
    return Document(
        title,
        names_of(report) if report else "",
        time.strftime("%d %B %Y", time.localtime(report.changed if report else results.run.created if results else 0)),
        sections_of(report) if report else (),
        run_section(results) if results else None,
    )


def names_of(report: Report) -> str:
    group = f"group {report.group.strip()}" if report.group.strip() else ""
    students = ", ".join(" ".join(line.split()) for line in report.students.splitlines() if line.strip())
    return " · ".join(filter(None, (students, group)))


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
            report.of_step(step.id),
        )
        for step in assignment.steps
    ]
    known = {question.id for question in assignment.questions}
    rest = tuple(
        Answered(Question(name, "text", name), str(answer))
        for name, answer in report.answers.items()
        if name not in known
    )
    steps = {step.id for step in assignment.steps}
    loose = tuple(piece for piece in report.evidence if piece.step not in steps)
    if rest or loose:
        sections.append(Section("More", "", rest, loose))
    return tuple(sections)


def answer_text(question: Question, answers: Mapping) -> str:
    """An answer as a text, with its unit."""
    answer = answers.get(question.id, "")
    if isinstance(answer, int | float):
        return f"{answer:,.6g} {question.unit}".strip()
    return answer.strip()


def run_section(results: RunResults) -> RunSection:
    run, layers = results.run, results.model.layers
    return RunSection(
        run.name,
        summary(run, results.epochs),
        accuracy_text(results),
        curves_svg(results),
        tuple((layer.name, layer.shape_text, f"{layer.parameters:,}" if layer.parameters else "") for layer in layers),
        f"{total_parameters(layers):,}",
        settings_of(run),
    )


def accuracy_text(results: RunResults) -> str:
    """A sentence about the accuracy on the judged images."""
    name, chosen = results.judged
    found = results.predictions
    if found is None:
        return results.missing
    accuracy = Accuracy(int(found.right.sum()), len(chosen))
    low, high = accuracy.interval
    return (
        f"{accuracy.right:,} of the {accuracy.images:,} {name} images are right: {accuracy.value:.1%}. On any number "
        f"of such images, the accuracy would likely (95 %) lie between {low:.1%} and {high:.1%}."
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
                shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
                found.append((described.label, shown))
    return tuple(dict.fromkeys(found))  # the seed is a setting of two specs


def curves_svg(results: RunResults) -> str:
    """Loss and accuracy against the epoch, as an SVG text; "" before the first epoch has ended."""
    if not results.epochs:
        return ""
    import io

    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 2.7), layout="constrained")
    epochs = [record.epoch for record in results.epochs]
    for axis, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for side, prefix, color in (("training", "train", TRAIN_COLOR), ("held-out", "val", VAL_COLOR)):
            values = [getattr(record, f"{prefix}_{name}") for record in results.epochs]
            shown = np.array([np.nan if value is None else value for value in values], float)
            axis.plot(epochs, shown, "o-", color=color, markersize=2.5, linewidth=1.5, label=side)
        axis.set_xlabel("epoch")
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(frameon=False)
    content = io.StringIO()
    figure.savefig(content, format="svg")
    return content.getvalue()
