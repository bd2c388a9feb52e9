"""The dialog that chooses classes: AppTest cannot open dialogs, so the tests call the function inside."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_dialogs import press


def pick_classes():
    import streamlit as st

    from pages.shared import settings, view
    from pages.shared.dataset import class_choice
    from pages.shared.session import session

    if not session().settings:
        view.load("data")
        session().drafted_classes = {f"class {i}" for i in range(100)}
    class_choice.pick.__wrapped__(tuple(f"class {i}" for i in range(100)))
    st.session_state.chosen = settings.current("classes")


@pytest.fixture
def picker(open_app):
    return AppTest.from_function(pick_classes, default_timeout=200).run()


def test_three_of_a_hundred_are_chosen_with_none_and_three_clicks(picker):
    press(picker, "None")
    assert next(button for button in picker.button if button.label == "Use these classes").disabled
    for name in ("class 3", "class 30", "class 99"):
        picker.button_group[0].select(name).run()
    press(picker, "Use these classes")
    assert not picker.exception and picker.session_state.chosen == ("class 3", "class 30", "class 99")


def test_all_and_none_concern_the_classes_that_the_search_shows(picker):
    press(picker, "None")
    picker.text_input[0].set_value("SS 9").run()
    press(picker, "All")
    picker.button_group[0].unselect("class 90").run()
    picker.text_input[0].set_value("").run()
    press(picker, "Use these classes")
    expected = ("class 9", *(f"class {i}" for i in range(91, 100)))
    assert not picker.exception and picker.session_state.chosen == expected


def test_choosing_all_is_the_default(picker):
    press(picker, "Use these classes")
    assert picker.session_state.chosen == ()
