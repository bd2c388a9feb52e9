"""The sidebar: what the pages are about, the dataset and the run chosen."""

from collections import Counter

import streamlit as st

from cnn.runs import Run
from pages import runs, state
from pages.words import plain

LISTED = 100  # runs to choose from: a list of more is none that anybody reads


def draw() -> None:
    with st.sidebar:
        folder = state.folder()
        st.caption("Dataset")
        st.markdown(f"**{plain(folder.name)}**" if folder else "none chosen yet")
        found = runs.store().newest(LISTED)
        ids = [run.id for run in found]
        current = state.current("run")
        if current and current not in ids:
            ids.insert(0, current)
        names = distinct_names(found)
        st.selectbox(
            "Run",
            ["", *ids],
            **state.bound("run"),
            format_func=lambda run_id: names.get(run_id, run_id) or "none chosen yet",
            help="The training run that the pages Train, Filters and Activations show.",
        )


def distinct_names(found: list[Run]) -> dict[str, str]:
    """id -> what the list calls the run. No two are called the same: Streamlit knows an option by its text alone, and
    would take one run for another that was started on the same images in the same minute."""
    names = {run.id: f"{runs.STATUS_MARKS[run.status]} {run.name}" for run in found}
    times = Counter(names.values())
    return {run_id: name if times[name] == 1 else f"{name} · {run_id}" for run_id, name in names.items()}
