"""Work beside the page, and what the browser is told of it when it asks by itself: how far it is, and when it ended."""

import threading
from abc import ABC, abstractmethod
from uuid import uuid4
from weakref import WeakValueDictionary

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pages.components.progress import progress

ASK_EVERY = 0.3  # seconds

# By their ids. Work that ended, and that nobody can come back to, is soon gone from here.
_known: WeakValueDictionary[str, "Background"] = WeakValueDictionary()


class Background(threading.Thread, ABC):
    """Work for which several sessions may wait; to browsers it is known by an id that nobody can guess."""

    def __init__(self):
        super().__init__(daemon=True)
        self.id = uuid4().hex
        self.cancelled = threading.Event()
        _known[self.id] = self

    @abstractmethod
    def progress(self) -> dict:
        """How far it is: share (0..1) and text."""

    def preview(self) -> dict | None:
        """What it has so far, if that can be shown: image (an address) and caption."""
        return None

    @property
    def ended(self) -> bool:
        """Whether pages that wait for it have something else to draw."""
        return not self.is_alive()

    def told(self) -> dict:
        """What the browser draws of it."""
        return {
            "ended": self.ended,
            "cancelled": self.cancelled.is_set(),
            "progress": self.progress(),
            "preview": self.preview(),
        }

    def draw(self) -> None:
        """Shows its progress on the page until it has ended: then the page (or its fragment) runs again."""
        progress(self.told(), key=f"progress_{self.id}", source=f"work/{self.id}", every=ASK_EVERY)


def told(work_id: str) -> dict:
    """How far the work is. Of what is not known any more, as after the server was started again, a page that is drawn
    anew will tell."""
    work = _known.get(work_id)
    return work.told() if work else {"ended": True, "cancelled": False, "progress": None, "preview": None}


def cancel(work_id: str) -> dict:
    """Has the work end as soon as it can, which it may have by itself, and tells how far it is."""
    if work := _known.get(work_id):
        work.cancelled.set()
    return told(work_id)


async def _told(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(told, request.path_params["work"]))


async def _cancel(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(cancel, request.path_params["work"]))


ROUTES = [Route("/work/{work}", _told), Route("/work/{work}/cancel", _cancel, methods=["POST"])]
