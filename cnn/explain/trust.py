"""How much an explanation can be worth: it shows what decided, and a network that only guesses has nothing to show."""

from enum import Enum

import numpy as np

from cnn.training.accuracy import Accuracy, guessing
from cnn.training.evaluation import Predictions

ALIKE = 50  # images with the most similar probability, to see how often such answers are right


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


def answers_as_sure(predictions: Predictions, probability: float, most: int = ALIKE) -> Accuracy:
    """Of the `most` images whose answers are nearest in probability, how many are right. An answer of 90 % is not right
    in 90 % of all cases: Guo et al. 2017, "On calibration of modern neural networks",
    https://arxiv.org/abs/1706.04599"""
    distances = np.abs(predictions.probabilities.max(1) - probability)
    nearest = np.argsort(distances, kind="stable")[:most]
    return Accuracy(int(predictions.right[nearest].sum()), len(nearest))
