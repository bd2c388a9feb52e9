"""A Plotly chart that is updated in place.

When the numbers change, Streamlit draws a new chart and loses the zoom, hidden lines and a drag in progress. This
component keeps the chart and gives Plotly the new figure. The JavaScript library comes from the installed plotly
package.
"""

from pathlib import Path

import plotly
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from pages.components.common.modules import component

_LIBRARY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
_LIBRARY_ADDRESS = f"plotly-{plotly.__version__}.min.js"
_component = component("chart", "chart/chart.css", isolate_styles=False)  # Plotly puts its styles into the page


async def _library(request: Request) -> FileResponse:
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    # The type is named, because Windows may take another one from its registry.
    return FileResponse(_LIBRARY, headers=headers, media_type="text/javascript")


ROUTES = [Route(f"/{_LIBRARY_ADDRESS}", _library)]


def chart(figure: dict, *, key: str, file: str = "") -> None:
    """Draws a figure of cnn.figures.charts, or updates the one drawn under this key.

    file: the name, without its ending, under which a button in the corner saves the chart as a PNG; "": no button.
    """
    data = {"library": _LIBRARY_ADDRESS, "figure": figure, "file": file}
    _component(key=key, data=data, height=figure["layout"]["height"])
