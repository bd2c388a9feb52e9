"""A server that ends and starts again, in a real Chromium, with its own server and run store."""

import pytest
from playwright.sync_api import expect

from tests.browser.app import (
    LONG,
    address,
    press,
    see_more_steps,
    see_page,
    settled,
    shared_context,
    slider,
    slider_text,
    start_training,
)

OWN_SERVER = True


@pytest.mark.hardening
@pytest.mark.usefixtures("stop_runs")
def test_a_run_and_the_settings_in_an_address_outlive_browsers_and_the_server(browser, open_page, server, store, wait):
    first = open_page(address(server, "train", **LONG))
    run, url = start_training(first), first.url
    see_more_steps(first, wait)
    first.close()

    with shared_context(browser, touch=False).new_page() as page:  # it logs errors while the server is down
        page.goto(address(server, "network", folder="shapes"))
        see_page(page, "Network")
        expect(slider(page, "Filters in block 1")).to_be_visible()
        settled(page)
        press(slider(page, "Filters in block 1"), "ArrowRight", times=2)
        page.wait_for_url("**/network?*filters=18*")
        settled(page)
        server.kill()
        step = store.history(run).steps()[-1].step
        wait(lambda: store.history(run).steps()[-1].step > step)
        server.start()
        page.reload()
        see_page(page, "Network")
        expect(slider_text(page, "Filters in block 1")).to_have_text("18")

    second = open_page(url)
    see_page(second, "Train")
    see_more_steps(second, wait, than=see_more_steps(second, wait))
    assert store.get(run).active
