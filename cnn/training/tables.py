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
MOST_PROBABILITIES = 20  # classes; with more, a table of 60,000 images would be slow and huge


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
    """A row for each image in `rows` (int64): its name, class and answer, and the probabilities (0..1) of both; of few
    classes, also that of each.

    names: of the images, by their indices.
    """
    shown = [_text(name) for name in classes]
    chosen = predictions.probabilities[rows]
    numbers = np.column_stack([predictions.of_truth[rows], chosen.max(1, initial=0)])
    head = ["image", "class", "answer", "right", "probability of its class", "probability of the answer"]
    if len(classes) <= MOST_PROBABILITIES:
        numbers = np.column_stack([numbers, chosen])
        head += [f"probability of {name}" for name in shown]
    indices, labels, predicted = predictions.indices[rows], predictions.labels[rows], predictions.predicted[rows]
    columns = zip(indices.tolist(), labels.tolist(), predicted.tolist(), numbers.tolist(), strict=True)
    table = (
        [_text(names[index]), shown[truth], shown[answer], int(truth == answer), *(f"{one:.6g}" for one in shares)]
        for index, truth, answer, shares in columns
    )
    return _csv(head, table)


def story_csv(names: Sequence[str], classes: Sequence[str], story: Story) -> str:
    """A row for each image: its class, its group of `cnn.training.learned`, and its answer at each snapshot. names: by
    the images' indices."""
    groups = {int(row): name for name in GROUPS for row in story.group(name)}
    shown = np.array([_text(name) for name in classes], object)
    answers, labels = shown[story.answers.T].tolist(), shown[story.labels].tolist()
    columns = zip(story.indices.tolist(), labels, story.times_forgotten().tolist(), answers, strict=True)
    table = (
        [_text(names[index]), label, groups[row], times, *each]
        for row, (index, label, times, each) in enumerate(columns)
    )
    return _csv(["image", "class", "learned", "times forgotten", *(f"step {step}" for step in story.steps)], table)


def _csv(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def table_csv(head: Sequence[str], rows: Iterable[Sequence[Value | None]]) -> str:
    """A table of texts and numbers. None: an empty cell."""
    return _csv([_text(name) for name in head], [[_cell(value) for value in row] for row in rows])


def _cell(value: Value | None) -> Value:
    if value is None:
        return ""
    return _text(value) if isinstance(value, str) else value


def _text(name: str) -> str:
    """A name as a cell. A spreadsheet would compute one that begins like a formula; an apostrophe keeps it a text."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
