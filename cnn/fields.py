"""What a field of a spec may be: a whole number, a number, a choice, a switch or a list of widths.

One description of each field serves the check of its values, the widget on a page, the text in a link and the option on
the command line.
"""

from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any

from cnn.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What there is to know of one field of a spec.

    label: what pages and messages call it. help: a sentence or two for whoever chooses.
    group: which settings a page shows together. link: its name in an address, if the field's own is taken.
    flags: value -> the command-line option that chooses it. The others are chosen by an option named like the field.
    hidden: whether nobody chooses it: neither pages, nor links, nor the command line have it.
    """

    label: str
    help: str = ""
    group: str = ""
    link: str = ""
    flags: dict = field(default_factory=dict)
    hidden: bool = False

    def check(self, value) -> Any:
        """The value as the record keeps it. Raises UserError, with what is allowed, on any other."""
        raise NotImplementedError

    def _refuse(self, expected: str, value) -> UserError:
        return UserError(f"{self.label} must be {expected}, not {value!r}.")


@dataclass(frozen=True, kw_only=True)
class Whole(Setting):
    """A whole number from low to high."""

    low: int
    high: int
    step: int = 1

    def check(self, value) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise self._refuse(f"a whole number from {self.low:,} to {self.high:,}", value)
        return value


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A number from low to high. marks: the values that a slider offers, where equal steps would not do."""

    low: float
    high: float
    step: float
    marks: tuple[float, ...] = ()
    percent: bool = False

    def check(self, value) -> float:
        # NaN is in no range, and Python compares whole numbers of any size.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.low <= value <= self.high:
            raise self._refuse(f"a number from {self.low:g} to {self.high:g}", value)
        return float(value)


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of a few values. options: value -> what pages call it. drop_down: whether pages show them as a list."""

    options: dict
    drop_down: bool = False

    def check(self, value) -> Any:
        # 1 == True in Python: a bool must not pass for a number, nor a number for a bool.
        if not any(value == option and type(value) is type(option) for option in self.options):
            raise self._refuse(f"one of {', '.join(map(str, self.options))}", value)
        return value


@dataclass(frozen=True, kw_only=True)
class Switch(Choice):
    """On or off."""

    options: dict = field(default_factory=lambda: {True: "on", False: "off"})


@dataclass(frozen=True, kw_only=True)
class Widths(Setting):
    """A list of numbers, one for each layer. count_label: of how many there are; each_label: of the one at a place."""

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


def setting(default, described: Setting) -> Any:
    """A field of a spec: its default and what there is to know of it."""
    return field(default=default, metadata={"setting": described})


class Spec:
    """What the three records have in common."""

    def __post_init__(self):
        for name, described in self.settings().items():
            object.__setattr__(self, name, described.check(getattr(self, name)))

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """The setting of each field, by the field's name."""
        return {one.name: one.metadata["setting"] for one in cls._fields()}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """The default of each field, by the field's name."""
        return {one.name: one.default for one in cls._fields()}

    @classmethod
    def _fields(cls) -> tuple[Field, ...]:
        return fields(cls)  # type: ignore[arg-type]  # every spec is a dataclass

    def to_dict(self) -> dict:
        """The record as a dict of plain JSON values (tuples become lists)."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}  # type: ignore[call-overload]

    @classmethod
    def from_dict(cls, values: dict):
        """The record from `to_dict`'s dict; fields left out take their defaults.

        Raises UserError, with a sentence for the user, on an unknown field or a value out of range.
        """
        if not isinstance(values, dict):
            raise UserError(f"{cls.__name__} settings must be an object with names and values, not {values!r}.")
        known = set(cls.settings())
        if unknown := sorted(set(values) - known):
            raise UserError(f"Unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}.")
        return cls(**values)
