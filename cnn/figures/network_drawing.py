"""The layers of a network -> a drawing to scale, as SVG in the page's text colour.

A layer of maps is drawn as a box: the front has the height and width of a map; the depth grows with their number.
"""

from dataclasses import dataclass
from html import escape
from itertools import pairwise

from cnn.figures.charts import class_color, short
from cnn.model.layers import Layer
from cnn.model.windows import Window, sides

SIDE = 132  # of the longest side of a map (usually of the image), in drawing units
MAX_DEPTH = 88  # depth of a box of 256 maps or more; in proportion below that
MIN_DEPTH = 4
SLANT = 0.5  # shift up and right per unit of depth
GAP = 30
HEIGHT = 262
BAND_TEXT = 22  # more height, for the text in the frame around layers of another network
TOP, BASE = 44, 218  # the boxes are centred between these
FLAT_HEIGHT = 150  # of the longest flat layer; others in proportion to the square root of their number of values
MAX_TITLES = 3  # lines above a box
SHOWN_CLASSES = 8
COLORS = {"conv": "#2284c6", "pool": "#0f9d78", "input": "#8c96a3"}
OTHER_MAPS, FLAT = "#d9603b", "#c98f00"


@dataclass
class _Column:
    """A layer, drawn together with the layers after it that keep its shape."""

    layer: Layer
    followers: list[Layer]
    scale: float  # drawing units per value of a map's side
    is_output: bool = False

    @property
    def width(self) -> float:
        if self.layer.is_spatial:
            return self.scale * self.layer.shape[2] + SLANT * self.depth
        return 118 if self.is_output else 18

    @property
    def height(self) -> float:
        """The height of a map."""
        return self.scale * self.layer.shape[1]

    @property
    def depth(self) -> float:
        return max(MIN_DEPTH, MAX_DEPTH * min(self.layer.shape[0] / 256, 1))

    @property
    def color(self) -> str:
        return COLORS.get(self.layer.kind, OTHER_MAPS if self.layer.is_spatial else FLAT)

    def titles(self) -> list[str]:
        name = "classes" if self.is_output else self.layer.record.label
        titles = [name, *(layer.record.label for layer in self.followers)]
        if len(titles) > MAX_TITLES:
            titles[MAX_TITLES - 1 :] = [f"and {len(titles) - MAX_TITLES + 1} more"]
        return titles

    def tooltip(self) -> str:
        layer = self.layer
        lines = [f"{each.name}: {each.shape_text}" for each in (layer, *self.followers)]
        lines.append(layer.record.sentence)
        if layer.start != "new":
            lines.append(f"{layer.start}: it starts with the weights of another network")
        if layer.parameters:
            lines.append(f"{layer.parameters:,} parameters, {layer.multiply_adds:,} multiply-adds per image")
        if layer.is_spatial and layer.kind != "input":
            lines.append(f"each value sees {sides(layer.receptive_field)} pixels of the image")
        return "\n".join(lines)


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


def network_drawing(layers: list[Layer], classes: tuple[str, ...], picture: str = "") -> str:
    """An SVG element. classes: names, in order. picture: URL (data:...) of an image to show on the input's front.

    Frames on the picture show the receptive field of one value of each layer of maps.
    """
    columns = _columns(layers)
    longest = max((column.layer.shape[0] for column in columns if not column.layer.is_spatial), default=1)
    x, elements, fronts = 12.0, [], []
    taken: list[float] = []  # left and right edges of the columns that start with the weights of another network
    for column in columns:
        width = max(column.width, 74)
        left = x + (width - column.width) / 2
        if column.layer.is_spatial:
            top = (TOP + BASE - column.height + SLANT * column.depth) / 2
            front = _Front(left, top, column.width - SLANT * column.depth, column.height)
            elements.append(_box(column, front, picture))
            fronts.append((column, front))
        elif column.is_output:
            elements.append(_classes(column, left, classes))
        else:
            elements.append(_bar(column, left, longest))
        elements.append(_texts(column, x + width / 2))
        if column.layer.start != "new":
            taken += [x, x + width]
        x += width + GAP
    elements += [_window(*before, *after) for before, after in pairwise(fronts)]
    if picture:
        elements.append(_receptive_fields(fronts))
    total, height = x - GAP + 12, HEIGHT
    if taken:
        elements.insert(0, _taken_band(min(taken), max(taken), columns))
        height += BAND_TEXT
    return (
        f'<svg viewBox="0 0 {total:.0f} {height}" role="img" '
        f'aria-label="{escape(_description(columns))}" font-family="inherit" font-size="13" fill="currentColor" '
        f'style="display:block; width:100%; min-width:{0.84 * total:.0f}px; max-width:{1.15 * total:.0f}px">'
        f"{''.join(elements)}</svg>"
    )


def _columns(layers: list[Layer]) -> list[_Column]:
    scale = SIDE / max(max(layer.shape[1:]) for layer in layers if layer.is_spatial)
    columns: list[_Column] = []
    for layer in layers:
        if layer.record.keeps_shape:
            columns[-1].followers.append(layer)
        else:
            columns.append(_Column(layer, [], scale))
    columns[-1].is_output = not columns[-1].layer.is_spatial
    return columns


