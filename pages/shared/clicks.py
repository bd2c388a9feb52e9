"""No click is lost, and no value goes back, when another click follows before the server has dealt with the first.

Streamlit runs a script for each click. If the next one comes early, it tells the running script to stop, and starts a
new one in another thread. Both share the session state, and the old script goes on until it next looks for a click.
"""

import threading
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.safe_session_state import SafeSessionState

_numbers = count(1)  # of the scripts, in the order of the clicks that started them


@dataclass
class _Newest:
    """number: that of the newest script that has taken the browser's values into a session state. lock: for the block
    that takes them."""

    number: int = 0
    lock: Any = field(default_factory=threading.RLock)


def finish_callbacks() -> None:
    """Makes Streamlit run the callbacks of a click to their end before it looks for the next click, and keeps a script
    that was told to stop from overwriting the values of a newer one.

    Streamlit looks for a next click whenever the session state is used: just before the first callback and inside all
    of them. If there is one, it drops the click at hand, or ends the callback in the middle, and never calls it again.
    Afterwards it looks for the next click anyway.
    """
    SafeSessionState.__init__ = _init  # type: ignore[assignment, method-assign]
    SafeSessionState.on_script_will_rerun = _run_callbacks  # type: ignore[assignment, method-assign]
    SafeSessionState.on_script_finished = _finish  # type: ignore[assignment, method-assign]


_streamlit_init, _streamlit_finish = SafeSessionState.__init__, SafeSessionState.on_script_finished


def _init(state: SafeSessionState, *arguments: Any, **more: Any) -> None:
    _streamlit_init(state, *arguments, **more)
    object.__setattr__(state, "number", next(_numbers))  # the class maps attributes to the session's values


def _run_callbacks(state: SafeSessionState, widget_states: WidgetStates | None, **more: Any) -> None:
    look_for_click, newest = state._yield_callback, _newest(state)
    with newest.lock:
        if widget_states is not None and _is_old(state, newest):
            widget_states = WidgetStates(widgets=filter(_is_click, widget_states.widgets))
        if widget_states is None or not any(map(_is_click, widget_states.widgets)):
            look_for_click()  # the browser sends all values again with the next click, so nothing is lost
        newest.number = max(newest.number, state.number)
        object.__setattr__(state, "_yield_callback", lambda: None)
        try:
            with state._lock:
                state._state.on_script_will_rerun(widget_states, **more)
        finally:
            object.__setattr__(state, "_yield_callback", look_for_click)


def _finish(state: SafeSessionState, *arguments: Any, **more: Any) -> None:
    newest = _newest(state)
    with newest.lock:
        if not _is_old(state, newest):  # else it would forget clicks that the newer script has yet to see
            _streamlit_finish(state, *arguments, **more)


def _newest(state: SafeSessionState) -> _Newest:
    """The record that all scripts of a session share: one of its values."""
    return state._state._old_state.setdefault("newest script", _Newest())


def _is_old(state: SafeSessionState, newest: _Newest) -> bool:
    """Whether a newer script has taken the browser's values."""
    return state.number < newest.number


def _is_click(widget: WidgetState) -> bool:
    """Whether the browser sends the widget's value only once: that a button was clicked, or a component did
    something."""
    kind = widget.WhichOneof("value") or ""
    return kind.endswith("trigger_value") and bool(getattr(widget, kind))
