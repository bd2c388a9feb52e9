"""Work in the background: one queue and a few threads for the whole server, and the progress for waiting browsers.

Sessions that ask for the same result share one piece of work, and each has its own wait. A session that moves on ends
only its own wait. Work is cancelled when no session waits for it.
"""

import logging
import os
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from math import inf
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit import runtime

from cnn.errors import Cancelled, UserError
from cnn.system.log import went_wrong
from cnn.system.memory import is_out_of_memory
from cnn.system.threads import limit_torch
from pages.components import picture
from pages.shared.text import count, duration

# One core stays free for the server and the trainers. But there are at least two threads, so that a user who reads a
# large folder does not block the others.
THREADS = min(4, max(2, (os.cpu_count() or 1) - 1))
# Threads of torch in each of these threads. More threads than cores make all of them several times slower, and small
# networks and single images gain little from a second thread.
TORCH_THREADS = 1
KEPT_BYTES = 1_000_000_000  # all kept results: room for one of the largest, the features of many images
KEPT_RESULTS = 256
CHECK_EVERY = 1.0  # seconds between checks that waiting sessions are still connected
PATIENCE = 10.0  # seconds after which a disconnected session no longer counts
REDRAW_TIME = 2.0  # seconds for a browser to draw new work after its session left the old one
CANCELLED = "Cancelled."

# Does the work: takes the Progress to report to, returns the result.
Function = Callable[["Progress"], object]
# Takes the partial result; returns an image (uint8) and its caption.
Preview = Callable[[Any], tuple[np.ndarray, str]]

log = logging.getLogger(__name__)


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
        return f"{self.text} · {duration(seconds / self.share - seconds)} left"


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


class Pool:
    """Does work in a few threads, first come, first served. Keeps the most recently used results.

    waits, in its methods: the waits of one session, kind of work -> wait.
    """

    def __init__(
        self,
        threads: int = THREADS,
        kept_bytes: int = KEPT_BYTES,
        kept_results: int = KEPT_RESULTS,
        is_connected: Callable[[str], bool] | None = None,
    ):
        self.threads, self.kept_bytes, self.kept_results = threads, kept_bytes, kept_results
        self.is_connected = is_connected or _is_connected
        self._lock = threading.RLock()  # guards the fields below, and the waits and status of each work
        self._works: OrderedDict[tuple, Work] = OrderedDict()  # queued, running or done; most recently used last
        self._queue: deque[Work] = deque()
        self._running: set[Work] = set()
        self._started = 0  # threads

    def ask(
        self,
        waits: dict[str, Wait],
        key: tuple,
        function: Function,
        text: str,
        preview: Preview | None = None,
        *,
        session: str = "",
        valid_for: float = inf,
    ) -> Wait:
        """The session's wait for the work of a key. Starts the work if it is new.

        key: the kind of work (str), then everything the result depends on. A session waits for one piece of work of
        each kind: this ends its wait for another one. session: its id in Streamlit's runtime. valid_for: seconds for
        which a result stays valid.
        """
        with self._lock:
            wait = waits.get(kind := key[0])
            if wait is not None and wait.work.key == key and not wait.withdrawn:
                return wait
            if wait is not None:
                self.leave(waits, wait)
            work = self._works.get(key)
            if work is None or work.is_outdated:
                work = self._works[key] = Work(self, key, function, text, preview, valid_for)
                self._queue.append(work)
                self._start_thread()
            self._works.move_to_end(key)
            wait = Wait(self, work, session)
            waits[kind] = _waits_by_id[wait.id] = wait
            if not work.ended.is_set():
                work.waits.add(wait)
            return wait

    def leave(self, waits: dict[str, Wait], wait: Wait) -> None:
        """Ends a wait of the session, unless another has replaced it."""
        with self._lock:
            if waits.get(wait.work.kind) is wait:
                del waits[wait.work.kind]
                self._withdraw(wait)

    def cancel(self, wait: Wait) -> None:
        """Ends a wait because the user cancelled; the work goes on if another session waits for it."""
        with self._lock:
            if not wait.ended:
                wait.cancelled = True
                self._drop(wait)

    def forget(self, kind: str) -> None:
        """Drops the results of a kind of work."""
        with self._lock:
            for key, work in list(self._works.items()):
                if work.kind == kind and work.status == Status.DONE:
                    del self._works[key]

    def ahead_of(self, work: Work) -> int:
        """How many pieces of work are running or ahead of this one in the queue."""
        with self._lock:
            return len(self._running) + (self._queue.index(work) if work in self._queue else 0)

    def is_cancelled(self, work: Work) -> bool:
        """Whether no session waits for the work. Sessions that have long been disconnected do not count."""
        if time.monotonic() - work.checked_at > CHECK_EVERY:
            work.checked_at = time.monotonic()
            self._drop_lost(work, PATIENCE)
        return work.cancelled.is_set()

    def _drop_lost(self, work: Work, patience: float) -> None:
        with self._lock:
            for wait in [wait for wait in work.waits if wait.is_lost(patience)]:
                self._withdraw(wait)

    def _withdraw(self, wait: Wait) -> None:
        wait.withdrawn = True
        _note_withdrawn(wait)
        self._drop(wait)

    def _drop(self, wait: Wait) -> None:
        work = wait.work
        work.waits.discard(wait)
        if work.waits or work.ended.is_set():
            return
        work.cancelled.set()
        if self._works.get(work.key) is work:  # the next request starts it again
            del self._works[work.key]
        if work in self._queue:
            self._queue.remove(work)
            self._end(work, Status.CANCELLED)

    def _start_thread(self) -> None:
        if self._started < self.threads:
            self._started += 1
            threading.Thread(target=self._work_on, name="work beside the pages", daemon=True).start()

    def _work_on(self) -> None:
        """The loop of a thread: does work as long as there is any."""
        while (work := self._next()) is not None:
            status, result, error = _outcome(work)
            with self._lock:
                self._running.discard(work)
                work.result, work.error = result, error
                self._end(work, status)

    def _next(self) -> Work | None:
        with self._lock:
            for work in list(self._queue):
                self._drop_lost(work, patience=0)  # patience 0: the work has not started, so nothing is lost
                if work in self._queue:
                    self._queue.remove(work)
                    self._running.add(work)
                    work.status, work.progress.began = Status.RUNNING, time.monotonic()
                    return work
            self._started -= 1
            return None

    def _end(self, work: Work, status: Status) -> None:
        work.status, work.ended_at = status, time.monotonic()
        work.function = work.progress.so_far = None  # they may hold much data
        work.waits.clear()
        if self._works.get(work.key) is work:
            if status == Status.DONE:
                work.size = size_of(work.result)
                self._works.move_to_end(work.key)
                self._evict()
            else:  # waiting sessions see the error; the next request starts the work again
                del self._works[work.key]
        work.ended.set()

    def _evict(self) -> None:
        """Drops the oldest results until the rest fit the limits; the newest always stays."""
        done = [work for work in self._works.values() if work.status == Status.DONE]
        size = sum(work.size for work in done)
        for number, work in enumerate(done[:-1]):
            if size <= self.kept_bytes and len(done) - number <= self.kept_results:
                return
            del self._works[work.key]
            size -= work.size


