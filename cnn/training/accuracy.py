"""Accuracy with its uncertainty: how far a count of right images can be trusted."""

from collections.abc import Sequence
from math import comb, log, sqrt
from typing import NamedTuple

Z = 1.959964  # 95 % of a normal distribution lie within this many standard deviations


class Accuracy(NamedTuple):
    """How many of some images are right; there is at least one image."""

    right: int
    images: int

    @property
    def value(self) -> float:
        """0..1."""
        return self.right / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """Where the accuracy on endlessly many such images lies, with 95 % certainty: (lowest, highest), 0..1.

        Wilson 1927, "Probable inference, the law of succession, and statistical inference".
        """
        n, share = self.images, self.value
        middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
        return (middle - half if self.right else 0.0), (middle + half if self.right < n else 1.0)

    def is_better_than(self, share: float) -> bool:
        """Whether the whole interval lies above the share."""
        return self.interval[0] > share


def sign_test(lost: int, won: int) -> float:
    """How likely two equally good networks differ at least as much by luck alone, 0..1.

    lost: images that only the first gets right. won: images that only the second gets right. If both are equally good,
    each of these images is as likely to be lost as won. The result is the chance of a split at least as uneven, both
    ways: the exact form of McNemar 1947, "Note on the sampling error of the difference between correlated proportions".
    """
    different = lost + won
    tail = sum(comb(different, i) for i in range(min(lost, won) + 1))
    return min(1.0, 2 * tail / 2**different)


def guessing(per_class: Sequence[int]) -> float:
    """The accuracy of always naming the class with the most images, 0..1. per_class: the number of images of each."""
    return max(per_class) / sum(per_class)


def guessing_loss(per_class: Sequence[int]) -> float:
    """The loss of always answering with the shares of the classes, the best that is possible without looking: their
    entropy, in nats. With equal classes it is the logarithm of their number. per_class: the number of images of each.
    """
    shares = [count / sum(per_class) for count in per_class if count]
    return -sum(share * log(share) for share in shares)
