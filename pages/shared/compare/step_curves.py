"""The training loss of single steps of any number of runs, for the Compare page."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st

from cnn.errors import UserError
from cnn.figures.charts import run_dash
from cnn.figures.smoothing import smoothed
from cnn.store.run import Run
from cnn.store.step_losses import Losses, last_step, losses
from pages.components.run_curves import Chart, Curve
from pages.shared import run_choice

NAME = "single steps"  # among the curves that one can choose
MOST_PARTS = 500  # of a curve: about one for each pixel
CROWD = 12  # of more runs, single batches would only hide each other
ABOUT_LINE = "Line: the average of about the last 20 batches."


def chart(
    runs: Sequence[Run],
    names: Mapping[str, str],
    color: Callable[[int], str],
    along: str,
    epochs: Mapping[str, dict[str, np.ndarray]],
    weight: float,
    points: int,
) -> Chart:
    """The losses of all runs, laid over each other.

    names: id -> name. color: position -> CSS colour. along: "step", "epoch" or "seconds". epochs: what
    `cnn.store.run_results.curves` says of the runs: it tells when a step was. weight: of the past, to smooth the curves
    further. points: how many to draw, of all curves together.
    """
    parts = min(MOST_PARTS, max(20, points // (2 * len(runs))))
    curves = []
    with run_choice.store().transaction():
        for position, run in enumerate(runs):
            try:
                found = _losses(run.id, run.launched, last_step(run_choice.store(), run.id), parts)
            except UserError:  # damaged: the others can still be seen
                found = Losses(*[np.empty(0)] * 3)
            x = places(found.step, along, epochs.get(run.id, {}))
            y, raw = smoothed(found.smooth, weight)[: len(x)], found.loss[: len(x)]
            drawn = None if len(runs) > CROWD else raw
            curves.append(Curve(names[run.id], color(position), run_dash(position), x, y, drawn))
    return Chart("training loss", False, curves)


def about(runs: int) -> str:
    """What the curves show, for a caption."""
    if runs > CROWD:
        return f"{ABOUT_LINE} With up to {CROWD} runs, single batches are drawn, too."
    return f"{ABOUT_LINE} Pale: single batches; where there are too many for the width, the lowest and the highest."


def places(steps: np.ndarray, along: str, epochs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Where steps are along an axis, by the ends of the epochs; after the last, at the pace of that one. Empty if no
    epoch is complete, for then nobody knows. epochs: step, epoch and seconds of each, float64 (epochs,)."""
    if along == "step":
        return steps
    if not len(epochs.get("step", ())):
        return np.empty(0)
    ends, values = np.append(0.0, epochs["step"]), np.append(0.0, epochs[along])
    pace = (values[-1] - values[-2]) / (ends[-1] - ends[-2])
    return np.interp(steps, ends, values) + pace * np.maximum(steps - ends[-1], 0)


@st.cache_data(max_entries=2000, show_spinner=False)
def _losses(run_id: str, launched: float, newest: int, parts: int) -> Losses:
    """launched, newest: when the run got its trainer, and its newest step: a run that trains on is read again."""
    return losses(run_choice.store(), run_id, parts)
