"""Evaluation: a model's predictions for many images, computed once, and the measures derived from them."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from cnn.model.model import Images, Model
from cnn.training.batches import VALUES_AT_ONCE, Report, batch_starts, batches, images_at_once


@dataclass(frozen=True, eq=False)
class Predictions:
    """A model's predictions for images with known classes.

    logits: float32 (N, classes). labels: int64 (N,), the true classes. indices: int64 (N,), the images' indices in
    their dataset. batch_size: images per forward pass; the loss is summed batch by batch.
    """

    logits: np.ndarray
    labels: np.ndarray
    indices: np.ndarray
    batch_size: int

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """float32 (N, classes): the softmax of the logits, rows that sum to 1."""
        return softmax(self.logits)

    @cached_property
    def predicted(self) -> np.ndarray:
        """int64 (N,): the class with the largest logit; the first if several are equal."""
        return self.logits.argmax(1)

    @property
    def right(self) -> np.ndarray:
        """bool (N,): whether the predicted class is the true one."""
        return self.predicted == self.labels

    @property
    def accuracy(self) -> float:
        """The fraction of right predictions, 0..1; NaN without images."""
        return float(self.right.mean()) if len(self) else np.nan

    @cached_property
    def loss(self) -> float:
        """The mean cross-entropy; NaN without images."""
        logits, labels = torch.from_numpy(self.logits), torch.from_numpy(self.labels)
        total = 0.0
        for start, end in batch_starts(len(self), self.batch_size):
            total += cross_entropy(logits[start:end], labels[start:end], reduction="sum").item()
        return total / len(self) if len(self) else np.nan

    @property
    def confusion(self) -> np.ndarray:
        """int64 (classes, classes): the number of images by true class (row) and predicted class (column)."""
        classes = self.logits.shape[1]
        pairs = self.labels * classes + self.predicted
        return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)

    @property
    def per_class(self) -> np.ndarray:
        """float64 (classes,): the accuracy on the images of each class; NaN where there are none."""
        confusion = self.confusion
        images = confusion.sum(1)
        return np.divide(confusion.diagonal(), images, out=np.full(len(images), np.nan), where=images > 0)

    @property
    def of_truth(self) -> np.ndarray:
        """float32 (N,): the probability of the true class."""
        return self.probabilities[np.arange(len(self)), self.labels]

    @property
    def worst_first(self) -> np.ndarray:
        """int64 (N,): rows sorted by the probability of the true class, lowest first; ties keep their order."""
        return np.argsort(self.of_truth, kind="stable")

    @property
    def typical(self) -> int:
        """The row of a typical image: of the right ones, that with the median confidence. If none is right, that of all
        images. There must be at least one image."""
        rows = np.flatnonzero(self.right) if self.right.any() else np.arange(len(self))
        order = np.argsort(self.probabilities[rows].max(1), kind="stable")
        return int(rows[order[(len(rows) - 1) // 2]])

    def calibration(self, bins: int = 10) -> "Calibration":
        """Whether the probabilities are realistic, in `bins` equal parts of 0..1: about 70 % of the images predicted
        with a probability of 70 % should be right. Guo et al. 2017, https://arxiv.org/abs/1706.04599"""
        confidence = self.probabilities.max(1).astype(np.float64)
        part = np.minimum((confidence * bins).astype(int), bins - 1)
        images = np.bincount(part, minlength=bins)

        def mean(values: np.ndarray) -> np.ndarray:
            return np.divide(np.bincount(part, values, bins), images, out=np.full(bins, np.nan), where=images > 0)

        return Calibration(mean(confidence), mean(self.right), images)


class Calibration(NamedTuple):
    """confidence: float64 (bins,), the mean probability of the predicted class. accuracy: float64 (bins,), the fraction
    of right predictions. Both are NaN for a bin without images. images: int64 (bins,), the number of images."""

    confidence: np.ndarray
    accuracy: np.ndarray
    images: np.ndarray

    @property
    def rows(self) -> list[tuple[int, float, float]]:
        """Of each bin with images: their number, the mean probability and the fraction of right predictions."""
        filled = self.images > 0
        columns = self.images[filled], self.confidence[filled], self.accuracy[filled]
        return list(zip(*map(np.ndarray.tolist, columns), strict=True))


def predict(
    model: Model,
    images: Images,
    labels: np.ndarray,
    indices: np.ndarray,
    device: str = "cpu",
    progress: Report | None = None,
    values: int = VALUES_AT_ONCE,
) -> Predictions:
    """The predictions for the images at `indices` (int64).

    images: uint8 (N, H, W, C). labels: int64 (N,). device: where the network is. values: see
    `cnn.training.batches.images_at_once`. Leaves the network in evaluation mode.
    """
    logits = _logits(model, images, indices, device, progress, values)
    return Predictions(logits, labels[indices], indices, images_at_once(model.layers, values))


def probabilities(model: Model, images: np.ndarray, device: str = "cpu", progress: Report | None = None) -> np.ndarray:
    """float32 (N, classes), rows that sum to 1: the probabilities for images, uint8 (N, H, W, C), of unknown class."""
    return softmax(_logits(model, images, np.arange(len(images)), device, progress))


@torch.no_grad()
def _logits(
    model: Model,
    images: Images,
    indices: np.ndarray,
    device: str,
    progress: Report | None,
    values: int = VALUES_AT_ONCE,
) -> np.ndarray:
    logits = np.empty((len(indices), *model.layers[-1].shape), np.float32)
    done = 0
    for part, batch in batches(model, images, indices, device, progress, values):
        logits[done : done + len(part)] = model.network(batch).cpu().numpy()
        done += len(part)
    return logits


def softmax(logits: np.ndarray) -> np.ndarray:
    """float32 (N, classes) -> float32 (N, classes), rows that sum to 1."""
    return torch.softmax(torch.from_numpy(logits), 1).numpy()
