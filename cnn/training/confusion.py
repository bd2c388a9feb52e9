"""Which classes a network confuses, from counts of images by true class (row) and predicted class (column)."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnn.training.accuracy import Accuracy

if TYPE_CHECKING:
    from cnn.training.evaluation import Predictions  # loads torch


class Cell(NamedTuple):
    """A part of a confusion matrix: the images of a class that get one answer. None means any class or any answer."""

    truth: int | None = None
    answer: int | None = None

    def holds(self, predictions: "Predictions") -> np.ndarray:
        """bool (N,): which images are in this part."""
        held = np.full(len(predictions), True)
        if self.truth is not None:
            held &= predictions.labels == self.truth
        if self.answer is not None:
            held &= predictions.predicted == self.answer
        return held


def recall(confusion: np.ndarray) -> list[Accuracy | None]:
    """For each class: of its images, how many get it as the answer. None for a class without images.

    confusion: int64 (classes, classes).
    """
    return _shares(confusion.diagonal(), confusion.sum(1))


def precision(confusion: np.ndarray) -> list[Accuracy | None]:
    """For each class: of the images that get it as the answer, how many belong to it. None if no image gets it.

    confusion: int64 (classes, classes).
    """
    return _shares(confusion.diagonal(), confusion.sum(0))


def _shares(right: np.ndarray, images: np.ndarray) -> list[Accuracy | None]:
    return [Accuracy(r, n) if n else None for r, n in zip(right.tolist(), images.tolist(), strict=True)]


def shares_of_rows(confusion: np.ndarray) -> np.ndarray:
    """float32 (classes, classes), 0..1: what share of each true class gets each answer; 0 in an empty row."""
    images = confusion.sum(1, keepdims=True)
    return (confusion / np.maximum(images, 1)).astype(np.float32)


def shares_of_columns(confusion: np.ndarray) -> np.ndarray:
    """float32 (classes, classes), 0..1: what share of each answer comes from each true class; 0 in an empty column."""
    return shares_of_rows(confusion.T).T


def most_frequent_mistake(confusion: np.ndarray) -> Cell:
    """The cell beside the diagonal with the most images, the first of several; without mistakes, the whole matrix."""
    mistakes = confusion - np.diag(confusion.diagonal())
    if not mistakes.any():
        return Cell()
    truth, answer = divmod(int(mistakes.argmax()), len(confusion))
    return Cell(truth, answer)


def confused_together(confusion: np.ndarray) -> list[int]:
    """All classes, in an order in which those that are often confused stand side by side.

    Clustering by average linkage: again and again, the two groups with the largest mean confusion become one. One of
    them is turned round if its other end is more like its new neighbour.
    """
    shares = shares_of_rows(confusion)
    alike = shares + shares.T
    groups: list[list[int]] = [[i] for i in range(len(alike))]
    between = alike.copy()  # the mean confusion of each two groups; below zero for a group that has been joined
    np.fill_diagonal(between, -1)
    for _ in range(len(groups) - 1):
        first, second = sorted(divmod(int(between.argmax()), len(between)))
        sizes = len(groups[first]), len(groups[second])
        mean = (sizes[0] * between[first] + sizes[1] * between[second]) / sum(sizes)
        mean[between[first] < 0] = -1
        groups[first] = _joined(groups[first], groups[second], alike)
        between[first] = between[:, first] = mean
        between[second] = between[:, second] = between[first, first] = -1
    return groups[0] if groups else []


def _joined(a: list[int], b: list[int], alike: np.ndarray) -> list[int]:
    """Both groups in a row, with their most similar ends together."""
    ways = [(a, b), (a, b[::-1]), (a[::-1], b), (a[::-1], b[::-1])]
    left, right = max(ways, key=lambda way: alike[way[0][-1], way[1][0]])
    return left + right


def worst(predictions: "Predictions") -> np.ndarray:
    """int64 (N,): rows, those with the lowest probability of the true class first."""
    return predictions.worst_first


def best(predictions: "Predictions") -> np.ndarray:
    """int64 (N,): rows, those with the highest probability of the true class first."""
    return predictions.worst_first[::-1]


def most_unsure(predictions: "Predictions") -> np.ndarray:
    """int64 (N,): rows, those first whose answer is hardly more probable than the next class."""
    two = np.sort(predictions.probabilities, 1)[:, -2:]
    return np.argsort(two[:, -1] - two[:, 0], kind="stable")


def surest_mistakes(predictions: "Predictions") -> np.ndarray:
    """int64 (mistakes,): rows of the wrong answers, those with the highest probability first."""
    wrong = np.flatnonzero(~predictions.right)
    return wrong[np.argsort(-predictions.probabilities[wrong].max(1), kind="stable")]
