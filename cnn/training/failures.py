"""What wrong images have in common: their plain properties, beside those of right images and of the training images."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnn.training.chance import UNLIKELY, fisher_test


class Range(NamedTuple):
    """A property of images. low, median, high: of the training images, where 5, 50 and 95 % of them lie below. right,
    wrong: its medians over the right and the wrong images; None if there are none."""

    name: str
    low: float
    median: float
    high: float
    right: float | None
    wrong: float | None


class Difference(NamedTuple):
    """A property that wrong images have more often than right ones.

    is_high: whether it lies above, not below, that of 95 % of the training images. wrong, right: how many images have
    it, and of_wrong, of_right: of how many. chance: as in `fisher_test`.
    """

    name: str
    is_high: bool
    wrong: int
    of_wrong: int
    right: int
    of_right: int
    chance: float


class Unlike(NamedTuple):
    """Of `images` images, `outside` have a property above (is_high) or below that of 95 % of the training images."""

    name: str
    is_high: bool
    outside: int
    images: int


def ranges(training: dict[str, np.ndarray], judged: dict[str, np.ndarray], is_right: np.ndarray) -> tuple[Range, ...]:
    """Each property over the training images and the judged ones. training, judged: as `cnn.data.image_traits.traits`
    gives them. is_right: bool (N,), of the judged images."""

    def median(values: np.ndarray) -> float | None:
        return float(np.median(values)) if len(values) else None

    found = []
    for name, values in judged.items():
        low, middle, high = np.quantile(training[name], (0.05, 0.5, 0.95)).tolist()
        found.append(Range(name, low, middle, high, median(values[is_right]), median(values[~is_right])))
    return tuple(found)


def differences(found: Sequence[Range], judged: dict[str, np.ndarray], is_right: np.ndarray) -> tuple[Difference, ...]:
    """What wrong images have more often than right ones, beyond what chance makes likely; the clearest first."""
    of_right, of_wrong = int(is_right.sum()), int((~is_right).sum())
    clear = []
    for one in found:
        values = judged[one.name]
        for is_high, outside in ((True, values > one.high), (False, values < one.low)):
            wrong, right = int((outside & ~is_right).sum()), int((outside & is_right).sum())
            chance = fisher_test(wrong, of_wrong, right, of_right)
            if chance < UNLIKELY and wrong * of_right > right * of_wrong:
                clear.append(Difference(one.name, is_high, wrong, of_wrong, right, of_right, chance))
    return tuple(sorted(clear, key=lambda one: one.chance))


def unlike_training(found: Sequence[Range], judged: dict[str, np.ndarray]) -> tuple[Unlike, ...]:
    """The properties in which at least half of the judged images differ from nearly all training images."""
    every = [
        Unlike(one.name, is_high, int(outside.sum()), len(outside))
        for one in found
        for is_high, outside in ((True, judged[one.name] > one.high), (False, judged[one.name] < one.low))
    ]
    return tuple(one for one in every if one.images and 2 * one.outside >= one.images)
