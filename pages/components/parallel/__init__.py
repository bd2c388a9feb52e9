"""Parallel coordinates on a canvas: an axis for each setting, a line for each run. Pointing at a line names its run;
dragging along an axis keeps the lines through that part of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("parallel", "parallel/parallel.css")


@dataclass(frozen=True, eq=False)
class Axis:
    """values: float (runs,), where each line crosses. low, high: the ends of the axis. ticks: place -> text."""

    name: str
    values: np.ndarray
    low: float
    high: float
    ticks: dict[float, str]


def parallel(
    axes: Sequence[Axis], names: Sequence[str], shades: np.ndarray, color: str, *, key: str, label: str, height: int
) -> None:
    """Draws the lines, as wide as their place.

    names: of the runs. shades: float (runs,), from 0, a gray line, to 1, one in `color`. label: of the whole drawing,
    for screen readers. height: in CSS pixels.
    """
    sent = [
        {
            "name": axis.name,
            "values": np.asarray(axis.values, np.float32),
            "ends": [float(axis.low), float(axis.high)],
            "ticks": [[float(place), text] for place, text in axis.ticks.items()],
        }
        for axis in axes
    ]
    shown = {"names": list(names), "shades": np.asarray(shades, np.float32), "color": color, "label": label}
    _component(key=key, data=message.encode({"axes": sent, "height": height, **shown}), height=height)