def _description(columns: list[_Column]) -> str:
    return "The network: " + ", then ".join(f"{c.layer.name} {c.layer.shape_text}" for c in columns)


def _taken_band(left: float, right: float, columns: list[_Column]) -> str:
    """A dashed frame around the layers that start with the weights of another network, and what training does to
    them."""
    start = next(column.layer.start for column in columns if column.layer.start != "new")
    text = "frozen: training does not change them" if start == "frozen" else "fine-tuned: from another network"
    left, right = left - GAP / 3, right + GAP / 3
    return (
        f'<g><rect x="{left:.1f}" y="1" width="{right - left:.1f}" height="{HEIGHT + BAND_TEXT - 2}" rx="8" '
        'fill="#6aa5d8" fill-opacity="0.12" stroke="currentColor" stroke-opacity="0.6" stroke-dasharray="5 4"/>'
        f'<text x="{(left + right) / 2:.1f}" y="{HEIGHT + BAND_TEXT - 8}" text-anchor="middle" '
        f'font-style="italic">{text}</text></g>'
    )


def _box(column: _Column, front: _Front, picture: str) -> str:
    color, shift = column.color, SLANT * column.depth
    x, y, width, height = front.x, front.y, front.width, front.height
    faces = [
        f'<path d="M{x:.1f} {y:.1f} l{shift:.1f} {-shift:.1f} h{width:.1f} l{-shift:.1f} {shift:.1f} z" '
        f'fill="{color}" fill-opacity="0.55"/>',
        f'<path d="M{x + width:.1f} {y:.1f} l{shift:.1f} {-shift:.1f} v{height:.1f} l{-shift:.1f} {shift:.1f} z" '
        f'fill="{color}" fill-opacity="0.75"/>',
        f'<rect {front.attributes} fill="{color}" fill-opacity="0.25" stroke="{color}"/>',
    ]
    if column.layer.kind == "input" and picture:
        faces.append(
            f'<image href="{escape(picture)}" {front.attributes} '
            'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
        )
    return f"<g>{''.join(faces)}<title>{escape(column.tooltip())}</title></g>"


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
        f'<g pointer-events="none"><rect {window.attributes} '
        f'fill="{after.color}" fill-opacity="0.35" stroke="currentColor" stroke-width="1.2"/>{lines}'
        f'<circle cx="{target.x:.1f}" cy="{target.y:.1f}" r="2.2"/></g>'
    )


def _receptive_fields(fronts: list[tuple[_Column, _Front]]) -> str:
    """Frames on the input: the receptive field of a value in the middle of each layer of maps, clipped to the image."""
    column, front = fronts[0]
    frames = []
    for after, _ in fronts[1:]:
        rows, columns = after.layer.receptive_field
        frame = front.inner(columns * column.scale, rows * column.scale)
        frames.append(
            f'<rect {frame.attributes} fill="none" stroke="{after.color}" stroke-width="1.6">'
            f"<title>{escape(after.tooltip())}</title></rect>"
        )
    return "".join(frames)


def _bar(column: _Column, left: float, longest: int) -> str:
    height = max(6, FLAT_HEIGHT * (column.layer.shape[0] / longest) ** 0.5)
    y = (TOP + BASE - height) / 2
    return (
        f'<g><rect x="{left:.1f}" y="{y:.1f}" width="{column.width}" height="{height:.1f}" rx="3" '
        f'fill="{column.color}" fill-opacity="0.7" stroke="{column.color}"/>'
        f"<title>{escape(column.tooltip())}</title></g>"
    )


def _classes(column: _Column, left: float, classes: tuple[str, ...]) -> str:
    shown = classes if len(classes) <= SHOWN_CLASSES else classes[: SHOWN_CLASSES - 1]
    rows = [(class_color(i), short(name, 13)) for i, name in enumerate(shown)]
    if len(shown) < len(classes):
        rows.append(("none", f"and {len(classes) - len(shown)} more"))
    top = (TOP + BASE - 22 * (len(rows) - 1)) / 2
    marks = "".join(
        f'<circle cx="{left + 9:.1f}" cy="{top + 22 * i:.1f}" r="7" fill="{color}"/>'
        f'<text x="{left + 22:.1f}" y="{top + 22 * i + 4.5:.1f}">{name}</text>'
        for i, (color, name) in enumerate(rows)
    )
    return f"<g>{marks}<title>{escape(column.tooltip())}</title></g>"


def _texts(column: _Column, middle: float) -> str:
    lines = "".join(
        f'<text x="{middle:.1f}" y="{14 + 16 * i}" text-anchor="middle">{escape(text)}</text>'
        for i, text in enumerate(column.titles())
    )
    name, shape = escape(column.layer.name), escape(column.layer.shape_text)
    return (
        f'{lines}<text x="{middle:.1f}" y="{HEIGHT - 24}" text-anchor="middle" font-weight="600">{name}</text>'
        f'<text x="{middle:.1f}" y="{HEIGHT - 7}" text-anchor="middle">{shape}</text>'
    )
