"""Reruns a fragment repeatedly.

Streamlit's own timer (run_every) can break a page: if it reruns a fragment before the first drawing is sent, Streamlit
drops the unsent part, and later elements have no parent on the page. Here the browser starts the timer when it receives
the last element of a drawing. Then it has all the others, and runs do not pile up on a slow server.
"""

from uuid import uuid4

from pages.components.common.modules import component

# The element is there before the module is loaded: again.css hides its empty space.
_component = component("again", "again/again.css", html='<div class="again"></div>', isolate_styles=False)


def again(every: float, *, key: str) -> None:
    """Must be the last element of a fragment: reruns it `every` seconds after the browser received this element, while
    the page is visible. Draws nothing."""
    # Streamlit does not send unchanged data again, so each drawing has an id of its own.
    _component(key=key, data={"drawing": uuid4().hex, "every": 1000 * every}, on_due_change=lambda: None)
