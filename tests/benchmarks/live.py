"""Training with a browser open on the Train page: what it costs, and how fresh the charts are."""

import statistics
import time
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from cnn.data.dataset import read_dataset
from cnn.engine import launch
from cnn.specs import PRESETS, DatasetSpec, TrainingSpec
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from tests.benchmarks import images, product
from tests.benchmarks.browser import dashboard, new_page
from tests.benchmarks.measure import Options, note, table, title
from tests.browser.app import TRAIN, button, see_page
from tests.browser.server import Server

DATASET = DatasetSpec()
ENDLESS = TrainingSpec(epochs=10_000)
# The learning curves on the page, and the newest step that they show.
CURVES = """[...document.querySelectorAll(".st-key-curves *")]
  .map(({ shadowRoot }) => shadowRoot?.querySelector(".curves")).find(Boolean)"""
NEWEST = "?.status?.curves[0]?.lines[0].x.at(-1)"
# For so many seconds, when it became another one.
CHANGES = f"""
(seconds) => new Promise((resolve) => {{
  const curves = {CURVES};
  const newest = () => curves{NEWEST};
  const times = [];
  let last = newest();
  const timer = setInterval(() => {{
    if (newest() === last) return;
    last = newest();
    times.push(performance.now() / 1000);
  }}, 20);
  setTimeout(() => {{ clearInterval(timer); resolve(times); }}, 1000 * seconds);
}})
"""
HAS_POINT = f"() => {CURVES}{NEWEST} > 0 && performance.now()"
CLICKED = "() => addEventListener('pointerdown', (event) => { window.pressed = event.timeStamp; }, true)"


def run(options: Options) -> None:
    folder = options.photographs or images.photographs(options.scratch / "photographs", options.pick(400, 5000))
    store = RunStore(options.scratch / "live")
    read_dataset(folder, DATASET, store.cache)
    with dashboard(store) as (browser, server):
        watching(options, store, folder, browser, server)
        first_points(options, store, folder, browser, server)


def watching(options: Options, store: RunStore, folder: Path, browser: Browser, server: Server) -> None:
    long = options.pick(10_000, 100_000)
    runs = {"a new run": _new_run(store, folder), f"a run of {long:,} steps": _long_run(store, folder, long)}
    rows = []
    for name, run_id in runs.items():
        launch.start(store, run_id)
        page = new_page(browser)
        alone, watched, gaps = [], [], []
        _speed(store, run_id, 2)
        for _ in range(options.repeats + 1):
            page.goto("about:blank")
            alone.append(_speed(store, run_id, options.pick(3, 8)))
            page.goto(_address(server, folder, run_id))
            see_page(page, "Train")
            page.wait_for_function(HAS_POINT)
            time.sleep(2)  # opening the page costs something, too, but only once
            began = _newest(store, run_id)
            times = page.evaluate(CHANGES, options.pick(3, 8))
            watched.append(_between(began, _newest(store, run_id)))
            gaps += [later - earlier for earlier, later in pairwise(times)]
        page.close()
        store.request(run_id, "stop")
        alone, watched = statistics.median(alone), statistics.median(watched)
        fresh = f"{1 / statistics.median(gaps):.1f}" if gaps else "0"
        slowest = f"{max(gaps):.1f}" if gaps else ""
        rows.append([name, f"{alone:,.0f}", f"{watched:,.0f}", f"{watched / alone:.0%}", fresh, slowest])
    title("Training with a browser on the Train page")
    head = ["", "nobody watches, images/s", "watched, images/s", "kept"]
    table([*head, "charts change, times a second", "longest pause, s"], rows)
    note("Assignment, 1×50×50, batch 32, including evaluation and everything stored. Chromium on the same machine.")


def first_points(options: Options, store: RunStore, folder: Path, browser: Browser, server: Server) -> None:
    took = []
    for _ in range(1 + options.repeats):
        page = new_page(browser)
        page.goto(_address(server, folder))
        see_page(page, "Train")
        time.sleep(6)
        took.append(_first_point(page))
        button(page, "Stop").click()
        page.get_by_text("Stopped after step").wait_for()
        page.close()
    title("From the click on Train to the first point on the screen")
    table(["first, s", "later (median), s"], [[f"{took[0]:.2f}", f"{statistics.median(took[1:]):.2f}"]])
    note("The page had been open for six seconds.")


def _first_point(page: Page) -> float:
    page.evaluate(CLICKED)
    button(page, TRAIN).click()
    seen = page.wait_for_function(HAS_POINT, polling=10).json_value()
    return (seen - page.evaluate("pressed")) / 1000


def _address(server: Server, folder: Path, run_id: str = "") -> str:
    settings = {"folder": folder, "epochs": ENDLESS.epochs} | ({"run": run_id} if run_id else {})
    return f"{server.url}/train?{urlencode(settings)}"


def _new_run(store: RunStore, folder: Path) -> str:
    run_id = new_id()
    store.create(run_id, str(folder), DATASET, PRESETS["Assignment"].network_spec, ENDLESS)
    return run_id


def _long_run(store: RunStore, folder: Path, steps: int) -> str:
    """An active run that has made so many steps."""
    run_id = product.trained(store, folder, DATASET, PRESETS["Assignment"].network_spec)
    product.lengthen(store, run_id, steps)
    store.reopen(run_id, more_epochs=ENDLESS.epochs - len(store.history(run_id).epochs()))
    return run_id


def _speed(store: RunStore, run_id: str, seconds: float) -> float:
    """Training images per second, from one write of the trainer to another some seconds later."""
    began = _newest(store, run_id)
    time.sleep(seconds)
    return _between(began, _newest(store, run_id))


def _newest(store: RunStore, run_id: str) -> tuple[float, int]:
    """The newest step, and when it was written: waits for it."""
    before = _last_step(store, run_id)
    deadline = time.monotonic() + 60
    while (step := _last_step(store, run_id)) == before:
        if time.monotonic() > deadline:
            raise RuntimeError(f"Run {run_id} does not go on: it is {store.get(run_id).status}.")
        time.sleep(0.01)
    return time.perf_counter(), step


def _last_step(store: RunStore, run_id: str) -> int:
    return max((row.step for row in store.history(run_id).steps(at_most=1)), default=0)


def _between(earlier: tuple[float, int], later: tuple[float, int]) -> float:
    return ENDLESS.batch_size * (later[1] - earlier[1]) / (later[0] - earlier[0])
