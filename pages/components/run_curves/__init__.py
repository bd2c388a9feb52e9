"""The curves of any number of runs, laid over each other, on a canvas. Pointing at a curve names its run.

One canvas path a run: uPlot's own series share one list of x, which for hundreds of runs would have to be filled with
gaps. So uPlot draws the axes only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("run_curves", "curves/uPlot.min.css", "run_curves/run_curves.css")


@dataclass(frozen=True, eq=False)
class Curve:
    """name: of its run. x, y: float32 (points,), x ascending. raw: y before smoothing, drawn pale; None: not drawn.
    dash: lengths of lines and gaps in pixels; () for a solid line."""

    name: str
    color: str
    dash: tuple[int, ...]
    x: np.ndarray
    y: np.ndarray
    raw: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Chart:
    """y: the name of the axis. percent: whether y (0..1) is shown in percent."""

    y: str
    percent: bool
    curves: Sequence[Curve]


def run_curves(charts: Sequence[Chart], *, key: str, x: str, height: int) -> None:
    """Draws the charts below each other. In all of them, the curves of one run have the same position.

    x: the name of the axis of all charts. height: of each chart, in CSS pixels.
    """
    sent = [{**vars(chart), "curves": [_sent(curve) for curve in chart.curves]} for chart in charts]
    _component(key=key, data=message.encode({"x": x, "height": height, "charts": sent}))


def _sent(curve: Curve) -> dict:
    raw = None if curve.raw is None else np.asarray(curve.raw, np.float32)
    arrays = {"x": np.asarray(curve.x, np.float32), "y": np.asarray(curve.y, np.float32), "raw": raw}
    return vars(curve) | arrays
