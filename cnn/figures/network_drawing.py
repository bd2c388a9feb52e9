"""The layers of a network -> a drawing to scale, as SVG in the page's text colour.

A layer of maps is drawn as a box: the front has the height and width of a map; the depth grows with their number. A
network that is too long for its width goes on in a second row.
"""

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil

from cnn.figures.charts import class_color, short
from cnn.figures.layer_card import layer_card, spoken
from cnn.model.layers import Layer
from cnn.model.windows import Window

WIDTHS = (340, 480, 680, 960, 1360)  # of the drawings of a network: a page shows the widest that fits
SIDES = range(150, 60, -6)  # of the longest side of a map (usually of the image): the largest that fits in one row
MIN_GAP, MAX_GAP = 12, 84  # between columns
MARGIN = 8
MAX_DEPTH = 0.66  # depth of a box of 256 maps or more, as a share of the longest side; in proportion below that
MIN_DEPTH = 4
SLANT = 0.5  # shift up and right per unit of depth
FLAT = 1.1  # the length of the longest flat layer, as a share of the longest side; others by the root of their values
LETTER = 5.6  # the mean width of a letter
LINE = 16
TITLES, ROOM = 3, 172  # lines and height that a single row always has, so that another network moves nothing below it
NAMES = 44  # height of the two lines below a layer
BAND_TEXT = 22  # more height, for the text in the frame around layers of another network
SHOWN_CLASSES = 8
BOLD, ITALIC = ' font-weight="600"', ' font-style="italic"'
COLORS = {"conv": "#2284c6", "pool": "#0f9d78", "input": "#8c96a3"}
OTHER_MAPS, VALUES = "#d9603b", "#c98f00"


@dataclass
class _Column:
    """A layer, drawn together with the layers after it that keep its shape."""

    layer: Layer
    followers: list[Layer]
    classes: tuple[str, ...] = ()  # of the output, those shown,
    more: int = 0  # and how many are not
    side: float = 0  # drawing units of the longest side of a map
    scale: float = 0  # drawing units per value of a map's side
    longest: int = 1  # number of values of the longest flat layer
    left: float = 0
    top: float = 0  # of the row

    @property
    def is_output(self) -> bool:
        return bool(self.classes)

    @property
    def box_width(self) -> float:
        """The width of what is drawn between the texts."""
        if self.layer.is_spatial:
            return self.scale * self.layer.shape[2] + SLANT * self.depth
        return 24 + LETTER * max(map(len, self.classes)) if self.is_output else 18

    @property
    def width(self) -> float:
        texts = [*self.titles(), self.layer.name, self.layer.shape_text]
        return max(self.box_width, LETTER * max(map(len, texts)))

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def map_height(self) -> float:
        return self.scale * self.layer.shape[1]

    @property
    def height(self) -> float:
        """The height of what is drawn between the texts."""
        if self.layer.is_spatial:
            return self.map_height + SLANT * self.depth
        if self.is_output:
            return 22 * (len(self.classes) + bool(self.more))
        return max(6, FLAT * self.side * (self.layer.shape[0] / self.longest) ** 0.5)

    @property
    def depth(self) -> float:
        return max(MIN_DEPTH, MAX_DEPTH * self.side * min(self.layer.shape[0] / 256, 1))

    @property
    def color(self) -> str:
        return COLORS.get(self.layer.kind, OTHER_MAPS if self.layer.is_spatial else VALUES)

    def titles(self) -> list[str]:
        name = "classes" if self.is_output else self.layer.record.label
        return [name, *(layer.record.label for layer in self.followers)]


@dataclass(frozen=True)
class _Front:
    """The front of a box: its left upper corner and its sides."""

    x: float
    y: float
    width: float
    height: float

    def inner(self, width: float, height: float, across: float = 0.5) -> "_Front":
        """A rectangle inside, no larger than the front. across: its horizontal position, 0 (left) to 1 (right)."""
        width, height = min(width, self.width), min(height, self.height)
        return _Front(self.x + across * (self.width - width), self.y + 0.5 * (self.height - height), width, height)

    @property
    def attributes(self) -> str:
        return f'x="{self.x:.1f}" y="{self.y:.1f}" width="{self.width:.1f}" height="{self.height:.1f}"'


def network_drawings(layers: list[Layer], classes: tuple[str, ...], picture: str = "") -> dict[int, str]:
    """The drawing for each of WIDTHS."""
    return {width: network_drawing(layers, classes, picture, width) for width in WIDTHS}


def layer_cards(layers: list[Layer]) -> list[str]:
    """A card about each layer, as HTML, in the order of the layers."""
    return [layer_card(layer) for layer in layers]


