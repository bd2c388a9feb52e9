"""Work beside the page: done once, cancelled when somebody says so, given up when nobody waits for it any more."""

import gc
import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from pages.server import work
from pages.shared import jobs
from tests.conftest import under_way


class Endless:
    """Work that ends only when it is stopped, and remembers by which names it was begun."""

    def __init__(self):
        self.begun = []

    def named(self, name: str):
        def work(progress):
            self.begun.append(name)
            while True:
                progress(0.5)
                time.sleep(0.001)

        return work


@pytest.fixture
def endless(monkeypatch):
    monkeypatch.setattr("pages.shared.jobs.AT_ONCE", 0.05)
    endless = Endless()
    yield endless
    jobs._job.clear()


@pytest.fixture
def page(endless):
    """A page that waits for the work of the name that was typed into it."""

    def script(endless):
        import streamlit as st

        from pages.shared import jobs

        name = st.text_input("Name", "first")
        jobs.result(("endless", name), endless.named(name), f"Doing the {name}")

    app = AppTest.from_function(script, kwargs={"endless": endless}, default_timeout=60).run()
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
    (told,) = under_way(page)
    assert endless.begun == ["first"] and told["progress"]["text"].startswith("Doing the first")
    assert told["progress"]["share"] == 0.5 and not told["ended"] and not told["cancelled"] and not told["preview"]


def test_work_is_given_up_when_the_session_asks_for_another_of_its_kind_and_begun_anew_when_it_comes_back(
    page, endless
):
    first = page.session_state.jobs["endless"]
    page.text_input[0].set_value("second").run()
    first.join(10)
    assert not first.is_alive()
    page.text_input[0].set_value("first").run()
    assert endless.begun == ["first", "second", "first"]
    assert under_way(page) and not page.warning and not page.exception


def test_whoever_else_waits_for_work_that_is_given_up_hears_of_it_when_the_other_page_is_drawn(
    page, endless, monkeypatch, wait
):
    first = page.session_state.jobs["endless"]
    page.text_input[0].set_value("second").run()
    first.join(10)
    assert not first.is_alive() and not work.told(first.id)["ended"]
    monkeypatch.setattr("pages.shared.jobs.UNDISTURBED", 0.0)
    assert work.told(first.id)["ended"]


def test_the_result_is_there_when_the_page_runs_again_after_the_work_has_ended(endless):
    released = threading.Event()

    def script(released):
        import streamlit as st

        from pages.shared import jobs

        result = jobs.result(("released",), lambda progress: released.wait(60), "Waiting")
        if result is not None:
            st.markdown(f"It is {result}")

    app = AppTest.from_function(script, kwargs={"released": released}, default_timeout=60).run()
    (told,) = under_way(app)
    assert not app.markdown and told["progress"] == {"share": 0.0, "text": "Waiting"}
    job = app.session_state.jobs["released"]
    released.set()
    job.join(10)
    assert work.told(job.id)["ended"]
    app.run()
    assert app.markdown[0].value == "It is True" and not under_way(app)


def test_the_browser_is_told_how_much_is_done_and_how_much_longer_it_takes(endless):
    job = jobs._Job(endless.named("first"), "Doing the first")
    job.share, job.started = 0.5, time.monotonic() - 60
    assert work.told(job.id)["progress"] == {"share": 0.5, "text": "Doing the first · 1:00 min left"}
    work.cancel(job.id)


def test_the_browser_cancels_work_by_its_id_and_no_other_work(endless):
    one, other = (jobs._Job(endless.named(name)) for name in ("one", "other"))
    assert work.cancel(one.id)["cancelled"] and not work.told(other.id)["cancelled"]
    one.join(10)
    assert work.told(one.id)["ended"] and one.error == "It was cancelled."
    assert other.is_alive()
    work.cancel(other.id)


def test_work_that_nobody_knows_has_ended_and_is_cancelled_in_vain(endless):
    for ask in (work.told, work.cancel):
        assert ask("0" * 32) == {"ended": True, "cancelled": False, "progress": None, "preview": None}


def test_work_that_ended_and_is_kept_nowhere_is_not_kept_for_the_browser_either(endless):
    job = jobs._Job(lambda progress: None)
    job.join(10)
    known = job.id
    assert work.told(known)["progress"]
    del job
    gc.collect()
    assert work.told(known)["progress"] is None


def test_what_the_work_has_so_far_is_told_with_its_progress(endless):
    def script():
        from pages.shared import jobs
        from pages.shared.filter_examples import shown

        def work(progress):
            import numpy as np

            while True:
                progress(0.5, (32, np.zeros((4, 4, 1), np.uint8), 1.25))

        jobs.result(("drawn",), work, "Drawing", preview=shown)

    app = AppTest.from_function(script, default_timeout=60).run()
    preview = under_way(app)[0]["preview"]
    assert preview["image"].startswith("data:image/png;base64,")
    assert preview["caption"] == "32 steps from noise: it is excited by 1.25"
    app.session_state.jobs["drawn"].cancelled.set()


def test_work_that_was_cancelled_begins_anew_when_it_is_asked_for_again(endless):
    def script(endless):
        import streamlit as st

        from pages.shared import jobs

        jobs.result(("asked",), endless.named("asked"), "Doing it", again=st.button("Do it"))

    app = AppTest.from_function(script, kwargs={"endless": endless}, default_timeout=60).run()
    job = app.session_state.jobs["asked"]
    job.cancelled.set()
    job.join(10)
    assert app.run().warning[0].value == "It was cancelled."
    app.button[0].click().run()
    assert endless.begun == ["asked", "asked"] and not app.warning and under_way(app)
    app.session_state.jobs["asked"].cancelled.set()


def test_what_goes_wrong_is_a_sentence_and_can_be_tried_again():
    def script():
        from pages.shared import jobs

        def work(progress):
            raise ValueError("The patch must be smaller.")

        jobs.result(("wrong",), work, "Trying")

    app = AppTest.from_function(script, default_timeout=60).run()
    assert app.warning[0].value == "It could not be done: The patch must be smaller."
    assert [button.label for button in app.button] == ["Try again"]
