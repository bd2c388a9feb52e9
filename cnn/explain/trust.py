"""How much an explanation can be worth: it shows what decided, and a network that only guesses has nothing to show."""

from enum import Enum
from typing import NamedTuple

import numpy as np

from cnn.training.accuracy import Accuracy, guessing
from cnn.training.evaluation import Predictions

ALIKE = 50  # answers with the most similar probability, to see how often such answers are right
SHARE = 4  # at most a quarter of all answers: more would not be alike


class Trust(Enum):
    """How much the network knows, by its accuracy on held-out images and its 95 % interval."""

    LITTLE = "not clearly better than guessing"
    SOME = "clearly better than guessing, but not clearly nearer to being always right"
    MUCH = "clearly nearer to being always right than to guessing"


def accuracy_of(predictions: Predictions) -> Accuracy:
    return Accuracy(int(predictions.right.sum()), len(predictions))


def guess_of(predictions: Predictions) -> float:
    """The accuracy of always naming the largest class, 0..1."""
    return guessing(np.bincount(predictions.labels).tolist())


def trust(accuracy: Accuracy, guess: float) -> Trust:
    """guess: the accuracy of guessing, 0..1."""
    if not accuracy.is_better_than(guess):
        return Trust.LITTLE
    return Trust.MUCH if accuracy.is_better_than((1 + guess) / 2) else Trust.SOME


def named_by_guess(predictions: Predictions) -> int | None:
    """The class that guessing always names, the largest; None if all are of one size."""
    counts = np.bincount(predictions.labels, minlength=predictions.logits.shape[1])
    return int(counts.argmax()) if np.ptp(counts) else None


class Alike(NamedTuple):
    """How many answers with similar probabilities are right. low, high: the range of these probabilities, 0..1."""

    accuracy: Accuracy
    low: float
    high: float


def answers_as_sure(predictions: Predictions, probability: float, most: int = ALIKE) -> Alike:
    """The answers nearest in probability: `most` of them, but no more than a quarter of all. An answer of 90 % is not
    right in 90 % of all cases: Guo et al. 2017, "On calibration of modern neural networks",
    https://arxiv.org/abs/1706.04599"""
    found = predictions.probabilities.max(1)
    count = max(1, min(most, len(predictions) // SHARE))
    nearest = np.argsort(np.abs(found - probability), kind="stable")[:count]
    right = Accuracy(int(predictions.right[nearest].sum()), count)
    return Alike(right, float(found[nearest].min()), float(found[nearest].max()))