def network_drawing(layers: list[Layer], classes: tuple[str, ...], picture: str = "", width: int = 960) -> str:
    """An SVG element of that width. classes: names, in order. picture: URL (data:...) of an image to show on the
    input's front.

    Frames on the picture show the receptive field of one value of each layer of maps. Each layer is an option of a
    list box, with the attribute data-note: its number in `layers`.
    """
    rows = _rows(_columns(layers, classes), width)
    numbers = {layer.name: i for i, layer in enumerate(layers)}
    elements, bands, top = [], [], 0.0
    fronts: list[tuple[_Column, _Front]] = []
    for row in rows:
        lines, tallest = max(len(column.titles()) for column in row), max(column.height for column in row)
        if len(rows) == 1:
            lines, tallest = max(lines, TITLES), max(tallest, ROOM)
        above = LINE * lines + 10
        middle = top + above + tallest / 2
        has_band = any(column.layer.start != "new" for column in row)
        bottom = top + above + tallest + NAMES
        for column in row:
            column.top = top
            shape = _shape(column, middle, picture, fronts)
            elements.append(_option(column, shape, middle, bottom, numbers))
        if has_band:
            bands.append(_taken_band(row, top, bottom))
            bottom += BAND_TEXT
        top = bottom + 10
    marks = [_window(*before, *after) for before, after in pairwise(fronts) if before[0].top == after[0].top]
    if picture:
        marks.append(_receptive_fields(fronts))
    return (
        f'<svg viewBox="0 0 {width} {ceil(top - 10)}" role="listbox" aria-orientation="horizontal" '
        f'aria-label="{escape(_description(rows))}" font-family="inherit" font-size="13" fill="currentColor" '
        f'style="display:block; width:100%">{"".join(bands)}{"".join(elements)}'
        f'<g aria-hidden="true" pointer-events="none">{"".join(marks)}</g></svg>'
    )


def _columns(layers: list[Layer], classes: tuple[str, ...]) -> list[_Column]:
    columns: list[_Column] = []
    for layer in layers:
        if layer.record.keeps_shape:
            columns[-1].followers.append(layer)
        else:
            columns.append(_Column(layer, []))
    if not columns[-1].layer.is_spatial:
        shown = classes if len(classes) <= SHOWN_CLASSES else classes[: SHOWN_CLASSES - 1]
        columns[-1].classes, columns[-1].more = tuple(short(name, 13) for name in shown), len(classes) - len(shown)
    return columns


def _rows(columns: list[_Column], width: float) -> list[list[_Column]]:
    """The columns in rows, each with its place: in one row if it fits, with maps as large as possible."""
    room = width - 2 * MARGIN
    sides = max(max(column.layer.shape[1:]) for column in columns if column.layer.is_spatial)
    longest = max((column.layer.shape[0] for column in columns if not column.layer.is_spatial), default=1)
    for side in SIDES:
        for column in columns:
            column.side, column.scale, column.longest = side, side / sides, longest
        if _length(columns, MIN_GAP) <= room:
            break
    rows: list[list[_Column]] = [[]]
    for column in columns:
        if rows[-1] and _length([*rows[-1], column], MIN_GAP) > room:
            rows.append([])
        rows[-1].append(column)
    gaps = [(room - _length(row, 0)) / max(1, len(row) - 1) for row in rows]
    gap = max(MIN_GAP, min(MAX_GAP, *gaps))  # the same in all rows
    for row in rows:
        left = (width - _length(row, gap)) / 2 if len(rows) == 1 else MARGIN
        for column in row:
            column.left = left
            left += column.width + gap
    return rows


def _length(columns: list[_Column], gap: float) -> float:
    return sum(column.width for column in columns) + gap * (len(columns) - 1)


def _description(rows: list[list[_Column]]) -> str:
    return "The network: " + ", then ".join(f"{c.layer.name} {c.layer.shape_text}" for row in rows for c in row)


def _option(column: _Column, shape: str, middle: float, bottom: float, numbers: dict[str, int]) -> str:
    """A layer as an option, followed by those that keep its shape, each with its line above the box."""
    first, *others = column.titles()
    name, size = escape(column.layer.name), escape(column.layer.shape_text)
    texts = (
        f'<rect x="{column.left:.1f}" y="{middle - column.height / 2:.1f}" width="{column.width:.1f}" '
        f'height="{bottom - middle + column.height / 2:.1f}" fill="transparent"/>{shape}'
        f"{_text(column.middle, column.top + 14, escape(first))}"
        f"{_text(column.middle, bottom - 24, name, BOLD)}{_text(column.middle, bottom - 7, size)}"
    )
    options = [_noted(column.layer, texts, numbers)]
    for i, (title, layer) in enumerate(zip(others, column.followers, strict=True), start=1):
        y = column.top + LINE * i
        line = (
            f'<rect x="{column.left:.1f}" y="{y:.1f}" width="{column.width:.1f}" height="{LINE}" fill="transparent"/>'
            f"{_text(column.middle, y + 14, escape(title))}"
        )
        options.append(_noted(layer, line, numbers))
    return "".join(options)


def _noted(layer: Layer, content: str, numbers: dict[str, int]) -> str:
    return (
        f'<g role="option" tabindex="-1" data-note="{numbers[layer.name]}" aria-description="{escape(spoken(layer))}">'
        f"{content}</g>"
    )


