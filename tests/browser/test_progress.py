"""Work beside the page as a browser follows it: it asks by itself, and the page is drawn again when the work ends."""

import json
import re
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import button, hide, lose_first, settled
from tests.browser.server import ROOT

DEMO = ROOT / "tests" / "browser" / "jobs_demo.py"
OPENINGS = 8


@pytest.fixture(scope="module")
def server(browser, serve):
    return serve(DEMO)


def bar(page: Page, which: str) -> Locator:
    return page.get_by_role("progressbar", name=re.compile(f"^Doing the {which}"))


def result(page: Page, which: str, name: str, said: str = "done") -> Locator:
    return page.get_by_text(f"The {which} of {name}: {said}", exact=True)


def test_a_page_that_waits_for_work_stays_connected_however_busy_its_server_is(open_page, serve):
    busy = serve(DEMO, BUSY="1")
    for number in range(OPENINGS):  # when fragments that ran over and over drew the progress, one in four broke down
        name = f"opening {number}"
        page = open_page(f"{busy.url}/?name={name}&seconds=2")
        expect(bar(page, "first")).to_be_visible()
        expect(page.get_by_text("At the end")).to_be_visible()
        for which in ("first", "second"):
            expect(result(page, which, name)).to_be_visible()
            expect(bar(page, which)).to_have_count(0)
        expect(page.get_by_text(f"Below the work of {name}")).to_be_visible()
        settled(page)
        page.close()


def test_progress_is_a_bar_that_grows_with_what_is_done_and_how_long_it_takes_yet(open_page, server, wait):
    page = open_page(f"{server.url}/?name=grows&seconds=8")
    first = bar(page, "first")
    expect(page.get_by_text(re.compile(r"^Doing the first · [\d.]+ s left$"))).to_be_visible()
    early = int(first.get_attribute("aria-valuenow"))
    wait(lambda: int(first.get_attribute("aria-valuenow")) > early + 10)
    assert early < 60


def test_work_is_cancelled_with_the_keyboard_and_tried_again(open_page, server):
    page = open_page(f"{server.url}/?name=cancelled&seconds=4")
    expect(bar(page, "second")).to_be_visible()
    expect(button(page, "Cancel")).to_have_count(2)
    button(page, "Cancel").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It was cancelled.")).to_be_visible()
    expect(bar(page, "first")).to_have_count(0)
    expect(result(page, "second", "cancelled")).to_be_visible()
    button(page, "Try again").click()
    expect(bar(page, "first")).to_be_visible()
    expect(result(page, "first", "cancelled")).to_be_visible()


def test_a_page_in_the_background_asks_nothing_and_learns_of_the_end_when_it_is_shown_again(open_page, server):
    page = open_page(f"{server.url}/?name=hidden&seconds=2")
    expect(bar(page, "second")).to_be_visible()
    hide(page)
    asked = []
    page.wait_for_timeout(500)  # for what is on its way
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(3000)
    assert not asked and result(page, "first", "hidden", "None").is_visible()
    hide(page, False)
    for which in ("first", "second"):
        expect(result(page, which, "hidden")).to_be_visible()


def test_what_the_browser_tells_in_vain_it_tells_again(open_page, server):
    page = open_page("about:blank")
    lost = lose_first(page, b"ended")
    page.goto(f"{server.url}/?name=lost&seconds=2")
    for which in ("first", "second"):
        expect(result(page, which, "lost")).to_be_visible()
    assert lost


def test_the_server_tells_of_work_and_cancels_it_by_its_id_alone(open_page, server, wait):
    asked = []
    page = open_page("about:blank")
    page.on("request", lambda request: "/work/" in request.url and asked.append(request.url))
    page.goto(f"{server.url}/?name=route&seconds=60")
    wait(lambda: page.wait_for_timeout(50) or len(set(asked)) == 2)
    source = asked[0]
    assert re.fullmatch(re.escape(server.url) + r"/work/[0-9a-f]{32}", source)

    def told(address: str, method: str = "GET") -> dict:
        with urlopen(Request(address, method=method)) as answer:
            return json.load(answer)

    now = told(source)
    assert 0 < now["progress"]["share"] < 1 and not now["ended"] and not now["cancelled"]
    urlopen(f"{source}/cancel").close()  # a link, which must not cancel
    assert not told(source)["cancelled"]
    assert told(f"{source}/cancel", "POST")["cancelled"]
    wait(lambda: told(source)["ended"])
    assert not told(next(other for other in asked if other != source))["ended"]
    assert told(f"{server.url}/work/unknown")["ended"] and told(f"{server.url}/work/unknown/cancel", "POST")["ended"]
