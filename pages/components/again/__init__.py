"""Reruns a fragment over and over.

Streamlit can do that by a timer of its own. But when the browser asks for a fragment again before its first drawing is
sent, Streamlit drops the part it has not sent yet and sends what follows, for which the page then has no place: it
stays broken. Here the browser waits from one drawing to the next: once it has the last element of a drawing, it has all
the others, and however slow the server is, runs do not pile up.
"""

from uuid import uuid4

from pages.components.common.modules import component

# The element is there before the module is loaded: again.css hides the place it would take.
_component = component("again", "again/again.css", html='<div class="again"></div>', isolate_styles=False)


def again(every: float, *, key: str) -> None:
    """Reruns the fragment that it is the last element of, `every` seconds after the browser has received it, while the
    page is visible; draws nothing."""
    # Streamlit does not send unchanged data again, so each drawing has an id of its own.
    _component(key=key, data={"drawing": uuid4().hex, "every": 1000 * every}, on_due_change=lambda: None)
