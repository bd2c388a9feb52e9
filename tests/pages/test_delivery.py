"""What a script sends reaches the event loop in order, in few batches, and nothing of it is dropped."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

from pages.server import delivery

ELEMENT, STARTED = ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, ScriptRunnerEvent.SCRIPT_STARTED
ENDED = ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS


class Session:
    """What `delivery` uses of Streamlit's session. wakes: how often the event loop was woken from another thread."""

    id = "session"

    def __init__(self):
        self._event_loop = asyncio.get_running_loop()
        self._browser_queue = SimpleNamespace(is_empty=lambda: not self.unsent)
        self.unsent, self.wakes, self.handled = 0, 0, []

    def _call_soon_on_event_loop(self, call):
        self.wakes += 1
        self._event_loop.call_soon_threadsafe(call)

    def _handle_scriptrunner_event_on_event_loop(self, sender, event, forward_msg=None):
        self.handled.append(forward_msg if event is ELEMENT else event)

    def report(self, *events):
        """What a script reports, before the event loop comes to anything else: events, and for all else an element."""
        for event in events:
            is_event = isinstance(event, ScriptRunnerEvent)
            delivery._receive(self, None, *((event,) if is_event else (ELEMENT, event)))


def run(script) -> None:
    """In a thread of its own: a browser's event loop may run in that of the tests."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, script).result()


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def test_elements_wake_the_event_loop_once_and_stay_in_order():
    async def script():
        session = Session()
        session.report(STARTED, *range(100), ENDED)
        await until(lambda: len(session.handled) == 102)
        assert session.handled == [STARTED, *range(100), ENDED] and session.wakes == 3
        session.report(100)
        await until(lambda: session.handled[-1] == 100)  # without an end, too
        assert session.wakes == 4

    run(script())


@pytest.fixture
def connected(monkeypatch):
    """A server to which the browser is connected."""
    monkeypatch.setattr(runtime, "exists", lambda: True)
    server = SimpleNamespace(is_active_session=lambda session: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)


def click(session, fragment: str) -> None:
    delivery._receive_click(session, BackMsg(rerun_script=ClientState(fragment_id=fragment)))


def test_a_click_on_a_part_of_the_page_waits_for_what_came_before(monkeypatch, connected):
    monkeypatch.setattr(delivery, "_streamlit_receive_click", lambda session, message: session.handled.append("click"))

    async def script():
        session = Session()
        click(session, "part")  # at once: nothing came before
        assert session.handled == ["click"]
        session.report(0)
        click(session, "part")
        assert session.handled == ["click", 0, "click"]
        session.unsent = 3
        session.report(STARTED, 1, ENDED)
        click(session, "part")
        click(session, "")  # on the page: in the order of the clicks
        assert session.handled == ["click", 0, "click"]
        session.unsent = 0
        await until(lambda: len(session.handled) == 8)
        assert session.handled[3:] == [STARTED, 1, ENDED, "click", "click"]
        session.unsent = 3
        session.report(STARTED)
        click(session, "")  # the page is drawn anew, so nothing has to wait
        assert session.handled[8:] == ["click"]

    run(script())


@pytest.mark.parametrize("is_connected", [True, False])
def test_a_script_starts_once_what_came_before_is_sent_unless_nobody_listens(monkeypatch, is_connected):
    monkeypatch.setattr(runtime, "exists", lambda: True)
    server = SimpleNamespace(is_active_session=lambda session: is_connected)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)

    async def script():
        session = Session()
        session.unsent = 3
        session.report(0, ENDED, STARTED, 1)
        await until(lambda: len(session.handled) >= 2)
        await asyncio.sleep(5 * delivery.EVERY)
        assert (session.handled == [0, ENDED]) == is_connected
        session.unsent = 0
        await until(lambda: session.handled == [0, ENDED, STARTED, 1])

    run(script())
