"""The server's routes in addition to the pages: modules, the chart library, runs, work in the background, pictures
in reports, and files that browsers send."""

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from pages.components import chart
from pages.components.common import modules
from pages.server import live, report_pictures, sending, work


def _first_page(request: Request) -> RedirectResponse:
    """The first page has no name in its address, but people who see /data try /start, too."""
    return RedirectResponse(f"./?{request.url.query}")


def all_routes() -> list[Route]:
    """The routes for `st.App`, below Streamlit's base path like its own routes."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    routes = [*modules.ROUTES, *chart.ROUTES, *live.ROUTES, *work.ROUTES, *report_pictures.ROUTES, *sending.ROUTES]
    routes.append(Route("/start", _first_page))
    # Not a Mount, which would also catch Streamlit's own routes.
    return [
        Route(f"/{base}{route.path}" if base else route.path, route.endpoint, methods=route.methods) for route in routes
    ]
