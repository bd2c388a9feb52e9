"""Clicks that come in quick succession: each one's callback runs to its end."""

from importlib.util import find_spec, module_from_spec

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import RerunData, RerunException, StopException
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from pages.shared.clicks import finish_callbacks


@pytest.fixture
def finished(monkeypatch):
    for name in ("__init__", "on_script_will_rerun", "on_script_finished"):
        monkeypatch.setattr(SafeSessionState, name, getattr(SafeSessionState, name))
    finish_callbacks()


def add_widget(widgets: SessionState, name: str, value_type: str, convert=bool, callback=None, *arguments) -> None:
    widgets._set_widget_metadata(
        WidgetMetadata(
            id=name,
            deserializer=convert,
            serializer=convert,
            value_type=value_type,
            callback=callback,
            callback_args=arguments,
        )
    )


def click(callback, look_for_click, kind=SafeSessionState) -> SafeSessionState:
    """The session after a click on a button with that callback, while Streamlit calls `look_for_click`."""
    widgets = SessionState()
    session = kind(widgets, look_for_click)
    add_widget(widgets, "button", "trigger_value", bool, callback, session)
    clicked = WidgetStates()
    clicked.widgets.add(id="button", trigger_value=True)
    ThreadState.initialize()  # as at the start of a script
    session.on_script_will_rerun(clicked)
    return session


def another_click():
    raise RerunException(RerunData())


def test_a_callback_runs_to_its_end_though_another_click_waits(finished):
    ended = []

    def callback(session):
        assert "anything" not in session  # looks for another click
        ended.append(True)

    session = click(callback, another_click)
    assert ended == [True]
    with pytest.raises(RerunException):  # the other click counts afterwards
        assert session["anything"]


def test_a_value_that_comes_again_waits_for_the_next_click(finished):
    session = SafeSessionState(SessionState(), another_click)
    moved = WidgetStates()
    moved.widgets.add(id="slider", int_value=3)
    with pytest.raises(RerunException):
        session.on_script_will_rerun(moved)


def test_an_error_in_a_callback_is_raised_and_later_clicks_are_found(finished):
    calls = []

    def callback(session):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        click(callback, lambda: calls.append("looked"))
    assert not calls


def two_scripts(callback=None) -> tuple[SessionState, SafeSessionState]:
    """A session with a button and a slider, and its older script, after a newer one has read that the slider is at 14.
    The older script was told to stop."""
    widgets = SessionState()
    add_widget(widgets, "button", "trigger_value", bool, callback)
    add_widget(widgets, "slider", "int_value", int)
    older = SafeSessionState(widgets, yield_callback=stop)  # as Streamlit calls it
    newer = SafeSessionState(widgets, lambda: None)
    ThreadState.initialize()
    newer.on_script_will_rerun(values(slider=14))
    return widgets, older


def values(slider: int, clicked: bool = False) -> WidgetStates:
    sent = WidgetStates()
    sent.widgets.add(id="slider", int_value=slider)
    if clicked:
        sent.widgets.add(id="button", trigger_value=True)
    return sent


def stop():
    raise StopException


def test_a_late_click_runs_its_callback_but_takes_back_no_newer_value(finished):
    clicks = []
    widgets, older = two_scripts(lambda: clicks.append(True))
    older.on_script_will_rerun(values(slider=15, clicked=True))
    assert clicks == [True]
    assert widgets["slider"] == 14


def test_a_late_value_without_a_click_is_dropped(finished):
    widgets, older = two_scripts()
    with pytest.raises(StopException):
        older.on_script_will_rerun(values(slider=15))
    assert widgets["slider"] == 14


def test_an_older_script_that_ends_late_forgets_no_click_of_a_newer_one(finished):
    widgets, older = two_scripts()
    SafeSessionState(widgets, lambda: None).on_script_will_rerun(values(slider=14, clicked=True))
    older.on_script_finished(frozenset(["button", "slider"]))
    assert widgets["button"]


def test_streamlit_alone_loses_the_click():
    """If this fails, Streamlit has mended it, and pages/shared/clicks.py can go."""
    spec = find_spec(SafeSessionState.__module__)
    alone = module_from_spec(spec)  # a copy that nobody has changed
    spec.loader.exec_module(alone)
    ended = []
    with pytest.raises(RerunException):
        click(lambda session: ended.append(True), another_click, alone.SafeSessionState)
    assert not ended
