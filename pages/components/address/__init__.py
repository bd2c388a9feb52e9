"""Which changes of the address are entries in the browser's history.

Streamlit makes each change an entry; Back would then undo the steps of a slider one by one. See address.js.
"""

from collections.abc import Sequence
from uuid import uuid4

from pages.components.common.modules import component

_component = component("address", "address/address.css", html='<div class="address"></div>', isolate_styles=False)


def address(*, chosen: Sequence[str], shown: Sequence[str], query: str | None) -> None:
    """To be drawn at the end of each run of a page; draws nothing.

    chosen: the names in the address of which another value, or none, is a new sight. shown: those that a page may
    complete: only another value is a new sight. query: what to complete the address to, with its question mark; None
    where Python has set it itself.
    """
    sights = {"chosen": list(chosen), "shown": list(shown)}
    # Streamlit does not send unchanged data again, so each drawing has an id of its own.
    _component(key="address", data={"drawing": uuid4().hex, "sights": sights, "query": query})
