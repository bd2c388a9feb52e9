"""Retakes the pictures of the README from the real pages: python -m tests.browser.screenshots"""

import sys
import tempfile
import time
from dataclasses import replace
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect, sync_playwright

from cnn.engine import experiment
from cnn.report.report_store import Reports
from cnn.specs.experiment_spec import ExperimentSpec, Variant
from cnn.store import experiments
from cnn.store.runs import RunStore
from tests.browser.app import (
    ARGUMENTS,
    button,
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
ANSWER = """The wrong images come first. Which part of the animal do they share?

*Next:* cover the ears, and see whether the answer stays."""


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
    open_address(page, f"data?{SETTINGS}", "Data")
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
            press(slider(page, "Rotate"), "ArrowRight", times=5)
        take(page, title.lower().replace("the ", "").replace(" ", "_"))
    compare(page, store, run)
    report(page, store, run)


def compare(page: Page, store: RunStore, run_id: str) -> None:
    """An experiment of a few short runs, and their curves."""
    run, kernels = store.get(run_id), (3, 5)
    spec = ExperimentSpec(
        "Kernel size",
        tuple(Variant(f"{size} × {size}", {"kernel_size": size}) for size in kernels),
        (0, 1, 2),
        replace(run.dataset_spec, image_size=24),
        run.network_spec,
        replace(run.training_spec, epochs=6),
        "Do larger kernels help?",
    )
    found = experiment.start(store, run.folder, spec)
    runs = experiments.get(store, found).runs.values()
    while any(store.get(one).ongoing for one in runs):
        time.sleep(1)
    open_address(page, f"experiments?folder=cats_dogs&experiment={found}", "Experiments")
    take(page, "experiments")
    open_address(page, f"compare?runs={','.join(runs)}", "Compare")
    take(page, "compare")


def report(page: Page, store: RunStore, run: str) -> None:
    """A step of a report with an answer and a piece of evidence."""
    reports = Reports(store)
    found = reports.create((ROOT / "pages" / "assignments" / "part_b.md").read_text(encoding="utf-8"), run)
    reports.answer(found, "why-confused", ANSWER, "screenshots")
    open_address(page, f"report?report={found}&task=evaluate&run={run}", "Report")
    go_to(page, "Results")
    expect(page.locator(".confusion")).to_be_visible()
    settled(page)
    button(page, "Add to report").click()
    button(page, "Confusion matrix").click()
    expect(page.get_by_text("Added to")).to_be_visible()
    go_to(page, "Report")
    expect(page.get_by_text("Added to")).to_have_count(0)
    take(page, "report")


def open_address(page: Page, address: str, title: str) -> None:
    parts = urlsplit(page.url)
    page.goto(f"{parts.scheme}://{parts.netloc}/{address}")
    see_page(page, title)


if __name__ == "__main__":
    main()
