"""Work in the background, the sessions that wait for it, and its progress for their browsers.

Sessions that ask for the same result share one piece of work, and each has its own wait. A session that moves on ends
only its own wait. Work is cancelled when no session waits for it.
"""

import threading
import time
from collections.abc import Callable
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import WeakValueDictionary

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cnn.duration import duration_text
from cnn.errors import Cancelled
from pages.components import picture
from pages.shared.text import count

if TYPE_CHECKING:
    from pages.server.pool import Pool

REDRAW_TIME = 2.0  # seconds for a browser to draw new work after its session left the old one
CANCELLED = "Cancelled."

# Does the work: takes the Progress to report to, returns the result.
Function = Callable[["Progress"], object]
# Takes the partial result; returns an image (uint8) and its caption.
Preview = Callable[[Any], tuple[np.ndarray, str]]


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # the error is a sentence for the user
    BROKEN = "broken"  # a programming error, which is in the log
    CANCELLED = "cancelled"


class Progress:
    """The progress of a piece of work. The function that does the work calls it."""

    def __init__(self, text: str, cancelled: Callable[[], bool]):
        self.text, self.cancelled = text, cancelled
        self.share, self.detail = 0.0, ""
        self.so_far: object = None
        self.began: float | None = None

    def __call__(self, share: float, so_far: object = None, detail: str = "") -> None:
        """share: the fraction done, 0..1. so_far: a partial result for the preview. detail: replaces the text and the
        time left.

        Raises Cancelled if no session waits for the work.
        """
        self.share, self.so_far, self.detail = min(float(share), 1.0), so_far, detail
        if self.cancelled():
            raise Cancelled

    @property
    def line(self) -> str:
        if self.detail or self.began is None or self.share <= 0.02:
            return self.detail or self.text
        seconds = time.monotonic() - self.began
        return f"{self.text} · {duration_text(seconds / self.share - seconds)} left"


class Work:
    """A piece of work that several sessions may wait for. It ends with a `result` (status DONE) or an `error`."""

    def __init__(
        self, pool: "Pool", key: tuple, function: Function, text: str, preview: Preview | None, valid_for: float
    ):
        self.key, self.preview, self.valid_for = key, preview, valid_for
        self.function: Function | None = function  # None after the work has ended
        self.progress = Progress(text, lambda: pool.is_cancelled(self))
        self.status = Status.QUEUED
        self.result: object = None
        self.error = ""
        self.size = 0  # bytes of the result
        self.waits: set[Wait] = set()
        self.cancelled, self.ended = threading.Event(), threading.Event()
        self.checked_at = 0.0  # when its waits were last checked
        self.ended_at = inf

    @property
    def kind(self) -> str:
        return self.key[0]

    @property
    def is_outdated(self) -> bool:
        return time.monotonic() - self.ended_at > self.valid_for


class Wait:
    """One session's wait for one piece of work. The browser identifies it by an id that nobody can guess."""

    def __init__(self, pool: "Pool", work: Work, session: str):
        self.id = uuid4().hex
        self.pool, self.work, self.session = pool, work, session
        self.began = time.monotonic()
        self.cancelled = False
        self.withdrawn = False  # the session moved on or was lost
        self.away_since: float | None = None

    @property
    def ended(self) -> bool:
        return self.cancelled or self.work.ended.is_set()

    @property
    def error(self) -> str:
        return CANCELLED if self.cancelled else self.work.error

    @property
    def was_cancelled(self) -> bool:
        return self.cancelled or self.work.status == Status.CANCELLED

    def is_lost(self, patience: float) -> bool:
        """Whether the session has been disconnected for at least `patience` seconds."""
        if self.pool.is_connected(self.session):
            self.away_since = None
            return False
        now = time.monotonic()
        if self.away_since is None:
            self.away_since = now
        return now - self.away_since >= patience

    def status(self) -> dict:
        """The data that the browser draws."""
        progress, preview = self.work.progress, None
        text = progress.line
        if self.work.status == Status.QUEUED:
            text += f" · waiting for {count(self.pool.ahead_of(self.work), 'other', 'others')}"
        if self.work.preview is not None and progress.so_far is not None:
            image, caption = self.work.preview(progress.so_far)
            preview = {"image": picture.address(image), "caption": caption}
        return {
            "ended": self.ended,
            "cancelled": self.cancelled,
            "progress": {"share": progress.share, "text": text},
            "preview": preview,
        }


# Answers to browsers

waits_by_id: WeakValueDictionary[str, Wait] = WeakValueDictionary()
_withdrawn: dict[str, float] = {}  # id of a wait -> when it was withdrawn, for the last seconds only


def note_withdrawn(wait: Wait) -> None:
    now = time.monotonic()
    for old in [id for id, when in list(_withdrawn.items()) if now - when > REDRAW_TIME]:
        _withdrawn.pop(old, None)
    _withdrawn[wait.id] = now
    waits_by_id.pop(wait.id, None)


def status(wait_id: str) -> dict:
    """The data that the browser draws for a wait.

    An unknown wait (e.g. after a restart of the server) counts as ended, so the page reruns. A wait that its session
    left a moment ago does not: the session is already drawing something else.
    """
    if wait := waits_by_id.get(wait_id):
        return wait.status()
    ended = time.monotonic() - _withdrawn.get(wait_id, -inf) > REDRAW_TIME
    return {"ended": ended, "cancelled": False, "progress": None, "preview": None}


def cancel(wait_id: str) -> dict:
    """Cancels a wait; returns the data that the browser draws for it."""
    if wait := waits_by_id.get(wait_id):
        wait.pool.cancel(wait)
    return status(wait_id)


async def _status(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(status, request.path_params["wait"]))


async def _cancel(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(cancel, request.path_params["wait"]))


ROUTES = [Route("/work/{wait}", _status), Route("/work/{wait}/cancel", _cancel, methods=["POST"])]
