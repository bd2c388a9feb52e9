"""Typing in a report, in a real Chromium: the text outlives reloads, killed servers and a second window."""

import pytest
from playwright.sync_api import expect

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
