"""Arrays -> Plotly figures, as plain dicts, which are cheap to make and send. Text and background follow the page.

Colours mean the same everywhere: each class has one, and so do training, held-out and test images.
"""

from html import escape

import numpy as np

from cnn.percent import NO_BREAK_SPACE

# Classes have colours of their own, distinguishable with any colour vision (after Okabe and Ito 2008), on white and on
# near-black. Training and held-out images have colours of another set: grays, and a crimson that no class has.
CLASS_COLORS = (
    "#2284c6",
    "#d9640f",
    "#0f9d78",
    "#8f6bd1",
    "#c98f00",
    "#4aa3d8",
    "#a0522d",
    "#8aa51c",
    "#5aa897",
    "#b39ddb",
)
TRAIN_COLOR, VAL_COLOR, TEST_COLOR, QUIET_COLOR = "#5f7186", "#d81b60", "#e0709a", "#8c96a3"

# Runs have a third set. Once all its colours are used, they repeat with another dash.
RUN_COLORS = {
    "light": ("#0000e1", "#af7d00", "#c84b96", "#324b00", "#647dfa", "#64197d"),
    "dark": ("#fa9632", "#96affa", "#e1fa00", "#fa007d", "#00fae1", "#af4bfa"),
}
RUN_DASHES = ((), (7, 3), (2, 3), (9, 3, 2, 3))

MAX_LEGEND = 16  # classes in a legend


def class_color(label: int) -> str:
    """The colour of a class, by its index. Colours repeat from the eleventh class on."""
    return CLASS_COLORS[label % len(CLASS_COLORS)]


def run_color(position: int, theme: str) -> str:
    """The colour of a run among those compared. theme: light or dark."""
    colors = RUN_COLORS[theme]
    return colors[position % len(colors)]


def run_dash(position: int) -> tuple[int, ...]:
    """Lengths of the lines and gaps of a run's curve, in pixels: it changes once all colours are used."""
    return RUN_DASHES[position // len(RUN_COLORS["light"]) % len(RUN_DASHES)]


def chart_layout(height: int, **more) -> dict:
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hoverlabel": {"align": "left"},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        "uirevision": "keep",  # a new figure keeps the user's zoom and hidden traces
        **more,
    }


def chart_axis(title: str, **more) -> dict:
    return {
        "title": {"text": title, "standoff": 6, "font": {"size": 13}},
        "automargin": True,
        "ticklabeloverflow": "allow",  # the margin grows for a label at the edge, which would be left out
        "zeroline": False,
        **more,
    }


def as_text(name: str) -> str:
    """The name, escaped so that Plotly and SVG show it literally: both read markup, and class names can be anything.

    Quotes are not escaped: they are harmless between tags, and Plotly would show their escape codes.
    """
    return escape("".join(c if c.isprintable() or c == NO_BREAK_SPACE else "·" for c in name), quote=False)


def short(name: str, length: int = 24) -> str:
    """`as_text` of the name, cut to `length` characters."""
    return as_text(cut(name, length))


def cut(text: str, length: int) -> str:
    """The text, or its beginning, “…” and its end: at most `length` characters. Long names often begin alike."""
    end = (length - 1) // 2
    return text if len(text) <= length else f"{text[: length - 1 - end]}…{text[len(text) - end :]}"


def sizes(sizes: np.ndarray, image_size: int) -> dict:
    """A scatter plot of image widths and heights: one dot per size; a larger dot means more images.

    sizes: int (N, 2), pixels. image_size: side of the network's input, drawn as a square. With more than 400 different
    sizes, they are first rounded down to multiples of 2, 4, 8, ... pixels.
    """
    step = 1
    values, counts = np.unique(sizes, axis=0, return_counts=True)
    while len(values) > 400:
        step *= 2
        values, counts = np.unique(sizes // step * step, axis=0, return_counts=True)
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": values[:, 0].tolist(),
        "y": values[:, 1].tolist(),
        "customdata": counts.tolist(),
        "marker": {
            "size": (6 + 18 * np.sqrt(counts / counts.max())).round(1).tolist(),
            "color": TRAIN_COLOR,
            "opacity": 0.6,
            "line": {"width": 0},
        },
        "hovertemplate": "%{x} × %{y} pixels: %{customdata:,} images<extra></extra>",
    }
    square = {
        "type": "rect",
        "x0": 0,
        "y0": 0,
        "x1": image_size,
        "y1": image_size,
        "line": {"color": VAL_COLOR, "width": 2},
    }
    note = {
        "x": image_size,
        "y": image_size,
        "text": f"{image_size} × {image_size}: the network's input",
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "bottom",
    }
    return {
        "data": [dots],
        "layout": chart_layout(
            340,
            showlegend=False,
            shapes=[square],
            annotations=[note],
            # One scale for both, so that a square looks like one; what is too wide for it begins at zero, too.
            xaxis=chart_axis("width, pixels", rangemode="tozero", constraintoward="left"),
            yaxis=chart_axis("height, pixels", rangemode="tozero", scaleanchor="x", constraintoward="bottom"),
        ),
    }


