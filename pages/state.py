"""All settings of a session, in one place: Streamlit's session state, under their own names, and the page's address.

A widget that carries one of these names as its key edits that setting; the address always says all that differs
from the defaults, so that a link opens the same thing elsewhere.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

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
    """Fills the session's settings at the start of a script run: on its first from the address, later from itself.

    Streamlit forgets the value of a widget that is not on the page, unless it is set anew. What it forgets all the
    same, because a click interrupted a script before this, comes from the copy in `kept_settings`.
    """
    kept = st.session_state.setdefault("kept_settings", {})
    if not kept:
        kept.update(_flat(_from_address()))
    for name, value in kept.items():
        kept[name] = st.session_state[name] = st.session_state.get(name, value)


def need_frame() -> None:
    """To be called first by the frame and by each page. Until a script calls st.navigation, Streamlit takes a folder
    called `pages` for its older way to make pages, and runs a page that a new server is asked for without
    dashboard.py around it. This turns that off and starts over."""
    if PagesManager.uses_pages_directory:
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
    if name == "filters":
        return tuple(st.session_state[f"filters_{i}"] for i in range(st.session_state.blocks))
    if name == "dense":
        return tuple(st.session_state[f"dense_{i}"] for i in range(st.session_state.dense_layers))
    return st.session_state[name]


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
    """Moves every slider of the Network page to `spec`; call it from a callback, before the widgets are made."""
    for name, value in _flat({name: getattr(spec, name) for name in _NETWORK}).items():
        st.session_state[name] = value


def folder() -> Path | None:
    """The folder chosen: a sample dataset is named by its name alone. None as long as none is chosen."""
    name = st.session_state.folder
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
    match default:
        case tuple():
            return tuple(int(part) for part in text.split(",")) if text else ()
        case bool():
            if text not in ("on", "off"):
                raise ValueError("It is on or off.")
            return text == "on"
        case int():
            return int(text)
        case float():
            return float(text)
    return text
