"""Work that may take longer than a moment: done beside the page, with its progress on it and a way to cancel."""

import time
from math import inf

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.components.progress import progress
from pages.server.work import Function, Pool, Preview, Status, Wait
from pages.shared.session import session

AT_ONCE = 0.4  # seconds that work may take before its progress is shown
ASK_EVERY = 0.3  # seconds between the browser's questions


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The one pool of this server."""
    return Pool()


def result(key: tuple, work: Function, text: str, preview: Preview | None = None, again: bool = False):
    """What `work(progress)` returns, done once for each key, in whatever session; None meanwhile, with its progress in
    its place, and None after it was cancelled or failed, with a sentence and a button to try again.

    The page (or the fragment that this is called in) runs again when the work has ended. Each session waits for one
    work of a kind: when it asks for another, it no longer waits for the one before.

    key: the kind of work, then all that the result depends on. text: what is being done. preview: makes an image and
    its caption of what there is so far. again: tries once more what was cancelled or failed.
    """
    if again:
        leave_failed(key[0])
    wait = wait_for(key, work, text, preview)
    if not wait.ended:
        draw(wait)
        return None
    if wait.error:
        show_error(wait)
        if st.button("Try again", key=f"again_{key}"):
            leave_failed(key[0])
            st.rerun()
        return None
    return take(wait)


def wait_for(key: tuple, work: Function, text: str, preview: Preview | None = None, lasts: float = inf) -> Wait:
    """This session's wait for the work of a key; it may have ended, as work that takes but a moment has.

    lasts: seconds for which the result is used again. The rest is as in `result`.
    """
    context = get_script_run_ctx()
    wait = pool().ask(
        session().waits,
        key,
        work,
        text,
        preview,
        session=context.session_id if context else "",
        lasts=lasts,
    )
    if not wait.ended:
        wait.work.ended.wait(max(0.0, wait.began + AT_ONCE - time.monotonic()))
    return wait


def draw(wait: Wait) -> None:
    """Shows how far it is until it has ended; then the page (or its fragment) runs again."""
    progress(wait.status(), key=f"progress_{wait.id}", source=f"work/{wait.id}", every=ASK_EVERY)


def take(wait: Wait):
    """The result of work that is done. From here on, only the pool keeps it, for as long as it has room."""
    pool().leave(session().waits, wait)
    return wait.work.result


def show_error(wait: Wait) -> None:
    if wait.work.status == Status.BROKEN and not wait.was_cancelled:
        st.error(wait.error, icon=":material/error:")
    else:
        st.warning(wait.error, icon=":material/cancel:")


def leave(kind: str) -> None:
    """This session no longer waits for work of that kind."""
    if wait := session().waits.get(kind):
        pool().leave(session().waits, wait)


def leave_failed(kind: str) -> None:
    """Lets the next question begin anew what was cancelled or failed."""
    wait = session().waits.get(kind)
    if wait is not None and wait.ended and wait.error:
        pool().leave(session().waits, wait)
