"""Grids of filters and activation maps, bars and images. Hover shows values; a click enlarges a tile.

The browser handles the pointer and sends Python only the chosen tile.
"""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import asdict, dataclass
from typing import Literal, Protocol

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("maps", "maps/maps.css")

Pair = tuple[int, int]  # rows, columns


_ORIGIN = (
    *("kind", "source", "function", "kernel", "stride", "padding", "dilation", "groups"),
    *("formula", "formula_text", "sentence", "numbers"),
)  # the fields of an origin that are sent


class Origin(Protocol):
    """How the values of a section are computed from those of another section.

    kind: conv, norm, activation, pool, flatten, dense or softmax. source: the name of the other section.
    conv and pool: kernel, stride, padding and dilation; conv: groups; pool: function, "max" or "average". A global pool
    has a kernel of the map's size.
    activation: formula, a tree of "x", numbers and [operation, operands...] with + - * / max min exp tanh erf, where -
    may have one operand; formula_text, the formula in usual notation; sentence, what it does.
    numbers: name -> array (float32, or uint32 for inputs), for
        conv: weight (filters, channels / groups, rows, columns) and bias (filters) if the layer has one;
        norm, of maps or of a vector: mean, var, gamma, beta (channels each) and eps (1);
        dense: inputs (uint32) and weight (units, terms), for the largest products of each unit; others (units), the sum
            of the remaining products; and bias (units) if the layer has one.
    """

    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def function(self) -> str: ...
    @property
    def kernel(self) -> Pair: ...
    @property
    def stride(self) -> Pair: ...
    @property
    def padding(self) -> Pair: ...
    @property
    def dilation(self) -> Pair: ...
    @property
    def groups(self) -> int: ...
    @property
    def formula(self) -> object: ...
    @property
    def formula_text(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def numbers(self) -> Mapping[str, np.ndarray]: ...


# eq=False: == of two arrays is an array, not a truth value.
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
    dim: tuple[bool, ...] = ()  # whether a tile is marked as silent: 0 everywhere
    beside: np.ndarray | None = None  # float32 (n, k2, h2, w2): drawn left of each tile, on its own diverging scale
    beside_rgb: bool = False
    # Offset, jump and receptive field in input pixels, each (rows, columns): value i along a side depends on
    # `receptive field` pixels around offset + i * jump, where the first pixel's centre is 0.0.
    geometry: tuple[tuple[float, float], tuple[float, float], tuple[float, float]] | None = None
    origin: Origin | None = None  # how a value is computed from those of another section; requires k == 1
    shown: int | None = None  # draw only the first ones; the rest is sent for later sections that use it
    limits: tuple[float, ...] = ()  # the end of each tile's colour scale; default: its largest magnitude

    def __post_init__(self):
        _check_tiles(self.name, "values", self.values, self.rgb)
        n = len(self.values)
        for field in ("captions", "labels", "dim", "limits"):
            _check_length(self.name, field, getattr(self, field), n)
        if self.beside is not None:
            _check_tiles(self.name, "beside", self.beside, self.beside_rgb)
            _check_length(self.name, "beside", self.beside, n)


@dataclass(frozen=True, eq=False)
class Bars:
    """One bar per value: named rows for up to 12 values, narrow columns for more. Percentages run from 0 to 100."""

    name: str
    note: str
    values: np.ndarray  # float32 (n,)
    labels: tuple[str, ...]
    signed: bool
    colors: tuple[str, ...] = ()  # CSS colours
    unit: str = ""  # "" or "%"
    caption: str = ""
    origin: Origin | None = None

    def __post_init__(self):
        _check_vector(self.name, self.values)
        for field in ("labels", "colors"):
            _check_length(self.name, field, getattr(self, field), len(self.values))
        if self.unit not in ("", "%"):
            raise ValueError(f"{self.name}: unit must be empty or '%', not {self.unit!r}.")


@dataclass(frozen=True, eq=False)
class Picture:
    """An image as the network sees it.

    mean, spread: the network gets (pixel / 255 - mean) / spread, with one number for each channel or one for all.
    """

    name: str
    note: str
    values: np.ndarray  # uint8 (h, w, c), c is 1 or 3
    mean: Sequence[float] = (0.0,)
    spread: Sequence[float] = (1.0,)

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
    origin: Origin | None = None

    def __post_init__(self):
        _check_vector(self.name, self.values)


Section = Tiles | Bars | Picture | Strip


@dataclass(frozen=True)
class Column:
    """A column of the glance: sections that belong together, such as a convolution, its activation and its pooling.

    kind: image, maps, bars or answer. layers: names of the sections, in forward order. shown: the one drawn at first.
    """

    kind: Literal["image", "maps", "bars", "answer"]
    layers: tuple[str, ...]
    shown: str


@dataclass(frozen=True, eq=False)
class Glance:
    """The whole network above the sections, as columns from the image to the answer.

    order: section -> uint32 (units,), its maps or units in the order to draw them. evidence: section -> float32
    (units,), what each says for the class `target`. Sections that are not in them keep their order.
    """

    columns: tuple[Column, ...]
    order: Mapping[str, np.ndarray]
    evidence: Mapping[str, np.ndarray]
    target: str


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
    glance: Glance | None = None,
    panel: bool = True,
) -> tuple[str, int] | None:
    """Draws the sections from top to bottom; returns the open tile as (section name, index), or None.

    If a section has an origin, the panel shows how the value under the pointer was computed.

    shared_scale: one colour limit per section (True) or one per tile (False).
    tile_size: the approximate width of a tile in CSS pixels in a window of 1280 x 720; each value is a whole number of
        screen pixels wide. Without `columns`, tiles grow with the window, up to twice that size.
    selected: the tile that is open at first; another one in a later run moves the selection there.
    columns: tiles per row, which grow with the window, up to twice `tile_size`; None: as many of that size as fit.
    background: the image under maps and receptive fields; None: the first Picture.
    glance: the whole network, drawn above the sections; None: only the sections.
    reports: whether to send the open tile to Python, which costs a rerun that resends everything.
    panel: whether an open tile is enlarged in a panel; without it, it is only framed.
    """
    names = [section.name for section in sections]
    if len(set(names)) < len(names):
        raise ValueError(f"Section names must differ, because a selection is known by its name: {names}.")
    data = _message(
        sections,
        background,
        key=key,
        shared=shared_scale,
        tile=tile_size,
        selected=selected and [selected[0], int(selected[1])],
        columns=columns,
        reports=reports,
        glance=glance and vars(glance) | {"columns": [asdict(column) for column in glance.columns]},
        panel=panel,
    )
    result = _component(key=key, data=data, on_selected_change=lambda: None)
    return _existing_tile(result.get("selected") if result else None, sections)


