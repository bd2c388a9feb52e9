"""What users wait for: another image, a slider, another page, the server."""

import time
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser

from cnn.specs import PRESETS, DatasetSpec
from cnn.store.runs import RunStore
from tests.benchmarks import product
from tests.benchmarks.browser import chromium, dashboard, new_page, until_changed, visits
from tests.benchmarks.measure import Options, in_turn, note, percentile, table, title
from tests.browser.app import NAME, open_gallery, press, see_page, settled, slider, tile
from tests.browser.server import ROOT, Server

NETWORKS = ("Assignment", "TinyVGG")
SAMPLE = "cats_dogs"
# The image's name and the answer, and the pixels in the middle row of each map. Maps out of view are drawn later.
MAPS = """[
  ...all(".subject .text").map((text) => text.textContent),
  ...all(".maps canvas").filter(({ width }) => width).map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, canvas.height >> 1, canvas.width, 1);
    return new Uint32Array(data.buffer).join();
  }),
].join()"""
DRAWING_AND_TABLE = """[
  ...all(".drawing > svg").map((drawing) => drawing.outerHTML),
  ...all("[data-testid=stTable] table").map((table) => table.textContent),
].join()"""
# The pointer moves over a map; until the panel explains the number under it and the page is laid out, in s.
ANSWERS = """canvas => {
    const { left, top, width, height } = canvas.getBoundingClientRect(), times = [];
    for (let i = 0; i < 60; i++) {
        const place = { clientX: left + (width * (i + 0.5)) / 60, clientY: top + (height * ((i * 7) % 60 + 0.5)) / 60 };
        const start = performance.now();
        canvas.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, pointerType: "mouse", ...place }));
        canvas.offsetHeight;  // lays the page out
        times.push((performance.now() - start) / 1000);
    }
    return times;
}"""
EMPTY_APP = f"import streamlit as st\n\nst.title({NAME!r})\n"


def run(options: Options) -> None:
    store = RunStore(options.scratch / "exploring")
    runs = {
        name: product.trained(store, ROOT / "sample_data" / SAMPLE, DatasetSpec(), PRESETS[name].network_spec)
        for name in NETWORKS
    }
    rows = []
    with dashboard(store) as (browser, server):
        for name, run_id in runs.items():
            rows.append(other_images(options, browser, server, name, run_id))
            rows.append(numbers_explained(browser, server, name, run_id))
        rows.append(slider_moves(options, browser, server))
        rows.append(turns(options, browser, server, runs["Assignment"]))
        rows += page_switches(options, browser, server, runs["Assignment"])
    title("From the click or key to the last change on the page")
    head = ["what", "times", "median, ms", "95th percentile, ms"]
    table(
        head,
        [[name, str(len(took)), *(f"{1000 * percentile(took, p):.0f}" for p in (0.5, 0.95))] for name, took in rows],
    )
    note(f"Sample dataset {SAMPLE}, 1×50×50, in Chromium on the same machine; each page had been opened once before.")
    server_start(options)


def _address(server: Server, page: str, **settings: str) -> str:
    return f"{server.url}/{page}?{urlencode({'folder': SAMPLE} | settings)}"


def other_images(options: Options, browser: Browser, server: Server, name: str, run_id: str) -> tuple[str, list[float]]:
    page = new_page(browser)
    page.set_viewport_size({"width": 1280, "height": 1800})  # so that most of the maps are in view
    page.goto(_address(server, "activations", run=run_id))
    see_page(page, "Activations")
    count = options.pick(4, 25)
    took = []
    for at in range(1, count + 1):
        image = open_gallery(page).nth(at)
        took.append(until_changed(page, MAPS, image.click))
    page.close()
    return f"Activations: another image, {name}", took[1:]


def numbers_explained(browser: Browser, server: Server, name: str, run_id: str) -> tuple[str, list[float]]:
    page = new_page(browser)
    page.goto(_address(server, "activations", run=run_id))
    see_page(page, "Activations")
    canvas = tile(page, "conv2", 0).locator("canvas").last
    canvas.scroll_into_view_if_needed()
    took = canvas.evaluate(ANSWERS)
    page.close()
    return f"Activations: the pointer on a map, to the explained number, {name}", took


def slider_moves(options: Options, browser: Browser, server: Server) -> tuple[str, list[float]]:
    page = new_page(browser)
    page.goto(_address(server, "network"))
    see_page(page, "Network")
    control = slider(page, "Filters in block 1")
    took = []
    for _ in range(options.pick(4, 20)):
        took.append(until_changed(page, DRAWING_AND_TABLE, lambda: press(control, "ArrowRight")))
    page.close()
    return "Network: a slider, to the new drawing and table", took


def turns(options: Options, browser: Browser, server: Server, run_id: str) -> tuple[str, list[float]]:
    page = new_page(browser)
    page.set_viewport_size({"width": 1280, "height": 1800})  # so that the image is in view
    page.goto(_address(server, "change_image", run=run_id))
    see_page(page, "Change the image")
    control = slider(page, "Rotate")
    took = []
    for _ in range(options.pick(4, 20)):
        took.append(until_changed(page, MAPS, lambda: press(control, "ArrowRight")))
    page.close()
    return "Change the image: a slider, to the new image and prediction", took


def page_switches(options: Options, browser: Browser, server: Server, run_id: str) -> list[tuple[str, list[float]]]:
    page = new_page(browser)
    page.goto(_address(server, "data", run=run_id))
    see_page(page, "Data")
    took = visits(page, options.pick(1, 6))
    page.close()
    return [(f"To the page {name}", times) for name, times in took.items()]


def server_start(options: Options) -> None:
    empty = options.scratch / "empty.py"
    empty.write_text(EMPTY_APP)
    with chromium() as browser:

        def started(script: Path) -> float:
            begin = time.perf_counter()
            server = Server(script, CNN_RUNS=str(options.scratch / "started"))
            page = new_page(browser)
            try:
                page.goto(server.url)
                page.get_by_role("heading", name=NAME, level=1).wait_for()
                settled(page)
                return time.perf_counter() - begin
            finally:
                page.close()
                server.kill()

        started(empty)  # the browser's own first page
        sides = {"ours": lambda: started(ROOT / "dashboard.py"), "empty": lambda: started(empty)}
        found = in_turn(max(2, options.repeats), sides)
    title("From the start of the server to the first page")
    ours, other = found["ours"], found["empty"]
    head = ["ours, s", "a Streamlit app with a title and no more, s", "ratio"]
    table(head, [[f"{ours:.1f}", f"{other:.1f}", f"{ours / other:.2f}"]])
