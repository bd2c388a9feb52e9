"""Slow work in the background, while the page shows its progress and a button to cancel."""

import time
from contextlib import suppress
from math import inf

import streamlit as st
from streamlit.errors import StreamlitDuplicateElementKey
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.components.progress import progress
from pages.server.pool import Pool
from pages.server.turns import turns
from pages.server.work import Function, Preview, Status, Wait
from pages.shared.session import session

AT_ONCE = 0.4  # seconds to wait before the progress is shown
ASK_EVERY = 0.3  # seconds between the browser's requests


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The one pool of this server."""
    return Pool()


def result(key: tuple, work: Function, text: str, preview: Preview | None = None):
    """The result of `work(progress)`, computed once for each key and shared by all sessions. None until it is computed;
    then the progress is drawn in its place, or an error with a button to try again.

    The page (or the fragment that calls this) reruns when the work has ended. A session waits for one piece of work of
    each kind: asking for another ends the wait for the previous one.

    key: the kind of work, then everything the result depends on. text: what is being done. preview: makes an image and
    its caption from the partial result.
    """
    wait = wait_for(key, work, text, preview)
    if not wait.ended:
        draw(wait)
        return None
    if wait.error:
        show_error(wait)
        st.button("Try again", key=f"retry_{key}", on_click=forget_failed, args=(key[0],))
        return None
    return take(wait)


def wait_for(key: tuple, work: Function, text: str, preview: Preview | None = None, valid_for: float = inf) -> Wait:
    """This session's wait for the work of a key. Short work has already ended.

    valid_for: seconds for which the result stays valid. The other parameters are as in `result`.
    """
    context = get_script_run_ctx()
    wait = pool().ask(
        session().waits,
        key,
        work,
        text,
        preview,
        session=context.session_id if context else "",
        valid_for=valid_for,
    )
    if not wait.ended:
        with turns.lent():
            wait.work.ended.wait(max(0.0, wait.began + AT_ONCE - time.monotonic()))
    return wait


def draw(wait: Wait) -> None:
    """Draws the progress until the work has ended; then the page (or its fragment) reruns. If two parts of the page
    wait for the same work, the first shows its progress."""
    with suppress(StreamlitDuplicateElementKey):
        progress(wait.status(), key=f"progress_{wait.id}", source=f"work/{wait.id}", every=ASK_EVERY)


def take(wait: Wait):
    """The result of finished work. Ends the wait, so the pool may later drop the result."""
    pool().leave(session().waits, wait)
    return wait.work.result


def has_failed(key: tuple) -> bool:
    """Whether the work of this key, for which the session waits, was cancelled or has failed."""
    wait = session().waits.get(key[0])
    return wait is not None and wait.work.key == key and wait.ended and bool(wait.error)


def show_error(wait: Wait) -> None:
    if wait.work.status == Status.BROKEN and not wait.was_cancelled:
        st.error(wait.error, icon=":material/error:")
    else:
        st.warning(wait.error, icon=":material/cancel:")


def leave(kind: str) -> None:
    """Ends this session's wait for work of a kind."""
    if wait := session().waits.get(kind):
        pool().leave(session().waits, wait)


def forget_failed(kind: str) -> None:
    """Forgets work that was cancelled or failed, so the next call starts it again."""
    wait = session().waits.get(kind)
    if wait is not None and wait.ended and wait.error:
        pool().leave(session().waits, wait)
