"""A fragment that reruns at intervals: the browser starts the timer when it has received the last run."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import button, hide, lose_first, settled
from tests.browser.server import ROOT

DEMO = ROOT / "tests" / "browser" / "rerun_demo.py"
OPENINGS = 4


@pytest.fixture(scope="module")
def url(demos):
    return f"{demos.url}/rerun"


def runs(page: Page) -> int:
    """How often the fragment has run."""
    return int(page.get_by_text(re.compile(r"^Run \d+$")).inner_text().removeprefix("Run "))


def see_runs(page: Page, number: int) -> None:
    expect(page.get_by_text(f"Run {number}", exact=True)).to_be_visible()


@pytest.mark.hardening
def test_a_repeating_fragment_stays_whole_on_a_busy_server(open_page, serve):
    busy = serve(DEMO, BUSY="1")
    for _ in range(OPENINGS):  # with Streamlit's own timer, most pages broke
        page = open_page(f"{busy.url}/?times=3&every=0.3&takes=0.4")
        # An unanswered request is repeated after two seconds, so the page may skip the third run.
        expect(page.get_by_text(re.compile(r"^Run ([3-9]|\d\d+)$"))).to_be_visible()
        for text in ("Above the number", "At the end"):
            expect(page.get_by_text(text)).to_have_count(1)
        settled(page)
        page.close()


def test_it_reruns_as_long_as_the_fragment_asks_for_it(open_page, url):
    page = open_page(f"{url}?times=3")
    see_runs(page, 3)
    page.wait_for_timeout(3000)  # longer than the browser waits for an answer
    assert runs(page) == 3


def test_it_pauses_in_the_background_and_resumes_at_once(open_page, url, wait):
    page, asked = open_page("about:blank"), []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(frame)))
    page.goto(url)
    wait(lambda: runs(page) > 1)
    hide(page)
    before = len(asked)
    page.wait_for_timeout(1500)
    assert len(asked) == before
    before = runs(page)
    hide(page, False)
    wait(lambda: runs(page) > before + 2)
    page = open_page(f"{url}?every=600")
    see_runs(page, 1)
    wait(lambda: hide(page) or hide(page, False) or runs(page) > 1)


def test_clicks_on_a_part_and_on_the_page_at_the_same_moment_draw_the_page(open_page, url):
    page = open_page(f"{url}?times=1")
    see_runs(page, 1)
    settled(page)
    buttons = [button(page, f"Of the {owner}").element_handle() for owner in ("part", "page")]
    page.evaluate("(buttons) => buttons.forEach((button) => button.click())", buttons)
    expect(page.get_by_text("Clicked", exact=True)).to_be_visible()


def test_a_lost_rerun_request_is_repeated(open_page, url):
    with open_page("about:blank") as page:
        lost = lose_first(page, b"due")
        page.goto(f"{url}?times=3")
        see_runs(page, 3)
        assert lost


def test_it_takes_no_space(open_page, url):
    places = []
    for times, drawn in ((1, 0), (2, 1)):
        page = open_page(f"{url}?times={times}&every=600")
        expect(page.get_by_text("At the end")).to_be_visible()
        settled(page)
        expect(page.locator(".again")).to_have_count(drawn)
        places.append(page.get_by_text("At the end").bounding_box())
    assert places[0] == places[1]
