"""What a user chooses about an experiment: settings with the values to try, each trained with several seeds."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

from cnn.errors import UserError
from cnn.fields import MAX_SEED, Choice, Names, Setting, Spec, Whole
from cnn.specs.dataset_spec import DatasetSpec
from cnn.specs.network_spec import NetworkSpec
from cnn.specs.presets import Preset
from cnn.specs.training_spec import TrainingSpec

MOST_RUNS = 500
MAX_NAME_LENGTH = 80
Specs = tuple[DatasetSpec, NetworkSpec, TrainingSpec]


@dataclass(frozen=True)
class Variant:
    """One of the things to compare. changes: name of a setting (see `fields_by_name`) -> its value here."""

    label: str
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class ExperimentSpec:
    """Variants of a network or of its training, each trained once with every seed.

    question: what it is to answer. dataset, network, training: the settings that the variants do not change. seeds: of
    the training; the held-out images are the same for all, unless the variants change `split_seed`.
    Raises UserError if there is nothing to train, too much, or a value is not allowed.
    """

    name: str
    variants: tuple[Variant, ...]
    seeds: tuple[int, ...]
    dataset: DatasetSpec
    network: NetworkSpec
    training: TrainingSpec
    question: str = ""

    def __post_init__(self):
        if not 0 < len(self.name) <= MAX_NAME_LENGTH or not self.name.isprintable():
            raise UserError(f"An experiment needs a name of up to {MAX_NAME_LENGTH} printable characters.")
        if not self.variants:
            raise UserError("An experiment needs at least one value to try.")
        labels = [variant.label for variant in self.variants]
        if doubled := next((label for label in labels if labels.count(label) > 1), None):
            raise UserError(f"An experiment tries each value once; {doubled} is there twice.")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise UserError("An experiment needs at least one seed, and each seed once.")
        if self.runs > MOST_RUNS:
            raise UserError(f"An experiment can have up to {MOST_RUNS} runs, not {self.runs:,}. Try fewer values.")
        for seed in self.seeds:
            Whole(label="Seed", low=0, high=MAX_SEED).check(seed)
        for variant in self.variants:
            self.specs(variant, self.seeds[0])

    @property
    def runs(self) -> int:
        return len(self.variants) * len(self.seeds)

    @property
    def compares(self) -> bool:
        """Whether its runs answer which setting is better. Not if only the images that are held out differ, as in a
        search for wrong labels."""
        return not all(set(variant.changes) == {"fold"} for variant in self.variants)

    def specs(self, variant: Variant, seed: int) -> Specs:
        """The settings of one run."""
        dataset, network, training = changed((self.dataset, self.network, self.training), variant.changes)
        return dataset, network, replace(training, seed=seed)

    def to_dict(self) -> dict:
        """Plain JSON values."""
        return {
            "name": self.name,
            "question": self.question,
            "variants": [{"label": one.label, "changes": _plain(one.changes)} for one in self.variants],
            "seeds": list(self.seeds),
            "dataset": self.dataset.to_dict(),
            "network": self.network.to_dict(),
            "training": self.training.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: dict) -> "ExperimentSpec":
        """From the dict of `to_dict`. Raises UserError if it is damaged."""
        try:
            return cls(
                name=values["name"],
                question=values["question"],
                variants=tuple(Variant(one["label"], one["changes"]) for one in values["variants"]),
                seeds=tuple(values["seeds"]),
                dataset=DatasetSpec.from_dict(values["dataset"]),
                network=NetworkSpec.from_dict(values["network"]),
                training=TrainingSpec.from_dict(values["training"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise UserError(f"This experiment is damaged: {error!r}") from None


@cache
def fields_by_name() -> Mapping[str, tuple[type[Spec], str]]:
    """Name of a setting, as in links -> its spec and its field: "seed" is that of the training, "split_seed" that of
    the held-out images."""
    return {
        described.link or name: (spec, name)
        for spec in (DatasetSpec, NetworkSpec, TrainingSpec)
        for name, described in spec.settings().items()
        if not described.hidden
    }


def described(name: str) -> Setting:
    """The description of a setting. Raises UserError if there is none of that name."""
    if name not in fields_by_name():
        raise UserError(f"There is no setting {name!r}. The settings are: {', '.join(sorted(fields_by_name()))}.")
    spec, field = fields_by_name()[name]
    return spec.settings()[field]


def changed(specs: Specs, changes: Mapping[str, Any]) -> Specs:
    """The settings with some changes, by name."""
    values: list[dict] = [{}, {}, {}]
    for name, value in changes.items():
        described(name)
        spec, field = fields_by_name()[name]
        values[next(i for i, one in enumerate(specs) if type(one) is spec)][field] = value
    dataset, network, training = specs
    return replace(dataset, **values[0]), replace(network, **values[1]), replace(training, **values[2])


def vary(settings: Mapping[str, Sequence[Any]]) -> tuple[Variant, ...]:
    """A variant for each combination of the values of some settings, named after what differs. Raises UserError if a
    setting or a value is not allowed."""
    if not settings:
        raise UserError("Choose a setting to vary.")
    checked = {name: [described(name).check(value) for value in values] for name, values in settings.items()}
    if "seed" in checked:
        raise UserError("The seed cannot be varied as a setting: every value is trained with several seeds.")
    found = []
    for values in product(*checked.values()):
        changes = dict(zip(checked, values, strict=True))
        found.append(Variant(", ".join(value_text(name, value) for name, value in changes.items()), changes))
    return tuple(found)


def value_text(name: str, value: Any) -> str:
    """A setting and its value in words: 'learning rate 0.01', 'mirror on'."""
    setting = described(name)
    label = setting.label if setting.label.isupper() else setting.label[:1].lower() + setting.label[1:]
    text = f"{value:g}" if isinstance(value, float) else setting.text(value)
    return f"{label} {text}"


def value_from_text(name: str, text: str) -> Any:
    """A value on the command line. Names of values as in links and as on pages; widths with "+": "16+32".

    Raises UserError if it is not allowed."""
    setting, default = described(name), _default(name)
    if isinstance(setting, Choice):
        by_text = {str(value).lower(): value for value in setting.options}
        by_text |= {label.lower(): value for value, label in setting.options.items()}
        if text.lower() in by_text:
            return by_text[text.lower()]
        raise UserError(f"{setting.label} must be one of {', '.join(map(str, by_text))}, not {text!r}.")
    if isinstance(default, tuple):
        parts = [part for part in text.split("+") if part]
        if isinstance(setting, Names):  # a class may be named 3
            return setting.check(parts)
        return setting.check([int(part) if part.isdecimal() else part for part in parts])
    if isinstance(default, str):
        return setting.check(text)
    if isinstance(setting, Whole) and text in setting.words.values():
        return next(value for value, word in setting.words.items() if word == text)
    return setting.check(_number(text))


def from_preset(label: str, preset: Preset, **changes: Any) -> Variant:
    """A variant with the network and the training of a preset, and some changes. The seed is not the preset's."""
    own = {NetworkSpec: preset.network_spec, TrainingSpec: preset.training_spec}
    values = {name: getattr(own[spec], field) for name, (spec, field) in fields_by_name().items() if spec in own}
    del values["seed"]
    if preset.channels:
        values["channels"] = preset.channels
    return Variant(label, values | changes)


def _number(text: str) -> float | str:
    """As a whole number, else as a number; else the text, which the check of the setting reports."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


def _default(name: str) -> Any:
    spec, field = fields_by_name()[name]
    return spec.defaults()[field]


def _plain(changes: Mapping[str, Any]) -> dict:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in changes.items()}
