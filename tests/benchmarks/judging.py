"""The pages that judge, as a whole, with 100 classes, 60,000 images and 300 runs: how long each takes in a browser."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import numpy as np
import psutil
from playwright.sync_api import Page

from cnn.engine import cleaning, experiment
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.specs.experiment_spec import ExperimentSpec, vary
from cnn.store import experiments
from cnn.store.records import EpochRecord
from cnn.store.run import FINISHED, new_id
from cnn.store.runs import RunStore
from tests.benchmarks import product
from tests.benchmarks.browser import PAGE, dashboard, new_page, until_changed
from tests.benchmarks.measure import Options, note, table, title
from tests.browser.app import button, go_to, link_to, see_page
from tests.published import write_idx

CLASSES = 100
DATASET = DatasetSpec(image_size=32, channels=1, max_per_class=1_000_000)
NETWORK = NetworkSpec(filters=(8,), dense=(32,))
TRAINING = TrainingSpec(epochs=2, batch_size=256, learning_rate=0.003)
SEARCH = DATASET, NetworkSpec(filters=(2,), dense=(16,)), replace(TRAINING, epochs=1)  # five networks: small ones
RATES = tuple(round(0.0001 * 2**power, 4) for power in range(10))
GOAL = 0.7  # seconds
STILL = 1.5  # seconds without progress after which everything is computed
PROGRESS = "[class*='st-key-progress_']"


class Measured(NamedTuple):
    """A store with everything that the pages are to show. runs: many, of one experiment, with curves but no weights."""

    store: RunStore
    folder: Path
    run: str
    runs: tuple[str, ...]


def run(options: Options) -> None:
    count, runs = options.pick((2_000, 30), (60_000, 300))
    made = prepare(options.scratch, count, runs)
    measure(made, views(made), options.pick(2, 6))


def prepare(scratch: Path, count: int, runs: int) -> Measured:
    """Trains a network and searches for wrong labels on `count` images, and makes up the results of many runs."""
    store, folder = RunStore(scratch / "runs"), write_images(scratch / "set", count)
    *_, (_, finished) = product.train(store, folder, DATASET, NETWORK, TRAINING)
    search = experiment.start(store, str(folder), cleaning.plan(SEARCH))
    while any(one.ongoing for one in experiment.runs(store, search).values()):
        time.sleep(0.5)
    return Measured(store, folder, finished["run"], _many_runs(store, folder, finished["run"], runs))


def write_images(folder: Path, count: int) -> Path:
    """A published set of gray images of 32 x 32 pixels; the classes differ in how light the halves of an image are."""
    rng, labels = np.random.default_rng(0), np.arange(count) % CLASSES
    light = np.stack([labels % 10, labels // 10], 1) * 13  # of the left and of the right half
    halves = np.repeat(light, 16, 1)[:, None, :]
    pictures = (rng.integers(0, 120, (count, 32, 32)) + halves).astype(np.uint8)
    few = slice(0, 10 * CLASSES)
    named = labels.astype(np.uint8)
    return write_idx(folder, {"train": (pictures, named), "test": (pictures[few], named[few])})


def _many_runs(store: RunStore, folder: Path, like: str, number: int) -> tuple[str, ...]:
    """An experiment whose runs have finished, with 20 epochs each: ten learning rates, each with several seeds."""
    spec = ExperimentSpec(
        "Many runs", vary({"learning_rate": RATES}), tuple(range(number // len(RATES))), DATASET, NETWORK, TRAINING
    )
    experiment_id, rng, trained, ids = new_id(), np.random.default_rng(0), store.get(like), []
    experiments.add(store, experiment_id, str(folder), spec)
    facts = {"val_images": trained.facts["val_images"]}
    with store.transaction(writing=True):
        for variant, seed in experiments.get(store, experiment_id).missing:
            ids.append(f"{new_id()[:-4]}{len(ids):04x}")
            one = spec.variants[variant]
            store.create(ids[-1], str(folder), *spec.specs(one, seed), name=f"{one.label}, seed {seed}")
            store.set_dataset(ids[-1], trained.classes, trained.fingerprint or "", facts, ())
            height = 0.5 + 0.04 * variant + 0.05 * rng.random()
            for epoch in range(1, 21):
                right = height * (1 - 0.8**epoch)
                record = EpochRecord(epoch, 188 * epoch, 4 - 3 * right, right, 4.1 - 3 * right, 0.95 * right, 5.0, 9e3)
                store.history(ids[-1]).add_epoch(record)
            experiments.add_run(store, experiment_id, variant, seed, ids[-1])
            store.set_status(ids[-1], FINISHED)
    return tuple(ids)


def views(made: Measured) -> dict[str, tuple[str, dict[str, str]]]:
    """What is measured: a name -> the page, and what its address says."""
    searched, *_ = cleaning.finished(made.store, cleaning.newest(made.store, str(made.folder)))
    many = ",".join(made.runs)
    return {
        "Data": ("data", {}),
        "Results, held-out": ("results", {}),
        "Results, training": ("results", {"judged": "training"}),
        "Wrong labels, suspicious": ("cleaning", {}),
        "Wrong labels, surest mistakes": ("cleaning", {"doubt": "surest mistakes"}),
        "Wrong labels, near copies": ("cleaning", {"doubt": "near copies"}),
        f"Compare, {len(made.runs)} curves": ("compare", {"runs": many}),
        f"Compare, {len(made.runs)} runs": ("compare", {"runs": many, "compared": "many runs"}),
        "Compare, two runs": ("compare", {"runs": f"{made.run},{searched.id}", "compared": "two runs"}),
        "Experiments": ("experiments", {}),
        "Storage": ("storage", {}),
    }


def measure(made: Measured, views: dict[str, tuple[str, dict[str, str]]], visits: int) -> None:
    """Prints a table with a row for each view. visits: how often each is opened again; the first does not count."""
    settings = {"folder": made.folder, "run": made.run} | {
        name: getattr(DATASET, name) for name in ("image_size", "channels", "max_per_class")
    }
    rows = []
    with dashboard(made.store) as (browser, server):
        for name, (page_name, parts) in views.items():
            page = new_page(browser)
            opened = _opened(page, f"{server.url}/{page_name}?{urlencode(settings | parts)}")
            rows.append([name, *opened, *_again(page, psutil.Process(server.process.pid), visits)])
            page.close()
    title(f"Pages with {CLASSES} classes, many images and {len(made.runs)} runs")
    table(["page", "opened, s", "with progress, s", "server, s", "click to last change, s", "under 0.7 s"], rows)
    note(
        "Opened: from its address until everything is computed; a progress bar is shown for so long of it. Then, when "
        f"all is computed, the least of {visits - 1} visits: the processor time of the server, and the time from the "
        "click on the page's name to the last change in Chromium."
    )


def _opened(page: Page, address: str) -> tuple[str, str]:
    """Seconds until everything is computed, and for how many of them the progress was shown."""
    began, with_progress = time.monotonic(), 0.0
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    busy = looked = time.monotonic()
    while (now := time.monotonic()) - busy < STILL:
        shown = page.locator(PROGRESS).count() > 0
        running = page.locator("[data-testid=stApp][data-test-script-state=running]").count() > 0
        with_progress += (now - looked) * shown
        busy, looked = (now if shown or running else busy), now
        time.sleep(0.05)
    return f"{busy - began:.1f}", f"{with_progress:.1f}"


def _again(page: Page, server: psutil.Process, visits: int) -> tuple[str, str, str]:
    """Leaves the page and comes back: the least processor time of the server and the least time to the last change."""
    name = page.get_by_role("heading", level=1).inner_text()
    elsewhere = "Data" if name == "Wrong labels" else "Start"  # the menu does not list Wrong labels
    spent, waited = [], []
    for _ in range(visits):
        go_to(page, elsewhere)
        time.sleep(STILL)
        back: Callable[[], object] = (
            button(page, "Find wrong labels").click if elsewhere == "Data" else link_to(page, name).click
        )
        before = sum(server.cpu_times()[:2])
        waited.append(until_changed(page, PAGE, back))
        spent.append(sum(server.cpu_times()[:2]) - before)
        see_page(page, name)
    server_time, change = min(spent[1:]), min(waited[1:])
    return f"{server_time:.2f}", f"{change:.2f}", "yes" if max(server_time, change) < GOAL else "no"
