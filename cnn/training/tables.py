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
    shown = [_text(name) for name in classes]
    rows = [[name, *counts] for name, counts in zip(shown, confusion.tolist(), strict=True)]
    return _csv(["true class", *shown], rows)


def classes_csv(classes: Sequence[str], confusion: np.ndarray) -> str:
    """A row for each class: its images, the right ones, recall and precision, each with its 95 % interval (0..1)."""
    head = ["class", "images", "right", "recall", "recall low", "recall high"]
    head += ["answers", "precision", "precision low", "precision high"]
    columns = zip(classes, confusion, recall(confusion), precision(confusion), confusion.sum(0), strict=True)
    rows = [
        [
            _text(name),
            int(counts.sum()),
            int(confusion[i, i]),
            *_with_interval(found),
            int(answers),
            *_with_interval(trusted),
        ]
        for i, (name, counts, found, trusted, answers) in enumerate(columns)
    ]
    return _csv(head, rows)


def _with_interval(accuracy: Accuracy | None) -> list[Value]:
    return ["", "", ""] if accuracy is None else [accuracy.value, *accuracy.interval]


def images_csv(names: Sequence[str], classes: Sequence[str], predictions: Predictions, rows: np.ndarray) -> str:
    """A row for each image in `rows` (int64): its name, class and answer, and the probability of each class (0..1).

    names: of the images, in the order of `predictions.indices`' numbers.
    """
    shown = [_text(name) for name in classes]
    values = zip(
        predictions.indices[rows].tolist(),
        predictions.labels[rows].tolist(),
        predictions.predicted[rows].tolist(),
        predictions.probabilities[rows].tolist(),
        strict=True,
    )
    each = ",".join(["%.6g"] * len(classes))  # one format for a row is much faster than one for each number
    table = (
        [_text(names[index]), shown[truth], shown[answer], int(truth == answer), *(each % tuple(shares)).split(",")]
        for index, truth, answer, shares in values
    )
    return _csv(["image", "class", "answer", "right", *(f"probability of {name}" for name in shown)], table)


def story_csv(names: Sequence[str], classes: Sequence[str], story: Story) -> str:
    """A row for each image: its class, its group of `cnn.training.learned`, and its answer at each snapshot. names: by
    the images' indices."""
    groups = {int(row): name for name in GROUPS for row in story.group(name)}
    head = ["image", "class", "learned", "times forgotten", *(f"step {step}" for step in story.steps.tolist())]
    columns = zip(
        story.indices.tolist(),
        story.labels.tolist(),
        story.times_forgotten().tolist(),
        story.answers.T.tolist(),
        strict=True,
    )
    shown = [_text(name) for name in classes]
    rows = (
        [_text(names[index]), shown[label], groups[row], times, *(shown[answer] for answer in answers)]
        for row, (index, label, times, answers) in enumerate(columns)
    )
    return _csv(head, rows)


def _csv(head: list[str], rows: Iterable[Sequence[Value]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _text(name: str) -> str:
    """A name as a cell. A spreadsheet would compute a text that begins like a formula; an apostrophe prevents that."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
