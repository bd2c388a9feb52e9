"""What the server answers besides the pages: modules, the chart library, runs and work under way."""

import streamlit as st
from starlette.routing import BaseRoute, Mount

from pages.components import chart
from pages.components.common import modules
from pages.server import live, work


def all_routes() -> list[BaseRoute]:
    """The routes for `st.App`, below the base path that Streamlit is configured with, as its own routes are."""
    routes: list[BaseRoute] = [*modules.ROUTES, *chart.ROUTES, *live.ROUTES, *work.ROUTES]
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return [Mount(f"/{base}", routes=routes)] if base else routes
