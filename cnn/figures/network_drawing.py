"""The layer list -> a drawing of the network to scale, as SVG that takes its text colour from the page.

A block of maps is a box: its front is as high and wide as one map, its depth grows with the number of maps.
"""

from dataclasses import dataclass
from html import escape
from itertools import pairwise

from cnn.figures.charts import class_color, short
from cnn.model.layers import Layer

SIDE = 132  # of the input, in drawing units
DEPTH_OF_256 = 88  # depth of a box of 256 maps; others in proportion, but never below
LEAST_DEPTH = 4
SLANT = 0.5  # how far the depth rises and goes right, per unit
GAP = 30
HEIGHT = 262
TOP, BASE = 44, 218  # the band in which boxes stand, centred
FLAT_HEIGHT = 150  # of the longest flat layer; others by the square root of their number of values
SHOWN_CLASSES = 8
COLORS = {"conv": "#2284c6", "pool": "#0f9d78", "input": "#8c96a3", "flat": "#c98f00", "output": "#8f6bd1"}
FUNCTIONS = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "tanh": "tanh", "sigmoid": "sigmoid"}


@dataclass
class _Column:
    """What is drawn as one thing: a layer, and those after it that leave its shape as it is."""

    layer: Layer
    followers: list[Layer]
    scale: float = 1.0  # drawing units per value of a map's side

    @property
    def is_output(self) -> bool:
        return self.layer.kind == "output"

    @property
    def width(self) -> float:
        if self.layer.is_spatial:
            return self.side + SLANT * self.depth
        return 118 if self.is_output else 18

    @property
    def side(self) -> float:
        return self.scale * self.layer.shape[1]

    @property
    def depth(self) -> float:
        return max(LEAST_DEPTH, DEPTH_OF_256 * self.layer.shape[0] / 256)

    def title(self) -> list[str]:
        layer = self.layer
        match layer.kind:
            case "input":
                words = ["image"]
            case "conv":
                words = [f"{layer.kernel} × {layer.kernel} filters"]
            case "pool":
                words = [f"{layer.function} pooling"]
            case "output":
                words = ["classes"]
            case kind:
                words = [kind]
        return words + [_follower(layer) for layer in self.followers]

    def facts(self) -> str:
        lines = [f"{layer.name}: {layer.shape_text}" for layer in (self.layer, *self.followers)]
        layer = self.layer
        if layer.parameters:
            lines.append(f"{layer.parameters:,} parameters, {layer.multiply_adds:,} multiply-adds per image")
        if layer.is_spatial and layer.kind != "input":
            lines.append(f"each value sees {layer.receptive_field} × {layer.receptive_field} pixels of the image")
        return "\n".join(lines)


def _follower(layer: Layer) -> str:
    return {"norm": "batch norm", "dropout": "dropout"}.get(layer.kind) or FUNCTIONS[layer.function]


def network_drawing(layers: list[Layer], classes: tuple[str, ...], picture: str = "") -> str:
    """An SVG element. classes: names, in order. picture: address (data:...) of an image to show on the input's front.

    On the picture, frames show how much of the image one value of each layer of maps sees.
    """
    columns = _columns(layers)
    longest = max(column.layer.shape[0] for column in columns if not column.layer.is_spatial)
    x, parts, fronts = 12.0, [], []
    for column in columns:
        column.scale = SIDE / layers[0].shape[1]
        width = max(column.width, 74)
        left = x + (width - column.width) / 2
        if column.layer.is_spatial:
            front = _Front(left, (TOP + BASE - column.side + SLANT * column.depth) / 2, column.side)
            parts.append(_box(column, front, picture))
            fronts.append((column, front))
        elif column.is_output:
            parts.append(_classes(column, left, classes))
        else:
            parts.append(_bar(column, left, longest))
        parts.append(_texts(column, x + width / 2))
        x += width + GAP
    parts += [_window(*before, *after) for before, after in pairwise(fronts)]
    if picture:
        parts.append(_fields(fronts))
    total = x - GAP + 12
    return (
        f'<svg viewBox="0 0 {total:.0f} {HEIGHT}" role="img" '
        f'aria-label="{escape(_words(columns))}" font-family="inherit" font-size="13" fill="currentColor" '
        f'style="display:block; width:100%; min-width:{0.92 * total:.0f}px; max-width:{1.15 * total:.0f}px">'
        f"{''.join(parts)}</svg>"
    )


def _columns(layers: list[Layer]) -> list[_Column]:
    columns: list[_Column] = []
    for layer in layers:
        if layer.kind in ("norm", "activation", "dropout"):
            columns[-1].followers.append(layer)
        else:
            columns.append(_Column(layer, []))
    return columns


