"""Decides which changes of the address become entries in the browser's history.

Streamlit makes every change an entry, so Back would undo the steps of a slider one by one. See address.js.
"""

from collections.abc import Sequence
from uuid import uuid4

from pages.components.common.modules import component

_component = component("address", "address/address.css", html='<div class="address"></div>', isolate_styles=False)


def address(*, chosen: Sequence[str], shown: Sequence[str], query: str | None) -> None:
    """Call at the end of each run of a page; draws nothing.

    chosen: names in the address; changing, adding or removing one makes an entry. shown: names that the page may add
    itself; only a change from one value to another makes an entry. query: the query string to set, with its question
    mark; None if Python has set it.
    """
    sights = {"chosen": list(chosen), "shown": list(shown)}
    # Streamlit does not resend unchanged data, so each run sends a new id.
    _component(key="address", data={"drawing": uuid4().hex, "sights": sights, "query": query})
