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
    """The plane on which points differ most. mean: (width,). axes: (2, width), of length 1. shares: (2,), the fraction
    of the points' variance along each axis. All float32."""

    mean: np.ndarray
    axes: np.ndarray
    shares: np.ndarray

    def coordinates(self, features: np.ndarray) -> np.ndarray:
        """(N, width) -> float32 (N, 2): the points' coordinates on the plane; (width,) -> (2,)."""
        return (features - self.mean) @ self.axes.T


def principal_plane(features: np.ndarray) -> Plane:
    """The first two principal components (Pearson 1901) of at least one point, float32 (N, width).

    The same points always give the same plane: the largest component of each axis is positive. If the points do not
    differ along an axis, that axis is zero.
    """
    mean = features.mean(0)
    centred = torch.from_numpy(features - mean)
    rank = min(10, *centred.shape)  # more than two, which makes the first two accurate
    with torch.random.fork_rng(devices=[]):  # the method starts from random directions
        torch.manual_seed(0)
        _, strengths, directions = torch.pca_lowrank(centred, rank, center=False, niter=10)
    axes, shares = np.zeros((2, features.shape[1]), np.float32), np.zeros(2, np.float32)
    variance = centred.square().sum().item()
    for i in range(min(2, rank) if variance else 0):
        axis = directions[:, i].numpy()
        axes[i] = axis * np.sign(axis[np.abs(axis).argmax()])
        shares[i] = strengths[i].item() ** 2 / variance
    return Plane(mean, axes, shares)
