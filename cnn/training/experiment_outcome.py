"""What an experiment over seeds shows: mean and spread of each variant, and whether differences could be chance.

Two variants are compared seed by seed: networks of the same seed see the same images in the same order, so their
difference varies less than two independent results do. The interval is that of Student's t (Student 1908, "The probable
error of a mean"), which allows for few seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum, inf, sqrt
from statistics import fmean, stdev

from cnn.percent import percent, with_minus
from cnn.training.accuracy import Z

# Two-sided 95 % points of Student's t for 1 to 10 degrees of freedom.
T_95 = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
MANY = 5  # variants; with more, a clear difference may be one of the few that chance makes
FEW_SEEDS = 3  # with fewer, no spread worth the name is known


def t_95(freedom: int) -> float:
    """The two-sided 95 % point of Student's t, within 0.001 of the table. freedom: 1 or more."""
    if freedom <= len(T_95):
        return T_95[freedom - 1]
    z, n = Z, freedom  # the expansion of Cornish and Fisher
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    return z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2) + third


@dataclass(frozen=True)
class Result:
    """One variant. accuracies: seed -> held-out accuracy after the last epoch, 0..1. runs: how many there will be."""

    label: str
    accuracies: Mapping[int, float]
    runs: int

    @property
    def mean(self) -> float:
        return fmean(self.accuracies.values())

    @property
    def spread(self) -> float | None:
        """The standard deviation over seeds; None for fewer than two."""
        return stdev(self.accuracies.values()) if len(self.accuracies) > 1 else None

    @property
    def text(self) -> str:
        """'with the ReLU: 93.8 % ± 0.4', or without the spread."""
        spread = "" if self.spread is None else f" ± {100 * self.spread:.1f}"
        return f"{self.label}: {percent(self.mean, 1)}{spread}"


@dataclass(frozen=True)
class Difference:
    """The accuracy of one variant minus that of another, over the seeds that both have. low, high: its 95 % interval,
    within the -1 to 1 that are possible; infinite for a single seed."""

    mean: float
    low: float
    high: float
    seeds: int

    @property
    def could_be_chance(self) -> bool:
        return self.low <= 0 <= self.high


def difference(one: Result, other: Result) -> Difference | None:
    """How much better `one` is than `other`, paired by seed; None if they have no seed in common."""
    seeds = sorted(one.accuracies.keys() & other.accuracies.keys())
    if not seeds:
        return None
    differences = [one.accuracies[seed] - other.accuracies[seed] for seed in seeds]
    mean = fmean(differences)
    if len(seeds) == 1:
        return Difference(mean, -inf, inf, 1)
    half = t_95(len(seeds) - 1) * stdev(differences) / sqrt(len(seeds))
    return Difference(mean, max(-1.0, mean - half), min(1.0, mean + half), len(seeds))


@dataclass(frozen=True)
class Outcome:
    """All variants of an experiment, in its order. Those without a finished run have no accuracies."""

    results: tuple[Result, ...]

    @property
    def done(self) -> list[Result]:
        """The variants with at least one result."""
        return [result for result in self.results if result.accuracies]

    @cached_property
    def best(self) -> Result | None:
        """The variant that is ahead of most others, each pair compared on the seeds that both have; of equals, the one
        with the highest mean. While runs are missing, means alone would compare lucky seeds with others."""
        return max(
            self.done,
            key=lambda one: (sum(_is_ahead(one, other) for other in self.done), one.mean),
            default=None,
        )

    def against_best(self) -> list[tuple[Result, Difference | None]]:
        """Every other variant, with how much better the best one is."""
        best = self.best
        return [] if best is None else [(one, difference(best, one)) for one in self.done if one is not best]

    @property
    def leaders(self) -> tuple[Result, Result, int] | None:
        """The best variant, the one closest behind it, and the first seed that both have; None without such a pair."""
        best = self.best
        behind = [(found.mean, place, one) for place, (one, found) in enumerate(self.against_best()) if found]
        if best is None or not behind:
            return None
        *_, closest = min(behind, key=lambda item: item[:2])
        return best, closest, min(best.accuracies.keys() & closest.accuracies.keys())

    def sentences(self) -> list[str]:
        """What a student may conclude so far."""
        if not self.done:
            return ["No run has finished yet."]
        if len(self.results) == 1:
            return [_luck(self.results[0])]
        sentences = [f"{'; '.join(result.text for result in self.done)}."]
        if len(self.done) < 2:
            return sentences
        found = _compared(self) if len(self.done) == 2 else _best_of_many(self)
        seeds = min(len(result.accuracies) for result in self.done)
        if seeds < FEW_SEEDS:
            found += f" With {seeds} seed{'s' if seeds > 1 else ''} each, little is certain: add seeds."
        return [*sentences, found]


def _is_ahead(one: Result, other: Result) -> bool:
    shared = one.accuracies.keys() & other.accuracies.keys()
    if not shared:
        return one.mean > other.mean
    return fsum(one.accuracies[seed] - other.accuracies[seed] for seed in sorted(shared)) > 0


def _compared(outcome: Outcome) -> str:
    better, [(_, found)] = outcome.best, outcome.against_best()
    assert better is not None
    if found is None:
        return "No seed has been trained both ways yet."
    if round(100 * found.mean, 1) == 0 and (found.seeds == 1 or found.could_be_chance):
        seeds = "With one seed" if found.seeds == 1 else f"Over {found.seeds} seeds"
        return f"{seeds}, both are equally good on average."
    if found.seeds == 1:
        return f"With one seed, “{better.label}” is {_points(found.mean)} better: that could be chance."
    text = f"Over {found.seeds} seeds, “{better.label}” is {_points(found.mean)} better on average"
    between = f"{percent(0.95)} interval: {_signed(found.low)} to {_signed(found.high)}"
    if found.low == -1 and found.high == 1:  # two seeds far apart
        return f"{text}: the difference could be chance."
    if found.could_be_chance:
        return f"{text} ({between}): the difference could be chance."
    return f"{text} ({between}): more than chance would explain."


def _best_of_many(outcome: Outcome) -> str:
    best = outcome.best
    assert best is not None
    equal = [one.label for one, found in outcome.against_best() if found is None or found.could_be_chance]
    worse = [one.label for one, found in outcome.against_best() if found is not None and not found.could_be_chance]
    text = f"“{best.label}” is best on average."
    if equal:
        text += f" The difference could be chance for: {', '.join(equal)}."
    if worse:
        text += f" Worse by more than chance would explain: {', '.join(worse)}."
    if worse and len(outcome.done) > MANY:
        text += " (By chance alone, one comparison in twenty looks as clear as this.)"
    return text


def _luck(result: Result) -> str:
    values = result.accuracies.values()
    if result.spread is None:
        return f"One run has finished: {percent(result.mean, 1)}. More will show how much is luck."
    apart = 2 * sqrt(2) * result.spread  # of two independent results, about 95 % lie closer together
    return (
        f"The same settings gave {100 * min(values):.1f} to {percent(max(values), 1)} with {len(values)} seeds: "
        f"{percent(result.mean, 1)} ± {100 * result.spread:.1f}. Of 20 pairs of such runs, "
        f"about 19 differ by less than {_points(apart)}, by luck alone. So a smaller difference between two single "
        "runs shows nothing."
    )


def _points(difference: float) -> str:
    return f"{100 * difference:.1f} points"


def _signed(difference: float) -> str:
    return with_minus(f"{100 * difference:+.1f}")
