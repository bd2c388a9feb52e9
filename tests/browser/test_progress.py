"""Work in the background as a browser follows it: it polls the server, and the page reruns when the work ends."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import button, hide, lose_first, settled
from tests.browser.server import ROOT

DEMO = ROOT / "tests" / "browser" / "jobs_demo.py"
OPENINGS = 4
WHICH = ("first", "second")


class Opening:
    """An open demo page; its work goes on until `finish` is called."""

    def __init__(self, page: Page, address: str, name: str, file: Path):
        self.page, self.name, self.file = page, name, file
        self.requests: list[str] = []  # addresses of work that the page has requested
        page.on("request", lambda request: "/work/" in request.url and self.requests.append(request.url))
        page.goto(f"{address}?{urlencode({'name': name, 'until': file})}")

    def finish(self) -> None:
        self.file.touch()

    def bar(self, which: str) -> Locator:
        return self.page.get_by_role("progressbar", name=re.compile(f"^Doing the {which}"))

    def result(self, which: str, text: str = "done") -> Locator:
        return self.page.get_by_text(f"The {which} of {self.name}: {text}", exact=True)

    def see_bars(self) -> None:
        for which in WHICH:
            expect(self.bar(which)).to_be_visible()

    def see_results(self) -> None:
        for which in WHICH:
            expect(self.result(which)).to_be_visible()
            expect(self.bar(which)).to_have_count(0)


@pytest.fixture
def opened(open_page, demos, tmp_path):
    """Opens the demo, on the given page or a new one."""

    def opened(name: str, address: str = f"{demos.url}/jobs", page: Page | None = None) -> Opening:
        return Opening(page or open_page("about:blank"), address, name, tmp_path / name)

    return opened


def status_of(address: str, method: str = "GET") -> dict:
    with urlopen(Request(address, method=method)) as answer:
        return json.load(answer)


@pytest.mark.hardening
def test_a_waiting_page_stays_connected_to_a_busy_server(opened, serve):
    busy = serve(DEMO, BUSY="1")
    for number in range(OPENINGS):  # with fragments that rerun at intervals, one page in four broke
        opening = opened(f"opening {number}", busy.url)
        opening.see_bars()
        expect(opening.page.get_by_text("At the end")).to_be_visible()
        opening.finish()
        opening.see_results()
        expect(opening.page.get_by_text(f"Below the work of {opening.name}")).to_be_visible()
        settled(opening.page)
        opening.page.close()


def test_progress_is_a_growing_bar_with_the_time_left_and_a_preview(opened, wait):
    opening = opened("grows")
    first = opening.bar("first")
    expect(opening.page.get_by_text(re.compile(r"^Doing the first · [\d.:]+ (s|min) left$"))).to_be_visible()
    early = int(first.get_attribute("aria-valuenow"))
    preview = opening.page.get_by_role("img", name=re.compile(r"^After \d+ s$")).first
    assert preview.evaluate("(image) => image.naturalWidth") == 8
    seen = preview.get_attribute("alt")
    wait(lambda: int(first.get_attribute("aria-valuenow")) > early and preview.get_attribute("alt") != seen)


def test_work_can_be_cancelled_by_keyboard_and_retried(opened):
    opening = opened("cancelled")
    opening.see_bars()
    expect(button(opening.page, "Cancel")).to_have_count(2)
    button(opening.page, "Cancel").first.focus()
    opening.page.keyboard.press("Enter")
    expect(opening.page.get_by_text("Cancelled.", exact=True)).to_be_visible()
    expect(opening.bar("first")).to_have_count(0)
    button(opening.page, "Try again").click()
    opening.see_bars()
    opening.finish()
    opening.see_results()


def test_one_of_two_browsers_cancels_and_the_other_gets_the_result(opened):
    one, other = opened("shared"), opened("shared")
    for opening in (one, other):
        opening.see_bars()
    for cancelled in (1, 2):
        button(one.page, "Cancel").first.click()
        expect(one.page.get_by_text("Cancelled.", exact=True)).to_have_count(cancelled)
    other.see_bars()
    other.finish()
    other.see_results()


def test_work_ends_when_its_only_waiting_browser_is_closed(opened, wait):
    one, other = opened("closed"), opened("stays")
    for opening in (one, other):
        opening.see_bars()
        wait(lambda opening=opening: opening.page.wait_for_timeout(50) or len(set(opening.requests)) == 2)
    one.page.close()
    wait(lambda: all(status_of(address)["ended"] for address in one.requests))
    assert not any(status_of(address)["ended"] for address in other.requests)


def test_a_background_page_sends_no_requests_until_it_is_shown_again(opened):
    opening = opened("hidden")
    opening.see_bars()
    hide(opening.page)
    opening.page.wait_for_timeout(500)  # for pending messages
    before = len(opening.requests)
    opening.page.wait_for_timeout(2500)  # longer than a closed browser counts
    opening.finish()
    opening.page.wait_for_timeout(500)
    assert len(opening.requests) == before and opening.result("first", "None").is_visible()
    hide(opening.page, False)
    opening.see_results()


def test_a_lost_rerun_request_is_repeated(opened, open_page):
    with open_page("about:blank") as page:
        lost = lose_first(page, b"ended")
        opening = opened("lost", page=page)
        opening.see_bars()
        opening.finish()
        opening.see_results()
        assert lost


def test_the_server_reports_and_cancels_work_only_by_its_id(opened, demos, wait):
    opening = opened("route")
    wait(lambda: opening.page.wait_for_timeout(50) or len(set(opening.requests)) == 2)
    source, other = opening.requests[0], next(address for address in opening.requests if address != opening.requests[0])
    assert re.fullmatch(re.escape(demos.url) + r"/work/[0-9a-f]{32}", source)
    now = status_of(source)
    assert 0 < now["progress"]["share"] < 1 and not now["ended"] and not now["cancelled"]
    urlopen(f"{source}/cancel").close()  # a GET request must not cancel
    assert not status_of(source)["cancelled"]
    assert status_of(f"{source}/cancel", "POST")["cancelled"]
    wait(lambda: status_of(source)["ended"])
    assert not status_of(other)["ended"]
    assert status_of(f"{demos.url}/work/unknown")["ended"]
    assert status_of(f"{demos.url}/work/unknown/cancel", "POST")["ended"]
