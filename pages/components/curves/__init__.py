"""The learning curves and the progress of a run, kept up to date by the browser.

The browser polls the server for the newest numbers (see pages/server/live.py). Rerunning a fragment instead would
resend and redraw everything in it. The charts are drawn on a canvas: SVG charts like Plotly's cost the browser ten
times as much. On two cores, either would slow down the training they show.
"""

from pages.components.common.modules import component

_component = component("curves", "curves/uPlot.min.css", "common/progress_bar.css", "curves/curves.css")


def curves(status: dict, *, key: str, source: str, every: float) -> None:
    """Draws the curves and keeps them up to date; reruns the page (or its fragment) when `state` changes.

    status: state, any text; progress, with share (0..1) and text, or None; curves, as cnn.figures.curves makes them.
    source: an address of this server that answers with the newest status as JSON. every: seconds between requests.
    """
    data = {"status": status, "source": source, "every": 1000 * every}
    _component(key=key, data=data, on_changed_change=lambda: None)
