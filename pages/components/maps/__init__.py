"""Grids of filters and activation maps, bars and images, with values on hover and a tile enlarged on click.

Everything a student does with the pointer is answered in the browser; only the choice of a tile reaches Python.
The arrays travel as raw bytes in one message (see `_pack`), which data.js takes apart again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

if TYPE_CHECKING:  # it would load torch on pages that show weights of a training under way
    from cnn.explain.activations import Origin

_ASSETS = Path(__file__).parent
# The browser gets one module. A file may use only names from files before it.
_SCRIPTS = (
    "numbers.js",
    "color.js",
    "data.js",
    "mosaic.js",
    "plate.js",
    "section.js",
    "explain.js",
    "journey.js",
    "tiles.js",
    "bars.js",
    "charts.js",
    "formula.js",
    "channels.js",
    "steps.js",
    "number.js",
    "strength.js",
    "detail.js",
    "tooltip.js",
    "frames.js",
    "main.js",
)
_ALIGNMENT = 8  # typed arrays in the browser must start at a multiple of their item size


# eq=False: comparing arrays with == has no single truth value.
@dataclass(frozen=True, eq=False)
class Tiles:
    """A grid of n tiles: activation maps (k = 1) or filters (k input channels, drawn as k panes of one tile)."""

    name: str
    note: str
    values: np.ndarray  # float32 (n, k, h, w)
    signed: bool  # True: diverging scale centred at zero; False: sequential from zero
    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # default "0", "1", ...
    rgb: bool = False  # k == 3: one colour picture, 0.5 + v / (2 * limit), instead of three panes
    dim: tuple[bool, ...] = ()  # tiles to mark as dead
    beside: np.ndarray | None = None  # float32 (n, k2, h2, w2): drawn left of each tile, diverging, on its own scale
    beside_rgb: bool = False
    # (offset, jump, receptive field) in input pixels: map pixel i looks at a window of `receptive field` pixels
    # centred on input pixel offset + i * jump, where the centre of the first input pixel is 0.0.
    geometry: tuple[float, float, float] | None = None
    origin: "Origin | None" = None  # how a value comes from those of another section; with it, k is 1
    shown: int | None = None  # tiles to draw, the first of all; the others are there for what comes from them

    def __post_init__(self):
        _check_tiles(self.name, "values", self.values, self.rgb)
        n = len(self.values)
        for field in ("captions", "labels", "dim"):
            _check_length(self.name, field, getattr(self, field), n)
        if self.beside is not None:
            _check_tiles(self.name, "beside", self.beside, self.beside_rgb)
            _check_length(self.name, "beside", self.beside, n)


@dataclass(frozen=True, eq=False)
class Bars:
    """One bar per value: rows with names up to 12 values, narrow columns beyond. Percentages run from 0 to 100."""

    name: str
    note: str
    values: np.ndarray  # float32 (n,)
    labels: tuple[str, ...]
    signed: bool
    colors: tuple[str, ...] = ()  # CSS colours
    unit: str = ""  # "" or "%"
    caption: str = ""
    origin: "Origin | None" = None

    def __post_init__(self):
        _check_vector(self.name, self.values)
        for field in ("labels", "colors"):
            _check_length(self.name, field, getattr(self, field), len(self.values))
        if self.unit not in ("", "%"):
            raise ValueError(f"{self.name}: unit must be empty or '%', not {self.unit!r}.")


@dataclass(frozen=True, eq=False)
class Picture:
    """An image as the network sees it."""

    name: str
    note: str
    values: np.ndarray  # uint8 (h, w, c), c is 1 or 3

    def __post_init__(self):
        shape = np.shape(self.values)
        if len(shape) != 3 or shape[2] not in (1, 3) or 0 in shape or self.values.dtype != np.uint8:
            raise ValueError(f"{self.name}: values must be uint8 of shape (h, w, 1) or (h, w, 3), not {shape}.")


@dataclass(frozen=True, eq=False)
class Strip:
    """A long vector as a wrapped strip of small cells."""

    name: str
    note: str
    values: np.ndarray  # float32 (n,)
    signed: bool
    origin: "Origin | None" = None

    def __post_init__(self):
        _check_vector(self.name, self.values)


Section = Tiles | Bars | Picture | Strip


def maps(
    sections: Sequence[Section],
    *,
    key: str,
    shared_scale: bool,
    tile_size: int = 72,
    selected: tuple[str, int] | None = None,
    columns: int | None = None,
    background: Picture | None = None,
    reports: bool = True,
) -> tuple[str, int] | None:
    """Draw the sections top to bottom and return the tile that is open, as (section name, index), or None.

    Where sections have an origin, the panel shows how the value that is pointed at was computed from them.

    shared_scale: one colour limit per section (True) or one per tile (False).
    tile_size: about the width of a tile in CSS pixels; every value is a whole number of screen pixels wide.
    selected: the tile open at the start; passing another one later moves the selection there.
    columns: tiles per row; as many as fit when None.
    background: the image that maps are laid over and receptive fields are marked on; the first Picture when None.
    reports: whether Python gets to know what is opened, at the price of a rerun that sends everything again.
    """
    names = [section.name for section in sections]
    if len(set(names)) < len(names):
        raise ValueError(f"Section names must differ, because a selection is known by its name: {names}.")
    message = _pack(
        sections,
        shared=shared_scale,
        tile=tile_size,
        selected=selected and [selected[0], int(selected[1])],
        columns=columns,
        background=background,
        reports=reports,
    )
    result = _component(key=key, data=message, on_selected_change=lambda: None)
    return _existing_tile(result.get("selected") if result else None, sections)


def _assets() -> dict[str, str]:
    js = "\n".join((_ASSETS / script).read_text("utf-8") for script in _SCRIPTS)
    return {"css": (_ASSETS / "maps.css").read_text("utf-8"), "js": js}


_component = st.components.v2.component("cnn_maps", **_assets())


def _existing_tile(choice, sections: Sequence[Section]) -> tuple[str, int] | None:
    """The browser's choice, unless it names a tile that is gone since (another network, another layer)."""
    if not isinstance(choice, (list, tuple)) or len(choice) != 2:
        return None
    name, index = choice
    for section in sections:
        if isinstance(section, Tiles) and section.name == name and index in range(len(section.values)):
            return name, int(index)
    return None


