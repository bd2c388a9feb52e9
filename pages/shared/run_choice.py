"""The run store as the pages use it, and the run chosen in this session."""

import logging
import os
import threading
from collections.abc import Callable
from functools import wraps

import streamlit as st

from cnn.duration import duration_text
from cnn.engine import queue
from cnn.errors import UserError
from cnn.store import example, waiting
from cnn.store.run import Run, new_id
from cnn.store.runs import RunError, RunStore
from cnn.system.log import keep_log, went_wrong
from pages.components.rerun import rerun_every
from pages.server.turns import turns
from pages.shared import first_steps, settings, view
from pages.shared.navigation import PageEnded, end_page
from pages.shared.session import session
from pages.shared.text import plain

log = logging.getLogger(__name__)

WEIGHTS_EVERY = 1.0  # seconds between looks for the first weights of a run

STATUS_MARKS = {
    "queued": "…",
    "starting": "▶",
    "reading": "▶",
    "running": "▶",
    "paused": "‖",  # fonts that have ⏸ are rare
    "stopped": "■",
    "finished": "✓",
    "failed": "✗",
    "interrupted": "⚡",
}
# A click during a script starts a second one at once; the first runs on until it next reads the session.
_starting = threading.Lock()


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The store of this server, in the folder named by the environment variable CNN_RUNS, else ./runs. It also holds
    the log of this process."""
    folder = os.environ.get("CNN_RUNS", "runs")
    keep_log(folder)
    runs = RunStore(folder)
    try:
        if runs.is_new:
            example.add(runs)
        example.find_images(runs)
    except RunError:
        log.exception("The example")  # the pages work without it
    return runs


def listed(run: Run) -> str:
    """The text for a run in a list: the mark of its status, and its name."""
    return f"{STATUS_MARKS[run.status]} {run.name}"


def chosen() -> Run | None:
    """The run chosen in this session; None if none is chosen or it was deleted."""
    run_id = settings.current("run")
    if not run_id:
        return None
    try:
        return store().get(run_id)
    except RunError as error:
        st.warning(str(error), icon=":material/search_off:")
        return None


def chosen_or_example() -> Run | None:
    """The chosen run; without one, the example, unless it was deleted."""
    return chosen() or example.find(store())


def is_own(run_id: str) -> bool:
    """Whether it is the id of a run that a user has trained."""
    return run_id not in ("", example.ID)


def fallback() -> Run | None:
    """The run to show if none is chosen: the example; if it was deleted, the newest run with weights."""
    runs = store()
    return example.find(runs) or next((run for run in runs.all() if runs.history(run.id).snapshots()), None)


def chosen_with_weights() -> Run:
    """The chosen run, or another if none is chosen or the run has no weights; if there is no other, ends the page and
    says how to get one."""
    run = chosen()
    has_weights = run is not None and bool(store().history(run.id).snapshots())
    shown = run if has_weights else fallback()
    text = "" if run is None or has_weights else f"{plain(run.name)} has no weights yet. "
    if shown is None:
        if text:
            st.markdown(text)
        first_steps.no_network()
        end_page()
    if not is_own(shown.id):
        first_steps.about_example(text)
    elif text or run is None:
        if not text and not settings.current("run"):  # else it is gone, as the page has said
            text = "No run is chosen. "
        first_steps.about_other_run(f"{text}This is **{plain(shown.name)}**.")
    if run is not None and run is not shown and run.ongoing:
        _show_once_it_has_weights(run)
    return shown


def safely(draw: Callable[..., None]) -> Callable[..., None]:
    """Wraps a function so that it takes its turn and the page shows its errors in its place. For fragments:
    dashboard.py sees neither their runs, nor their errors, nor their changes of the view, nor the page that one of
    their buttons asks for."""

    @wraps(draw)
    def drawn(*arguments) -> None:
        if session().next_page:  # a button of the fragment asked for another page
            st.rerun()
        try:
            with turns.taken():
                draw(*arguments)
                view.save()
        except PageEnded:
            pass
        except UserError as error:
            st.error(str(error), icon=":material/broken_image:")
        except Exception:
            log.exception("A part of a page, %s", draw.__name__)
            st.error(went_wrong("this part of the page"), icon=":material/bug_report:")

    return drawn


@st.fragment
@safely
def _show_once_it_has_weights(run: Run) -> None:
    if store().history(run.id).snapshots():
        st.rerun()
    rerun_every(WEIGHTS_EVERY, key="weights")


def start_new() -> None:
    """Trains a new run with the current settings, or queues it if the machine is full; unless the chosen run is
    ongoing: then this is a second click.

    If that fails, the session's `not_started` says why.
    """
    runs, run_id = store(), new_id()
    try:
        with _starting:
            current = chosen()
            if current is not None and current.ongoing:
                return
            specs = (
                str(settings.folder()),
                settings.dataset_spec(),
                settings.network_spec(),
                settings.training_spec(),
            )
            guess, transfer_guess = view.part("guess").current(), view.value("transfer")
            runs.create(run_id, *specs, guess=guess, transfer_guess=transfer_guess)
            settings.put(run=run_id)
        queue.start(runs, run_id, session().id)
    except RunError as error:
        session().not_started = str(error)  # shown by the page, which is drawn next


def continue_run(run_id: str, more_epochs: int = 0) -> None:
    """Continues a run that ended. If that fails, the session's `not_started` says why."""
    try:
        if store().reopen(run_id, more_epochs):
            queue.start(store(), run_id, session().id)
    except RunError as error:
        session().not_started = str(error)


def queued() -> list[Run]:
    """The runs that wait for a place, in their order."""
    return waiting.waiting(store())


def way_given(runs: RunStore, run: Run) -> str:
    """Says that a run is paused for another; "" if it is not."""
    found = queue.way_given(runs, run)
    if found is None:
        return ""
    other, seconds = found
    time = "" if seconds is None else f" (about {duration_text(seconds)})"
    return f"Paused to let “{other.exact_name}”{time} through; goes on after it."


def start_now(run_id: str) -> None:
    """Starts a waiting run before the others; a longer training may have to make way."""
    _safely_queue(queue.let_through, run_id)


def move_to_front(run_id: str) -> None:
    """Makes a waiting run the next one."""
    _safely_queue(waiting.move, run_id, 1)


def take_off(run_id: str) -> None:
    """Takes a run off the queue, or stops it."""
    _safely_queue(waiting.stop, run_id)


def _safely_queue(action: Callable[..., object], *arguments) -> None:
    """If it fails, the session's `not_started` says why: the run may have started meanwhile."""
    try:
        action(store(), *arguments)
    except RunError as error:
        session().not_started = str(error)
