"""The settings of a session: the fields of the three specs, the folder and the run.

A widget edits each setting. The page's address holds every setting that differs from its default, so a link reproduces
them. Labels, ranges and defaults come from cnn.specs.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnn.errors import UserError
from cnn.fields import Names, Setting, Spec, Widths
from cnn.model.layers import Layer, lay_out
from cnn.specs import GIVEN_BY_BASE, PRESETS, SPECS, DatasetSpec, NetworkSpec, Preset, TrainingSpec
from cnn.store.run import Run
from pages.shared.address import from_text, to_text
from pages.shared.session import Versioned, session

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"

# Name of a setting, in the address and on the pages -> its spec and its field there.
FIELDS: dict[str, tuple[type[Spec], str]] = {
    described.link or name: (spec, name)
    for spec in SPECS
    for name, described in spec.settings().items()
    if not described.hidden
}
DEFAULTS: dict[str, Any] = {
    "folder": "",
    **{name: spec.defaults()[field] for name, (spec, field) in FIELDS.items()},
    "run": "",
}


def restore(link: Mapping[str, str], report: Callable[[str, str, UserError], None]) -> None:
    """Sets the settings in an address, and all others to their defaults. Invalid values go to `report(name, text,
    error)`."""
    values = dict(DEFAULTS)
    for name, text in link.items():
        if name in FIELDS:
            try:
                values[name] = from_text(text, described(name))
            except UserError as error:
                report(name, text, error)
        elif name in DEFAULTS:
            values[name] = text
    remembered = session().settings
    if remembered:
        put(**values)
    else:
        remembered |= {name: Versioned(name, value) for name, value in _flat(values).items()}


def read_widgets() -> None:
    """Reads the values of all widgets of settings."""
    for setting in session().settings.values():
        setting.current()


def texts() -> dict[str, str]:
    """The settings that differ from their defaults, as texts for the address."""
    values = {name: current(name) for name in DEFAULTS}
    return {name: to_text(value) for name, value in values.items() if value != DEFAULTS[name]}


def described(name: str) -> Setting:
    """The description of a setting: label, range, default."""
    spec, field = FIELDS[name]
    return spec.settings()[field]


def names_of(spec: type[Spec], group: str = "") -> list[str]:
    """The settings of a group of a spec."""
    return [name for name, (owner, _) in FIELDS.items() if owner is spec and described(name).group == group]


def has_effect(name: str) -> bool:
    """Whether the value of a setting changes anything, with the other settings as they are. name: in FIELDS."""
    spec, field = FIELDS[name]
    return field not in _spec(spec).without_effect


def versioned(name: str) -> Versioned:
    """The Versioned of a setting, by its name in DEFAULTS. A list of widths has several; see `_flat`."""
    return session().settings[name]


def current(name: str) -> Any:
    """The value of a setting, by its name in DEFAULTS."""
    if name in FIELDS and isinstance(described(name), Widths):
        return tuple(versioned(f"{name} {i}").current() for i in range(versioned(f"{name} count").current()))
    return versioned(name).current()


def put(**settings) -> None:
    """Sets settings, by their names in DEFAULTS, and replaces their widgets: all of them or, if a click interrupts the
    script, none."""
    changed = [
        (versioned(name), value) for name, value in _flat(settings).items() if versioned(name).current() != value
    ]
    for setting, value in changed:
        setting.replace(value)  # does not read the session state, so no click can interrupt it


def dataset_spec() -> DatasetSpec:
    """With the decisions about labels that apply, once the images have been read (`dataset_choice.chosen`)."""
    spec, (folder, decisions) = _spec(DatasetSpec), session().decided
    return replace(spec, decisions=decisions) if folder == current("folder") else spec


def network_spec() -> NetworkSpec:
    return _spec(NetworkSpec)


def training_spec() -> TrainingSpec:
    return _spec(TrainingSpec)


def specs() -> tuple[DatasetSpec, NetworkSpec, TrainingSpec]:
    """All settings of the next network."""
    return dataset_spec(), network_spec(), training_spec()


def _spec(kind: type[Spec]) -> Any:
    spec = kind.from_dict({field: current(name) for name, (spec, field) in FIELDS.items() if spec is kind})
    base = session().base
    return base.applied(spec) if base and base.run.id == current("base") else spec


def given(name: str) -> Any:
    """The value that the base of the network gives a setting, whatever its widget says; None if it gives none."""
    (spec, field), base = FIELDS[name], session().base
    if base is None or field not in GIVEN_BY_BASE.get(spec, ()):
        return None
    return getattr(base.spec(spec), field)


def layers(n_classes: int) -> list[Layer]:
    """The network of the settings. Raises NetworkError if it does not fit the image size."""
    spec = dataset_spec()
    return lay_out(network_spec(), spec.image_size, spec.channels, n_classes)


def use(preset: Preset, **changes: Any) -> None:
    """Sets all settings of the network and its training to those of a preset, but for some changes. The seed stays."""
    values = _values(preset.network_spec, preset.training_spec)
    del values["seed"]
    put(**values | ({"channels": preset.channels} if preset.channels else {}) | changes)


def use_run(run: Run) -> None:
    """Chooses the folder of a run, and sets all settings to those it was trained with."""
    folder = Path(run.folder)
    values = _values(run.dataset_spec, run.network_spec, run.training_spec)
    put(folder=folder.name if folder.parent == SAMPLES else run.folder, **values)


def _values(*specs: Spec) -> dict[str, Any]:
    """Name of a setting -> its value in these specs."""
    by_kind = {type(spec): spec for spec in specs}
    return {name: getattr(by_kind[owner], field) for name, (owner, field) in FIELDS.items() if owner in by_kind}


def preset() -> str:
    """The name of the preset with the network of the settings; "" if there is none. Its training may differ."""
    network, channels = network_spec(), current("channels")
    fitting = (
        name for name, one in PRESETS.items() if one.network_spec == network and one.channels in (None, channels)
    )
    return next(fitting, "")


def folder() -> Path | None:
    """The chosen folder, a sample dataset or a path; None if none is chosen."""
    name = current("folder")
    if not name:
        return None
    sample = SAMPLES / name
    return sample if sample.name == name and _is_sample(sample) else Path(name)


def sample_names() -> list[str]:
    return sorted(path.name for path in SAMPLES.iterdir() if _is_sample(path))


def _is_sample(path: Path) -> bool:
    return not path.name.startswith(("_", ".")) and os.path.isdir(path)  # False, too, for what cannot be a path


def _flat(values: dict) -> dict:
    """The settings, one entry for each widget. A list of widths becomes its length ("filters count") and one width for
    each possible layer ("filters 0", "filters 1", ...)."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        setting = described(name) if name in FIELDS else None
        if isinstance(setting, Widths):
            # A layer that is added later starts as wide as the last one.
            last = value[-1] if value else DEFAULTS[name][-1]
            flat[f"{name} count"] = len(value)
            flat |= {f"{name} {i}": value[i] if i < len(value) else last for i in range(setting.most)}
        else:
            flat[name] = tuple(value) if isinstance(setting, Names) else value
    return flat
