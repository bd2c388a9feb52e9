"""Serves the pictures in reports and hand-ins: a page with many of them opens before they arrive, and the browser keeps
them."""

from collections.abc import Callable, Iterable
from html import escape
from weakref import WeakValueDictionary

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cnn.errors import UserError
from cnn.figures.svg import size_of
from cnn.report.hand_in import HandIn
from cnn.report.report_store import Reports
from pages.shared import run_choice

HEADERS = {
    # The picture of a piece of evidence never changes: another one is another piece, with another id.
    "Cache-Control": "private, max-age=31536000, immutable",
    # A report may come from a file: in a window of its own, its picture can neither run nor load anything.
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


_opened: WeakValueDictionary[str, HandIn] = WeakValueDictionary()  # id -> a hand-in that a session has opened


def address(report: str, piece: str) -> str:
    """The address of a picture, from the root of the app, by the ids of the report and the piece of evidence."""
    return f"evidence/{report}/{piece}.svg"


def hand_in_address(hand_in: str, place: int) -> str:
    """The address of a picture in a hand-in, by the place of its piece in the report."""
    return f"evidence/hand-in/{hand_in}/{place}.svg"


def serve(hand_ins: Iterable[HandIn]) -> None:
    """Serves the pictures of hand-ins as long as somebody keeps these. The id of a hand-in is known to those who have
    the file."""
    for one in hand_ins:
        _opened[one.id] = one


def element(address: str, title: str, picture: str) -> str:
    """HTML that shows a picture. The browser fetches it once it is near the screen. Its size is known before, so
    nothing moves. picture: its head at least."""
    width, height = size_of(picture)
    return (
        f'<img src="{address}" alt="{escape(title, quote=True)}" loading="lazy" '
        f'width="{width:.0f}" height="{height:.0f}" '
        'style="display: block; width: 100%; height: auto; background: #fff; border-radius: 0.25rem">'
    )


async def _answer(read: Callable[[], str]) -> Response:
    """read: returns the picture; "" if there is none."""
    try:
        picture = await run_in_threadpool(read)
    except UserError:  # the store or the file cannot be read now: the browser may ask again
        return Response(status_code=503)
    return Response(picture, headers=HEADERS, media_type="image/svg+xml") if picture else Response(status_code=404)


async def _of_report(request: Request) -> Response:
    ids = request.path_params["report"], request.path_params["piece"]
    return await _answer(lambda: Reports(run_choice.store()).picture(*ids))


async def _of_hand_in(request: Request) -> Response:
    hand_in, place = _opened.get(request.path_params["hand_in"]), request.path_params["place"]
    return await _answer(lambda: hand_in.picture(place) if hand_in else "")


ROUTES = [
    Route("/evidence/{report}/{piece}.svg", _of_report),
    Route("/evidence/hand-in/{hand_in}/{place:int}.svg", _of_hand_in),
]
