"""What a script sends to its browser reaches the server's event loop in batches, in order with what the browser sends.

Streamlit hands over each element of a page by itself, and wakes the event loop for each: about fifty times a page.
Script and loop share one lock (Python's GIL), so each time the script waits until the loop has let go of it.
"""

import asyncio
import logging
import weakref
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

log = logging.getLogger(__name__)

EVERY = 0.01  # seconds between two batches of a session: as often as Streamlit sends
TYPED_BEFORE = 0.2  # seconds to wait for the text that was just typed: the browser sends it after the press on Save
PATIENCE = 10.0  # seconds at most to wait for scripts before a file is saved


class Batch:
    """What a session's scripts report, and the clicks that came meanwhile (None), for the event loop to handle.
    is_announced: whether the loop will soon do so."""

    def __init__(self, session: AppSession) -> None:
        # Weak, as the session holds its batch: else only Python's search for garbage would end a session that is over.
        self.session, self.loop = weakref.proxy(session), session._event_loop
        self.reports: deque[tuple[ScriptRunnerEvent | None, Callable[[], None]]] = deque()
        self.is_announced = False

    def deliver(self) -> None:
        """In the event loop: handles all reports, in their order. The start of a script waits until what came before it
        has been sent: Streamlit drops the rest, even the menu, if a page at once leads to another."""
        self.is_announced = False  # first: a report that is added from now on is announced again
        while self.reports:
            if self.reports[0][0] is ScriptRunnerEvent.SCRIPT_STARTED and self._is_sending():
                _announce_message(runtime.get_instance())  # it may be left from before the browser was away
                self.is_announced = True
                self.deliver_soon()
                return
            _, handle = self.reports.popleft()
            try:
                handle()
            except Exception:  # as in the event loop itself: the others are handled all the same
                log.exception("What a script reported")

    @property
    def has_click(self) -> bool:
        return any(event is None for event, _ in tuple(self.reports))

    def deliver_soon(self) -> None:
        self.loop.call_later(EVERY, self.deliver)

    def _is_sending(self) -> bool:
        is_connected = runtime.exists() and runtime.get_instance().is_active_session(self.session.id)
        return is_connected and not self.session._browser_queue.is_empty()


def send_in_batches() -> None:
    """Makes Streamlit hand over the elements of a page together, as often as it sends them to the browser anyway."""
    AppSession._on_scriptrunner_event = _receive  # type: ignore[assignment, method-assign]
    AppSession.handle_backmsg = _receive_click  # type: ignore[assignment, method-assign]
    Runtime._enqueued_some_message = _announce_message  # type: ignore[assignment, method-assign]


def _receive(session: AppSession, sender: Any, event: ScriptRunnerEvent, *more: Any, **named: Any) -> None:
    """What a script reports, in its thread. Elements wait for the next batch; the start and the end of a script do
    not."""
    batch = _batch_of(session)
    handle = partial(session._handle_scriptrunner_event_on_event_loop, sender, event, *more, **named)
    batch.reports.append((event, handle))
    if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
        session._call_soon_on_event_loop(batch.deliver)
    elif not batch.is_announced:
        batch.is_announced = True
        session._call_soon_on_event_loop(batch.deliver_soon)


_streamlit_receive_click = AppSession.handle_backmsg


def _receive_click(session: AppSession, message: BackMsg) -> None:
    """What the browser sends, in the event loop. A click on a part of the page waits until all that came before it is
    handled: it starts a new script, and Streamlit then ignores what the earlier one has reported. If that has just
    drawn the page, the browser would not get it."""
    batch = _batch_of(session)
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request" and message.backend_operation_request.HasField("deferred_file"):
        handle = partial(_streamlit_receive_click, session, message)
        batch.loop.call_later(TYPED_BEFORE, _when_idle, handle, batch, batch.loop.time() + PATIENCE)
        return
    is_of_part = kind == "rerun_script" and message.rerun_script.fragment_id != ""
    if (is_of_part and batch.reports) or batch.has_click:
        batch.reports.append((None, partial(_streamlit_receive_click, session, message)))
        batch.deliver()
    else:
        _streamlit_receive_click(session, message)


def _when_idle(handle: Callable[[], None], batch: Batch, until: float) -> None:
    """A file is made once the session's scripts have ended: what was typed just before the press belongs in it."""
    if (batch.session._scriptrunner is None and not batch.reports) or batch.loop.time() >= until:
        handle()
    else:
        batch.loop.call_later(EVERY, _when_idle, handle, batch, until)


def _batch_of(session: AppSession) -> Batch:
    return session.__dict__.setdefault("batch", Batch(session))


def _announce_message(runtime: Runtime) -> None:
    """Says that there is something to send, unless that has been said."""
    known = runtime._get_async_objs()
    if not known.need_send_data.is_set():
        if asyncio._get_running_loop() is known.eventloop:
            known.need_send_data.set()
        else:
            known.eventloop.call_soon_threadsafe(known.need_send_data.set)