def _existing_tile(choice: object, sections: Sequence[Section]) -> tuple[str, int] | None:
    """The browser's choice; None if that tile no longer exists (another network, another layer)."""
    if not isinstance(choice, (list, tuple)) or len(choice) != 2:
        return None
    name, index = choice
    for section in sections:
        if isinstance(section, Tiles) and section.name == name and index in range(len(section.values)):
            return name, int(index)
    return None


def _message(sections: Sequence[Section], background: Picture | None = None, **settings: object) -> bytes:
    if background is None:
        background = next((section for section in sections if isinstance(section, Picture)), None)
    described = {
        "sections": [_describe(section) for section in sections],
        "background": background and _describe(background),
    }
    return message.encode(described | settings)


def _describe(section: Section) -> dict:
    common: dict[str, object] = {"kind": type(section).__name__.lower(), "name": section.name, "note": section.note}
    if isinstance(section, Picture):
        channels = section.values.shape[2]
        each = {name: [*np.broadcast_to(getattr(section, name), channels).tolist()] for name in ("mean", "spread")}
        return common | {"values": section.values} | each
    common |= {
        "values": np.asarray(section.values, np.float32),
        "signed": section.signed,
        "origin": section.origin and {name: getattr(section.origin, name) for name in _ORIGIN},
    }
    match section:
        case Strip():
            return common
        case Bars():
            return common | {
                "labels": section.labels,
                "colors": section.colors,
                "unit": section.unit,
                "caption": section.caption,
            }
    return common | {
        "labels": section.labels or [str(i) for i in range(len(section.values))],
        "captions": section.captions,
        "rgb": section.rgb,
        "dim": [bool(dim) for dim in section.dim],
        "beside": None if section.beside is None else np.asarray(section.beside, np.float32),
        "besideRgb": section.beside_rgb,
        "geometry": section.geometry and [[float(number) for number in pair] for pair in section.geometry],
        "shown": section.shown or len(section.values),
        "limits": [float(limit) for limit in section.limits],
    }


def _check_tiles(name: str, field: str, values: np.ndarray, rgb: bool):
    shape = np.shape(values)
    if len(shape) != 4 or 0 in shape:
        raise ValueError(f"{name}: {field} must have the shape (n, k, h, w) with nothing empty, not {shape}.")
    if rgb and shape[1] != 3:
        raise ValueError(f"{name}: {field} can be shown in colour with 3 channels, not with {shape[1]}.")


def _check_vector(name: str, values: np.ndarray):
    if len(np.shape(values)) != 1 or len(values) == 0:
        raise ValueError(f"{name}: values must be a vector with at least one number, not {np.shape(values)}.")


def _check_length(name: str, field: str, values: Sized, n: int):
    if len(values) not in (0, n):
        raise ValueError(f"{name}: {field} must have one entry for each of the {n} values, not {len(values)}.")