def _outcome(work: Work) -> tuple[Status, object, str]:
    """Does the work; returns its status, its result, and the error as a sentence."""
    limit_torch(TORCH_THREADS)
    try:
        assert work.function is not None
        return Status.DONE, work.function(work.progress), ""
    except Cancelled:
        return Status.CANCELLED, None, CANCELLED
    except UserError as error:
        return Status.FAILED, None, str(error)
    except OSError as error:
        what = f"“{error.filename}” could not be read or written" if error.filename else "It could not be done"
        return Status.FAILED, None, f"{what}: {error.strerror or error}."
    except Exception as error:
        if is_out_of_memory(error):
            advice = "Choose fewer or smaller images, or close other programs, and try again."
            return Status.FAILED, None, f"There was not enough memory for this. {advice}"
        log.exception("Work beside a page failed: %s", work.progress.text)
        return Status.BROKEN, None, went_wrong("this program")


def size_of(result: object) -> int:
    """Size of a result in memory, in bytes. Arrays mapped from a file count as 0."""
    match result:
        case np.memmap():
            return 0
        case np.ndarray():
            return result.nbytes
        case dict():
            return sum(map(size_of, result.values()))
        case list() | tuple():
            return sum(map(size_of, result))
    if is_dataclass(result):
        return sum(size_of(getattr(result, field.name)) for field in fields(result))
    return sys.getsizeof(result)


def _is_connected(session: str) -> bool:
    """Whether the session's browser is connected, also as a background tab. True without a server."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


# Answers to browsers

_waits_by_id: WeakValueDictionary[str, Wait] = WeakValueDictionary()
_withdrawn: dict[str, float] = {}  # id of a wait -> when it was withdrawn, for the last seconds only


def _note_withdrawn(wait: Wait) -> None:
    now = time.monotonic()
    for old in [id for id, when in list(_withdrawn.items()) if now - when > REDRAW_TIME]:
        _withdrawn.pop(old, None)
    _withdrawn[wait.id] = now
    _waits_by_id.pop(wait.id, None)


def status(wait_id: str) -> dict:
    """The data that the browser draws for a wait.

    An unknown wait (e.g. after a restart of the server) counts as ended, so the page reruns. A wait that its session
    left a moment ago does not: the session is already drawing something else.
    """
    if wait := _waits_by_id.get(wait_id):
        return wait.status()
    ended = time.monotonic() - _withdrawn.get(wait_id, -inf) > REDRAW_TIME
    return {"ended": ended, "cancelled": False, "progress": None, "preview": None}


def cancel(wait_id: str) -> dict:
    """Cancels a wait; returns the data that the browser draws for it."""
    if wait := _waits_by_id.get(wait_id):
        wait.pool.cancel(wait)
    return status(wait_id)


async def _status(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(status, request.path_params["wait"]))


async def _cancel(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(cancel, request.path_params["wait"]))


ROUTES = [Route("/work/{wait}", _status), Route("/work/{wait}/cancel", _cancel, methods=["POST"])]
