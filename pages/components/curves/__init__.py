"""The learning curves of a run under way and its progress, which the browser keeps up to date by itself.

The browser asks the server for the newest numbers (see pages/server/live.py). If a fragment were rerun instead,
Streamlit would send and draw everything in it again; and a chart made of page elements, as Plotly's, costs the browser
ten times as much to draw as one on a canvas. On two cores, either slows down the training it shows.
"""

from pages.components.common.modules import component

_component = component("curves", "curves/uPlot.min.css", "common/progress_bar.css", "curves/curves.css")


def curves(status: dict, *, key: str, source: str, every: float) -> None:
    """Draws the curves and keeps them up to date; reruns the page (or its fragment) when `state` changes.

    status: state, any text; progress, with share (0..1) and text, or None; curves, as cnn.figures.curves makes them.
    source: an address of this server that answers with the same, newer, as JSON. every: seconds between questions.
    """
    data = {"status": status, "source": source, "every": 1000 * every}
    _component(key=key, data=data, on_changed_change=lambda: None)
