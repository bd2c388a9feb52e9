"""Where the layers of a network stand in its drawing: in columns, in one row or more, for a given width."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil

from cnn.figures.charts import short
from cnn.model.layers import Layer

SIDES = range(150, 60, -6)  # of the longest side of a map (usually of the image): the largest that fits in one row
MIN_GAP, MAX_GAP = 12, 84  # between columns
MARGIN = 8
MAX_DEPTH = 0.66  # depth of a box of 256 maps or more, as a share of the longest side; in proportion below that
MIN_DEPTH = 4
SLANT = 0.5  # shift up and right per unit of depth
FLAT = 1.1  # the length of the longest flat layer, as a share of the longest side; others by the root of their values
LETTER = 5.6  # the mean width of a letter
SHOWN_CLASSES = 8
COLORS = {"conv": "#2284c6", "pool": "#0f9d78", "input": "#8c96a3"}
OTHER_MAPS, VALUES = "#d9603b", "#c98f00"


@dataclass
class Column:
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
        """The width without the texts."""
        if self.layer.is_spatial:
            return self.scale * self.layer.shape[2] + SLANT * self.depth
        return 24 + LETTER * max(map(len, self.classes)) if self.is_output else 18

    @property
    def width(self) -> float:
        return max(self.box_width, self.text_width)

    @cached_property
    def text_width(self) -> float:
        texts = [*self.titles(), self.layer.name, self.layer.shape_text]
        return LETTER * max(map(len, texts))

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def map_height(self) -> float:
        return self.scale * self.layer.shape[1]

    @property
    def height(self) -> float:
        """The height without the texts."""
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
class Front:
    """The front of a box: its left upper corner and its sides."""

    x: float
    y: float
    width: float
    height: float

    def inner(self, width: float, height: float, across: float = 0.5) -> "Front":
        """A rectangle inside, no larger than the front. across: its horizontal position, 0 (left) to 1 (right)."""
        width, height = min(width, self.width), min(height, self.height)
        return Front(self.x + across * (self.width - width), self.y + 0.5 * (self.height - height), width, height)

    @property
    def attributes(self) -> str:
        return f'x="{self.x:.1f}" y="{self.y:.1f}" width="{self.width:.1f}" height="{self.height:.1f}"'


def _columns(layers: list[Layer], classes: tuple[str, ...]) -> list[Column]:
    columns: list[Column] = []
    for layer in layers:
        if layer.record.keeps_shape:
            columns[-1].followers.append(layer)
        else:
            columns.append(Column(layer, []))
    if not columns[-1].layer.is_spatial:
        shown = classes if len(classes) <= SHOWN_CLASSES else classes[: SHOWN_CLASSES - 1]
        columns[-1].classes, columns[-1].more = tuple(short(name, 13) for name in shown), len(classes) - len(shown)
    return columns


def rows_of(layers: list[Layer], classes: tuple[str, ...], width: float) -> list[list[Column]]:
    """The layers as columns in rows, each with its place: in one row if it fits, with maps as large as possible; else
    in as few rows as possible, with as many layers in each if they fit."""
    columns = _columns(layers, classes)
    room = width - 2 * MARGIN
    sides = max(max(column.layer.shape[1:]) for column in columns if column.layer.is_spatial)
    longest = max((column.layer.shape[0] for column in columns if not column.layer.is_spatial), default=1)
    for side in SIDES:
        for column in columns:
            column.side, column.scale, column.longest = side, side / sides, longest
        if _length(columns, MIN_GAP) <= room:
            break
    rows = _broken(columns, room)
    per_row = ceil(len(columns) / len(rows))
    even = [columns[start : start + per_row] for start in range(0, len(columns), per_row)]
    if all(_length(row, MIN_GAP) <= room for row in even):
        rows = even
    gaps = [(room - _length(row, 0)) / max(1, len(row) - 1) for row in rows]
    gap = max(MIN_GAP, min(MAX_GAP, *gaps))  # the same in all rows
    for row in rows:
        left = (width - _length(row, gap)) / 2 if len(rows) == 1 else MARGIN
        for column in row:
            column.left = left
            left += column.width + gap
    return rows


def _broken(columns: list[Column], room: float) -> list[list[Column]]:
    """Rows of at most that length, each with as many columns as fit."""
    rows: list[list[Column]] = [[]]
    for column in columns:
        if rows[-1] and _length([*rows[-1], column], MIN_GAP) > room:
            rows.append([])
        rows[-1].append(column)
    return rows


def _length(columns: list[Column], gap: float) -> float:
    return sum(column.width for column in columns) + gap * (len(columns) - 1)
