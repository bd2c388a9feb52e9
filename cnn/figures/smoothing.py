"""Smooth curves."""

import numpy as np


def smoothed(values: np.ndarray, weight: float) -> np.ndarray:
    """The running average of values, float64 (points,): each new value counts 1 - weight, what was before counts
    weight. The average begins at the first value, without its bias towards zero (Kingma and Ba 2014, section 3).

    weight: 0 (no smoothing) to below 1.
    """
    averages, average, total = np.empty(len(values)), 0.0, 0.0
    for i, value in enumerate(values):
        average = weight * average + (1 - weight) * value
        total = weight * total + (1 - weight)
        averages[i] = average / total
    return averages
