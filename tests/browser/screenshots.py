"""Retakes the pictures of the README from the real pages: python -m tests.browser.screenshots"""

import sys
import tempfile
import time

from playwright.sync_api import Page, expect, sync_playwright

from cnn.store.runs import RunStore
from tests.browser.app import (
    ARGUMENTS,
    find_chromium,
    go_to,
    press,
    quiet_pages,
    see_page,
    settled,
    slider,
    start_training,
)
from tests.browser.server import ROOT, Server

DOCS = ROOT / "docs"
SETTINGS = "folder=cats_dogs&channels=3&image_size=64&epochs=8"


def take(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)  # nothing is being computed
    time.sleep(2)  # until charts and canvases are drawn
    settled(page)
    time.sleep(1)  # Streamlit fades what it draws again
    page.screenshot(path=DOCS / f"{name}.png")


def main() -> None:
    chromium = find_chromium()
    if chromium is None:
        sys.exit("There is no Chromium or Chrome on the path.")
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as runs, sync_playwright() as playwright:
        server = Server(ROOT / "dashboard.py", CNN_RUNS=runs)
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            with quiet_pages(browser) as open_page:
                tour(open_page(server.url), runs)
        finally:
            browser.close()
            server.kill()


def tour(page: Page, runs: str) -> None:
    """Visits every page in order."""
    see_page(page, "Start")
    take(page, "start")
    go_to(page, "Lessons")
    take(page, "learn")
    page.goto(f"{page.url.split('?')[0]}data?{SETTINGS}")
    see_page(page, "Data")
    take(page, "data")
    go_to(page, "Network")
    expect(page.get_by_text("measuring")).to_have_count(0)
    take(page, "network")
    go_to(page, "Train")
    run, store = start_training(page), RunStore(runs)
    while store.get(run).active:  # the page itself may still show the example, which is finished
        time.sleep(1)
    page.reload()
    see_page(page, "Train")
    expect(page.get_by_text("Finished in")).to_be_visible()
    take(page, "train")
    for title in ("Results", "Filters", "Activations", "Explain", "Take apart", "Change the image", "Neighbours"):
        go_to(page, title)
        if title == "Explain":
            page.goto(f"{page.url}&guess_first=off")  # else it hides the explanations until a guess
            expect(page.get_by_text("Covering this")).to_be_visible()
        if title == "Change the image":
            press(slider(page, "Rotate, degrees"), "ArrowRight", times=5)
        take(page, title.lower().replace("the ", "").replace(" ", "_"))


if __name__ == "__main__":
    main()
