"""How far work beside the page is, what it has so far, and a button that cancels it.

The browser asks the server for all this (see pages/server/work.py): brought up to date by running a fragment over and
over, all that waits for the work would be drawn again each time.
"""

from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).parent
# One module; a file may use only names from files before it.
_SCRIPTS = (
    "../common/make.js",
    "../common/server_root.js",
    "../common/asking.js",
    "../common/progress_bar.js",
    "progress.js",
)
_STYLES = ("../common/progress_bar.css", "progress.css")
_component = st.components.v2.component(
    "cnn_progress",
    css="\n".join((_ASSETS / name).read_text("utf-8") for name in _STYLES),
    js="\n".join((_ASSETS / name).read_text("utf-8") for name in _SCRIPTS),
)


def progress(told: dict, *, key: str, source: str, every: float) -> None:
    """Draws the progress and keeps it up to date; has the page (or its fragment) run again when the work has ended.

    told: as `pages.server.work.Background.told` makes it. source: an address of this server that answers with the same,
    newer, as JSON; what is posted to `source`/cancel cancels the work. every: seconds between questions.
    """
    data = {"told": told, "source": source, "every": 1000 * every}
    _component(key=key, data=data, on_ended_change=lambda: None)
