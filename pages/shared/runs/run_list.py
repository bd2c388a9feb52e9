"""The list of runs over the page, in which the user chooses the run to look into."""

import streamlit as st

from cnn.store.run import Run
from cnn.store.run_summary import summary
from pages.shared import run_choice, settings, view
from pages.shared.session import session
from pages.shared.text import plain

LISTED = 30  # runs; the menu at the left lists more


def open_list() -> None:
    """The next rerun opens the list."""
    session().choosing_run, session().choosing_image, session().playing = True, False, False


def close_list() -> None:
    session().choosing_run = False


@st.dialog("Choose a run", width="large", icon=":material/show_chart:", on_dismiss=close_list)
def choose(shown: Run) -> None:
    """The newest runs; choosing one closes the list. shown: the run of the page."""
    if session().choosing_run:  # else a click has just chosen one
        run_choice.safely(draw)(shown)
    if not session().choosing_run:
        st.rerun()


def draw(shown: Run) -> None:
    for run in run_choice.store().newest(LISTED):
        st.button(
            plain(run_choice.listed(run)),
            key=f"look into {run.id}",
            type="primary" if run.id == shown.id else "secondary",
            on_click=take,
            args=(run, shown),
        )
        st.caption(plain(summary(run, run_choice.store().history(run.id).epochs())))


def take(run: Run, shown: Run) -> None:
    """Chooses a run. If it has the same images as the run before, the page keeps the image."""
    settings.put(run=run.id)
    if (run.folder, run.dataset_spec) == (shown.folder, shown.dataset_spec):
        view.part("image", "dataset", run.id).replace(view.part("image", "dataset", shown.id).value)
    close_list()
