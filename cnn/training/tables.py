"""Results as tables for other programs: CSV with a heading, separated by commas (RFC 4180)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnn.training.accuracy import Accuracy
from cnn.training.confusion import precision, recall
from cnn.training.csv_table import Value, cell_text, csv_of
from cnn.training.learned import GROUPS, Story

if TYPE_CHECKING:
    from cnn.training.evaluation import Calibration, Predictions  # loads torch

CALIBRATION = ("images", "mean probability", "right")  # the columns of `Calibration.rows`
MOST_PROBABILITIES = 20  # classes; with more, a table of 60,000 images would be slow and huge


def confusion_csv(classes: Sequence[str], confusion: np.ndarray) -> str:
    """A row for each true class, a column for each answer. confusion: int64 (classes, classes)."""
    shown = [cell_text(name) for name in classes]
    rows = [[name, *counts] for name, counts in zip(shown, confusion.tolist(), strict=True)]
    return csv_of(["true class", *shown], rows)


def classes_csv(classes: Sequence[str], confusion: np.ndarray) -> str:
    """A row for each class: its images, the right ones, recall and precision, each with its 95 % interval (0..1)."""
    head = ["class", "images", "right", "recall", "recall low", "recall high"]
    head += ["answers", "precision", "precision low", "precision high"]
    columns = zip(classes, confusion, recall(confusion), precision(confusion), confusion.sum(0), strict=True)
    rows = [
        [
            cell_text(name),
            int(counts.sum()),
            int(confusion[i, i]),
            *_with_interval(found),
            int(answers),
            *_with_interval(trusted),
        ]
        for i, (name, counts, found, trusted, answers) in enumerate(columns)
    ]
    return csv_of(head, rows)


def _with_interval(accuracy: Accuracy | None) -> list[Value]:
    return ["", "", ""] if accuracy is None else [accuracy.value, *accuracy.interval]


def images_csv(names: Sequence[str], classes: Sequence[str], predictions: "Predictions", rows: np.ndarray) -> str:
    """A row for each image in `rows` (int64): its name, class and answer, and the probabilities (0..1) of both; of few
    classes, also that of each.

    names: of the images, by their indices.
    """
    shown = [cell_text(name) for name in classes]
    chosen = predictions.probabilities[rows]
    numbers = np.column_stack([predictions.of_truth[rows], chosen.max(1, initial=0)])
    head = ["image", "class", "answer", "right", "probability of its class", "probability of the answer"]
    if len(classes) <= MOST_PROBABILITIES:
        numbers = np.column_stack([numbers, chosen])
        head += [f"probability of {name}" for name in shown]
    indices, labels, predicted = predictions.indices[rows], predictions.labels[rows], predictions.predicted[rows]
    columns = zip(indices.tolist(), labels.tolist(), predicted.tolist(), numbers.tolist(), strict=True)
    table = (
        [cell_text(names[index]), shown[truth], shown[answer], int(truth == answer), *(f"{one:.6g}" for one in shares)]
        for index, truth, answer, shares in columns
    )
    return csv_of(head, table)


def calibration_csv(found: "Calibration") -> str:
    """A row for each group of images whose answers are about equally probable."""
    return csv_of(CALIBRATION, found.rows)


def story_csv(names: Sequence[str], classes: Sequence[str], story: Story) -> str:
    """A row for each image: its class, its group of `cnn.training.learned`, and its answer at each snapshot. names: by
    the images' indices."""
    groups = {int(row): name for name in GROUPS for row in story.group(name)}
    shown = np.array([cell_text(name) for name in classes], object)
    answers, labels = shown[story.answers.T].tolist(), shown[story.labels].tolist()
    columns = zip(story.indices.tolist(), labels, story.times_forgotten().tolist(), answers, strict=True)
    table = (
        [cell_text(names[index]), label, groups[row], times, *each]
        for row, (index, label, times, each) in enumerate(columns)
    )
    return csv_of(["image", "class", "learned", "times forgotten", *(f"step {step}" for step in story.steps)], table)
