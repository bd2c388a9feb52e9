"""How far training moved each filter from its start."""

import numpy as np


def norms(filters: np.ndarray) -> np.ndarray:
    """float (filters,): the norm of each filter, the root of the sum of its squared weights.
    filters: (filters, channels, rows, columns)."""
    return np.sqrt((filters**2).sum(axis=(1, 2, 3)))


def movement(filters: np.ndarray, start: np.ndarray) -> np.ndarray:
    """float (filters,): the norm of each filter's change as a share of its norm at the start; 0 where neither has any
    weight, infinite where only the start had none."""
    changes, before = norms(filters - start), norms(start)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(changes > 0, changes / before, 0.0)


def in_words(share: float) -> str:
    """What a movement means, as the end of a sentence about the filter."""
    if share == 0:
        return "It did not change at all"
    if share < 0.1:
        return "It is almost what it was before training"
    if share < 0.5:
        return "Most of it is what it was before training"
    if share < 1:
        return "Training changed it a lot"
    return "Training changed it almost completely"