def _pack(sections: Sequence[Section], *, background: Picture | None, **settings) -> bytes:
    """One message: header length (4 bytes, little endian), header (JSON), padding, then the arrays one after another.

    Offsets in the header count from the first array. Base64 would cost a third more and a copy on either side.
    """
    payload = _Payload()
    if background is None:
        background = next((section for section in sections if isinstance(section, Picture)), None)
    header = settings | {
        "sections": [_describe(section, payload) for section in sections],
        "background": background and _describe(background, payload),
    }
    text = json.dumps(header).encode()
    start = len(text).to_bytes(4, "little") + text
    return b"".join([_padded(start), *payload.parts])


class _Payload:
    """The arrays of one message; an array that is used twice is sent once."""

    def __init__(self):
        self.parts: list[bytes] = []
        self._size = 0
        self._known: dict[int, dict] = {}

    def add(self, array: np.ndarray, dtype: str) -> dict:
        if id(array) not in self._known:
            part = _padded(np.ascontiguousarray(array, dtype).tobytes())
            self._known[id(array)] = {"shape": np.shape(array), "offset": self._size, "type": dtype}
            self.parts.append(part)
            self._size += len(part)
        return self._known[id(array)]


def _padded(part: bytes) -> bytes:
    return part + bytes(-len(part) % _ALIGNMENT)


def _describe(section: Section, payload: _Payload) -> dict:
    common = {"kind": type(section).__name__.lower(), "name": section.name, "note": section.note}
    match section:
        case Picture():
            return common | {"values": payload.add(section.values, "u1")}
        case Strip():
            return common | {
                "values": payload.add(section.values, "<f4"),
                "signed": section.signed,
                "origin": _describe_origin(section.origin, payload),
            }
        case Bars():
            return common | {
                "values": payload.add(section.values, "<f4"),
                "signed": section.signed,
                "labels": section.labels,
                "colors": section.colors,
                "unit": section.unit,
                "caption": section.caption,
                "origin": _describe_origin(section.origin, payload),
            }
    return common | {
        "values": payload.add(section.values, "<f4"),
        "signed": section.signed,
        "labels": section.labels or [str(i) for i in range(len(section.values))],
        "captions": section.captions,
        "rgb": section.rgb,
        "dim": [bool(dim) for dim in section.dim],
        "beside": None if section.beside is None else payload.add(section.beside, "<f4"),
        "besideRgb": section.beside_rgb,
        "geometry": section.geometry and [float(number) for number in section.geometry],
        "shown": section.shown or len(section.values),
        "origin": _describe_origin(section.origin, payload),
    }


def _describe_origin(origin: "Origin | None", payload: _Payload) -> dict | None:
    if origin is None:
        return None
    numbers = {
        name: payload.add(array, "<u4" if array.dtype == np.uint32 else "<f4") for name, array in origin.numbers.items()
    }
    return vars(origin) | {"numbers": numbers}


def _check_tiles(name: str, field: str, values: np.ndarray, rgb: bool):
    shape = np.shape(values)
    if len(shape) != 4 or 0 in shape:
        raise ValueError(f"{name}: {field} must have the shape (n, k, h, w) with nothing empty, not {shape}.")
    if rgb and shape[1] != 3:
        raise ValueError(f"{name}: {field} can be shown in colour with 3 channels, not with {shape[1]}.")


def _check_vector(name: str, values: np.ndarray):
    if len(np.shape(values)) != 1 or len(values) == 0:
        raise ValueError(f"{name}: values must be a vector with at least one number, not {np.shape(values)}.")


def _check_length(name: str, field: str, values: Sequence, n: int):
    if len(values) not in (0, n):
        raise ValueError(f"{name}: {field} must have one entry for each of the {n} values, not {len(values)}.")
