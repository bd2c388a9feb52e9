"""The learning curves of a run under way and how far it is, which follow it by themselves.

The browser asks the server for the newest numbers (see pages/server/live.py). Were they brought up to date by running a
part of the page again, Streamlit would send and draw all that is on it; and a chart of elements of the page, as
Plotly's, costs the browser ten times as much to draw as one on a canvas. On two cores, either slows down
the training it shows.
"""

from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).parent
# One module; a file may use only names from files before it. uPlot draws axes and lines on a canvas.
_SCRIPTS = (
    "uPlot.min.js",
    "../common/make.js",
    "../common/server_root.js",
    "../common/asking.js",
    "../common/progress_bar.js",
    "curve.js",
    "curves.js",
)
_STYLES = ("uPlot.min.css", "../common/progress_bar.css", "curves.css")
_component = st.components.v2.component(
    "cnn_curves",
    css="\n".join((_ASSETS / name).read_text("utf-8") for name in _STYLES),
    js="\n".join((_ASSETS / name).read_text("utf-8") for name in _SCRIPTS),
)


def curves(told: dict, *, key: str, source: str, every: float) -> None:
    """Draws the curves and keeps them up to date; has the page (or its fragment) run again when `state` changes.

    told: state, any text; progress, with share (0..1) and text, or None; curves, as cnn.figures.curves makes them.
    source: an address of this server that answers with the same, newer, as JSON. every: seconds between questions.
    """
    data = {"told": told, "source": source, "every": 1000 * every}
    _component(key=key, data=data, on_changed_change=lambda: None)
