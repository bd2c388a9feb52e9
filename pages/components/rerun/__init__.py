"""Reruns a fragment at intervals.

Streamlit's own timer (run_every) can break a page: if it reruns a fragment before the first drawing is sent, Streamlit
drops the unsent part, and later elements have no parent on the page. Here the browser starts the timer when it receives
the last element of a run. By then it has all the others, and reruns do not pile up on a slow server.
"""

from uuid import uuid4

from pages.components.common.modules import component

# The element is on the page before its module is loaded; rerun.css hides its empty space.
_component = component("rerun", "rerun/rerun.css", html='<div class="again"></div>', isolate_styles=False)


def rerun_every(seconds: float, *, key: str) -> None:
    """Reruns the fragment that contains it, `seconds` after the browser received this element, while the page is
    visible. It must be the last element of the fragment. Draws nothing."""
    # Streamlit does not resend unchanged data, so each run sends a new id.
    _component(key=key, data={"drawing": uuid4().hex, "every": 1000 * seconds}, on_due_change=lambda: None)
