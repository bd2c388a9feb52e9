"""Charts of many runs: accuracy over a setting and which setting mattered, as Plotly figures, and the axes of parallel
coordinates."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnn.figures.charts import QUIET_COLOR, as_text, chart_axis, chart_layout, cut, short
from cnn.figures.ticks import ticks
from cnn.store.varied import Varied
from cnn.training.importance import Importance

FAR_APART = 20  # times: numbers from 1 to more than this are shown on a logarithmic axis
SHOWN_VALUES = 12  # of a setting, on the axis of parallel coordinates


def accuracy_over(setting: Varied, accuracies: Sequence[float], names: Sequence[str], color: str) -> dict:
    """A point for each run, and for each value of the setting the mean with the standard deviation of its runs.

    accuracies: 0..1, one for each run. names: of the runs. color: of the means.
    """
    texts = [one.text for one in setting.values]
    options = setting.options
    is_number = setting.is_number
    places = [one.value if is_number else as_text(one.text) for one in setting.values]
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": places,
        "y": [100 * one for one in accuracies],
        "text": [short(name, 40) for name in names],
        "marker": {"size": 8, "color": QUIET_COLOR, "opacity": 0.7, "line": {"width": 0}},
        "name": "one run",
        "hovertemplate": "%{text}: %{y:.1f} %<extra></extra>",
    }
    groups = [
        np.array([100 * a for a, text in zip(accuracies, texts, strict=True) if text == one.text]) for one in options
    ]
    spreads = [float(group.std(ddof=1)) if len(group) > 1 else 0.0 for group in groups]
    means = {
        "type": "scatter",
        "mode": "lines+markers" if is_number else "markers",
        "x": [one.value if is_number else as_text(one.text) for one in options],
        "y": [float(group.mean()) for group in groups],
        "customdata": [[len(group), spread] for group, spread in zip(groups, spreads, strict=True)],
        "error_y": {"type": "data", "array": spreads, "color": color, "thickness": 1.5, "width": 5},
        "marker": {"size": 10, "color": color},
        "line": {"color": color, "width": 1.5},
        "name": "mean ± standard deviation",
        "hovertemplate": "%{x}: mean %{y:.1f} % of %{customdata[0]} runs, spread %{customdata[1]:.1f} %<extra></extra>",
    }
    x: dict = {}
    if not is_number:
        x = {"type": "category", "categoryorder": "array", "categoryarray": [as_text(one.text) for one in options]}
    numbers = [one.value for one in options] if is_number else []
    if numbers and min(numbers) > 0 and max(numbers) > FAR_APART * min(numbers):  # type: ignore[type-var,operator]
        x = {"type": "log"}
    if is_number and len(options) <= SHOWN_VALUES:
        x |= {"tickvals": numbers, "ticktext": [one.text for one in options]}
    return {
        "data": [points, means],
        "layout": chart_layout(
            330, xaxis=chart_axis(as_text(setting.label), **x), yaxis=chart_axis("held-out accuracy", ticksuffix=" %")
        ),
    }


class Axis(NamedTuple):
    """Of parallel coordinates. values: float64 (runs,), where each run crosses it. low, high: its ends. ticks: place ->
    text."""

    name: str
    values: np.ndarray
    low: float
    high: float
    ticks: dict[float, str]


def parallel_axes(settings: Sequence[Varied], accuracies: Sequence[float]) -> list[Axis]:
    """An axis for each setting, whose values are equally far apart, and one for the accuracy, 0..1."""
    axes = []
    for setting in settings:
        options = [one.text for one in setting.options]
        position = {text: float(place) for place, text in enumerate(options)}
        step = -(-len(options) // SHOWN_VALUES)
        named = {position[text]: cut(text, 16) for text in options[::step]}
        values = np.array([position[one.text] for one in setting.values])
        axes.append(Axis(cut(setting.label, 22), values, -0.3, len(options) - 0.7, named))
    found = np.array(accuracies, np.float64)
    low, high = float(found.min()), float(found.max())
    shown = {value: f"{100 * value:.4g} %" for value in ticks(low, high)}  # 52.5 % or 50 %
    return [*axes, Axis("accuracy", found, low, high, shown)]


def importances(labels: Sequence[str], found: Sequence[Importance], color: str) -> dict:
    """A bar for each setting, the most important on top, with a mark where luck alone would be."""
    rows = list(zip(labels, found, strict=True))[::-1]
    names = [as_text(label) for label, _ in rows]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": [100 * one.explained for _, one in rows],
        "marker": {
            "color": [color if one.is_clear else QUIET_COLOR for _, one in rows],
            "opacity": [1 if one.is_clear else 0.4 for _, one in rows],  # so that the mark of luck stands out
        },
        "name": "of the differences",
        "hovertemplate": "%{y}: %{x:.0f} %<extra></extra>",
    }
    luck = {
        "type": "scatter",
        "mode": "markers",
        "y": names,
        "x": [100 * one.by_luck for _, one in rows],
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2.5, "color": "#8c96a3"}},
        "name": "by luck alone",
        "hovertemplate": "by luck: %{x:.0f} %<extra></extra>",
    }
    return {
        "data": [bars, luck],
        "layout": chart_layout(
            110 + 34 * len(rows),
            bargap=0.35,
            xaxis=chart_axis("of the differences", range=[0, 102], ticksuffix=" %"),
            yaxis={"automargin": True},
        ),
    }
