"""What a script sends reaches the event loop in order, in few batches, and nothing of it is dropped."""

import asyncio
import gc
import weakref
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
    _scriptrunner = None  # while a script runs, that which runs it

    def __init__(self):
        self._event_loop = asyncio.get_running_loop()
        self.unsent, self.wakes, self.handled = 0, 0, []

    @property
    def _browser_queue(self):
        return SimpleNamespace(is_empty=lambda: not self.unsent)

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
def connect(monkeypatch):
    """Makes a server to which the browser is connected, or not. `need_send_data`: whether it is to send something."""

    def connect(is_connected: bool = True) -> SimpleNamespace:
        news = SimpleNamespace(need_send_data=asyncio.Event(), eventloop=asyncio.get_running_loop())
        server = SimpleNamespace(is_active_session=lambda session: is_connected, _get_async_objs=lambda: news)
        monkeypatch.setattr(runtime, "exists", lambda: True)
        monkeypatch.setattr(runtime, "get_instance", lambda: server)
        return news

    return connect


@pytest.fixture
def handled_by_streamlit(monkeypatch):
    monkeypatch.setattr(delivery, "_streamlit_receive_click", lambda session, message: session.handled.append("click"))


def click(session, fragment: str) -> None:
    delivery._receive_click(session, BackMsg(rerun_script=ClientState(fragment_id=fragment)))


def save_file(session) -> None:
    delivery._receive_click(session, BackMsg(backend_operation_request={"deferred_file": {"file_id": "1"}}))


@pytest.mark.usefixtures("handled_by_streamlit")
def test_a_click_on_a_part_of_the_page_waits_for_what_came_before(connect):
    async def script():
        connect()
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
def test_a_script_starts_once_what_came_before_is_sent_unless_nobody_listens(connect, is_connected):
    async def script():
        news = connect(is_connected)
        session = Session()
        session.unsent = 3
        session.report(0, ENDED, STARTED, 1)
        await until(lambda: len(session.handled) >= 2)
        await asyncio.sleep(5 * delivery.EVERY)
        assert (session.handled == [0, ENDED]) == news.need_send_data.is_set() == is_connected
        session.unsent = 0
        await until(lambda: session.handled == [0, ENDED, STARTED, 1])

    run(script())


@pytest.mark.usefixtures("handled_by_streamlit")
def test_a_file_is_saved_once_the_scripts_before_have_ended(monkeypatch):
    async def script():
        session = Session()
        save_file(session)
        click(session, "part")  # the text of a field that was left for the press
        session._scriptrunner = object()
        await asyncio.sleep(delivery.TYPED_BEFORE + 5 * delivery.EVERY)
        assert session.handled == ["click"]
        session._scriptrunner = None
        await until(lambda: session.handled == ["click"] * 2)
        session._scriptrunner = object()
        monkeypatch.setattr(delivery, "PATIENCE", 2 * delivery.EVERY)
        save_file(session)
        await until(lambda: session.handled == ["click"] * 3)

    run(script())


def test_a_session_that_is_over_is_gone_without_a_search_for_garbage():
    async def script():
        session = Session()
        session.report(0)
        handled, left = session.handled, weakref.ref(session)
        await until(lambda: handled)
        del session
        await until(lambda: left() is None)

    gc.disable()
    try:
        run(script())
    finally:
        gc.enable()
