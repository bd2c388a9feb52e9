"""What a script sends to its browser reaches the server's event loop in batches.

Streamlit hands over each element of a page by itself, and wakes the event loop for each: about fifty times a page. Script
and loop share one lock (Python's GIL), so each time the script waits until the loop has let go of it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

EVERY = 0.01  # seconds between two batches of a session: as often as Streamlit sends


class Batch:
    """Calls that a script wants the event loop to make. is_announced: whether the loop will soon `deliver` them."""

    def __init__(self) -> None:
        self.calls: deque[Callable[[], None]] = deque()
        self.is_announced = False

    def deliver(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the event loop: makes all calls, in their order."""
        self.is_announced = False  # first: a call that is added from now on is announced again
        while self.calls:
            loop.call_soon(self.calls.popleft())


def send_in_batches() -> None:
    """Makes Streamlit hand over the elements of a page together, as often as it sends them to the browser anyway."""
    AppSession._on_scriptrunner_event = _receive  # type: ignore[method-assign]
    Runtime._enqueued_some_message = _announce_message  # type: ignore[method-assign]


def _receive(session: AppSession, sender: Any, event: ScriptRunnerEvent, **more: Any) -> None:
    """What a script reports, in its thread. Elements wait for the next batch; the start and the end of a script do
    not."""
    batch, loop = session.__dict__.setdefault("batch", Batch()), session._event_loop
    batch.calls.append(partial(session._handle_scriptrunner_event_on_event_loop, sender, event, **more))
    deliver = partial(batch.deliver, loop)
    if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
        session._call_soon_on_event_loop(deliver)
    elif not batch.is_announced:
        batch.is_announced = True
        session._call_soon_on_event_loop(lambda: loop.call_later(EVERY, deliver))


def _announce_message(runtime: Runtime) -> None:
    """Says that there is something to send, unless that has been said."""
    known = runtime._get_async_objs()
    if not known.need_send_data.is_set():
        if asyncio._get_running_loop() is known.eventloop:
            known.need_send_data.set()
        else:
            known.eventloop.call_soon_threadsafe(known.need_send_data.set)
