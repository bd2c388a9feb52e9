"""One queue and a few threads for the whole server, which do the work beside the pages."""

import logging
import os
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from math import inf

import numpy as np
from streamlit import runtime

from cnn.errors import Cancelled, UserError
from cnn.system.log import went_wrong
from cnn.system.memory import is_out_of_memory
from cnn.system.threads import limit_torch
from pages.server.work import CANCELLED, Function, Preview, Status, Wait, Work, note_withdrawn, waits_by_id

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

log = logging.getLogger(__name__)


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
            waits[kind] = waits_by_id[wait.id] = wait
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
        note_withdrawn(wait)
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
