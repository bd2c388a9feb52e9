"""Any number of runs beside each other: their curves, and a table of what differs."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.duration import duration_text
from cnn.figures.charts import run_color, run_dash
from cnn.figures.evidence_pictures import chart_of, curves_picture
from cnn.figures.smoothing import smoothed
from cnn.percent import percent
from cnn.report.report import Table
from cnn.store.run import Run
from cnn.store.run_results import Compared, compared, curves
from cnn.store.varied import varied
from pages.components.run_curves import Chart, Curve, run_curves
from pages.shared import run_choice, view
from pages.shared.compare import step_curves
from pages.shared.report import offers
from pages.shared.results import result_files
from pages.shared.runs.sidebar import distinct_names
from pages.shared.text import count

POINTS = 12_000  # of all curves together: more would take long to send
MOST_EPOCHS = 10**6  # of a run in a file
CHART_HEIGHT = 205  # CSS pixels
STEPS_HEIGHT = 360
KINDS = {"accuracy": True, "loss": False}  # what is measured -> whether in percent


def theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def color(position: int) -> str:
    """The CSS colour of a run, by its position among the chosen ones."""
    return run_color(position, theme())


def key_picture(position: int) -> str:
    """A piece of a run's curve, as a data URL: its colour and its dash."""
    dash = " ".join(map(str, run_dash(position)))
    return (
        "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='36' height='20'>"
        f"<path d='M2 10h32' stroke='{quote(color(position))}' stroke-width='4' stroke-dasharray='{dash}'/></svg>"
    )


def names_of(runs: Sequence[Run]) -> dict[str, str]:
    """id -> a unique name, without the mark of its status."""
    return {run_id: name.partition(" ")[2] for run_id, name in distinct_names(list(runs)).items()}


