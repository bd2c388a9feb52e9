"""Compare: which change helped, and was it luck?"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.store.disk import StoredRun
from cnn.store.run import Run
from cnn.store.runs import RunError
from pages.components.theme import rerun_on_change
from pages.shared import first_steps, view
from pages.shared.compare import compared_runs, many_runs
from pages.shared.navigation import end_page, lesson, link_to
from pages.shared.runs import run_table
from pages.shared.runs.deletion import stored_runs

FIRST = 6  # runs that are compared until others are chosen: as many as there are colours
TABLE_HEIGHT = 388  # CSS pixels: with what is above, what a window of 720 pixels leaves


def draw_two_runs(chosen: list[Run], below: DeltaGenerator) -> None:
    from pages.shared.compare import two_runs  # here because it loads torch

    two_runs.draw(chosen, below)


PARTS = {"curves": compared_runs.draw_curves, "two runs": draw_two_runs, "many runs": many_runs.draw}


def choose(stored: list[StoredRun]) -> list[Run]:
    """The table of runs; returns the chosen ones, in the order in which they were chosen; at first the newest."""
    kept, known = view.part("runs"), {one.id: one.run for one in stored if one.run is not None}
    newest = [one.id for one in stored if one.run is not None and one.epochs][:FIRST]
    ids = newest if kept.value is None else [one for one in kept.value if one in known]
    view.show("runs", tuple(ids))
    keys = {run_id: compared_runs.key_picture(position) for position, run_id in enumerate(ids)}
    run_table.choose_runs(stored, kept, ids, key="compared_runs", height=TABLE_HEIGHT, keys=keys)
    run_table.delete_chosen([one for one in stored if one.id in keys])
    return [run for one in ids if (run := known[one]) is not None]


def draw() -> None:
    st.title("Compare", anchor=False)
    stored = stored_runs()
    if not stored:
        first_steps.no_network()
        end_page()
    table, part = st.columns([5, 7], gap="medium")
    with table:
        chosen = choose(stored)
    with part:
        kept = view.part("compared")
        st.segmented_control(
            "Compare", list(PARTS), **kept.bound("default"), required=True, label_visibility="collapsed"
        )
    below = st.container()
    with part:
        try:
            PARTS[kept.current()](chosen, below)
        except RunError as error:  # of one of the runs: the others can still be chosen
            st.error(str(error), icon=":material/broken_image:")
    rerun_on_change(compared_runs.theme(), key="theme")
    if len(stored) == 1:
        st.info("There is one run so far. Change something, train again, and compare.", icon=":material/add:")
        link_to("network")
    lesson("compare")
