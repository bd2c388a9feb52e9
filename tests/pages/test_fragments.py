"""Parts of a page that rerun alone: a click on one is not lost if the page has been drawn again meanwhile."""

import asyncio
from types import SimpleNamespace

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from pages.shared import fragments


class Session:
    """A session that shows a page, which has one part: "here"."""

    _scriptrunner = None

    def __init__(self, page: str):
        self._client_state = ClientState(page_script_hash=page)
        self._session_state = SessionState()

    page_script_hash = AppSession.page_script_hash

    def has_fragment(self, name: str) -> bool:
        return name == "here"


def page(part, clicked) -> None:
    """A page with a part that draws a box, below a line that is there only the first time. While the page is drawn
    again, a click arrives: on the part as it was.

    part: its id in the first drawing. clicked: the values in the browser after the click.
    """

    from types import SimpleNamespace

    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    from pages.shared.session import session

    context, drawn = get_script_run_ctx(), st.session_state.setdefault("drawn", [])
    session().page, session().pages = "test", {"test": SimpleNamespace(_script_hash=context.page_script_hash)}
    if not drawn:
        st.text("The images are being read.")
    if len(drawn) == 1:
        hash_ = context.page_script_hash
        click = RerunData(fragment_id=part, widget_states=clicked, page_script_hash=hash_)
        context.script_requests.request_rerun(click)

    @st.fragment
    def box() -> None:
        drawn.append(st.checkbox("Box", key="box"))

    box()


def drawings() -> list[bool]:
    """Whether the box was ticked, each time it was drawn."""
    app = AppTest.from_function(page, kwargs={"part": "", "clicked": None}).run()
    (part,) = app._fragment_storage._fragments
    clicked = WidgetStates()
    clicked.widgets.add(id=app.checkbox[0].id, bool_value=True)
    app.kwargs = {"part": part, "clicked": clicked}
    app.run()
    return app.session_state.drawn


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(AppSession, "request_rerun", AppSession.request_rerun)
    monkeypatch.setattr(MemoryFragmentStorage, "lookup", MemoryFragmentStorage.lookup)
    fragments.find_lost_clicks()


def test_a_click_on_a_part_that_has_moved_draws_the_page(found):
    assert drawings() == [False, False, True]


def test_streamlit_alone_draws_nothing(monkeypatch):
    """If this fails, Streamlit has mended it, and find_lost_clicks can go."""
    monkeypatch.setattr(MemoryFragmentStorage, "lookup", fragments._streamlit_look_up)
    assert drawings() == [False, False]


@pytest.mark.parametrize(
    ("part", "of_page", "reruns"),
    [
        ("here", "now", ["here"]),
        ("gone", "now", [""]),
        ("gone", "before", []),
        ("here", "before", []),  # while the new page is drawn, the parts of the earlier one are still there
        ("", "before", [""]),
    ],
)
def test_a_click_on_a_part_that_is_gone_asks_for_the_page_unless_it_was_on_another(monkeypatch, part, of_page, reruns):
    asked = []
    monkeypatch.setattr(fragments, "_streamlit_request", lambda session, click: asked.append(click.fragment_id))
    session = Session("now")
    fragments._request(session, ClientState(fragment_id=part, page_script_hash=of_page))
    assert asked == reruns


def test_a_click_on_a_page_that_is_older_than_the_server_draws_the_page(monkeypatch):
    asked = []
    monkeypatch.setattr(fragments, "_streamlit_request", lambda session, click: asked.append(click.fragment_id))
    fragments._request(Session(""), ClientState(fragment_id="gone", page_script_hash="now"))
    assert asked == [""]


def test_a_click_on_a_page_that_is_being_left_is_dropped_before_the_next_page_begins(monkeypatch):
    asked = []
    monkeypatch.setattr(fragments, "_streamlit_request", lambda session, click: asked.append(click.page_script_hash))
    session = Session("now")
    for part, page in (("", "next"), ("here", "now"), ("here", "next")):
        fragments._request(session, ClientState(fragment_id=part, page_script_hash=page))
    assert asked == ["next", "next"]


@pytest.mark.parametrize("has_ended", [True, False])
@pytest.mark.parametrize("part", ["here", ""])
def test_what_an_ended_script_has_drawn_is_sent_before_the_next_click_is_dealt_with(monkeypatch, has_ended, part):
    done = []
    monkeypatch.setattr(fragments, "_streamlit_request", lambda session, click: done.append(click.query_string))

    async def two_clicks() -> None:
        session, script = Session("now"), ScriptRequests()
        session._scriptrunner, session._event_loop = SimpleNamespace(_requests=script), asyncio.get_running_loop()
        if has_ended:
            script.on_scriptrunner_ready()  # as its thread does at its end
        session._event_loop.call_soon(done.append, "what it has drawn")
        for name in ("first", "second"):
            fragments._request(session, ClientState(fragment_id=part, page_script_hash="now", query_string=name))
        await asyncio.sleep(0)

    asyncio.run(two_clicks())
    clicks, drawn = ["first", "second"], ["what it has drawn"]
    assert done == (drawn + clicks if has_ended else clicks + drawn)


def with_widgets(*, is_read: bool) -> Session:
    """A session whose page has a slider, a button, and a part with a slider of its own. is_read: by the script."""
    session = Session("now")
    state = session._session_state
    for name, kind, part in (
        ("slider", "double_array_value", None),
        ("button", "trigger_value", None),
        ("slider here", "double_array_value", "here"),
    ):
        read = list if "slider" in name else bool
        state._set_widget_metadata(WidgetMetadata(name, read, read, kind, fragment_id=part))
    state.set_widgets_from_proto(values())
    if is_read:
        assert state._new_widget_state["slider"] == [16]
    return session


def values(slider: float = 16, here: float = 1, *, is_clicked: bool = False) -> WidgetStates:
    """What the browser sends."""
    sent = WidgetStates()
    sent.widgets.add(id="slider").double_array_value.data.append(slider)
    sent.widgets.add(id="slider here").double_array_value.data.append(here)
    sent.widgets.add(id="of an earlier page", bool_value=True)
    if is_clicked:
        sent.widgets.add(id="button", trigger_value=True)
    return sent


@pytest.mark.parametrize("is_read", [False, True])
@pytest.mark.parametrize(
    ("sent", "asked_for"),
    [
        (values(), "here"),
        (values(here=2), "here"),
        (values(slider=15), ""),
        (values(slider=15, here=2), ""),
        (values(is_clicked=True), ""),
    ],
)
def test_a_part_that_reruns_as_a_widget_of_the_page_changes_draws_the_page(monkeypatch, is_read, sent, asked_for):
    asked = []
    monkeypatch.setattr(fragments, "_streamlit_request", lambda session, click: asked.append(click.fragment_id))
    session = with_widgets(is_read=is_read)
    fragments._request(session, ClientState(fragment_id="here", page_script_hash="now", widget_states=sent))
    assert asked == [asked_for]


@pytest.mark.parametrize(("waiting", "asked_for"), [("", "here"), ("another", "")])
def test_a_page_that_waits_to_be_drawn_need_not_be_asked_for_again(monkeypatch, waiting, asked_for):
    asked = []
    monkeypatch.setattr(fragments, "_streamlit_request", lambda session, click: asked.append(click.fragment_id))
    session, script = with_widgets(is_read=True), ScriptRequests()
    script.request_rerun(RerunData(fragment_id=waiting or None))
    session._scriptrunner = SimpleNamespace(_requests=script)
    click = ClientState(fragment_id="here", page_script_hash="now", widget_states=values(slider=15))
    fragments._request(session, click)
    assert asked == [asked_for]
