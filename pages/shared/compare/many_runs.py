"""Many runs: accuracy over any setting, all settings at once, and which of them mattered most."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.figures.many_runs_picture import by_value, many_runs_picture
from cnn.figures.run_charts import accuracy_over, importances, parallel_axes
from cnn.percent import percent
from cnn.report.report import Table
from cnn.store.run import Run
from cnn.store.run_results import compared
from cnn.store.varied import SEEDS, Varied, by_luck, varied
from cnn.training.importance import FEWEST, Importance, importance, spread_by_luck
from pages.components.chart import chart
from pages.components.parallel import Axis, parallel
from pages.shared import run_choice, view
from pages.shared.compare import compared_runs
from pages.shared.report import offers
from pages.shared.results import result_files
from pages.shared.text import count, plain

LINES_HEIGHT = 340  # CSS pixels of the parallel coordinates


def draw(runs: Sequence[Run], below: DeltaGenerator) -> None:
    """Accuracy over a setting. below: a place as wide as the page, for all settings at once."""
    rows = [one for one in compared(run_choice.store(), runs) if one.accuracy is not None]
    judged, accuracies = [one.run for one in rows], [one.accuracy.value for one in rows if one.accuracy]
    settings = varied(judged)
    chosen = [one for one in settings if one.name not in SEEDS] or settings
    if len(judged) < 2 or not chosen:
        st.info(
            "Tick several runs with held-out images that differ in a setting or in their seeds.",
            icon=":material/check_box:",
        )
        return
    labels = {one.name: one.label for one in settings}
    kept, name = view.among("setting", labels, chosen[0].name)
    names = compared_runs.names_of(judged)

    def each_run() -> Table:
        rows: list[tuple[str | float, ...]] = [
            (names[run.id], *(one.values[row].text for one in settings), accuracies[row])
            for row, run in enumerate(judged)
        ]
        return Table(("run", *(one.label for one in settings), "held-out accuracy"), tuple(rows))

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox("Setting", **kept.bound_choice(labels), label_visibility="collapsed", width=280)
        result_files.table_button("runs.csv", each_run)
    setting = next(one for one in settings if one.name == name)
    chart(
        accuracy_over(setting, accuracies, [names[run.id] for run in judged], compared_runs.color(0)),
        key="accuracy_over",
        file=f"accuracy by {setting.label}",
    )
    about = _about_luck(judged, accuracies)
    st.caption(about)
    with below:
        found = _all_settings(judged, names, accuracies, chosen)

    def picture() -> str:
        return many_runs_picture(f"{len(judged):,} runs. {about}", setting, chosen, accuracies, found)

    def numbers() -> Table:
        rows = [
            (one.label, value, len(group), float(group.mean()), float(group.std(ddof=1)) if len(group) > 1 else None)
            for one in chosen
            for value, group in by_value(one, accuracies).items()
        ]
        return Table(("setting", "value", "runs", "mean held-out accuracy", "standard deviation"), tuple(rows))

    offers.offer(f"Accuracy of {count(len(judged), 'run', 'runs')} by {setting.label}", picture, numbers)


def _about_luck(runs: Sequence[Run], accuracies: Sequence[float]) -> str:
    groups = [[accuracies[position] for position in group] for group in by_luck(runs)]
    spread = spread_by_luck(groups)
    if spread is None:
        return "No two of these runs differ only in their seeds, so nobody can tell how much is luck."
    return (
        f"Runs that differ only in their seeds have a standard deviation of {100 * spread:.1f} points: differences of "
        "this size can be luck."
    )


def _all_settings(
    runs: Sequence[Run], names: Mapping[str, str], accuracies: Sequence[float], settings: Sequence[Varied]
) -> dict[str, Importance]:
    """Parallel coordinates, and how much each setting mattered, which is returned by its label; {} for few runs."""
    lines, bars = st.columns([3, 2], gap="large")
    with lines:
        heading = st.container(horizontal=True, vertical_alignment="center", key="all_settings_head")
        heading.header("All settings at once", anchor=False)
        axes = [Axis(*one) for one in parallel_axes(settings, accuracies)]
        shades = (axes[-1].values - axes[-1].low) / (axes[-1].high - axes[-1].low or 1)
        label = f"A line for each run, across {', '.join(axis.name for axis in axes)}."
        shown = [f"{names[run.id]}: {percent(own, 1)}" for run, own in zip(runs, accuracies, strict=True)]
        parallel(axes, shown, shades, compared_runs.color(0), key="parallel", label=label, height=LINES_HEIGHT)
        st.caption(
            "A line for each run, from gray (least accurate) to full colour (most). Drag along an axis to keep only "
            "the lines through that part of it; click the axis to keep all."
        )
    with bars:
        heading = st.container(horizontal=True, vertical_alignment="center", key="importance_head")
        heading.header("Which setting mattered most?", anchor=False, width="stretch")
        if len(runs) < FEWEST:
            st.info(f"{count(len(runs), 'run is', 'runs are')} too few to tell: compare at least {FEWEST}.")
            return {}
        found = sorted(
            ((one.label, _importance(one, accuracies)) for one in settings), key=lambda pair: -_beyond_luck(pair[1])
        )
        labels, importance_of = zip(*found, strict=True)
        chart(importances(labels, importance_of, compared_runs.color(0)), key="importances", file="importance")
        st.caption(_conclusion(labels[0], importance_of[0], len(runs)))

        def numbers() -> Table:
            rows = tuple((label, *one) for label, one in found)
            return Table(("setting", "share of the differences", "by luck", "chance"), rows)

        with heading:
            result_files.table_button("importance.csv", numbers)
    return dict(found)


def _importance(setting: Varied, accuracies: Sequence[float]) -> Importance:
    position = {one.text: place for place, one in enumerate(setting.options)}
    return _shuffled(tuple(position[one.text] for one in setting.values), tuple(accuracies))


@st.cache_data(max_entries=500, show_spinner=False)  # 2,000 shuffles of hundreds of runs, for each setting
def _shuffled(groups: tuple[int, ...], accuracies: tuple[float, ...]) -> Importance:
    return importance(groups, accuracies)


def _beyond_luck(found: Importance) -> float:
    return found.explained - found.by_luck


def _conclusion(label: str, found: Importance, runs: int) -> str:
    how = (
        "Bar: how much of the differences in accuracy goes with the setting. Mark: how much would by luck alone. "
        "Settings that were changed together cannot be told apart."
    )
    if not found.is_clear:
        return f"No setting stands out from luck among these {runs:,} runs. {how}"
    return f"**{plain(label)}** mattered most: {percent(found.explained)} of the differences go with it. {how}"
