"""Decides which changes of the address become entries in the browser's history.

Streamlit makes every change an entry, so Back would undo the steps of a slider one by one. See address.js.
"""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from pages.components.common.modules import component

_component = component("address", "address/address.css", html='<div class="address"></div>', isolate_styles=False)


def address(
    *, chosen: Sequence[str], shown: Sequence[str], path: str, query: str | None, cookies: Mapping[str, str]
) -> None:
    """Call at the end of each run of a page; draws nothing.

    chosen: names in the address; changing, adding or removing one makes an entry. shown: names that the page may add
    itself; only a change from one value to another makes an entry. path: the page's, below the app's address.
    query: the query string of a page that has just been opened, with its question mark; None later, when Python sets
    it. cookies: name -> what the browser is to remember until it is closed; "" to forget it.
    """
    sights = {"chosen": list(chosen), "shown": list(shown)}
    # Streamlit does not resend unchanged data, so each run sends a new id.
    data = {"drawing": uuid4().hex, "sights": sights, "path": path, "query": query, "cookies": dict(cookies)}
    _component(key="address", data=data)
