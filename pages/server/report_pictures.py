"""Serves the pictures in reports: a page with many of them opens before they arrive, and the browser keeps them."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cnn.errors import UserError
from cnn.report.report_store import Reports
from pages.shared import run_choice

HEADERS = {
    # The picture of a piece of evidence never changes: another one is another piece, with another id.
    "Cache-Control": "private, max-age=31536000, immutable",
    # A report may come from a file: in a window of its own, its picture can neither run nor load anything.
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def address(report: str, piece: str) -> str:
    """The address of a picture, from the root of the app, by the ids of the report and the piece of evidence."""
    return f"evidence/{report}/{piece}.svg"


async def _picture(request: Request) -> Response:
    try:
        ids = request.path_params["report"], request.path_params["piece"]
        picture = await run_in_threadpool(lambda: Reports(run_choice.store()).picture(*ids))
    except UserError:  # the store cannot be used now: the browser may ask again
        return Response(status_code=503)
    return Response(picture, headers=HEADERS, media_type="image/svg+xml") if picture else Response(status_code=404)


ROUTES = [Route("/evidence/{report}/{piece}.svg", _picture)]
