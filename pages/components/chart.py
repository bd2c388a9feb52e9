"""A Plotly chart that is updated in place.

Streamlit's own takes a figure with other numbers for another chart and draws it anew: zoom, hidden lines and whatever
the pointer was doing are lost, twice a second while a network trains. This one keeps the chart and gives Plotly the
new figure. The library itself comes from the installed plotly package, once per page, as a static file.
"""

import os
import shutil
from pathlib import Path

import plotly
import streamlit as st

_ROOT = Path(__file__).resolve().parents[2]
_LIBRARY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
_SERVED = _ROOT / "static" / f"plotly-{plotly.__version__}.min.js"  # Streamlit serves this folder as app/static
_ASSETS = Path(__file__).parent / "chart_assets"

_component = st.components.v2.component(
    "cnn_chart",
    html='<div class="cnn-chart"></div>',
    js=(_ASSETS / "chart.js").read_text("utf-8"),
    isolate_styles=False,  # Plotly puts its styles into the page
)


@st.cache_resource(show_spinner=False)
def _library_address() -> str:
    if not _SERVED.exists():
        _SERVED.parent.mkdir(exist_ok=True)
        part = _SERVED.with_suffix(f".{os.getpid()}.part")
        shutil.copyfile(_LIBRARY, part)
        os.replace(part, _SERVED)
    return f"app/static/{_SERVED.name}"


def prepare_charts() -> None:
    """Has the browser load the library while there is nothing to draw yet, so that the first chart comes at once."""
    _component(key="chart_library", data={"library": _library_address(), "figure": None}, height=1)


def chart(figure: dict, *, key: str) -> None:
    """Draws a figure of cnn.figures, or brings the one drawn under this key up to date."""
    data = {"library": _library_address(), "figure": figure}
    _component(key=key, data=data, height=figure["layout"]["height"])
