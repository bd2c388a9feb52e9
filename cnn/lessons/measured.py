"""What `python -m tests.benchmarks.lessons --write` has measured, and how the texts of the lessons quote it.

{in swapped}          in 10 of 10 seeds      how often the claim "swapped" of the lesson holds
{mean shortcut test}  2                      the mean of a number over all seeds; also {lowest ...}, {highest ...}
"""

import json
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from cnn.lessons.demonstration import Numbers
from cnn.lessons.demonstrations import DEMONSTRATIONS

FILE = Path(__file__).with_name("measured.json")
_QUOTED = re.compile(r"\{(in|mean|lowest|highest) ([^{}]+)\}")
_OVER_SEEDS: dict[str, Callable[[Sequence[float]], float]] = {"mean": statistics.mean, "lowest": min, "highest": max}


@cache
def measured(lesson: str) -> Mapping[str, tuple[float, ...]]:
    """Every number of a lesson, with one value for each seed; empty if it was never measured."""
    found = json.loads(FILE.read_text("utf-8")).get(lesson, {})
    return {name: tuple(values) for name, values in found.items()}


def seeds(lesson: str) -> list[dict[str, float]]:
    """The numbers of a lesson, seed by seed."""
    found = measured(lesson)
    return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]


def held(lesson: str, claim: str) -> tuple[int, int]:
    """In how many seeds a claim of a lesson holds, and of how many."""
    found = seeds(lesson)
    holds = DEMONSTRATIONS[lesson].claims[claim].holds
    return sum(map(holds, found)), len(found)


def not_held(lesson: str, own: Numbers) -> list[str]:
    """The claims of a lesson that hold in most seeds, but not for the reader's own training: their texts."""
    claims = DEMONSTRATIONS[lesson].claims
    return [claim.text for name, claim in claims.items() if _is_usual(lesson, name) and not claim.holds(own)]


def held_for_once(lesson: str, own: Numbers) -> list[str]:
    """The claims of a lesson that do not hold in most seeds, but for the reader's own training: their texts."""
    claims = DEMONSTRATIONS[lesson].claims
    return [claim.text for name, claim in claims.items() if not _is_usual(lesson, name) and claim.holds(own)]


def _is_usual(lesson: str, claim: str) -> bool:
    count, of = held(lesson, claim)
    return 2 * count >= of


def quoted(text: str, lesson: str) -> str:
    """The text with numbers in place of everything in braces. Raises KeyError if it names a claim or number that the
    lesson does not have."""

    def number(found: re.Match) -> str:
        kind, name = found.groups()
        if kind == "in":
            count, of = held(lesson, name)
            return f"in {count or 'none'} of {of} seeds"
        return rounded(_OVER_SEEDS[kind](measured(lesson)[name]))

    return _QUOTED.sub(number, text)


def rounded(value: float) -> str:
    """As it is read in a sentence: “33,506”, “92”, “1.7”."""
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.1f}"
