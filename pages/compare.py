"""Compare: which change helped, and was it luck?"""

import streamlit as st

from cnn.store.disk import StoredRun
from cnn.store.run import Run
from pages.shared import compared_runs, first_steps, run_choice, run_table, view
from pages.shared.deletion import stored_runs
from pages.shared.navigation import lesson, link_to
from pages.shared.session import Versioned

FIRST = 6  # runs that are compared until others are chosen: as many as there are colours
TABLE_HEIGHT = 388  # CSS pixels: with what is above, what a window of 720 pixels leaves
PARTS = {"curves": compared_runs.draw_curves}


def choose(stored: list[StoredRun]) -> list[Run]:
    """The table of runs; returns the chosen ones, in the order in which they were chosen."""
    kept = chosen_ids(stored)
    known = {one.id: one.run for one in stored if one.run is not None}
    chosen = [run for run_id in kept.value or () if (run := known.get(run_id)) is not None]
    colors = {run.id: compared_runs.color(position) for position, run in enumerate(chosen)}
    run_table.choose_runs(stored, kept, key="compared_runs", height=TABLE_HEIGHT, colors=colors)
    run_table.delete_chosen([one for one in stored if one.id in colors])
    return chosen


def chosen_ids(stored: list[StoredRun]) -> Versioned:
    """Holds the ids of the chosen runs; at first the newest ones."""
    kept = view.part("runs")
    if kept.value is None:
        kept.value = tuple(one.id for one in stored if one.run is not None and one.epochs)[:FIRST]
    return kept


def draw() -> None:
    st.title("Compare", anchor=False)
    stored = stored_runs()
    if not stored:
        first_steps.no_network()
        return
    table, part = st.columns([5, 7], gap="medium")
    with table:
        chosen = choose(stored)
    with part:
        kept = view.part("compared")
        st.segmented_control(
            "Compare", list(PARTS), **kept.bound("default"), required=True, label_visibility="collapsed"
        )
        st.fragment(run_choice.safely(PARTS[kept.current()]))(chosen)
    if len(stored) == 1:
        st.info("There is one run so far. Change something, train again, and compare.", icon=":material/add:")
        link_to("network")
    compared_runs.draw_differences(chosen)
    lesson("compare")
