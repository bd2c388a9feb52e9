"""The settings of a session: the fields of the three specs, the folder and the run.

Each is edited by a widget and named in the page's address, which says all that differs from the defaults: so a link
opens the same thing elsewhere. Labels, ranges and defaults come from cnn.specs.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cnn.errors import UserError
from cnn.fields import Setting, Spec, Widths
from cnn.model.layers import Layer, lay_out
from cnn.specs import SPECS, DatasetSpec, NetworkSpec, TrainingSpec
from pages.shared.address import from_text, to_text
from pages.shared.session import Versioned, session

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"

# A setting's name, in the address and everywhere on the pages -> its spec and the field there.
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
    """Sets all settings to what an address says, the others to their defaults. What it says wrongly is reported, with
    its name and text."""
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
        prepared(**values)()
    else:
        remembered |= {name: Versioned(name, value) for name, value in _flat(values).items()}


def look() -> None:
    """Takes up where all their widgets stand."""
    for setting in session().settings.values():
        setting.current()


def texts() -> dict[str, str]:
    """What differs from the defaults, as in the address."""
    values = {name: current(name) for name in DEFAULTS}
    return {name: to_text(value) for name, value in values.items() if value != DEFAULTS[name]}


def described(name: str) -> Setting:
    """What there is to know of a setting of one of the specs."""
    spec, field = FIELDS[name]
    return spec.settings()[field]


def names_of(spec: type[Spec], group: str = "") -> list[str]:
    """The settings of a spec that are shown together."""
    return [name for name, (owner, _) in FIELDS.items() if owner is spec and described(name).group == group]


def kept(name: str) -> Versioned:
    """What a widget edits: a setting named as in DEFAULTS; of a list of widths, their number and each (see `_flat`)."""
    return session().settings[name]


def current(name: str) -> Any:
    """The value of a setting named as in DEFAULTS."""
    if name in FIELDS and isinstance(described(name), Widths):
        return tuple(kept(f"{name} {i}").current() for i in range(kept(f"{name} count").current()))
    return kept(name).current()


def put(**settings) -> None:
    """Changes settings (names of DEFAULTS) from elsewhere than their widgets."""
    prepared(**settings)()


def prepared(**settings) -> Callable[[], None]:
    """A function that puts the settings, all or none of them.

    A new click may interrupt a script whenever it looks at the session state. The function does not look, so that
    nothing else can come between it and what must be done together with it.
    """
    changed = [(kept(name), value) for name, value in _flat(settings).items() if kept(name).current() != value]

    def put_all() -> None:
        for setting, value in changed:
            setting.replace(value)

    return put_all


def dataset_spec() -> DatasetSpec:
    return _spec(DatasetSpec)


def network_spec() -> NetworkSpec:
    return _spec(NetworkSpec)


def training_spec() -> TrainingSpec:
    return _spec(TrainingSpec)


def _spec(kind: type[Spec]) -> Any:
    return kind.from_dict({field: current(name) for name, (spec, field) in FIELDS.items() if spec is kind})


def layers(n_classes: int) -> list[Layer]:
    """The network of the settings. Raises NetworkError if it does not fit the image size."""
    spec = dataset_spec()
    return lay_out(network_spec(), spec.image_size, spec.channels, n_classes)


def set_network(spec: NetworkSpec) -> None:
    """Moves every slider of the Network page to `spec`."""
    put(**{name: getattr(spec, field) for name, (owner, field) in FIELDS.items() if owner is NetworkSpec})


def folder() -> Path | None:
    """The folder chosen: a sample dataset is named by its name alone. None as long as none is chosen."""
    name = current("folder")
    if not name:
        return None
    return SAMPLES / name if name in sample_names() else Path(name)


def sample_names() -> list[str]:
    return sorted(path.name for path in SAMPLES.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))


def _flat(values: dict) -> dict:
    """Settings as widgets edit them: a list of widths is their number ("filters count") and one for each layer that
    there may be ("filters 0", "filters 1", ...)."""
    flat = {}
    for name, value in values.items():
        setting = described(name) if name in FIELDS else None
        if isinstance(setting, Widths):
            # A layer that is added later starts as wide as the last one.
            last = value[-1] if value else DEFAULTS[name][-1]
            flat[f"{name} count"] = len(value)
            flat |= {f"{name} {i}": value[i] if i < len(value) else last for i in range(setting.most)}
        else:
            flat[name] = value
    return flat
