"""All settings of a session, in one place: `kept_settings` of Streamlit's session state, and the page's address.

A widget made with `**bound(name)` edits a setting; the address always says all that differs from the defaults, so
that a link opens the same thing elsewhere. (The values that Streamlit itself keeps for widgets are lost with a change
of page.)

Browser and server are never quite at the same moment: a slider is already elsewhere when the answer to its last move
comes, and a click comes from a page that does not yet show the answer to another. So no widget is ever told to move:
where it begins is said by a setting, and from then on it says where the setting is. Where the program puts a setting
elsewhere, the widget is replaced by a new one, of the next version.
"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from cnn.errors import UserError
from cnn.model.layers import Layer, lay_out
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
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
    "global_average": False,
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
    """For the frame: brings the settings up to date at the start of a script run; on the session's first they come from
    the address."""
    if PagesManager.uses_pages_directory:
        _start_over()
    if "kept_settings" not in st.session_state:
        st.session_state.replaced = defaultdict(list)  # name of a setting -> where each replaced widget of it stood
        st.session_state.offered = {}  # name of a setting -> the texts of its selectbox
        st.session_state.kept_settings = _flat(_from_address())
    for name in st.session_state.kept_settings:
        _take(name)
    save()


def bound(name: str, argument: str = "value") -> dict:
    """What a widget is given to edit a setting (a name of DEFAULTS, or blocks, filters_0, dense_0, ...). argument: what
    the widget calls the value that it begins with."""
    return {argument: _take(name), "key": _key(name)}


def bound_choice(name: str, texts: dict) -> dict:
    """What a selectbox is given to edit a setting. texts: each value there is to choose -> what it is called."""
    value, offered = _take(name), st.session_state.offered
    # Streamlit knows an option by its text. What is called otherwise by now would be lost, or another taken for it.
    if offered.setdefault(name, texts) != texts:
        st.session_state.replaced[name].append(value)
        offered[name] = texts
    values = list(texts)
    return {"options": values, "index": values.index(value), "format_func": texts.get, "key": _key(name)}


def put(**settings) -> None:
    """Changes settings (names of DEFAULTS) from elsewhere than their widgets; these follow at the next script run."""
    prepared(**settings)()
    save()


def prepared(**settings) -> Callable[[], None]:
    """What puts the settings, all or none of them. At each look into the session state, a new click may interrupt; the
    function that is given needs none, for what must not be done without its settings, nor they without it."""
    kept, replaced = st.session_state.kept_settings, st.session_state.replaced
    changed = {name: value for name, value in _flat(settings).items() if _take(name) != value}

    def put_all() -> None:
        for name, value in changed.items():
            replaced[name].append(kept[name])
            kept[name] = value

    return put_all


def _take(name: str):
    """A setting's value, after looking where its widget stands."""
    kept, replaced = st.session_state.kept_settings, st.session_state.replaced[name]
    if replaced:
        last = st.session_state.get(_key(name, successors=1))
        if last is not None and last != replaced[-1]:  # moved on a page that did not yet show its successor,
            replaced[-1:] = last, kept[name]  # which is replaced by a third one
            kept[name] = last
    value = st.session_state.get(_key(name))
    if value is not None:  # not so where no widget is shown, or a field was emptied
        kept[name] = value
    return kept[name]


def _key(name: str, successors: int = 0) -> str:
    """Of the setting's widget, or of one that has been replaced."""
    return f"{name} {len(st.session_state.replaced[name]) - successors}"


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
    if name == "filters":
        return tuple(_take(f"filters_{i}") for i in range(_take("blocks")))
    if name == "dense":
        return tuple(_take(f"dense_{i}") for i in range(_take("dense_layers")))
    return _take(name)


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
        except UserError as error:
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
                raise UserError("It is on or off.")
            return text == "on"
        case int() | float():
            return _number(text, type(default))
    return text


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    try:
        return kind(text)
    except ValueError:
        return text
