"""The sidebar: the chosen dataset and the chosen run."""

from collections import Counter
from contextlib import suppress
from pathlib import Path

import streamlit as st

from cnn.store import example
from cnn.store.run_summary import differences, short_summary, summary
from cnn.store.runs import Run, RunError
from pages.shared import run_choice, settings
from pages.shared.session import session
from pages.shared.text import plain

LISTED = 100  # runs in the list: nobody reads longer ones
WITH_SETTINGS = ("data", "network")  # pages that show the settings of the next network


def draw() -> None:
    with st.sidebar:
        st.markdown(dataset_text())
        found = run_choice.store().newest(LISTED)
        session().listed = {run.id: run_choice.listed(run) for run in found}
        of_example = example.find(run_choice.store())
        names = {"": of_example.name if of_example else "none chosen yet"} | distinct_names(found)
        if settings.current("run") != example.ID:  # it is the first entry
            names.pop(example.ID, None)
        names.setdefault(settings.current("run"), settings.current("run"))  # an older or deleted run
        st.selectbox(
            "Run",
            **settings.versioned("run").bound_choice(names),
            help="The training run that Train and the pages below it show.",
        )
        if session().page not in ("train", "report"):  # the first says it at length; the second asks for it
            with suppress(RunError):  # the page says it
                about(run_choice.store().get(settings.current("run") or example.ID))


def dataset_text() -> str:
    """The chosen dataset; if none is chosen, that of the chosen run, as long as its folder is there."""
    if folder := settings.folder():
        return f":small[Dataset] **{plain(folder.name)}**"
    if run_choice.is_own(settings.current("run")):
        with suppress(RunError):  # the page says it
            folder = Path(run_choice.store().get(settings.current("run")).folder)
            if folder.is_dir():
                return f":small[Run's dataset] **{plain(folder.name)}**"
    return ":small[No dataset chosen]"


def about(run: Run) -> None:
    """What the run is, in one line: a menu of 720 pixels has no room for more. Pointing at it shows the rest, and in
    which settings the next network differs from it."""
    epochs = run_choice.store().history(run.id).epochs(at_most=1)
    text, whole = plain(short_summary(run, epochs)), plain(summary(run, epochs))
    if session().page in WITH_SETTINGS and settings.folder() is not None and run_choice.is_own(run.id):
        found = differences(run, str(settings.folder()), settings.specs())
        if found:
            text = f":material/call_split: settings differ: {', '.join(found)}"
            whole = f"{whole}. The settings on this page differ from it: {', '.join(found)}"
    with st.container(key="about_run"):
        st.caption(text, help=f"{whole}.")


def distinct_names(found: list[Run]) -> dict[str, str]:
    """id -> a unique name for the list. Streamlit identifies an option by its text, so runs on the same images that
    started in the same minute need different names."""
    times = Counter(run.name for run in found)
    names = {run.id: run.name if times[run.name] == 1 else run.exact_name for run in found}
    times = Counter(names.values())
    names = {run_id: name if times[name] == 1 else f"{name} · {run_id}" for run_id, name in names.items()}
    return {run.id: f"{run_choice.STATUS_MARKS[run.status]} {names[run.id]}" for run in found}
