"""Typing in a report, in a real Chromium: the text outlives reloads, killed servers and a second window."""

import json

import pytest
from playwright.sync_api import expect

from cnn.report.report import Evidence
from cnn.report.report_store import Reports
from tests.browser.app import address, see_page, settled, shared_context

OWN_SERVER = True
SOURCE = "# Own\n## First {#first}\n### Why? {#why}\n### What else? {#else}"


def field(page, label):
    return page.get_by_label(label)


@pytest.mark.hardening
def test_a_text_outlives_a_reload_a_killed_server_and_another_window(browser, server, store, wait):
    reports = Reports(store)
    report = reports.create(SOURCE)
    url = address(server, "report", report=report)

    def saved():
        return reports.get(report).answers.get("why")

    with shared_context(browser, touch=False).new_page() as page:  # it logs errors while the server is down
        page.goto(url)
        see_page(page, "Report")
        expect(field(page, "Why?")).to_be_visible()
        field(page, "Why?").press_sequentially("Because it learns", delay=30)
        wait(lambda: saved() == "Because it learns")
        expect(field(page, "Why?")).to_be_focused()
        expect(page.get_by_text("Saved").first).to_be_visible()
        page.reload()
        expect(field(page, "Why?")).to_have_value("Because it learns")
        settled(page)

        server.kill()
        field(page, "Why?").press_sequentially("?", delay=30)
        expect(page.get_by_text("Not saved")).to_be_visible()
        server.start()
        wait(lambda: saved() == "Because it learns?")  # the window stays open
        expect(page.get_by_text("Not saved")).to_have_count(0)

        server.kill()
        field(page, "Why?").press_sequentially("!", delay=30)
        expect(page.get_by_text("Not saved")).to_be_visible()
        page.close()  # what was typed is in the browser's memory only
    server.start()
    with shared_context(browser, touch=False).new_page() as page, shared_context(browser, False).new_page() as other:
        page.goto(address(server, "report", report=report))
        see_page(page, "Report")
        wait(lambda: str(saved()).count("!") == 1)
        kept = saved()
        expect(field(page, "Why?")).to_have_value(kept)

        other.goto(address(server, "report", report=report))
        expect(field(other, "Why?")).to_have_value(kept)
        field(page, "Why?").fill("From the first window")
        wait(lambda: saved() == "From the first window")
        field(other, "Why?").fill("From the second window")
        wait(lambda: saved() == "From the second window")
        expect(other.get_by_text("Another window had changed this text")).to_be_visible()
        assert "From the first window" in [version.value for version in reports.versions(report, "why")]


@pytest.mark.hardening
def test_two_windows_that_were_closed_while_the_server_was_down_lose_no_text(browser, server, store, wait):
    reports = Reports(store)
    report = reports.create(SOURCE)
    context, texts = shared_context(browser, touch=False), ["From one window", "From another window"]
    pages = [context.new_page() for _ in texts]
    for page in pages:
        page.goto(address(server, "report", report=report))
        see_page(page, "Report")
        expect(field(page, "Why?")).to_be_visible()
        settled(page)
    server.kill()
    for page, text in zip(pages, texts, strict=True):
        field(page, "Why?").press_sequentially(text)
    for page in pages:
        expect(page.get_by_text("Not saved")).to_be_visible()
        page.close()
    server.start()
    with context.new_page() as page:
        page.goto(address(server, "report", report=report))
        see_page(page, "Report")
        expect(field(page, "Why?")).to_have_value(texts[1])
        wait(lambda: [version.value for version in reports.versions(report, "why")] == texts[::-1])
        expect(page.get_by_text("Saved").first).to_be_visible()
        wait(lambda: page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft '))") == [])


def test_a_draft_that_is_older_than_the_saved_text_becomes_one_earlier_version(open_page, server, store, wait):
    """Also one that was kept before drafts named their window."""
    reports = Reports(store)
    report = reports.create(SOURCE)
    reports.answer(report, "why", "Saved", "another window")
    page = open_page(address(server, "report", report=report))
    see_page(page, "Report")
    draft = {"text": "Left behind", "seen": None, "when": 1000}
    page.evaluate("([name, draft]) => localStorage.setItem(name, draft)", [f"draft {report} why", json.dumps(draft)])
    page.reload()
    see_page(page, "Report")
    wait(lambda: page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft '))") == [])
    expect(field(page, "Why?")).to_have_value("Saved")
    assert [version.value for version in reports.versions(report, "why")] == ["Saved", "Left behind"]


@pytest.mark.parametrize("width", [1280, 390])
def test_evidence_is_small_beside_its_question_and_opens_larger(open_page, server, store, width):
    reports = Reports(store)
    report = reports.create(SOURCE)
    for height in (400, 900, 2000):
        picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}"><rect/></svg>'
        reports.add_evidence(report, Evidence("", "first", "data", f"Picture {height}", picture=picture))
    page = open_page(address(server, "report", report=report), width)
    see_page(page, "Report")
    small = page.get_by_test_id("stMain").get_by_role("img", name="Picture 2000")
    expect(small).to_be_visible()
    settled(page)
    drawn = page.locator("[class*='st-key-piece_']")
    cards = drawn.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect())")  # all at the same moment
    assert max(card["height"] for card in cards) < 420
    assert page.get_by_test_id("stMain").evaluate("(node) => node.scrollWidth <= node.clientWidth")
    if width == 1280:
        assert cards[0]["y"] == cards[1]["y"]
        expect(field(page, "Why?")).to_be_in_viewport(ratio=1)
        assert max(card["y"] + card["height"] for card in cards[:2]) < 720
    page.get_by_role("button", name="More").last.click()
    large = page.get_by_test_id("stPopoverBody").get_by_role("img", name="Picture 2000")
    expect(large).to_be_visible()
    assert large.bounding_box()["height"] > 1.5 * small.bounding_box()["height"]
