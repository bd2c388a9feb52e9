"""Has a fragment run over and over.

Streamlit can do that by a timer of its own. But when the browser asks for a fragment again before its first drawing is
sent, Streamlit drops what it has not sent of it and sends what follows, for which the page then has no place: it stays
broken. Here the browser waits from one drawing to the next: when it has the last element of a drawing, it has the
others, and however slow the server is, no runs pile up.
"""

from pathlib import Path
from uuid import uuid4

import streamlit as st

_ASSETS = Path(__file__).parent
_component = st.components.v2.component(
    "cnn_again",
    html='<div class="again"></div>',
    css=".stElementContainer:has(.again) { display: none }",  # where nothing is drawn, no gap is left either
    js="\n".join((_ASSETS / name).read_text("utf-8") for name in ("../common/asking.js", "again.js")),
    isolate_styles=False,
)


def again(every: float, *, key: str) -> None:
    """Has the fragment that it is the last element of run again `every` seconds after the browser has received it, if
    somebody looks at the page; draws nothing."""
    # Each drawing is another one: of what is as it was, the browser is not told.
    _component(key=key, data={"drawing": uuid4().hex, "every": 1000 * every}, on_due_change=lambda: None)
