"""The run store as the pages use it, and the run chosen in this session."""

import logging
import os
import threading
from collections.abc import Callable
from functools import wraps

import streamlit as st

from cnn.engine import launch
from cnn.errors import UserError
from cnn.store.run import FAILED, Run, new_id
from cnn.store.runs import RunError, RunStore
from cnn.system.log import keep_log, went_wrong
from pages.shared import settings, view
from pages.shared.navigation import end_page, link_to
from pages.shared.session import session

log = logging.getLogger(__name__)

STATUS_MARKS = {
    "starting": "▶",
    "reading": "▶",
    "running": "▶",
    "paused": "‖",  # fonts that have ⏸ are rare
    "stopped": "■",
    "finished": "✓",
    "failed": "✗",
    "interrupted": "⚡",
}
# A click that comes while a script runs begins another one at once; the first goes on to its next look at the session.
_entering = threading.Lock()


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The store of this server: the folder named by the environment variable CNN_RUNS, else ./runs. The log of this
    process is kept there too."""
    folder = os.environ.get("CNN_RUNS", "runs")
    keep_log(folder)
    return RunStore(folder)


def chosen() -> Run | None:
    """The run chosen in this session; None if none is, or if it is gone."""
    run_id = settings.current("run")
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
    if run is None or not store().history(run.id).snapshots():
        st.info(
            "There is no trained network to look at yet."
            if run is None
            else "This run has no weights yet: they are there from its first step on.",
            icon=":material/show_chart:",
        )
        link_to("train")
        end_page()
    return run


def safely(draw: Callable[..., None]) -> Callable[..., None]:
    """The same function with a sentence on the page in place of an error: any part of a run may be damaged. For
    fragments, which the frame does not see: neither their errors, nor what they change of the view."""

    @wraps(draw)
    def drawn(*arguments) -> None:
        try:
            draw(*arguments)
            view.save()
        except UserError as error:
            st.error(str(error), icon=":material/broken_image:")
        except Exception:
            log.exception("A part of a page, %s", draw.__name__)
            st.error(went_wrong("this part of the page"), icon=":material/bug_report:")

    return drawn


def start_new() -> None:
    """Trains the settings as a new run, unless the run chosen is under way: then this is a second click.

    What keeps it from that is left in the session as `not_started`.
    """
    place, run_id = store(), new_id()
    try:
        with _entering:
            current = chosen()
            if current is not None and current.active:
                return
            specs = (
                str(settings.folder()),
                settings.dataset_spec(),
                settings.network_spec(),
                settings.training_spec(),
            )
            choose = settings.prepared(run=run_id)
            place.create(run_id, *specs)
            choose()  # no look at the session from `create` to `start`: the script may be ended there
        _start(run_id)
    except RunError as error:
        session().not_started = str(error)  # for the page, which is drawn after this


def go_on(run_id: str, more_epochs: int = 0) -> None:
    """Has a run that ended go on. What keeps it from that is left in the session as `not_started`."""
    try:
        if store().reopen(run_id, more_epochs):
            _start(run_id)
    except RunError as error:
        session().not_started = str(error)


def _start(run_id: str) -> None:
    """Gives a run that was created or reopened a trainer; if that cannot be, the run has failed and says why."""
    try:
        launch.start(store(), run_id)
    except RunError as error:
        store().set_status(run_id, FAILED, str(error))
