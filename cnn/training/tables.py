"""Results as tables for other programs: CSV with a heading, separated by commas (RFC 4180)."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

import numpy as np

from cnn.training.accuracy import Accuracy
from cnn.training.confusion import precision, recall
from cnn.training.evaluation import Predictions
from cnn.training.learned import GROUPS, Story

Value = str | int | float


def confusion_csv(classes: Sequence[str], confusion: np.ndarray) -> str:
    """A row for each true class, a column for each answer. confusion: int64 (classes, classes)."""
    rows = [[name, *counts] for name, counts in zip(classes, confusion.tolist(), strict=True)]
    return _csv(["true class", *classes], rows)


def classes_csv(classes: Sequence[str], confusion: np.ndarray) -> str:
    """A row for each class: its images, the right ones, recall and precision, each with its 95 % interval (0..1)."""
    head = ["class", "images", "right", "recall", "recall low", "recall high"]
    head += ["answers", "precision", "precision low", "precision high"]
    columns = zip(classes, confusion, recall(confusion), precision(confusion), confusion.sum(0), strict=True)
    rows = [
        [name, int(counts.sum()), int(confusion[i, i]), *_with_interval(found), int(answers), *_with_interval(trusted)]
        for i, (name, counts, found, trusted, answers) in enumerate(columns)
    ]
    return _csv(head, rows)


def _with_interval(accuracy: Accuracy | None) -> list[Value]:
    return ["", "", ""] if accuracy is None else [accuracy.value, *accuracy.interval]


def images_csv(names: Sequence[str], classes: Sequence[str], predictions: Predictions, rows: np.ndarray) -> str:
    """A row for each image in `rows` (int64): its name, class and answer, and the probability of each class (0..1).

    names: of the images, in the order of `predictions.indices`' numbers.
    """
    head = ["image", "class", "answer", "right", *(f"probability of {name}" for name in classes)]
    values = zip(
        predictions.indices[rows].tolist(),
        predictions.labels[rows].tolist(),
        predictions.predicted[rows].tolist(),
        predictions.probabilities[rows].tolist(),
        strict=True,
    )
    table = (
        [names[index], classes[truth], classes[answer], int(truth == answer), *(f"{one:.6g}" for one in shares)]
        for index, truth, answer, shares in values
    )
    return _csv(head, table)


def story_csv(names: Sequence[str], classes: Sequence[str], story: Story) -> str:
    """A row for each image: its class, its group of `cnn.training.learned`, and its answer at each snapshot. names: by
    the images' indices."""
    groups = {int(row): name for name in GROUPS for row in story.group(name)}
    head = ["image", "class", "learned", "times forgotten", *(f"step {step}" for step in story.steps.tolist())]
    columns = zip(
        story.indices.tolist(), story.labels.tolist(), story.times_forgotten().tolist(), story.answers.T, strict=True
    )
    rows = (
        [names[index], classes[label], groups[row], times, *(classes[answer] for answer in answers)]
        for row, (index, label, times, answers) in enumerate(columns)
    )
    return _csv(head, rows)


def _csv(head: list[str], rows: Iterable[Sequence[Value]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in head])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Value) -> Value:
    """A spreadsheet takes a text that begins like a formula for one; an apostrophe keeps it a text."""
    if not isinstance(value, str):
        return value
    text = value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
