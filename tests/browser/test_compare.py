"""The Compare page in a real Chromium: ticks in the table, curves that name their run, images that one gets right."""

import re

import pytest
from playwright.sync_api import expect

from cnn.engine.trainer import train_run
from cnn.figures.charts import run_color
from cnn.store.disk import delete_run, stored_runs
from tests.browser.app import save_picture, settled
from tests.browser.test_storage import tick_first_row


@pytest.fixture
def two_runs(store, create_run):
    ids = []
    for name, rate in (("First", 0.01), ("Second", 0.1)):
        ids.append(create_run(store=store, epochs=2, learning_rate=rate))
        assert train_run(store, ids[-1]) == "finished"
        store.label(ids[-1], name)
    yield ids
    for run in store.find(ids):  # the test deletes one
        delete_run(store, run)


def test_a_tick_adds_a_curve_and_a_confirmed_deletion_removes_the_run(server, open_page, store, two_runs):
    first, second = two_runs  # the second is newer, so it is in the first row
    page = open_page(f"{server.url}/compare?runs={first}")
    chart = page.locator(".run-chart .plot").first
    expect(chart).to_have_attribute(
        "aria-label", "held-out accuracy by epoch of First. held-out accuracy: point at a curve"
    )
    tick_first_row(page.get_by_test_id("stDataFrame").first, "Delete 2 runs (")
    expect(chart).to_have_attribute(
        "aria-label", "held-out accuracy by epoch of First, Second. held-out accuracy: point at a curve"
    )
    page.wait_for_url(f"**runs={first}%2C{second}**")
    chart.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    accuracy = store.history(second).epochs()[-1].val_accuracy
    expect(page.locator(".pointed").first).to_have_text(re.compile(rf"Second: {100 * accuracy:.1f}\s%"))
    expect(page.locator(".pointed").last).to_contain_text("Second: ")  # it stands out in both charts
    page.emulate_media(color_scheme="dark")  # Python chooses the colours, so the page has to rerun
    red, green, blue = bytes.fromhex(run_color(1, "dark")[1:])
    expect(page.locator(".pointed").first).to_have_css("color", f"rgb({red}, {green}, {blue})")
    assert save_picture(page.locator(".run-chart").first) > 10_000
    page.get_by_text("two runs", exact=True).click()
    expect(page.get_by_text("of the same 4 images")).to_be_visible()
    page.get_by_text("curves", exact=True).click()
    settled(page)
    tick_first_row(page.get_by_test_id("stDataFrame").first, "Delete 1 run (")  # removes the tick
    page.get_by_role("button", name="Delete 1 run (").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("This deletes 1 run")).to_be_visible()
    expect(dialog.get_by_text("First")).to_be_visible()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted: ").first).to_be_visible()  # first: it goes after a while
    expect(dialog).to_have_count(0)
    assert first not in [run.id for run in stored_runs(store)] and second in [run.id for run in stored_runs(store)]


def test_runs_are_chosen_by_keyboard_alone(server, open_page, two_runs):
    first, second = two_runs
    page = open_page(f"{server.url}/compare?runs={first}")
    settled(page)
    names = page.get_by_role("combobox", name="Chosen runs")
    page.get_by_label("Search the runs").focus()
    for _ in range(12):  # past the table
        page.keyboard.press("Tab")
        if names.evaluate("field => field === document.activeElement"):
            break
    expect(names).to_be_focused()
    page.keyboard.type("Second")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**runs={first}%2C{second}**")
    expect(names).to_be_focused()
    page.keyboard.press("Escape")  # closes the list
    page.keyboard.press("Backspace")
    page.wait_for_url(lambda url: second not in url and first in url)
    # The table shows the same runs, and the names follow it.
    tick_first_row(page.get_by_test_id("stDataFrame").first, "Delete 2 runs (")
    page.wait_for_url(f"**runs={first}%2C{second}**")
    expect(page.get_by_test_id("stMultiSelect").get_by_text("Second")).to_be_visible()
