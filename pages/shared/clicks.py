"""No click is lost when another follows before the server has dealt with it."""

from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.safe_session_state import SafeSessionState


def finish_callbacks() -> None:
    """Makes Streamlit run the callbacks of a click to their end before it looks for the next click.

    Streamlit looks for a next click whenever the session state is used: just before the first callback and inside all
    of them. If there is one, it drops the click at hand, or ends the callback in the middle, and never calls it again.
    Afterwards it looks for the next click anyway.
    """
    SafeSessionState.on_script_will_rerun = _run_callbacks  # type: ignore[assignment, method-assign]


def _run_callbacks(state: SafeSessionState, widget_states: WidgetStates | None, **more: Any) -> None:
    look_for_click = state._yield_callback
    if widget_states is None or not any(map(_is_click, widget_states.widgets)):
        look_for_click()  # the browser sends all values again with the next click, so nothing is lost
    object.__setattr__(state, "_yield_callback", lambda: None)  # the class maps attributes to the session's values
    try:
        with state._lock:
            state._state.on_script_will_rerun(widget_states, **more)
    finally:
        object.__setattr__(state, "_yield_callback", look_for_click)


def _is_click(widget: WidgetState) -> bool:
    """Whether the browser sends the widget's value only once: that a button was clicked, or a component did
    something."""
    kind = widget.WhichOneof("value") or ""
    return kind.endswith("trigger_value") and bool(getattr(widget, kind))