def _text(middle: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{middle:.1f}" y="{y:.1f}" text-anchor="middle"{more}>{text}</text>'


def _taken_band(row: list[_Column], top: float, bottom: float) -> str:
    """A dashed frame around the layers that start with the weights of another network, and what training does to
    them."""
    taken = [column for column in row if column.layer.start != "new"]
    start = taken[0].layer.start
    text = "frozen: training does not change them" if start == "frozen" else "fine-tuned: from another network"
    left, right = taken[0].left - MIN_GAP / 3, taken[-1].left + taken[-1].width + MIN_GAP / 3
    return (
        f'<g aria-hidden="true"><rect x="{left:.1f}" y="{top + 1:.1f}" width="{right - left:.1f}" '
        f'height="{bottom + BAND_TEXT - top - 2:.1f}" rx="8" fill="#6aa5d8" fill-opacity="0.12" stroke="currentColor" '
        f'stroke-opacity="0.6" stroke-dasharray="5 4"/>'
        f"{_text((left + right) / 2, bottom + BAND_TEXT - 8, text, ITALIC)}</g>"
    )


def _shape(column: _Column, middle: float, picture: str, fronts: list[tuple[_Column, _Front]]) -> str:
    """What is drawn between the texts. Adds the front of a box to `fronts`."""
    left = column.middle - column.box_width / 2
    if column.layer.is_spatial:
        y = middle - column.height / 2 + SLANT * column.depth
        front = _Front(left, y, column.box_width - SLANT * column.depth, column.map_height)
        fronts.append((column, front))
        return _box(column, front, picture)
    return _classes(column, left, middle) if column.is_output else _bar(column, left, middle)


def _box(column: _Column, front: _Front, picture: str) -> str:
    color, shift = column.color, SLANT * column.depth
    x, y, width, height = front.x, front.y, front.width, front.height
    faces = [
        f'<path d="M{x:.1f} {y:.1f} l{shift:.1f} {-shift:.1f} h{width:.1f} l{-shift:.1f} {shift:.1f} z" '
        f'fill="{color}" fill-opacity="0.55"/>',
        f'<path d="M{x + width:.1f} {y:.1f} l{shift:.1f} {-shift:.1f} v{height:.1f} l{-shift:.1f} {shift:.1f} z" '
        f'fill="{color}" fill-opacity="0.75"/>',
        f'<rect class="front" {front.attributes} fill="{color}" fill-opacity="0.25" stroke="{color}"/>',
    ]
    if column.layer.kind == "input" and picture:
        faces.append(
            f'<image href="{escape(picture)}" {front.attributes} aria-hidden="true" '
            'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
        )
    return "".join(faces)


def _window(before: _Column, front: _Front, after: _Column, next_front: _Front) -> str:
    """The window of a filter or pooling on the maps before it, and lines to the value computed from it."""
    layer = after.layer
    rows, columns = Window(layer.kernel, layer.stride, layer.padding, layer.dilation).reach
    window = front.inner(columns * before.scale, rows * before.scale, across=0.56)
    target = next_front.inner(0, 0, across=0.56)
    right = window.x + window.width
    lines = "".join(
        f'<line x1="{right:.1f}" y1="{y:.1f}" x2="{target.x:.1f}" y2="{target.y:.1f}" stroke="currentColor" '
        'stroke-opacity="0.55" stroke-width="1"/>'
        for y in (window.y, window.y + window.height)
    )
    return (
        f'<rect class="window" {window.attributes} '
        f'fill="{after.color}" fill-opacity="0.35" stroke="currentColor" stroke-width="1.2"/>{lines}'
        f'<circle cx="{target.x:.1f}" cy="{target.y:.1f}" r="2.2"/>'
    )


def _receptive_fields(fronts: list[tuple[_Column, _Front]]) -> str:
    """Frames on the input: the receptive field of a value in the middle of each layer of maps, clipped to the image."""
    column, front = fronts[0]
    frames = []
    for after, _ in fronts[1:]:
        rows, columns = after.layer.receptive_field
        frame = front.inner(columns * column.scale, rows * column.scale)
        frames.append(f'<rect class="field" {frame.attributes} fill="none" stroke="{after.color}" stroke-width="1.6"/>')
    return "".join(frames)


def _bar(column: _Column, left: float, middle: float) -> str:
    return (
        f'<rect x="{left:.1f}" y="{middle - column.height / 2:.1f}" width="{column.box_width}" '
        f'height="{column.height:.1f}" rx="3" fill="{column.color}" fill-opacity="0.7" stroke="{column.color}"/>'
    )


def _classes(column: _Column, left: float, middle: float) -> str:
    rows = [(class_color(i), name) for i, name in enumerate(column.classes)]
    if column.more:
        rows.append(("none", f"and {column.more} more"))
    top = middle - 22 * (len(rows) - 1) / 2
    return "".join(
        f'<circle cx="{left + 8:.1f}" cy="{top + 22 * i:.1f}" r="7" fill="{color}"/>'
        f'<text x="{left + 20:.1f}" y="{top + 22 * i + 4.5:.1f}">{name}</text>'
        for i, (color, name) in enumerate(rows)
    )
