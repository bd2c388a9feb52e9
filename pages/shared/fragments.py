"""Parts of a page that rerun alone."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.errors import FragmentStorageKeyError
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared import run_choice
from pages.shared.session import session


def draw(part: Callable[..., None], *arguments: Any) -> None:
    """Draws a part that reruns alone, in a container of its own.

    If a fragment reruns just as its page has been drawn, Streamlit sends its elements after the browser has removed
    those that the page no longer has. Without the container, what stands below would have moved up, and be overwritten.
    """
    with st.container():
        st.fragment(run_choice.safely(part))(*arguments)


def find_lost_clicks() -> None:
    """Makes Streamlit rerun the page for a click on a part that the page no longer has.

    A page that is drawn again may have its parts at other places, and Streamlit identifies a part by its place. If the
    browser does not know that yet, a click there belongs to none of them, and Streamlit draws nothing. A click on a
    part of an earlier page is dropped.
    """
    AppSession.request_rerun = _request  # type: ignore[assignment, method-assign]
    MemoryFragmentStorage.lookup = _look_up  # type: ignore[assignment, method-assign]


_streamlit_request, _streamlit_look_up = AppSession.request_rerun, MemoryFragmentStorage.lookup


def _request(of: AppSession, click: ClientState | None) -> None:
    """In the event loop. Drops a click on a part of a page that the browser has left meanwhile: Streamlit would tell
    the browser that the earlier page begins again, and the browser would remove what the new page has drawn. If the
    part is gone from the page that is shown, asks for that page."""
    if click and click.fragment_id:
        if click.page_script_hash != of.page_script_hash:
            return
        if not of.has_fragment(click.fragment_id):
            click.ClearField("fragment_id")
    elif click and click.page_script_hash:  # from now on, not only once its script has started
        of._client_state.page_script_hash = click.page_script_hash
    _streamlit_request(of, click)


def _look_up(parts: MemoryFragmentStorage, part_id: str) -> Callable[[], Any]:
    """In the script: if the part is gone by now, because the page was drawn before it was its turn, draws the page."""
    try:
        return _streamlit_look_up(parts, part_id)
    except FragmentStorageKeyError:
        context, drawn = get_script_run_ctx(), session().pages.get(session().page)
        if context and drawn and context.page_script_hash == drawn._script_hash:
            st.rerun()
        raise
