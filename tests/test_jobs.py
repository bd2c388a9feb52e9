"""Work beside the page: done once, cancelled when somebody says so, given up when nobody waits for it any more."""

import pytest
from streamlit.testing.v1 import AppTest

from pages import jobs


class Endless:
    """Work that ends only when it is stopped, and remembers by which names it was begun."""

    def __init__(self):
        self.begun = []

    def named(self, name: str):
        def work(progress):
            self.begun.append(name)
            while True:
                progress(0.5)

        return work


@pytest.fixture
def endless(monkeypatch):
    monkeypatch.setattr("pages.jobs.AT_ONCE", 0.05)
    endless = Endless()
    yield endless
    jobs._job.clear()


@pytest.fixture
def page(endless):
    """A page that waits for the work of the name that was typed into it."""

    def script(endless):
        import streamlit as st

        from pages import jobs

        name = st.text_input("Name", "first")
        jobs.result(("endless", name), endless.named(name), f"Doing the {name}")

    app = AppTest.from_function(script, kwargs={"endless": endless}).run()
    yield app
    for job in app.session_state.jobs.values():
        job.cancelled.set()


def test_work_that_is_cancelled_ends_and_says_so(endless):
    job = jobs._Job(endless.named("first"))
    job.cancelled.set()
    job.join(10)
    assert not job.is_alive() and job.error == "It was cancelled."


def test_work_is_begun_once_however_often_the_page_is_drawn(page, endless):
    page.run()
    assert endless.begun == ["first"] and page.get("progress")[0].proto.text.startswith("Doing the first")


def test_work_is_given_up_when_the_session_asks_for_another_of_its_kind_and_begun_anew_when_it_comes_back(
    page, endless
):
    first = page.session_state.jobs["endless"]
    page.text_input[0].set_value("second").run()
    first.join(10)
    assert not first.is_alive()
    page.text_input[0].set_value("first").run()
    assert endless.begun == ["first", "second", "first"]
    assert page.get("progress") and not page.warning and not page.exception


def test_what_the_work_has_so_far_is_drawn(endless):
    def script():
        import streamlit as st

        from pages import jobs

        def work(progress):
            while True:
                progress(0.5, "half of it")

        jobs.result(("drawn",), work, "Drawing", preview=st.markdown)

    app = AppTest.from_function(script).run()
    assert app.markdown[0].value == "half of it"
    app.session_state.jobs["drawn"].cancelled.set()


def test_work_that_was_cancelled_begins_anew_when_it_is_asked_for_again(endless):
    def script(endless):
        import streamlit as st

        from pages import jobs

        jobs.result(("asked",), endless.named("asked"), "Doing it", again=st.button("Do it"))

    app = AppTest.from_function(script, kwargs={"endless": endless}).run()
    job = app.session_state.jobs["asked"]
    job.cancelled.set()
    job.join(10)
    assert app.run().warning[0].value == "It was cancelled."
    app.button[0].click().run()
    assert endless.begun == ["asked", "asked"] and not app.warning and app.get("progress")
    app.session_state.jobs["asked"].cancelled.set()


def test_what_goes_wrong_is_a_sentence_and_can_be_tried_again():
    def script():
        from pages import jobs

        def work(progress):
            raise ValueError("The patch must be smaller.")

        jobs.result(("wrong",), work, "Trying")

    app = AppTest.from_function(script).run()
    assert app.warning[0].value == "It could not be done: The patch must be smaller."
    assert [button.label for button in app.button] == ["Try again"]
