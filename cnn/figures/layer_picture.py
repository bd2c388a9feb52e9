"""The arithmetic of a layer as a small picture: SVG in the page's text colour.

A layer with parameters shows what they are counted from: copies × (weights + bias). Others show what becomes of the
values.
"""

from dataclasses import dataclass, field

from cnn.model.kinds import Activation, Conv, Dense, Dropout, Flatten, GlobalAverage, Input, Norm, Pool
from cnn.model.layers import Layer
from cnn.model.windows import Pair, sides

HEIGHT, MIDDLE, GRID = 92, 40, 56  # of the picture; of its parts; the longest side of a grid
MAX_CELLS = 12  # a grid with longer sides has no lines
EXAMPLE = (1, 4, 2, 3, 0, 5, 1, 2, 3)  # values in a window of pooling


@dataclass
class _Row:
    """Parts side by side, from left to right."""

    x: float = 2.0
    parts: list[str] = field(default_factory=list)

    def text(self, text: str, size: int = 15) -> "_Row":
        width = 0.56 * size * len(text)
        self.parts.append(_text(self.x + width / 2, MIDDLE + 0.35 * size, text, size))
        self.x += width + 6
        return self

    def grid(self, shape: Pair, below: str = "", depth: int = 1, values: tuple[str, ...] = ()) -> "_Row":
        """Rows and columns of cells; several of them behind each other for a depth; a text below."""
        rows, columns = shape
        cell = min(16.0 if values else 12.0, GRID / max(rows, columns))
        width, height = cell * columns, cell * rows
        shift = 4 * (min(depth, 3) - 1)
        room = max(width + shift, 6.2 * len(below))
        left, top = self.x + (room - width - shift) / 2, MIDDLE - (height - shift) / 2
        for behind in range(min(depth, 3) - 1, -1, -1):
            self.parts.append(_cells(left + 4 * behind, top - 4 * behind, shape, cell, fill=0.1 + 0.1 * (behind == 0)))
        for at, value in enumerate(values):
            x, y = left + (at % columns + 0.5) * cell, top + (at // columns + 0.5) * cell + 4
            self.parts.append(_text(x, y, value, 11))
        if below:
            self.parts.append(_text(self.x + room / 2, HEIGHT - 8, below, 12))
        self.x += room + 6
        return self

    def arrow(self) -> "_Row":
        self.parts.append(f'<path d="M{self.x:.1f} {MIDDLE} h20 m-6 -5 l6 5 l-6 5" fill="none" stroke="currentColor"/>')
        self.x += 28
        return self

    def svg(self) -> str:
        return (
            f'<svg viewBox="0 0 {self.x:.0f} {HEIGHT}" width="{self.x:.0f}" aria-hidden="true" font-family="inherit" '
            f'fill="currentColor" style="display:block; max-width:100%">{"".join(self.parts)}</svg>'
        )


def layer_picture(layer: Layer) -> str:
    """An SVG element."""
    row, given = _Row(), layer.in_shape
    match layer.record:
        case Conv() | Dense() | Norm():
            _counted(row, layer, layer.record)
        case Input():
            row.grid((8, 8), f"{sides((given[1], given[2]))} pixels", depth=given[0])
        case Pool(function=function):
            _pooled(row, layer.kernel, function)
        case GlobalAverage():
            row.text(f"{given[0]:,} ×").grid((6, 6), f"map of {sides((given[1], given[2]))}").arrow().grid(
                (1, 1), "mean"
            )
        case Flatten():
            below = " × ".join(f"{n:,}" for n in given)
            row.grid((4, 4), below, depth=given[0]).arrow().grid((1, 10), f"{layer.shape[0]:,} values")
        case Dropout(rate=rate):
            values = tuple("0" if 3 * at % 10 < round(10 * rate) else "" for at in range(10))
            row.text("in training").grid((1, 10), "0: set to zero", values=values)
        case Activation():
            _graph(row, layer.record)
    return row.svg()


def _counted(row: _Row, layer: Layer, record: Conv | Dense | Norm) -> None:
    """copies × (weights + bias) = parameters, the weights as cells."""
    count = layer.count
    row.text(f"{count.copies:,} ×")
    if len(count.parts) > 1:
        row.text("(")
    if isinstance(record, Norm):
        row.grid((1, 1), "scale").text("+").grid((1, 1), "shift")
    else:
        weights = count.parts[0]
        below = " × ".join(f"{n:,}" for n in weights)
        if isinstance(record, Conv):
            row.grid((weights[0], weights[1]), f"{below} weights", depth=weights[2])
        else:
            row.grid((1, min(weights[0], 10)), f"{below} weights")
        if record.bias:
            row.text("+").grid((1, 1), "bias")
    if len(count.parts) > 1:
        row.text(")")
    row.text(f"= {count.total:,}")


def _pooled(row: _Row, kernel: Pair, function: str) -> None:
    """A window with example values, and what becomes of them; without values if it is large."""
    n = kernel[0] * kernel[1]
    if n > len(EXAMPLE):
        row.grid(kernel, sides(kernel)).arrow().grid((1, 1), "largest" if function == "max" else "mean")
        return
    values = EXAMPLE[:n]
    result = max(values) if function == "max" else sum(values) / n
    row.grid(kernel, "a window", values=tuple(map(str, values))).arrow()
    row.grid((1, 1), "largest" if function == "max" else "mean", values=(f"{result:.3g}",))


def _graph(row: _Row, record: Activation) -> None:
    """The function from -3 to 3."""
    width, reach, scale = 120, 3.0, 11.0
    points = []
    for i in range(61):
        x = reach * (i - 30) / 30
        points.append(f"{row.x + width * i / 60:.1f},{MIDDLE - scale * record.described(x):.1f}")
    middle = row.x + width / 2
    row.parts.append(
        f'<path d="M{row.x:.1f} {MIDDLE} h{width} M{middle:.1f} 4 v70" stroke="currentColor" opacity="0.35"/>'
        f'<polyline points="{" ".join(points)}" fill="none" stroke="#c98f00" stroke-width="2.5"/>'
    )
    row.parts.append(_text(middle, HEIGHT - 6, f"x from −3 to 3: {record.described.text}", 12))
    row.x += width + 90
    row.parts = [f'<g transform="translate(45 0)">{"".join(row.parts)}</g>']


def _cells(x: float, y: float, shape: Pair, cell: float, fill: float) -> str:
    rows, columns = shape
    width, height = cell * columns, cell * rows
    lines = ""
    if max(shape) <= MAX_CELLS:
        lines = "".join(f"M{x + cell * i:.1f} {y:.1f} v{height:.1f}" for i in range(1, columns))
        lines += "".join(f"M{x:.1f} {y + cell * i:.1f} h{width:.1f}" for i in range(1, rows))
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="#c98f00" '
        f'fill-opacity="{fill:.1f}" stroke="currentColor"/>'
        f'<path d="{lines or "M0 0"}" stroke="currentColor" stroke-opacity="0.4" fill="none"/>'
    )


def _text(x: float, y: float, text: str, size: int) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="middle">{text}</text>'
