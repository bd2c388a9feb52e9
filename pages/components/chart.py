"""A Plotly chart that is updated in place.

Streamlit's own takes a figure with other numbers for another chart and draws it anew: zoom, hidden lines and whatever
the pointer was doing are lost, twice a second while a network trains. This one keeps the chart and gives Plotly the
new figure, or asks an address of the server for it. The library itself comes from the installed plotly package.
"""

from pathlib import Path

import plotly
import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

_LIBRARY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
_LIBRARY_ADDRESS = f"plotly-{plotly.__version__}.min.js"
_ASSETS = Path(__file__).parent / "chart_assets"

_component = st.components.v2.component(
    "cnn_chart",
    html='<div class="cnn-chart"></div>',
    js=(_ASSETS / "chart.js").read_text("utf-8"),
    isolate_styles=False,  # Plotly puts its styles into the page
)


async def _library(request: Request) -> FileResponse:
    return FileResponse(_LIBRARY, headers={"Cache-Control": "public, max-age=31536000, immutable"})


ROUTES = [Route(f"/{_LIBRARY_ADDRESS}", _library)]  # of the server that shows charts


def prepare_charts() -> None:
    """Has the browser load the library while there is nothing to draw yet, so that the first chart comes at once."""
    _component(key="chart_library", data={"library": _LIBRARY_ADDRESS, "figure": None}, height=1)


def chart(figure: dict, *, key: str, source: str = "") -> None:
    """Draws a figure of cnn.figures, or brings the one drawn under this key up to date.

    source: an address of this server that answers with the newest figure, as JSON, or with nothing when there will be
    no more; the browser asks it about twice a second, and in the end has the page (or its fragment) run again.
    """
    data = {"library": _LIBRARY_ADDRESS, "figure": figure, "source": source}
    _component(key=key, data=data, height=figure["layout"]["height"], on_ended_change=lambda: None)
