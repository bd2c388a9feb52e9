"""Nearest neighbours: which images have similar features, the inputs of the output layer?

Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural networks".
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from cnn.errors import UserError
from cnn.model.model import Model
from cnn.training.batches import Report, batches

MOST_BYTES = 2**30
MOST_COMPONENTS = 100  # for the plane that parts the classes


@torch.no_grad()
def features(model: Model, images: np.ndarray, indices: np.ndarray, progress: Report | None = None) -> np.ndarray:
    """float32 (len(indices), width): the inputs of the output layer for the images at `indices` (int64).

    images: uint8 (N, H, W, C). The output layer is the last one with weights: a dense layer, or a convolution with a
    map for each class. So the features are the output of the last hidden dense layer (after its activation function),
    or of the last maps if there is none. Raises UserError if they would take more than a gigabyte.
    """
    network = model.network
    hidden = nn.Sequential(*list(network)[: _output_index(network)], nn.Flatten()).eval()
    width = hidden(model.batch(images[:1])).shape[1]
    if 4 * width * len(indices) > MOST_BYTES:
        raise UserError(
            f"{len(indices):,} images with {width:,} features each are too many to compare. A hidden dense layer, or "
            "pooling, would give fewer features."
        )
    found = np.empty((len(indices), width), np.float32)
    done = 0
    for part, batch in batches(model, images, indices, progress=progress):
        found[done : done + len(part)] = hidden(batch).numpy()
        done += len(part)
    return found


def _output_index(network: nn.Sequential) -> int:
    return max((i for i, module in enumerate(network) if isinstance(module, nn.Conv2d | nn.Linear)), default=0)


def nearest(features: np.ndarray, feature: np.ndarray, n: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """The n rows of `features` (N, width) closest to `feature` (width,): their indices, int64, nearest first, and their
    Euclidean distances, float32. An image that is among the rows itself comes first, at distance 0."""
    distances = np.linalg.norm(features - feature, axis=1)
    rows = np.argsort(distances, kind="stable")[:n]
    return rows, distances[rows]


class Plane(NamedTuple):
    """A plane through points. mean: (width,). axes: (2, width), of length 1. shares: (2,), the fraction
    of the points' variance along each axis. All float32."""

    mean: np.ndarray
    axes: np.ndarray
    shares: np.ndarray

    def coordinates(self, features: np.ndarray) -> np.ndarray:
        """(N, width) -> float32 (N, 2): the points' coordinates on the plane; (width,) -> (2,)."""
        return (features - self.mean) @ self.axes.T


def principal_plane(features: np.ndarray) -> Plane:
    """The first two principal components (Pearson 1901) of at least one point, float32 (N, width).

    The same points always give the same plane: the largest component of each axis is positive. If all points
    are equal, both axes are zero.
    """
    mean = features.mean(0)
    centred = features - mean
    directions, strengths = _principal(centred, 10)  # more than two, which makes the first two accurate
    axes, shares = np.zeros((2, features.shape[1]), np.float32), np.zeros(2, np.float32)
    variance = float(np.square(centred, dtype=np.float64).sum())
    for i in range(min(2, len(directions)) if variance else 0):
        axes[i] = directions[i] * np.sign(directions[i][np.abs(directions[i]).argmax()])
        shares[i] = strengths[i] ** 2 / variance
    return Plane(mean, axes, shares)


def _principal(centred: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most so many principal components of points around 0, float32 (N, width), the strongest first: directions
    (components, width), of length 1, and the points' spread along each (components,). Both float32."""
    with torch.random.fork_rng(devices=[]):  # the method starts from random directions
        torch.manual_seed(0)
        rank = min(most, *centred.shape)
        _, strengths, directions = torch.pca_lowrank(torch.from_numpy(centred), rank, center=False, niter=10)
    return directions.T.numpy(), strengths.numpy()


def class_plane(features: np.ndarray, labels: np.ndarray) -> Plane:
    """The plane on which the classes lie furthest apart, compared with the spread inside each: the first two axes of
    Fisher's linear discriminant analysis (Fisher 1936, "The use of multiple measurements in taxonomic problems").

    features: float32 (N, width). labels: int64 (N,), of at least two classes. Two classes have one such axis; the
    second is then the direction, at right angles to it, in which the points differ most. A small multiple of the
    average variance is added to each direction inside the classes, so that directions without any spread do not win.

    Of wide features, only the first principal components are used, since the time grows with the cube of their number
    (Belhumeur, Hespanha and Kriegman 1997, "Eigenfaces vs. Fisherfaces").
    """
    mean = features.mean(0)
    directions, _ = _principal(features - mean, MOST_COMPONENTS)
    centred = ((features - mean) @ directions.T).astype(np.float64)
    groups = [centred[labels == label] for label in np.unique(labels)]
    width = centred.shape[1]
    inside = sum(((group - group.mean(0)).T @ (group - group.mean(0)) for group in groups), np.zeros((width, width)))
    inside += 0.01 * max(np.trace(inside) / width, 1e-12) * np.eye(width)
    between = np.array([np.sqrt(len(group)) * group.mean(0) for group in groups])  # one row for each class
    # With inside = L L', the directions that maximise between / inside are the strongest ones of between / L'.
    root = np.linalg.cholesky(inside)
    _, strengths, rows = np.linalg.svd(np.linalg.solve(root, between.T).T, full_matrices=False)
    parting = min(2, len(groups) - 1)  # k classes lie in k - 1 directions; more would be rounding errors
    found = [np.linalg.solve(root.T, rows[i]) for i in range(min(parting, len(rows))) if strengths[i] > 1e-6]
    axes: list[np.ndarray] = []
    for direction in found:
        axes.append(_at_right_angles(direction, axes))
    while len(axes) < 2:
        rest = centred - sum((np.outer(centred @ axis, axis) for axis in axes), np.zeros_like(centred))
        axes.append(_at_right_angles(principal_plane(rest.astype(np.float32)).axes[0].astype(np.float64), axes))
    variance = np.square(features - mean, dtype=np.float64).sum()
    shares = [((centred @ axis) ** 2).sum() / variance if variance else 0.0 for axis in axes]
    in_all = np.array([_at_right_angles(axis @ directions, []) for axis in axes], np.float32)
    return Plane(mean, in_all, np.array(shares, np.float32))


def _at_right_angles(direction: np.ndarray, axes: list[np.ndarray]) -> np.ndarray:
    """The part of the direction at right angles to the axes, of length 1, its largest component positive; zeros if
    nothing is left."""
    for axis in axes:
        direction = direction - (direction @ axis) * axis
    length = np.linalg.norm(direction)
    if length < 1e-9:
        return np.zeros_like(direction)
    direction = direction / length
    return direction * np.sign(direction[np.abs(direction).argmax()])