def histogram(values: np.ndarray, title: str, bins: int = 41) -> dict:
    """A histogram with bins symmetric about zero, in the blue and red of the pictures of weights."""
    limit = float(np.abs(values).max()) or 1.0
    counts, edges = np.histogram(values, bins=bins, range=(-limit, limit))
    centres = (edges[:-1] + edges[1:]) / 2
    bars = {
        "type": "bar",
        "x": centres.round(6).tolist(),
        "y": counts.tolist(),
        "marker": {"color": centres.tolist(), "colorscale": DIVERGING, "cmin": -limit, "cmid": 0, "cmax": limit},
        "hovertemplate": "about %{x:.3g}: %{y:,} weights<extra></extra>",
    }
    layout = chart_layout(230, showlegend=False, bargap=0.05, xaxis=chart_axis(title), yaxis=chart_axis("count"))
    return {"data": [bars], "layout": layout}


DIVERGING = [
    [0.0, "#2166ac"],
    [0.25, "#67a9cf"],
    [0.5, "#c9ced3"],
    [0.75, "#ef8a62"],
    [1.0, "#b2182b"],
]


def probability_curve(
    amounts: np.ndarray, probabilities: np.ndarray, classes: tuple[str, ...], title: str, current: float
) -> dict:
    """The probability of each class against the amount of a change, for at most eight classes: those that reach the
    highest probabilities. probabilities: (amounts, classes). current: the current amount, which gets a mark."""
    order = np.argsort(-probabilities.max(0), kind="stable")[:8]
    is_crowded = len(order) > 4  # then the legend has room for two short names in a row, and the chart is higher
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": short(classes[i], 12 if is_crowded else 24),
            "x": amounts.round(4).tolist(),
            "y": (100 * probabilities[:, i]).round(3).tolist(),
            "line": {"color": class_color(i), "width": 2.5},
            "hovertemplate": "%{y:.1f} %",
        }
        for i in sorted(order.tolist())
    ]
    return {"data": traces, "layout": _curve_layout(title, "probability", current, 250 if is_crowded else 210)}


def _curve_layout(title: str, along_y: str, current: float, height: int = 210) -> dict:
    """Of curves of probabilities in per cent; a dotted line marks the current amount."""
    line = {"dash": "dot", "width": 1.5, "color": QUIET_COLOR}
    mark = {"type": "line", "x0": current, "x1": current, "yref": "paper", "y0": 0, "y1": 1, "line": line}
    return chart_layout(
        height,
        shapes=[mark],
        hovermode="x unified",
        xaxis=chart_axis(title),
        yaxis=chart_axis(along_y, range=[0, 102], ticksuffix=" %"),
    )


def compared_curves(
    amounts: np.ndarray, curves: dict[str, np.ndarray], name: str, label: int, title: str, current: float
) -> dict:
    """The probability of one class against the amount of a change, for several networks: the first solid, the others
    dashed. curves: network -> float32 (amounts,). name, label: of the class. current: gets a mark."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": short(network, 32),
            "x": amounts.round(4).tolist(),
            "y": (100 * curve).round(3).tolist(),
            "line": {"color": class_color(label), "width": 2.5, "dash": "dash" if number else "solid"},
            "hovertemplate": "%{y:.1f} %",
        }
        for number, (network, curve) in enumerate(curves.items())
    ]
    return {"data": traces, "layout": _curve_layout(title, f"probability of {short(name, 16)}", current)}


def calibration(confidence: np.ndarray, accuracy: np.ndarray, images: np.ndarray) -> dict:
    """How right the network is against how sure it is, with a dotted line where both are equal.

    confidence, accuracy: float64 (bins,), 0..1, NaN for a bin without images. images: int64 (bins,); a larger dot means
    more images.
    """
    filled = images > 0
    sizes = 7 + 19 * np.sqrt(images[filled] / max(images.max(), 1))
    dots = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": (100 * confidence[filled]).tolist(),
        "y": (100 * accuracy[filled]).tolist(),
        "customdata": images[filled].tolist(),
        "marker": {"size": sizes.round(1).tolist(), "color": VAL_COLOR, "opacity": 0.85, "line": {"width": 0}},
        "cliponaxis": False,  # a large dot at the edge is drawn whole
        "line": {"color": VAL_COLOR, "width": 1.5},
        "hovertemplate": "sure to %{x:.0f} %: %{y:.0f} % of %{customdata:,} images right<extra></extra>",
    }
    line = {"dash": "dot", "width": 1.5, "color": QUIET_COLOR}
    equal = {"type": "line", "x0": 0, "y0": 0, "x1": 100, "y1": 100, "line": line, "layer": "below"}
    return {
        "data": [dots],
        "layout": chart_layout(
            250,
            showlegend=False,
            shapes=[equal],
            xaxis=chart_axis("probability of the answer", range=[0, 102], ticksuffix=" %"),
            yaxis=chart_axis("right", range=[-5, 105], ticksuffix=" %"),
        ),
    }
