"""The run store as the pages use it, and the run chosen in this session."""

import os

import streamlit as st

from cnn import launch
from cnn.runs import Run, RunError, RunStore, new_id
from pages import state

STATUS_ICONS = {
    "starting": ":material/hourglass_top:",
    "reading": ":material/hourglass_top:",
    "running": ":material/play_arrow:",
    "paused": ":material/pause:",
    "stopped": ":material/stop:",
    "finished": ":material/check:",
    "failed": ":material/error:",
    "interrupted": ":material/power_off:",
}


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The store of this server: the folder named by the environment variable CNN_RUNS, else ./runs."""
    return RunStore(os.environ.get("CNN_RUNS", "runs"))


def chosen() -> Run | None:
    """The run chosen in this session; None if none is, or if it is gone."""
    run_id = st.session_state.run
    if not run_id:
        return None
    try:
        return store().get(run_id)
    except RunError as error:
        st.warning(str(error), icon=":material/search_off:")
        return None


def chosen_with_weights() -> Run:
    """The run chosen, if it has weights to look at; else a page that says how to get some."""
    run = chosen()
    if run is None or not store().snapshots(run.id):
        st.info(
            "There is no trained network to look at yet."
            if run is None
            else "This run has no weights yet: they are there from its first step on.",
            icon=":material/show_chart:",
        )
        st.page_link("pages/train.py", label="To the Train page", icon=":material/arrow_forward:")
        state.save()
        st.stop()
    return run


def start_new() -> None:
    """Trains the settings as a new run. The id is drawn before the button is shown, so that a second click on it
    enters nothing new."""
    folder = state.folder()
    run_id = st.session_state.setdefault("next_run", new_id())
    if store().create(run_id, str(folder), state.dataset_spec(), state.network_spec(), state.training_spec()):
        launch.start(store(), run_id)
    st.session_state.run = run_id
    del st.session_state.next_run


def go_on(run_id: str, more_epochs: int = 0) -> None:
    """Has a run that ended go on."""
    if store().reopen(run_id, more_epochs):
        launch.start(store(), run_id)
