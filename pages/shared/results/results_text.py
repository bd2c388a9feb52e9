"""Sentences and tables about results: accuracy, a part of the confusion matrix, classes, calibration."""

import numpy as np

from cnn.percent import percent
from cnn.training.accuracy import Accuracy
from cnn.training.confusion import Cell, precision, recall
from cnn.training.evaluation import Calibration
from pages.shared.text import count, plain


def whole(accuracy: Accuracy, side: str) -> str:
    """side: training, held-out, test or new."""
    low, high = accuracy.interval
    shown = f"**{accuracy.right:,} of {accuracy.images:,}** {side} images are right: **{percent(accuracy.value, 1)}**"
    if side == "training":
        return f"{shown}. The network has learned from these images, so this says little about others."
    return f"{shown} (on others, expect {100 * low:.0f} to {percent(high)})."


def part(cell: Cell, classes: tuple[str, ...], confusion: np.ndarray) -> str:
    """What the images of a cell, a row or a column are, and how many."""
    if cell.truth is None and cell.answer is None:
        return f"All {confusion.sum():,} images."
    if cell.truth is None:
        images, answer = confusion[:, cell.answer], plain(classes[cell.answer or 0])
        return f"**Called {answer}:** {count(int(images.sum()), 'image', 'images') if images.sum() else 'none'}."
    truth, images = plain(classes[cell.truth]), confusion[cell.truth]
    if cell.answer is None:
        return f"**{truth}:** {images[cell.truth]:,} of {images.sum():,} images are right."
    chosen, answer = images[cell.answer], plain(classes[cell.answer])
    share = f", {percent(chosen / images.sum())}" if images.sum() else ""
    says = "rightly called" if cell.truth == cell.answer else "called"
    return f"**{truth}, {says} {answer}:** {chosen:,} of {images.sum():,} images{share}."


def title(cell: Cell, classes: tuple[str, ...], images: str) -> str:
    """Of a report's picture: the matrix with the images behind a part of it. images: which ones, “held-out images”."""
    if cell.truth is None and cell.answer is None:
        behind = ""
    elif cell.truth is None:
        behind = f", and what is called {classes[cell.answer or 0]}"
    elif cell.answer is None:
        behind = f", and each {classes[cell.truth]}"
    elif cell.truth == cell.answer:
        behind = f", and {classes[cell.truth]} rightly called so"
    else:
        behind = f", and {classes[cell.truth]} called {classes[cell.answer]}"
    return f"Confusion matrix of the {images}{behind}"


def class_rows(classes: tuple[str, ...], confusion: np.ndarray, order: list[int]) -> list[dict]:
    """A row of the table for each class, in that order. Shares are in percent; None where there are no images."""
    found, trusted = recall(confusion), precision(confusion)
    return [
        {
            "class": classes[i],
            "images": int(confusion[i].sum()),
            "right": int(confusion[i, i]),
            "recall": _value(found[i]),
            "recall, likely": _between(found[i]),
            "answers": int(confusion[:, i].sum()),
            "precision": _value(trusted[i]),
            "precision, likely": _between(trusted[i]),
        }
        for i in order
    ]


def _value(accuracy: Accuracy | None) -> float | None:
    return None if accuracy is None else round(100 * accuracy.value, 1)


def _between(accuracy: Accuracy | None) -> str:
    if accuracy is None:
        return ""
    low, high = accuracy.interval
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def confidence(found: Calibration) -> str:
    """Whether the network is as sure as it is right, on all images together. There must be at least one image."""
    images = int(found.images.sum())
    sure = float(np.nansum(found.confidence * found.images)) / images
    right = Accuracy(round(float(np.nansum(found.accuracy * found.images))), images)
    low, high = right.interval
    if low <= sure <= high:
        verdict = "About as sure as it is right."
    else:
        verdict = "Too sure of its answers." if sure > high else "Less sure than it could be."
    known = f"{percent(right.value)} of them are right."
    return f"**{verdict}** Its answers have a mean probability of {percent(sure)}; {known}"
