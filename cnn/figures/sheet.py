"""A sheet: texts, images, bars and curves below each other, as one self-contained SVG in light colours, for reports.

Text stays text; images are embedded as PNG.
"""

import base64
from collections.abc import Sequence
from math import isfinite
from textwrap import wrap

import numpy as np

from cnn.data.images import to_png
from cnn.figures.charts import as_text, short
from cnn.figures.ticks import ticks
from cnn.percent import percent

WIDTH, MARGIN = 720, 12
INK, QUIET, LINE = "#1c2430", "#5b6675", "#d5dae1"
FONT = "Source Sans Pro, Segoe UI, Helvetica, Arial, sans-serif"
BAR, NAME = 18, 150  # height of a bar with its gap; width of its name
LETTER = 0.52  # mean width of a letter, as a share of the font size


class Sheet:
    """Elements are added from top to bottom. width: of the SVG, in units that are CSS pixels at full size."""

    def __init__(self, width: int = WIDTH):
        self.width, self.y = width, float(MARGIN)
        self._parts: list[str] = []

    @property
    def inner(self) -> float:
        return self.width - 2 * MARGIN

    def text(self, text: str, size: float = 13, bold: bool = False, color: str = INK) -> None:
        """A paragraph, broken into lines that fit."""
        room, line, lines = int(self.inner / (LETTER * size)), "", []
        for word in text.split():
            if line and len(line) + 1 + len(word) > room:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        for one in [*lines, line]:
            self.y += 1.25 * size
            self._parts.append(label(MARGIN, self.y, one, size, bold, color=color))
        self.y += 0.5 * size

    def gap(self, height: float = 8) -> None:
        self.y += height

    def images(
        self,
        images: Sequence[np.ndarray],
        captions: Sequence[str] = (),
        side: float = 64,
        colors: Sequence[str] = (),
    ) -> None:
        """Rows of images, uint8 (H, W, 1 or 3), each as wide as `side`. captions: below each. colors: of a line under
        each."""
        if not len(images):
            return
        per_row = max(1, int((self.inner + 6) // (side + 6)))
        for start in range(0, len(images), per_row):
            row = images[start : start + per_row]
            tall = max(side * image.shape[0] / image.shape[1] for image in row)
            cut = max(3, int(side / (LETTER * 10.5)))
            lines = [wrap(caption, cut) or [""] for caption in captions[start : start + per_row]]
            below = (4 if colors else 0) + (11 * min(2, max(map(len, lines))) + 4 if lines else 0)
            for place, image in enumerate(row):
                x, at = MARGIN + place * (side + 6), start + place
                height = side * image.shape[0] / image.shape[1]
                self._parts.append(picture(image, x, self.y, side, height))
                if colors:
                    self._parts.append(box(x, self.y + tall + 1, side, 3, colors[at]))
                if captions:
                    first, *rest = lines[place]
                    y = self.y + tall + (15 if colors else 11)
                    self._parts.append(label(x, y, short(first, cut), 10.5, is_safe=True, color=QUIET))
                    if rest:
                        said = short(" ".join(rest), cut)
                        self._parts.append(label(x, y + 11, said, 10.5, is_safe=True, color=QUIET))
            self.y += tall + below + 6

    def bars(
        self,
        names: Sequence[str],
        values: Sequence[Sequence[float]],
        colors: Sequence[Sequence[str]],
        texts: Sequence[str],
        limit: float | None = None,
    ) -> None:
        """A row for each name, with segments side by side. texts: behind the rows. limit: the value of a full bar."""
        full = limit or max((sum(row) for row in values), default=1) or 1
        above = any(len(name) > 22 for name in names)  # too long for a place beside the bar
        beside = 0 if above else NAME
        room = self.inner - beside - 96
        for name, row, shades, said in zip(names, values, colors, texts, strict=True):
            x = float(MARGIN + beside)
            self._parts.append(label(MARGIN, self.y + 12, short(name, 100 if above else 22), 12, is_safe=True))
            self.y += 16 if above else 0
            self._parts.append(box(x, self.y + 2, room, 12, "#eef1f5"))
            for value, shade in zip(row, shades, strict=True):
                length = room * max(0.0, value) / full
                self._parts.append(box(x, self.y + 2, length, 12, shade))
                x += length
            self._parts.append(label(self.width - MARGIN, self.y + 12, said, 12, anchor="end"))
            self.y += BAR
        self.y += 4

    def legend(self, names: Sequence[str], colors: Sequence[str]) -> None:
        x = float(MARGIN)
        for name, color in zip(names, colors, strict=True):
            wide = 38 + LETTER * 12 * min(len(name), 60)
            if x > MARGIN and x + wide > self.width:
                x, self.y = float(MARGIN), self.y + 16
            self._parts.append(box(x, self.y + 2, 10, 10, color))
            self._parts.append(label(x + 14, self.y + 11, short(name, 60), 12, is_safe=True))
            x += wide
        self.y += 20

    def curves(self, chart: dict, height: float = 220) -> None:
        """A chart of cnn.figures.curves."""
        left, bottom, top = MARGIN + 42, 34, self.y + 22
        width, tall = self.width - left - MARGIN, height - bottom - 22
        lines = [line for line in chart["lines"] if line["x"]]
        xs = [x for line in lines for x in line["x"]] + [x for x in chart["x_range"] if x is not None]
        ys = [y for line in lines for y in line["y"] if isfinite(y)] + [y for y in chart["y_range"] if y is not None]
        if not xs or not ys:
            return
        x0, x1 = min(xs), max(xs) if max(xs) > min(xs) else min(xs) + 1
        y0 = chart["y_range"][0] if chart["y_range"][0] is not None else min(ys)
        y1 = chart["cut"]["y"] if chart["cut"] else max(ys)
        y1 = y1 if y1 > y0 else y0 + 1

        def place(x: float, y: float) -> tuple[float, float]:
            y = min(max(y, y0), y1)
            return left + width * (x - x0) / (x1 - x0), top + tall * (1 - (y - y0) / (y1 - y0))

        for value in ticks(y0, y1):
            _, at = place(x0, value)
            self._parts.append(f'<path d="M{left} {at:.1f} h{width:.1f}" stroke="{LINE}"/>')
            said = percent(value) if chart["percent"] else f"{value:.3g}"
            self._parts.append(label(left - 6, at + 4, said, 11, anchor="end", color=QUIET))
        for x in ticks(x0, x1, whole=True, about=8):
            at, _ = place(x, y0)
            self._parts.append(label(at, top + tall + 15, f"{x:,.0f}", 11, anchor="middle", color=QUIET))
        for level in chart["levels"]:
            if level["y"] is not None:
                _, at = place(x0, level["y"])
                self._parts.append(
                    f'<path d="M{left} {at:.1f} h{width:.1f}" stroke="{level["color"]}" stroke-dasharray="4 4"/>'
                )
                self._parts.append(label(left + width, at - 4, level["text"], 11, anchor="end", color=QUIET))
        for line in lines:
            points = [place(x, y) for x, y in zip(line["x"], line["y"], strict=True) if isfinite(y)]
            joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            self._parts.append(
                f'<polyline points="{joined}" fill="none" stroke="{line["color"]}" stroke-width="{line["width"]}" '
                f'stroke-opacity="{line["opacity"]}" stroke-linejoin="round"/>'
            )
            if line["marks"]:
                fill = line["color"] if line["marks"] == "filled" else "#fff"
                self._parts += [
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{fill}" stroke="{line["color"]}"/>'
                    for x, y in points
                ]
        if chart["best"]:
            x, y = place(chart["best"]["x"], chart["best"]["y"])
            said = f"★ {chart['best']['text']}"
            half = LETTER * 11 * len(said) / 2
            x = min(max(x, left + half), left + width - half)  # inside the chart
            self._parts.append(label(x, y - 7, said, 11, anchor="middle"))
        self._parts.append(label(left + width / 2, top + tall + 30, chart["x"], 12, anchor="middle"))
        self._parts.append(label(MARGIN, top - 10, chart["y"], 12))
        self.y += height + 6
        self.legend([line["name"] for line in lines], [line["color"] for line in lines])

    def matrix(self, names: Sequence[str], counts: np.ndarray) -> None:
        """A confusion matrix: rows are the true classes. Gray is right, red is wrong."""
        n = len(names)
        side = min(64.0, (self.inner - NAME) / max(n, 1))
        size = max(5.0, min(13.0, side / 3.2))
        self._parts.append(label(MARGIN + NAME, self.y + 10, "the network's answer", 12, color=QUIET))
        top = self.y + 18 + 8 + size
        wrong = counts.copy()
        np.fill_diagonal(wrong, 0)
        for row in range(n):
            cut = max(3, int(side / (LETTER * size)))
            x = MARGIN + NAME + (row + 0.5) * side
            self._parts.append(label(x, top - 6, short(names[row], cut), size, anchor="middle", is_safe=True))
            y = top + (row + 0.5) * side + size / 3
            self._parts.append(label(MARGIN + NAME - 8, y, short(names[row], 22), min(12, size + 2), anchor="end",
                                     is_safe=True))  # fmt: skip
            for column in range(n):
                value, is_right = int(counts[row, column]), row == column
                most = int(counts.diagonal().max()) if is_right else int(wrong.max())
                share = value / most if most else 0
                color = mixed("#ffffff", "#8c96a3" if is_right else "#c0392b", share)
                x, y = MARGIN + NAME + column * side, top + row * side
                self._parts.append(box(x, y, side, side, color, LINE))
                ink = "#fff" if share > 0.6 and not is_right else INK
                middle = (x + side / 2, y + side / 2 + size / 3)
                self._parts.append(label(*middle, f"{value:,}", size, anchor="middle", color=ink))
        self.y = top + n * side + 8

    def dots(
        self, points: np.ndarray, colors: Sequence[str], axes: tuple[str, str], ring: tuple[float, float] | None
    ) -> None:
        """A scatter of points (n, 2). Both directions fill the room, as on the page. ring: a place to mark."""
        width, height, edge = min(self.inner, 640.0), 420.0, 14.0
        low = points.min(0)
        span = np.maximum(points.max(0) - low, 1e-9)
        left, bottom = MARGIN + edge, self.y + height - edge

        def place(point) -> tuple[float, float]:
            x, y = np.clip((np.asarray(point) - low) / span, 0, 1)
            return left + (width - 2 * edge) * float(x), bottom - (height - 2 * edge) * float(y)

        self._parts.append(box(MARGIN, self.y, width, height, "#fff", LINE))
        for point, color in zip(points, colors, strict=True):
            x, y = place(point)
            self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{color}" fill-opacity="0.75"/>')
        if ring is not None:
            x, y = place(ring)
            self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{INK}" stroke-width="2"/>')
        self.y += height + 4
        if any(axes):
            self.text(f"Across: {axes[0]}. Up: {axes[1]}.", 11, color=QUIET)

    def parallel(
        self, axes: Sequence[tuple[str, str, str]], heights: np.ndarray, colors: Sequence[str], tall: float = 150
    ) -> None:
        """Parallel coordinates. axes: the name of each, and the texts at its lower and its upper end. heights: (lines,
        axes), 0..1. colors: of the lines."""
        room = self.inner / len(axes)
        top = self.y + 34
        places = [MARGIN + room * (i + 0.5) for i in range(len(axes))]
        for line, color in zip(heights, colors, strict=True):
            points = " ".join(f"{x:.1f},{top + tall * (1 - y):.1f}" for x, y in zip(places, line, strict=True))
            self._parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-opacity="0.7"/>')
        cut = max(3, int(room / (LETTER * 11)))
        for x, (name, low, high) in zip(places, axes, strict=True):
            self._parts.append(f'<path d="M{x:.1f} {top:.1f} v{tall:.1f}" stroke="{QUIET}"/>')
            for text, y, color in ((name, top - 20, INK), (high, top - 6, QUIET), (low, top + tall + 13, QUIET)):
                self._parts.append(label(x, y, short(text, cut), 11, anchor="middle", is_safe=True, color=color))
        self.y = top + tall + 20

    def svg(self) -> str:
        """The SVG element, with everything it needs inside."""
        height = self.y + MARGIN
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height:.0f}" width="{self.width}" '
            f'height="{height:.0f}" font-family="{FONT}" fill="{INK}">'
            f'<rect width="{self.width}" height="{height:.0f}" fill="#fff"/>{"".join(self._parts)}</svg>'
        )


def label(
    x: float,
    y: float,
    text: str,
    size: float = 12,
    bold: bool = False,
    anchor: str = "start",
    color: str = INK,
    is_safe: bool = False,
) -> str:
    """A text element. is_safe: the text is escaped already."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{color}" text-anchor="{anchor}"{weight}>'
        f"{text if is_safe else as_text(text)}</text>"
    )


def box(x: float, y: float, width: float, height: float, color: str, stroke: str = "none") -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{height:.1f}" fill="{color}" '
        f'stroke="{stroke}"/>'
    )


def picture(image: np.ndarray, x: float, y: float, width: float, height: float) -> str:
    """An image, uint8 (H, W, 1 or 3), with its pixels as sharp squares."""
    factor = max(1, int(2 * width // image.shape[1]))  # some programs smooth what they enlarge
    large = image.repeat(factor, 0).repeat(factor, 1)
    png = base64.b64encode(to_png(np.ascontiguousarray(large))).decode()
    return (
        f'<image href="data:image/png;base64,{png}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" preserveAspectRatio="none" style="image-rendering:pixelated"/>'
    )


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two, #rrggbb."""
    parts = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)
