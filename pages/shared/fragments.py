"""Parts of a page that rerun alone."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.errors import FragmentStorageKeyError
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.state.session_state import Serialized, SessionState, WStates

from pages.shared import run_choice
from pages.shared.session import session

# Values that are equal if they are the same. Those of uploads, for example, are not.
PLAIN_VALUES = {
    f"{kind}_value" for kind in ("bool", "int", "double", "string", "int_array", "double_array", "string_array", "json")
}


def draw(part: Callable[..., None], *arguments: Any) -> None:
    """Draws a part that reruns alone, in a container of its own.

    If a fragment reruns just as its page has been drawn, Streamlit sends its elements after the browser has removed
    those that the page no longer has. Without the container, what stands below would have moved up, and be overwritten.
    """
    with st.container():
        st.fragment(run_choice.safely(part))(*arguments)


def find_lost_clicks() -> None:
    """Makes Streamlit draw what belongs to each click, although clicks follow each other quickly.

    A page that is drawn again may have its parts at other places, and Streamlit identifies a part by its place. If the
    browser does not know that yet, a click there belongs to none of them, and Streamlit draws nothing. Such a click
    reruns the page. A click on a part of an earlier page is dropped.

    A script's thread hands what it draws to the event loop, which sends it. If the thread has ended and a click arrives
    before all of it is sent, Streamlit starts another thread, and drops the rest of the first one's drawing: the page
    would stay as it was before the first click, or half drawn. So such a click waits until the rest is sent.

    The browser sends together what happens at the same moment, and names only one part. If a part's timer ends just as
    the user moves a slider of the page, Streamlit draws only the part. Such a click draws the page.
    """
    AppSession.request_rerun = _request  # type: ignore[assignment, method-assign]
    MemoryFragmentStorage.lookup = _look_up  # type: ignore[assignment, method-assign]


_streamlit_request, _streamlit_look_up = AppSession.request_rerun, MemoryFragmentStorage.lookup


def _request(of: AppSession, click: ClientState | None) -> None:
    """In the event loop, which does things in the order in which they came."""
    script = of._scriptrunner
    if script is not None and script._requests._state is ScriptRequestType.STOP:  # its thread ends, and draws no more
        of._event_loop.call_soon(_request_of_shown, of, click)
    else:
        _request_of_shown(of, click)


def _request_of_shown(of: AppSession, click: ClientState | None) -> None:
    """Drops a click on a part of a page that the browser has left meanwhile: Streamlit would tell the browser that the
    earlier page begins again, and the browser would remove what the new page has drawn. If the part is gone from the
    page that is shown, asks for that page. So it does if the session has shown nothing yet: the server was started
    again, and the browser still has the page."""
    if click and click.fragment_id:
        if of.page_script_hash and click.page_script_hash != of.page_script_hash:
            return
        if not of.has_fragment(click.fragment_id) or _changes_more(of, click):
            click.ClearField("fragment_id")
    if click and click.page_script_hash:  # from now on, not only once its script has started
        of._client_state.page_script_hash = click.page_script_hash
    _streamlit_request(of, click)


def _changes_more(of: AppSession, click: ClientState) -> bool:
    """Whether a click changes a widget that is not in the part of the page that it asks for."""
    state, script = of._session_state, of._scriptrunner
    if script is not None and script._requests._state is ScriptRequestType.RERUN:
        waiting = script._requests._rerun_data
        if not waiting.fragment_id and not waiting.fragment_id_queue:
            return False  # the page waits to be drawn, and Streamlit adds the click to that
    for widget in click.widget_states.widgets:
        about = state._new_widget_state.widget_metadata.get(widget.id)
        if about is not None and about.fragment_id != click.fragment_id and _changes(state, widget):
            return True
    return False


def _changes(state: SessionState, widget: WidgetState) -> bool:
    """Whether the browser sends another value of a widget than the session has. A click on a button is one."""
    kind = widget.WhichOneof("value") or ""
    if kind.endswith("trigger_value"):
        return bool(getattr(widget, kind))
    if kind not in PLAIN_VALUES:
        return False
    known = state._new_widget_state.states.get(widget.id)
    if known is None:
        return False
    return _read(state, widget) != (_read(state, known.value) if isinstance(known, Serialized) else known.value)


def _read(state: SessionState, widget: WidgetState) -> Any:
    """The value as scripts get it."""
    about = state._new_widget_state.widget_metadata[widget.id]
    return WStates({widget.id: Serialized(widget)}, {widget.id: about})[widget.id]


def _look_up(parts: MemoryFragmentStorage, part_id: str) -> Callable[[], Any]:
    """In the script: if the part is gone by now, because the page was drawn before it was its turn, draws the page."""
    try:
        return _streamlit_look_up(parts, part_id)
    except FragmentStorageKeyError:
        context, drawn = get_script_run_ctx(), session().pages.get(session().page)
        if context and drawn and context.page_script_hash == drawn._script_hash:
            st.rerun()
        raise
