"""Work in the background as a page draws it: progress, result, errors, and trying again."""

import re

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from cnn.errors import UserError
from pages.server import work
from tests.app import sentences
from tests.conftest import running_work


@pytest.fixture(autouse=True)
def own_pool(monkeypatch):
    monkeypatch.setattr("pages.shared.jobs.AT_ONCE", 0.05)
    streamlit.cache_resource.clear()


def named_work(endless):
    import streamlit as st

    from pages.shared import jobs

    name = st.text_input("Name", "first")
    st.button("Do it", on_click=jobs.forget_failed, args=("endless",))
    result = jobs.result(("endless", name), endless.called(name), f"Doing the {name}")
    st.markdown(f"The result: {result}")


def twice_the_same_work(endless):
    import streamlit as st

    from pages.shared import jobs

    for part in ("above", "below"):
        found = jobs.result(("endless", "shared"), endless.called("shared"), "Doing it for both")
        st.markdown(f"{part}: {found}")


@pytest.fixture
def open_session(endless):
    return lambda: AppTest.from_function(named_work, kwargs={"endless": endless}, default_timeout=200).run()


def wait_id(app: AppTest) -> str:
    (found,) = re.findall(r'"work/(\w+)"', " ".join(element.proto.json for element in app.get("bidi_component")))
    return found


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_work_starts_once_however_often_the_page_is_drawn(open_session, endless, wait):
    page = open_session().run()
    wait(lambda: endless.begun)
    (status,) = running_work(page.run())
    assert endless.begun == ["first"] and status["progress"]["text"].startswith("Doing the first")
    assert not status["ended"] and not status["cancelled"] and not status["preview"]
    assert page.markdown[0].value == "The result: None"


def test_the_result_is_there_when_the_page_reruns_after_the_work(open_session, endless, wait):
    page = open_session()
    known = wait_id(page)
    endless.released.set()
    wait(lambda: work.status(known)["ended"])
    assert page.run().markdown[0].value == "The result: first" and not running_work(page)
    assert page.run().markdown[0].value == "The result: first" and endless.begun == ["first"]


def test_work_restarts_when_the_only_waiting_page_moves_on_and_comes_back(open_session, endless, wait):
    page = open_session()
    page.text_input[0].set_value("second").run()
    wait(lambda: endless.cancelled == ["first"])
    page.text_input[0].set_value("first").run()
    wait(lambda: endless.begun == ["first", "second", "first"])
    assert running_work(page) and not page.warning and not page.exception


def test_a_page_that_moves_on_does_not_end_the_work_of_another_page(open_session, endless, wait):
    one, other = open_session(), open_session()
    one.text_input[0].set_value("second").run()
    wait(lambda: "second" in endless.begun)
    endless.released.set()
    wait(lambda: not running_work(one.run()) and not running_work(other.run()))
    assert [page.markdown[0].value for page in (one, other)] == ["The result: second", "The result: first"]
    assert endless.begun == ["first", "second"] and endless.cancelled == []


def test_a_page_can_cancel_and_retry_while_another_gets_the_result(open_session, endless, wait):
    one, other = open_session(), open_session()
    work.cancel(wait_id(one))
    assert sentences(one.run()) == "Cancelled." and running_work(other.run())
    press(one, "Try again")
    assert running_work(one) and not one.warning
    endless.released.set()
    wait(lambda: not running_work(one.run()) and not running_work(other.run()))
    assert [page.markdown[0].value for page in (one, other)] == ["The result: first"] * 2
    assert endless.begun == ["first"] and endless.cancelled == []


def test_cancelled_work_restarts_when_requested_again(open_session, endless, wait):
    page = open_session()
    work.cancel(wait_id(page))
    wait(lambda: endless.cancelled == ["first"])
    assert sentences(page.run()) == sentences(page.run()) == "Cancelled."
    press(page, "Do it")
    wait(lambda: endless.begun == ["first", "first"])
    assert not page.warning and running_work(page)


def test_a_partial_result_is_shown_with_the_progress(endless, wait):
    def script(endless):
        import numpy as np

        from pages.shared import jobs

        def draw(progress):
            while not endless.released.wait(0.001):
                progress(0.5, np.zeros((4, 4, 1), np.uint8))

        jobs.result(("drawn",), draw, "Drawing", preview=lambda image: (image, "So far"))

    app = AppTest.from_function(script, kwargs={"endless": endless}, default_timeout=200).run()
    preview = wait(lambda: running_work(app.run())[0]["preview"])
    assert preview["image"].startswith("data:image/png;base64,") and preview["caption"] == "So far"


def failing(error):
    from pages.shared import jobs

    def fail(progress):
        raise error

    jobs.result(("wrong",), fail, "Trying")


def test_an_error_gives_a_message_and_a_button_to_try_again(wait):
    app = AppTest.from_function(failing, kwargs={"error": UserError("The patch must be smaller.")}).run()
    wait(lambda: not running_work(app.run()))
    assert app.warning[0].value == "The patch must be smaller."
    assert [button.label for button in app.button] == ["Try again"]


def test_a_programming_error_is_not_shown_as_advice(wait, logged):
    app = AppTest.from_function(failing, kwargs={"error": ValueError("operands could not be broadcast")}).run()
    wait(lambda: not running_work(app.run()))
    assert "Something went wrong inside" in sentences(app) and "broadcast" not in sentences(app)
    assert len(logged) == 1


def test_two_parts_of_a_page_that_wait_for_the_same_work_show_one_progress(endless):
    app = AppTest.from_function(twice_the_same_work, args=(endless,)).run()
    assert not app.exception and len(running_work(app)) == 1
    assert endless.begun == ["shared"]
