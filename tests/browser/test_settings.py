"""Controls that move faster than the server answers, in a real Chromium."""

import pytest
from playwright.sync_api import expect

from tests.browser.app import address, button, press, quiet_pages, see_page, settled, slider, slider_text

REPEATED_EVERY = 30  # ms between repeats of a key that is held down


@pytest.fixture(scope="module")
def network_page(browser, server):
    with quiet_pages(browser) as open_page:
        page = open_page(address(server, "network", folder="shapes", filters="30,9", dense="33"))
        see_page(page, "Network")
        expect(slider(page, "Filters in block 1")).to_be_visible()  # after the images are read
        settled(page)
        yield page


def hold_down(page, label: str, key: str, times: int) -> None:
    for _ in range(times):
        press(slider(page, label), key)
        page.wait_for_timeout(REPEATED_EVERY)


@pytest.mark.hardening
def test_no_step_of_a_slider_is_lost_while_a_key_is_held_down(network_page):
    network_page.bring_to_front()  # the browser seldom draws the others
    hold_down(network_page, "Filters in block 1", "ArrowRight", 30)
    network_page.wait_for_url("**/network?*filters=60*")
    settled(network_page)
    expect(slider_text(network_page, "Filters in block 1")).to_have_text("60")


@pytest.mark.hardening
def test_no_snapshot_is_missed_while_a_key_is_held_down(open_page, server, store, trained):
    page = open_page(address(server, "filters", folder="shapes", image_size=32, filters="8,8", run=trained))
    see_page(page, "Filters")
    last = len(store.history(trained).snapshots()) - 1
    for _ in range(2):
        hold_down(page, "Snapshot", "ArrowLeft", last - 1)
        settled(page)
        expect(slider(page, "Snapshot")).to_have_value("1")  # not the first snapshot, which would hide an extra step
        hold_down(page, "Snapshot", "ArrowRight", last - 1)
        settled(page)
        expect(slider(page, "Snapshot")).to_have_value(str(last))


@pytest.mark.parametrize("delay", [0.01, 0.03, 0.1])
def test_two_quick_clicks_both_count(network_page, delay):
    button(network_page, "Assignment").click()
    network_page.wait_for_url(lambda url: "filters=" not in url and "batch_norm=" not in url)
    settled(network_page)
    # The controls of the page before count no more after the next click.
    expect(slider_text(network_page, "Filters in block 1")).to_have_text("16")
    # Clicks by script, timed in the browser: people are not that fast, but servers may be that slow.
    toggle = network_page.get_by_role("switch", name="Batch normalisation").element_handle()
    button(network_page, "LeNet-5").evaluate(
        """(preset, [toggle, delay]) => {
            preset.click();
            setTimeout(() => toggle.click(), 1000 * delay);
        }""",
        [toggle, delay],
    )
    network_page.wait_for_url("**/network?*batch_norm=on*")
    settled(network_page)
    expect(network_page.get_by_role("switch", name="Batch normalisation")).to_be_checked()
    for block, filters in enumerate(("6", "16"), start=1):
        expect(slider_text(network_page, f"Filters in block {block}")).to_have_text(filters)
    expect(slider_text(network_page, "Width of dense layer 2")).to_have_text("84")
