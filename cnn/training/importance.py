"""Which setting mattered most: how much of the differences between many runs goes with each setting."""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from cnn.training.chance import UNLIKELY

FEWEST = 8  # runs; fewer say next to nothing about several settings
SHUFFLES = 2_000


class Importance(NamedTuple):
    """explained: the share of the variance of the accuracies between runs with different values of the setting, 0..1.
    by_luck: the mean share if the accuracies are dealt to the runs at random; it grows with the number of values.
    chance: how often luck alone explains at least as much, 0..1."""

    explained: float
    by_luck: float
    chance: float

    @property
    def is_clear(self) -> bool:
        return self.chance < UNLIKELY


def explained_variance(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """float64 (...): the variance between groups over the whole variance (the eta squared of Fisher 1925); 0 if all
    values are equal. groups: int (N,), from 0. values: float64 (..., N)."""
    values = values - values.mean(-1, keepdims=True)
    total = (values**2).sum(-1)
    member = groups == np.arange(groups.max() + 1)[:, None]  # (groups, N)
    between = ((values @ member.T) ** 2 / member.sum(1)).sum(-1)
    return np.divide(between, total, out=np.zeros_like(total), where=total > 0)


def importance(groups: Sequence[int], values: Sequence[float]) -> Importance:
    """How much a setting mattered. groups: for each run, which value of the setting it has, counted from 0. values: the
    accuracies of the runs. The shuffles are the same every time."""
    own, accuracies = np.asarray(groups), np.asarray(values, np.float64)
    rng = np.random.default_rng(0)
    shuffled = explained_variance(own, rng.permuted(np.tile(accuracies, (SHUFFLES, 1)), axis=1))
    explained = float(explained_variance(own, accuracies))
    as_much = int((shuffled >= explained - 1e-9).sum())
    return Importance(explained, float(shuffled.mean()), (1 + as_much) / (1 + SHUFFLES))


def spread_by_luck(groups: Sequence[Sequence[float]]) -> float | None:
    """The standard deviation of accuracies within groups of runs that differ by their seeds only, all groups together.
    None if no group has two runs."""
    several = [np.asarray(group, np.float64) for group in groups if len(group) > 1]
    if not several:
        return None
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in several)
    return sqrt(squares / sum(len(group) - 1 for group in several))
