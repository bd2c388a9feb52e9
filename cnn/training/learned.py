"""How a network's answers for single images change while it is trained: learned early, late, forgotten or never."""

from typing import NamedTuple

import numpy as np

EARLY, LATE, FORGOTTEN, NEVER = "early", "late", "forgotten", "never"
GROUPS = (EARLY, LATE, FORGOTTEN, NEVER)
TEXTS = {EARLY: "learned early", LATE: "learned late", FORGOTTEN: "forgotten", NEVER: "never learned"}


class Story(NamedTuple):
    """The answers for N images at S snapshots, in the order of the training.

    steps: int64 (S,). answers: int16 (S, N), the predicted classes. of_truth: float32 (S, N), the probability of the
    true class, 0..1. labels: int64 (N,). indices: int64 (N,), the images' indices in their dataset.
    """

    steps: np.ndarray
    answers: np.ndarray
    of_truth: np.ndarray
    labels: np.ndarray
    indices: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """bool (S, N)."""
        return self.answers == self.labels

    def group(self, name: str) -> np.ndarray:
        """int64: the rows of the images in one of GROUPS, in the order in which they were learned or lost; of
        those never right, the surest of the true class first.

        early, late: right at the end, and ever since a snapshot in the first or the second half of the training.
        forgotten: right at some trained snapshot, and wrong at the end. never: right at none. The untrained network
        guesses, so it does not count.
        """
        since, last = learned_at(self.right), last_right(self.right)
        is_early = self.steps[np.minimum(since, len(self.steps) - 1)] <= self.steps[-1] / 2
        is_right = since < len(self.steps)
        first = int(self.steps[0] == 0)  # the first snapshot that counts
        chosen, order = {
            EARLY: (is_right & is_early, since),
            LATE: (is_right & ~is_early, since),
            FORGOTTEN: (~is_right & (last >= first), last),
            NEVER: (~is_right & (last < first), -self.of_truth.mean(0)),
        }[name]
        rows = np.flatnonzero(chosen)
        return rows[np.argsort(order[rows], kind="stable")]

    def times_forgotten(self) -> np.ndarray:
        """int64 (N,): how often a right answer became a wrong one from one snapshot to the next.

        Toneva et al. 2019, https://arxiv.org/abs/1812.05159, count this from batch to batch.
        """
        right = self.right
        return (right[:-1] & ~right[1:]).sum(0)


def learned_at(right: np.ndarray) -> np.ndarray:
    """int64 (N,): the first snapshot from which on each image is right to the end; S if it is wrong at the end.

    right: bool (S, N).
    """
    wrong_before_end = np.argmax(~right[::-1], 0)  # how many snapshots at the end are right
    return np.where(right.all(0), 0, len(right) - wrong_before_end)


def last_right(right: np.ndarray) -> np.ndarray:
    """int64 (N,): the last snapshot at which each image is right; -1 if there is none. right: bool (S, N)."""
    return np.where(right.any(0), len(right) - 1 - np.argmax(right[::-1], 0), -1)
