"""Decides which changes of the address become entries in the browser's history.

Streamlit makes each change an entry; Back would then undo the steps of a slider one by one. See address.js.
"""

from collections.abc import Sequence
from uuid import uuid4

from pages.components.common.modules import component

_component = component("address", "address/address.css", html='<div class="address"></div>', isolate_styles=False)


def address(*, chosen: Sequence[str], shown: Sequence[str], query: str | None) -> None:
    """Call at the end of each run of a page; draws nothing.

    chosen: names in the address whose change or removal makes a new entry. shown: names that a page may add itself, so
    only a change from one value to another makes an entry. query: the query string to set, with its question mark; None
    if Python has set it.
    """
    sights = {"chosen": list(chosen), "shown": list(shown)}
    # Streamlit does not send unchanged data again, so each drawing has an id of its own.
    _component(key="address", data={"drawing": uuid4().hex, "sights": sights, "query": query})
