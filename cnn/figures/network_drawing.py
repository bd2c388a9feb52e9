"""The layers of a network -> a drawing to scale, as SVG in the page's text colour.

A layer of maps is drawn as a box: the front has the height and width of a map; the depth grows with their number. A
network that is too long for its width goes on in a second row.
"""

from html import escape
from itertools import pairwise
from math import ceil

from cnn.figures.charts import class_color
from cnn.figures.layer_card import layer_card, spoken
from cnn.figures.network_layout import MIN_GAP, SLANT, Column, Front, rows_of
from cnn.model.layers import Layer
from cnn.model.windows import Window

WIDTHS = (340, 480, 680, 960, 1360)  # of the drawings of a network: a page shows the widest that fits
LINE = 16
TITLES, ROOM = 3, 172  # lines and height that a single row always has, so that another network moves nothing below it
NAMES = 44  # height of the two lines below a layer
BAND_TEXT = 22  # more height, for the text in the frame around layers of another network
BOLD, ITALIC = ' font-weight="600"', ' font-style="italic"'


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
    rows = rows_of(layers, classes, width)
    numbers = {layer.name: i for i, layer in enumerate(layers)}
    elements, bands, top = [], [], 0.0
    fronts: list[tuple[Column, Front]] = []
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


def _description(rows: list[list[Column]]) -> str:
    return "The network: " + ", then ".join(f"{c.layer.name} {c.layer.shape_text}" for row in rows for c in row)


def _option(column: Column, shape: str, middle: float, bottom: float, numbers: dict[str, int]) -> str:
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


def _taken_band(row: list[Column], top: float, bottom: float) -> str:
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


def _shape(column: Column, middle: float, picture: str, fronts: list[tuple[Column, Front]]) -> str:
    """What is drawn between the texts. Adds the front of a box to `fronts`."""
    left = column.middle - column.box_width / 2
    if column.layer.is_spatial:
        y = middle - column.height / 2 + SLANT * column.depth
        front = Front(left, y, column.box_width - SLANT * column.depth, column.map_height)
        fronts.append((column, front))
        return _box(column, front, picture)
    return _classes(column, left, middle) if column.is_output else _bar(column, left, middle)


def _box(column: Column, front: Front, picture: str) -> str:
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


def _window(before: Column, front: Front, after: Column, next_front: Front) -> str:
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


def _receptive_fields(fronts: list[tuple[Column, Front]]) -> str:
    """Frames on the input: the receptive field of a value in the middle of each layer of maps, clipped to the image."""
    column, front = fronts[0]
    frames = []
    for after, _ in fronts[1:]:
        rows, columns = after.layer.receptive_field
        frame = front.inner(columns * column.scale, rows * column.scale)
        frames.append(f'<rect class="field" {frame.attributes} fill="none" stroke="{after.color}" stroke-width="1.6"/>')
    return "".join(frames)


def _bar(column: Column, left: float, middle: float) -> str:
    return (
        f'<rect x="{left:.1f}" y="{middle - column.height / 2:.1f}" width="{column.box_width}" '
        f'height="{column.height:.1f}" rx="3" fill="{column.color}" fill-opacity="0.7" stroke="{column.color}"/>'
    )


def _classes(column: Column, left: float, middle: float) -> str:
    rows = [(class_color(i), name) for i, name in enumerate(column.classes)]
    if column.more:
        rows.append(("none", f"and {column.more} more"))
    top = middle - 22 * (len(rows) - 1) / 2
    return "".join(
        f'<circle cx="{left + 8:.1f}" cy="{top + 22 * i:.1f}" r="7" fill="{color}"/>'
        f'<text x="{left + 20:.1f}" y="{top + 22 * i + 4.5:.1f}">{name}</text>'
        for i, (color, name) in enumerate(rows)
    )
