"""Logistic regression: an output layer for features that stay as they are.

There is one best solution, so no learning rate, no epochs and no seed matter.
"""

from itertools import count

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from cnn.training.batches import Report

MOST_STEPS = 200
SMALLEST_SLOPE = 1e-8


def fit_output(
    features: np.ndarray, labels: np.ndarray, classes: int, progress: Report | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The weights, float32 (classes, width), and the biases, float32 (classes,), of a dense layer whose softmax gives
    the classes of the images.

    features: float32 (N, width), N > 0. labels: int64 (N,), from 0 to classes - 1. Minimises the mean cross-entropy
    plus the squared weights of the standardised features divided by 2 N, which keeps the weights finite where the
    classes can be told apart without a mistake.
    """
    given, target = torch.from_numpy(features).double(), torch.from_numpy(labels)
    # Standardise the features, so that the penalty does not depend on their unit. One that never changes becomes 0.
    mean, spread = given.mean(0), given.std(0, correction=0)
    spread[spread <= 1e-6 * spread.max()] = torch.inf
    given = (given - mean) / spread
    weights = torch.zeros(classes, given.shape[1], dtype=torch.float64, requires_grad=True)
    biases = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    tries = count(1)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = cross_entropy(given @ weights.T + biases, target) + (weights**2).sum() / (2 * len(given))
        value.backward()
        if progress:
            progress(min(1.0, next(tries) / MOST_STEPS))
        return value

    # L-BFGS goes downhill, with steps that follow the curvature of the loss, until the slope is 0.
    optimiser = torch.optim.LBFGS(
        [weights, biases],
        max_iter=MOST_STEPS,
        tolerance_grad=SMALLEST_SLOPE,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )
    optimiser.step(loss)
    # Weights for the features as they are: w (x - mean) / spread = (w / spread) x - (w / spread) mean.
    with torch.no_grad():
        unscaled = weights / spread
        return unscaled.float().numpy(), (biases - unscaled @ mean).float().numpy()