def draw_curves(runs: Sequence[Run], below: DeltaGenerator) -> None:
    """Accuracy and loss of all runs, laid over each other. below: a place as wide as the page, for the table."""
    along, side, smoothing = view.part("along"), view.part("curves_of"), view.part("smoothing")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox("Images", **side.bound_choice(view.options("curves_of")), label_visibility="collapsed", width=140)
        st.selectbox("Along", **along.bound_choice(_axes()), label_visibility="collapsed", width=140)
        with st.container(width=190):
            st.slider(
                "Smoothing", 0.0, 0.9, **smoothing.bound(), step=0.1, label_visibility="collapsed", format="smooth %.1f"
            )
        if runs:
            result_files.table_button("curves.csv", partial(all_epochs, runs))
    if not runs:
        st.info("Tick runs in the table to see their curves.", icon=":material/check_box:")
        return
    found = curves(run_choice.store(), [run.id for run in runs], at_most=max(20, POINTS // len(runs)))
    if side.current() == step_curves.NAME:
        with below:
            draw_differences(runs)
        _draw_steps(runs, found, along.current(), smoothing.current())
        return
    names, prefix = names_of(runs), {"held-out": "val", "training": "train"}[side.current()]
    charts = []
    for kind, in_percent in KINDS.items():
        drawn = [
            _curve(
                names[run.id], position, found.get(run.id, {}), along.current(), f"{prefix}_{kind}", smoothing.current()
            )
            for position, run in enumerate(runs)
        ]
        charts.append(Chart(f"{side.current()} {kind}", in_percent, drawn))
    with below:
        draw_differences(runs)
    run_curves(charts, key="run_curves", x=along.current(), height=CHART_HEIGHT)
    _offer(runs, charts, along.current())


def _draw_steps(runs: Sequence[Run], epochs: dict[str, dict[str, np.ndarray]], along: str, weight: float) -> None:
    charts = [step_curves.chart(runs, names_of(runs), color, along, epochs, weight, POINTS)]
    run_curves(charts, key="run_curves", x=along, height=STEPS_HEIGHT)
    st.caption(step_curves.about(len(runs)))
    _offer(runs, charts, along)


def _offer(runs: Sequence[Run], charts: Sequence[Chart], along: str) -> None:
    """Offers the curves and the accuracies of the runs for a report."""
    names = names_of(runs)

    def picture() -> str:
        light = [run_color(position, "light") for position in range(len(runs))]
        drawn = [
            chart_of(
                chart.y,
                along,
                chart.percent,
                [(one.name, color, one.x, one.y) for one, color in zip(chart.curves, light, strict=True)],
            )
            for chart in charts
        ]
        return curves_picture(drawn, f"{len(runs)} runs compared.")

    def numbers() -> Table:
        settings, position = varied(runs), {run.id: number for number, run in enumerate(runs)}
        rows = []
        for one in compared(run_choice.store(), runs):
            low, high = one.accuracy.interval if one.accuracy else (None, None)
            differing = (setting.values[position[one.run.id]].text for setting in settings)
            own = one.parameters, one.multiply_adds, round(one.result.seconds, 1), one.result.epochs
            rows.append((names[one.run.id], one.accuracy and one.accuracy.value, low, high, *differing, *own))
        labels = [setting.label for setting in settings]
        costs = "parameters", "multiply-adds", "seconds", "epochs done"
        return Table(("run", "held-out accuracy", "likely from", "to", *labels, *costs), tuple(rows))

    what = " and ".join(chart.y for chart in charts)
    offers.offer(f"{what[0].upper()}{what[1:]} of {count(len(runs), 'run', 'runs')}", picture, numbers)


def all_epochs(runs: Sequence[Run]) -> Table:
    """A row for each epoch of each run."""
    names = names_of(runs)
    found = curves(run_choice.store(), [run.id for run in runs], at_most=MOST_EPOCHS)
    columns = next(iter(found.values()), {})
    rows = [
        (names[run_id], *(None if np.isnan(value) else value for value in row))
        for run_id, own in found.items()
        for row in zip(*(values.tolist() for values in own.values()), strict=True)
    ]
    return Table(("run", *columns), tuple(rows))


def _axes() -> dict[str, str]:
    return {"epoch": "by epoch", "step": "by step", "seconds": "by seconds"}


def _curve(name: str, position: int, columns: dict[str, np.ndarray], x: str, y: str, weight: float) -> Curve:
    heights = columns.get(y, np.empty(0))
    known = np.isfinite(heights)
    raw, places = heights[known], columns.get(x, np.empty(0))[known]
    shown = smoothed(raw, weight)
    return Curve(name, color(position), run_dash(position), places, shown, raw if weight else None)


def draw_differences(runs: Sequence[Run]) -> None:
    """A row for each run: only the settings in which they differ, and what came of them."""
    st.header("What differs", anchor=False)
    rows, settings = compared(run_choice.store(), runs), varied(runs)
    names = names_of(runs)
    position = {run.id: number for number, run in enumerate(runs)}
    table = []
    for one in rows:
        number = position[one.run.id]
        row = {"": key_picture(number), "run": names[one.run.id]}
        row |= _accuracy(one) | {setting.label: setting.values[number].text for setting in settings}
        table.append(row | _costs(one))
    if not table:  # damaged since the list was drawn
        return
    frame = pd.DataFrame(table).sort_values("accuracy", ascending=False, kind="stable", na_position="last")
    st.dataframe(
        frame,
        hide_index=True,
        height=min(38 + 35 * len(frame), 400),
        column_config={
            "": st.column_config.ImageColumn("line", width=42),
            "accuracy": st.column_config.NumberColumn(format="%.1f %%"),
            "likely": st.column_config.TextColumn(
                help=f"Where the accuracy on other such images lies ({percent(0.95)})."
            ),
            "parameters": st.column_config.NumberColumn(format="localized"),
            "multiply-adds": st.column_config.NumberColumn(format="compact", help="For one image."),
        },
        placeholder="",
        key="differences",
    )
    same = "They have the same settings." if len(runs) > 1 and not settings else ""
    st.caption(
        f"{same} Accuracy: on the held-out images, of the snapshot with the lowest held-out loss (while a run "
        "trains: the newest). The same images chose the snapshot, so it is a little too high. Likely: where it would "
        f"be on other images of this kind, with {percent(0.95)} certainty. Time: of all epochs."
    )


def _accuracy(one: Compared) -> dict:
    if one.accuracy is None:
        return {"accuracy": None, "likely": ""}
    low, high = one.accuracy.interval
    return {"accuracy": round(100 * one.accuracy.value, 1), "likely": f"{100 * low:.1f} to {100 * high:.1f} %"}


def _costs(one: Compared) -> dict:
    return {
        "parameters": one.parameters,
        "multiply-adds": one.multiply_adds,
        "time": duration_text(one.result.seconds),
        "epochs done": one.result.epochs,  # "epochs" is a setting
    }