def _words(columns: list[_Column]) -> str:
    return "The network: " + ", then ".join(f"{c.layer.name} {c.layer.shape_text}" for c in columns)


@dataclass(frozen=True)
class _Front:
    """The front of a box: its left upper corner and side."""

    x: float
    y: float
    side: float


def _box(column: _Column, front: _Front, picture: str) -> str:
    color = COLORS[column.layer.kind]
    x, y, side = front.x, front.y, front.side
    shift = SLANT * column.depth
    faces = [
        f'<path d="M{x:.1f} {y:.1f} l{shift:.1f} {-shift:.1f} h{side:.1f} l{-shift:.1f} {shift:.1f} z" '
        f'fill="{color}" fill-opacity="0.55"/>',
        f'<path d="M{x + side:.1f} {y:.1f} l{shift:.1f} {-shift:.1f} v{side:.1f} l{-shift:.1f} {shift:.1f} z" '
        f'fill="{color}" fill-opacity="0.75"/>',
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" height="{side:.1f}" fill="{color}" fill-opacity="0.25" '
        f'stroke="{color}"/>',
    ]
    if column.layer.kind == "input" and picture:
        faces.append(
            f'<image href="{escape(picture)}" x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" height="{side:.1f}" '
            'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
        )
    return f"<g>{''.join(faces)}<title>{escape(column.facts())}</title></g>"


def _window(before: _Column, front: _Front, after: _Column, next_front: _Front) -> str:
    """The window of a filter or pooling on the maps before it, and lines to the one value it becomes."""
    color = COLORS[after.layer.kind]
    window = after.layer.kernel * before.scale
    x, y = front.x + 0.56 * (front.side - window), front.y + 0.5 * (front.side - window)
    target_x, target_y = next_front.x + 0.56 * next_front.side, next_front.y + 0.5 * next_front.side
    corners = [(x + window, y), (x + window, y + window)]
    lines = "".join(
        f'<line x1="{a:.1f}" y1="{b:.1f}" x2="{target_x:.1f}" y2="{target_y:.1f}" stroke="currentColor" '
        'stroke-opacity="0.55" stroke-width="1"/>'
        for a, b in corners
    )
    return (
        f'<g pointer-events="none"><rect x="{x:.1f}" y="{y:.1f}" width="{window:.1f}" height="{window:.1f}" '
        f'fill="{color}" fill-opacity="0.35" stroke="currentColor" stroke-width="1.2"/>{lines}'
        f'<circle cx="{target_x:.1f}" cy="{target_y:.1f}" r="2.2"/></g>'
    )


def _fields(fronts: list[tuple[_Column, _Front]]) -> str:
    """Frames on the input: what one value in the middle of each layer of maps sees, cut at the image's border."""
    column, front = fronts[0]
    frames = []
    for after, _ in fronts[1:]:
        field = min(after.layer.receptive_field * column.scale, front.side)
        x, y = front.x + (front.side - field) / 2, front.y + (front.side - field) / 2
        color = COLORS[after.layer.kind]
        frames.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{field:.1f}" height="{field:.1f}" fill="none" stroke="{color}" '
            f'stroke-width="1.6"><title>{escape(after.facts())}</title></rect>'
        )
    return "".join(frames)


def _bar(column: _Column, left: float, longest: int) -> str:
    height = max(6, FLAT_HEIGHT * (column.layer.shape[0] / longest) ** 0.5)
    y = (TOP + BASE - height) / 2
    color = COLORS["flat"]
    return (
        f'<g><rect x="{left:.1f}" y="{y:.1f}" width="{column.width}" height="{height:.1f}" rx="3" fill="{color}" '
        f'fill-opacity="0.7" stroke="{color}"/><title>{escape(column.facts())}</title></g>'
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
    return f"<g>{marks}<title>{escape(column.facts())}</title></g>"


def _texts(column: _Column, middle: float) -> str:
    lines = "".join(
        f'<text x="{middle:.1f}" y="{14 + 16 * i}" text-anchor="middle">{escape(text)}</text>'
        for i, text in enumerate(column.title())
    )
    name, shape = escape(column.layer.name), escape(column.layer.shape_text)
    return (
        f'{lines}<text x="{middle:.1f}" y="{HEIGHT - 24}" text-anchor="middle" font-weight="600">{name}</text>'
        f'<text x="{middle:.1f}" y="{HEIGHT - 7}" text-anchor="middle">{shape}</text>'
    )
