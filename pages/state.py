"""All settings of a session, in one place: `kept_settings` of Streamlit's session state, and the page's address.

A widget made with `**bound(name)` edits a setting; the address always says all that differs from the defaults, so
that a link opens the same thing elsewhere. (The values that Streamlit itself keeps for widgets are lost or old after
a change of page, or a click that comes while a script runs.)
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnn.layers import Layer, lay_out
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec

SAMPLES = Path(__file__).resolve().parent.parent / "sample_data"
MAX_BLOCKS, MAX_DENSE = 4, 3

_DATASET = {"image_size": 50, "channels": 1, "max_per_class": 2500, "val_fraction": 0.2, "split_seed": 0}
_NETWORK = {
    "filters": (16, 16),
    "convs_per_block": 1,
    "kernel_size": 3,
    "padding": "none",
    "pooling": "max",
    "activation": "relu",
    "batch_norm": False,
    "dropout": 0.0,
    "dense": (16,),
    "dense_activation": True,
}
_TRAINING = {
    "epochs": 10,
    "batch_size": 32,
    "learning_rate": 0.001,
    "optimizer": "adam",
    "weight_decay": 0.0,
    "seed": 0,
}
DEFAULTS = {"folder": "", **_DATASET, **_NETWORK, **_TRAINING, "run": ""}


def load() -> None:
    """For the frame: brings the session's settings to the widgets, at the start of a script run; on its first from the
    address."""
    if PagesManager.uses_pages_directory:
        _start_over()
    if "kept_settings" not in st.session_state:
        st.session_state.kept_settings = _flat(_from_address())
    for name, value in st.session_state.kept_settings.items():
        st.session_state[name] = value


def bound(name: str) -> dict:
    """What a widget is given to edit a setting (a name of DEFAULTS, or blocks, filters_0, dense_0, ...)."""
    return {"key": name, "on_change": _keep, "args": (name,)}


def _keep(name: str) -> None:
    # A part of a page that draws itself again tells how all widgets were in the browser. That may be as they were
    # before a click which Python has answered, and the browser has not drawn: it must not undo the click.
    run = get_script_run_ctx()  # None where no browser is served
    if run and run.fragment_ids_this_run:
        return
    if st.session_state[name] is not None:  # a field that was emptied leaves the setting as it was
        st.session_state.kept_settings[name] = st.session_state[name]
    save()


def put(**settings) -> None:
    """Changes settings (names of DEFAULTS) from elsewhere than their widgets; these follow at the next script run."""
    st.session_state.kept_settings.update(_flat(settings))
    save()


def need_frame() -> None:
    """To be called first by each page. Until a script calls st.navigation, Streamlit takes a folder called `pages` for
    its older way to make pages, and runs a page that a new server is asked for without dashboard.py around it. Of many
    browsers that come back to a new server at once, some find that turned off by another one when they are here."""
    if PagesManager.uses_pages_directory or "kept_settings" not in st.session_state:
        _start_over()


def _start_over() -> None:
    PagesManager.uses_pages_directory = False
    st.rerun()


def save() -> None:
    """Writes what differs from the defaults into the address."""
    values = {name: current(name) for name in DEFAULTS}
    address = {name: _to_text(value) for name, value in values.items() if value != DEFAULTS[name]}
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)


def current(name: str):
    """The value of a setting named as in DEFAULTS."""
    kept = st.session_state.kept_settings
    if name == "filters":
        return tuple(kept[f"filters_{i}"] for i in range(kept["blocks"]))
    if name == "dense":
        return tuple(kept[f"dense_{i}"] for i in range(kept["dense_layers"]))
    return kept[name]


def dataset_spec() -> DatasetSpec:
    values = {name: current(name) for name in _DATASET}
    return DatasetSpec.from_dict({"seed": values.pop("split_seed"), **values})


def network_spec() -> NetworkSpec:
    return NetworkSpec.from_dict({name: current(name) for name in _NETWORK})


def training_spec() -> TrainingSpec:
    return TrainingSpec.from_dict({name: current(name) for name in _TRAINING})


def layers(n_classes: int) -> list[Layer]:
    """The network of the settings. Raises NetworkError if it does not fit the image size."""
    spec = dataset_spec()
    return lay_out(network_spec(), spec.image_size, spec.channels, n_classes)


def set_network(spec: NetworkSpec) -> None:
    """Moves every slider of the Network page to `spec`."""
    put(**{name: getattr(spec, name) for name in _NETWORK})


def folder() -> Path | None:
    """The folder chosen: a sample dataset is named by its name alone. None as long as none is chosen."""
    name = current("folder")
    if not name:
        return None
    return SAMPLES / name if name in sample_names() else Path(name)


def sample_names() -> list[str]:
    return sorted(path.name for path in SAMPLES.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))


def _flat(values: dict) -> dict:
    """Settings as the session keeps them: a list of widths is a count and a number for each slider there may be."""
    flat = {}
    for name, value in values.items():
        if name == "filters":
            flat |= {"blocks": len(value), **_widths(name, value, MAX_BLOCKS)}
        elif name == "dense":
            flat |= {"dense_layers": len(value), **_widths(name, value, MAX_DENSE)}
        else:
            flat[name] = value
    return flat


def _widths(name: str, widths: tuple[int, ...], count: int) -> dict[str, int]:
    # A layer that is added later starts as wide as the last one.
    last = widths[-1] if widths else DEFAULTS[name][-1]
    return {f"{name}_{i}": widths[i] if i < len(widths) else last for i in range(count)}


def _from_address() -> dict:
    """The defaults, changed by what the address says; what it says wrongly is told and left at its default."""
    values = dict(DEFAULTS)
    for name, text in st.query_params.to_dict().items():
        if name not in DEFAULTS:
            continue
        try:
            value = _from_text(text, DEFAULTS[name])
            _check(name, value)
        except ValueError as error:
            st.toast(f"The link says {name} = {text!r}, which cannot be. {error}", icon=":material/link_off:")
        else:
            values[name] = value
    return values


def _check(name: str, value) -> None:
    for spec, group in ((DatasetSpec, _DATASET), (NetworkSpec, _NETWORK), (TrainingSpec, _TRAINING)):
        if name in group:
            spec.from_dict({"seed" if name == "split_seed" else name: value})


def _to_text(value) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _from_text(text: str, default):
    """The value that a text of the address means. What is no number stays a text: the check of the setting then says
    what it should be."""
    match default:
        case tuple():
            return tuple(_number(part, int) for part in text.split(",")) if text else ()
        case bool():
            if text not in ("on", "off"):
                raise ValueError("It is on or off.")
            return text == "on"
        case int() | float():
            return _number(text, type(default))
    return text


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    try:
        return kind(text)
    except ValueError:
        return text
