"""Suspicious labels: images whose labels are doubted by networks that were not trained on them.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
https://arxiv.org/abs/1911.00068: a class counts as the answer only if its probability reaches the mean over the images
with that label. So a network that is less sure of one class than of others is fair to both.
"""

from typing import NamedTuple

import numpy as np

ABOUT_RIGHT = (
    "About half of such labels are right: people found 51 % of those flagged in ten datasets to be wrong (Northcutt, "
    "Athalye and Mueller 2021). Look at each."
)


class Suspicious(NamedTuple):
    """The suspicious images, the most suspicious first. rows: int64 (n,), of the probabilities. suggested: int64 (n,),
    the class that the networks see instead. of_given, of_suggested: float (n,), the probabilities of the given and of
    the suggested class, 0..1."""

    rows: np.ndarray
    suggested: np.ndarray
    of_given: np.ndarray
    of_suggested: np.ndarray


def thresholds(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """float64 (classes,): the mean probability of each class over the images with this label; infinity for a class
    without images. The arguments are those of `suspicious`."""
    classes = probabilities.shape[1]
    images = np.bincount(labels, minlength=classes)
    of_given = probabilities[np.arange(len(labels)), labels]
    total = np.bincount(labels, of_given, classes)
    return np.divide(total, images, out=np.full(classes, np.inf), where=images > 0)


def suspicious(probabilities: np.ndarray, labels: np.ndarray) -> Suspicious:
    """The images that are off the diagonal of the paper's confident joint: of the classes whose probability reaches
    their threshold, the most probable one is not the label. Sorted by the probability of the label, lowest first.

    probabilities: float (N, classes), by networks that were not trained on the image. labels: int64 (N,), as given.
    """
    reached = probabilities >= thresholds(probabilities, labels)
    answer = np.where(reached, probabilities, -1).argmax(axis=1)
    flagged = np.flatnonzero(reached.any(axis=1) & (answer != labels))
    of_given = probabilities[flagged, labels[flagged]]
    order = np.argsort(of_given, kind="stable")
    rows = flagged[order]
    return Suspicious(rows, answer[rows], of_given[order], probabilities[rows, answer[rows]])
