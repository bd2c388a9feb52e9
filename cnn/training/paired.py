"""Two networks judged on the same images: where they differ, and whether that could be luck."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb

import numpy as np

from cnn.percent import percent
from cnn.training.accuracy import sign_test
from cnn.training.chance import UNLIKELY
from cnn.training.evaluation import Predictions

FEWEST = 6  # images or pairs: with fewer, even the clearest outcome is as likely as this by luck
MOST_ORDERS = 50_000  # ways to deal the values to two groups; of more, so many are drawn at random


@dataclass(frozen=True, eq=False)
class Paired:
    """The answers of two networks for the same N images, in the same order. first, second: their predictions; the
    indices are those in each one's own dataset. left_out: how many images only the first, and only the second, has."""

    first: Predictions
    second: Predictions
    left_out: tuple[int, int] = (0, 0)

    def __len__(self) -> int:
        return len(self.first)

    @property
    def only_first(self) -> np.ndarray:
        """int64: rows of the images that only the first network gets right; those where it is surer come first."""
        return self._by_margin(self.first.right & ~self.second.right, self.first, self.second)

    @property
    def only_second(self) -> np.ndarray:
        """int64: rows of the images that only the second network gets right; those where it is surer come first."""
        return self._by_margin(self.second.right & ~self.first.right, self.second, self.first)

    @staticmethod
    def _by_margin(chosen: np.ndarray, right: Predictions, wrong: Predictions) -> np.ndarray:
        rows = np.flatnonzero(chosen)
        return rows[np.argsort(wrong.of_truth[rows] - right.of_truth[rows], kind="stable")]

    @property
    def both(self) -> int:
        """How many images both get right."""
        return int((self.first.right & self.second.right).sum())

    @property
    def chance(self) -> float:
        """How likely two equally good networks differ at least as much by luck, 0..1: McNemar's exact test."""
        return sign_test(len(self.only_first), len(self.only_second))

    def sentence(self, first: str, second: str) -> str:
        """Whether the difference could be luck. first, second: the names of the networks."""
        won, lost = len(self.only_first), len(self.only_second)
        if won == lost == 0:
            return "Both are right on exactly the same images."
        counts = f"Only {first} is right on {won:,} {_images(won)}, only {second} on {lost:,}."
        if won + lost < FEWEST:
            return f"{counts} With so few images on which they differ, nobody can tell which one is better."
        found = chance_text(self.chance)
        if self.chance >= UNLIKELY:
            return f"{counts} Two equally good networks would differ at least as much {found}: it may well be luck."
        better = first if won > lost else second
        return (
            f"{counts} Two equally good networks would differ as much {found}: {better} is very "
            "likely better on images of this kind. Whether this is due to its settings or to this one training, only "
            "other seeds can tell."
        )


def _images(number: int) -> str:
    return "image" if number == 1 else "images"


def chance_text(chance: float) -> str:
    """'in 12 % of cases'."""
    if chance < 0.001:
        return f"in less than {percent(0.001, 1)} of cases"
    return f"in {percent(chance, 0 if chance >= 0.1 else 1)} of cases"


def pair(first: Predictions, first_hashes: Sequence[str], second: Predictions, second_hashes: Sequence[str]) -> Paired:
    """Both networks' answers for the images that both have, each image once, in the order of the first.

    hashes: of the images' content, for each row of the predictions.
    """
    rows = {content: row for row, content in reversed(list(enumerate(second_hashes)))}
    mine = {content: row for row, content in reversed(list(enumerate(first_hashes)))}
    common = sorted(row for content, row in mine.items() if content in rows)
    theirs = [rows[first_hashes[row]] for row in common]
    left_out = len(mine) - len(common), len(rows) - len(common)
    return Paired(_rows(first, common), _rows(second, theirs), left_out)


def _rows(predictions: Predictions, rows: Sequence[int]) -> Predictions:
    chosen = np.array(rows, np.int64)
    return Predictions(
        predictions.logits[chosen], predictions.labels[chosen], predictions.indices[chosen], predictions.batch_size
    )


# Over seeds: one accuracy for each run


def paired_chance(differences: Sequence[float]) -> float:
    """How likely the mean of differences is at least as far from 0, in either direction, if each had its sign by luck
    alone: the exact sign-flip test of Fisher 1935, "The design of experiments". Of many, a random part is tried."""
    values = np.asarray(differences, np.float64)
    if 2 ** len(values) <= MOST_ORDERS:
        signs = np.array(list(product((1, -1), repeat=len(values))))
    else:
        signs = np.random.default_rng(0).choice((1, -1), (MOST_ORDERS, len(values)))
        signs[0] = 1  # as it was
    return _share_as_large(signs @ values, values.sum())


def unpaired_chance(first: Sequence[float], second: Sequence[float]) -> float:
    """How likely the means of two groups are at least as far apart, in either direction, if the values were dealt to
    the groups by luck alone: the exact permutation test of Fisher and Pitman. Of many ways, a random part is tried."""
    values, n = np.concatenate([first, second]).astype(np.float64), len(first)
    if comb(len(values), n) <= MOST_ORDERS:
        chosen = np.array(list(combinations(range(len(values)), n)))
    else:
        rng = np.random.default_rng(0)
        chosen = rng.random((MOST_ORDERS, len(values))).argsort(1)[:, :n]
        chosen[0] = np.arange(n)
    sums = values[chosen].sum(1)
    return _share_as_large(sums - values.sum() * n / len(values), sums[0] - values.sum() * n / len(values))


def _share_as_large(found: np.ndarray, observed: float) -> float:
    return float((np.abs(found) >= abs(observed) * (1 - 1e-9)).mean())
