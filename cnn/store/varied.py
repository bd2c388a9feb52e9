"""The settings of runs, and those in which several runs differ. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cnn.fields import Whole
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.run import Run

LABELS = {"split_seed": "seed of the split"}  # the other seed has the same label
# Of each kind of spec: the name in a link -> the field, for the settings that are compared.
_NAMES = {
    kind: {setting.link or field: field for field, setting in kind.settings().items() if setting.compared}
    for kind in (DatasetSpec, NetworkSpec, TrainingSpec)
}
_SETTINGS = {name: kind.settings()[field] for kind, names in _NAMES.items() for name, field in names.items()}
SEEDS = ("split_seed", "seed")  # two runs that differ in these settings alone differ by luck


class Value(NamedTuple):
    """A setting of a run. label, text: for people. value: to compare; a number where the setting is one, None where it
    has none, such as the step of the base of a network without a base."""

    label: str
    value: object
    text: str


class Varied(NamedTuple):
    """A setting that several runs have different values of. values: one for each run, in the order of the runs."""

    name: str
    label: str
    values: tuple[Value, ...]

    @property
    def is_number(self) -> bool:
        return all(map(_is_number, self.values))

    @property
    def options(self) -> list[Value]:
        """The different values: numbers by size, then no number; others in the order of the runs."""
        found = list({one.text: one for one in self.values}.values())
        numbers = [one for one in found if _is_number(one)]
        others = [one for one in found if not _is_number(one)]
        if any(one.value is not None for one in others):
            return found
        return sorted(numbers, key=lambda one: one.value) + others  # type: ignore[arg-type,return-value]


def _is_number(one: Value) -> bool:
    return isinstance(one.value, int | float) and not isinstance(one.value, bool)


def settings_of(run: Run) -> dict[str, Value]:
    """All settings of a run, by their names in a link. The folder of the images is one of them."""
    return {name: _described(name, value) for name, value in values_of(run).items()}


def values_of(run: Run) -> dict[str, object]:
    """The value of each setting of a run, by its name in a link."""
    found: dict[str, object] = {"folder": run.folder}
    for spec in (run.dataset_spec, run.network_spec, run.training_spec):
        found |= {name: getattr(spec, field) for name, field in _NAMES[type(spec)].items()}
    return found


def _described(name: str, value: object) -> Value:
    if name == "folder":
        return Value("dataset", value, Path(str(value)).name)
    setting = _SETTINGS[name]
    is_word = isinstance(setting, Whole) and value in setting.words
    return Value(LABELS.get(name, setting.label.lower()), None if is_word else value, setting.text(value))


def varied(runs: Sequence[Run]) -> list[Varied]:
    """The settings in which runs differ, in the order of the pages."""
    found = [values_of(run) for run in runs]
    names = [name for name in found[0] if any(one[name] != found[0][name] for one in found)] if found else []
    columns = {name: tuple(_described(name, one[name]) for one in found) for name in names}
    return [Varied(name, values[0].label, _distinct(values)) for name, values in columns.items()]


def _distinct(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values with texts that tell them apart: two folders may have the same name."""
    texts = {one.text for one in values}
    if len(texts) == len({one.value for one in values}):
        return values
    return tuple(one._replace(text=str(one.value)) for one in values)


def same_but_seeds(run: Run) -> tuple:
    """What runs that differ by their seeds only have in common."""
    return tuple((name, value) for name, value in values_of(run).items() if name not in SEEDS)


def by_luck(runs: Sequence[Run]) -> list[list[int]]:
    """The runs in groups that differ by their seeds only: their positions, groups in the order of their first run."""
    groups: dict[tuple, list[int]] = {}
    for position, run in enumerate(runs):
        groups.setdefault(same_but_seeds(run), []).append(position)
    return list(groups.values())
