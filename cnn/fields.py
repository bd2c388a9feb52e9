"""The types of settings: a whole number, a number, a choice, a switch, a list of widths, a list of names, or a text.

Each field of a spec is described once. The validation, the widget on a page, the text in a link and the command-line
option all follow from that description.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any

from cnn.errors import UserError

MAX_SEED = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The description of one field of a spec.

    label: its name on pages and in messages. help: a sentence or two for the user.
    group: settings of one group appear together on a page. link: its name in a link, if the field's own name is taken.
    flags: value -> the command-line flag that sets it. Without flags, the option has the field's name.
    hidden: whether users cannot set it: it is on no page, in no link and not on the command line.
    """

    label: str
    help: str = ""
    group: str = ""
    link: str = ""
    flags: dict = field(default_factory=dict)
    hidden: bool = False

    @property
    def compared(self) -> bool:
        """Whether comparisons of runs name it."""
        return not self.hidden

    def check(self, value) -> Any:
        """The value as the spec stores it. Raises UserError, saying what is allowed, if it is invalid."""
        raise NotImplementedError

    def text(self, value) -> str:
        """The value in words, for messages and pages."""
        if isinstance(value, (list, tuple)):
            return ", ".join(map(str, value)) or "none"
        return f"{value:g}" if isinstance(value, float) else str(value) or "none"

    def _refuse(self, expected: str, value) -> UserError:
        return UserError(f"{self.label} must be {expected}, not {value!r}.")


@dataclass(frozen=True, kw_only=True)
class Whole(Setting):
    """A whole number from low to high. words: values that stand for no number -> their word, such as 0 -> never."""

    low: int
    high: int
    step: int = 1
    words: dict = field(default_factory=dict)

    def check(self, value) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise self._refuse(f"a whole number from {self.low:,} to {self.high:,}", value)
        return value

    def text(self, value) -> str:
        return self.words.get(value) or super().text(value)


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A number from low to high. marks: the values a slider offers instead of equal steps."""

    low: float
    high: float
    step: float
    marks: tuple[float, ...] = ()
    percent: bool = False

    def check(self, value) -> float:
        # NaN fails the comparison, and Python compares integers of any size.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.low <= value <= self.high:
            raise self._refuse(f"a number from {self.low:g} to {self.high:g}", value)
        return float(value)


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of a few values. options: value -> its name on pages. drop_down: whether pages show a drop-down list."""

    options: dict
    drop_down: bool = False

    def check(self, value) -> Any:
        # The types must match too, because 1 == True in Python.
        if not any(value == option and type(value) is type(option) for option in self.options):
            raise self._refuse(f"one of {', '.join(map(str, self.options))}", value)
        return value

    def text(self, value) -> str:
        return str(self.options[value])


@dataclass(frozen=True, kw_only=True)
class Switch(Choice):
    """On or off."""

    options: dict = field(default_factory=lambda: {True: "on", False: "off"})


@dataclass(frozen=True, kw_only=True)
class Widths(Setting):
    """A list of whole numbers, one per layer. count_label: the label of their count; each_label: of one of them."""

    least: int
    most: int
    count_label: str
    each_label: str
    low: int = 1
    high: int = 256

    def check(self, value) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)) or not self.least <= len(value) <= self.most:
            raise self._refuse(f"a list of {self.least} to {self.most} whole numbers", value)
        each = Whole(label=f"Each of the {self.label.lower()}", low=self.low, high=self.high)
        return tuple(each.check(width) for width in value)


@dataclass(frozen=True, kw_only=True)
class Names(Setting):
    """A list of different names, or an empty one for all. least: the fewest names of a list that is not empty."""

    least: int = 1

    def check(self, value) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
            raise self._refuse("a list of names", value)
        names = tuple(dict.fromkeys(value))
        if names and len(names) < self.least:
            raise self._refuse(f"at least {self.least} names", list(names))
        return names


@dataclass(frozen=True, kw_only=True)
class Text(Setting):
    """A text that must match the whole pattern. expected: describes the pattern, for errors. metavar: its name in the
    help of the command line."""

    pattern: str = "(?s:.*)"
    expected: str = "a text"
    metavar: str = "TEXT"

    def check(self, value) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise self._refuse(self.expected, value)
        return value


@dataclass(frozen=True, kw_only=True)
class Decisions(Setting):
    """What a user has decided about the labels of single images: triples of the hash of an image's content, the class
    that the folder gives it, and its class from now on; "" leaves it out. At most one for each hash and class."""

    @property
    def compared(self) -> bool:
        return True

    def check(self, value) -> tuple[tuple[str, str, str], ...]:
        if not isinstance(value, (list, tuple)) or not all(map(self._is_decision, value)):
            raise self._refuse("a list of decisions: hash, class, new class", value)
        decided = {(content, given): now for content, given, now in value}
        return tuple(sorted((*image, now) for image, now in decided.items()))

    def _is_decision(self, one) -> bool:
        return isinstance(one, (list, tuple)) and len(one) == 3 and all(isinstance(text, str) for text in one)

    def text(self, value) -> str:
        return f"{len(value):,} decided" if value else "as in the folder"


def setting(default, described: Setting) -> Any:
    """A dataclass field for a spec, with its default and its description."""
    return field(default=default, metadata={"setting": described})


class Spec:
    """The base class of the three specs."""

    def __post_init__(self):
        for name, described in self.settings().items():
            object.__setattr__(self, name, described.check(getattr(self, name)))

    # Cached, because a page reads them hundreds of times.

    @classmethod
    @cache
    def settings(cls) -> Mapping[str, Setting]:
        """The setting of each field, by the field's name."""
        own = fields(cls)  # type: ignore[arg-type]  # every spec is a dataclass
        return MappingProxyType({field.name: field.metadata["setting"] for field in own})

    @classmethod
    @cache
    def defaults(cls) -> Mapping[str, Any]:
        """The default of each field, by the field's name."""
        return MappingProxyType({field.name: field.default for field in fields(cls)})  # type: ignore[arg-type]

    @property
    def without_effect(self) -> frozenset[str]:
        """The fields that change nothing, whatever their values, while the others stay as they are."""
        return frozenset()

    def to_dict(self) -> dict:
        """The spec as a dict of plain JSON values (tuples become lists)."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}  # type: ignore[call-overload]

    @classmethod
    def from_dict(cls, values: dict):
        """The spec from the dict of `to_dict`. Missing fields take their defaults.

        Raises UserError, with a sentence for the user, for an unknown field or an invalid value.
        """
        if not isinstance(values, dict):
            raise UserError(f"{cls.__name__} settings must be an object with names and values, not {values!r}.")
        known = set(cls.settings())
        if unknown := sorted(set(values) - known):
            raise UserError(f"Unknown setting {unknown[0]!r}. Known settings: {', '.join(sorted(known))}.")
        return cls(**values)
