"""The pages that judge, as a whole, with 100 classes, 60,000 images and 300 runs: how long each takes in a browser."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import numpy as np
import psutil
from playwright.sync_api import Page

from cnn.engine import cleaning
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.specs.experiment_spec import ExperimentSpec, vary
from cnn.store import experiments, waiting
from cnn.store.records import EpochRecord, StepRecord
from cnn.store.run import FINISHED, RUNNING, new_id
from cnn.store.runs import RunStore
from tests.benchmarks import product
from tests.benchmarks.browser import PAGE, dashboard, new_page, until_changed
from tests.benchmarks.measure import Options, note, table, title
from tests.browser.app import button, go_to, link_to, see_page
from tests.published import write_idx

CLASSES = 100
DATASET = DatasetSpec(image_size=32, channels=1, max_per_class=1_000_000)
NETWORK = NetworkSpec(filters=(8,), dense=(32,))
TRAINING = TrainingSpec(epochs=1, batch_size=256, learning_rate=0.003)
SEARCH = DATASET, NetworkSpec(filters=(2,), dense=(16,)), TRAINING  # five networks: small ones
RATES = tuple(round(0.0001 * 2**power, 4) for power in range(10))
STEPS = 188  # of an epoch, of those runs whose results are made up
GOAL = 0.7  # seconds
STILL = 1.0  # seconds without progress after which everything is computed; less than between two drawings of a queue
BESIDE_QUEUE = ("experiments", "storage")
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
    title(f"Pages with {CLASSES} classes, {count:,} images and {runs} runs")
    measure(made, views(made), options.pick(2, 3))
    title(f"The same beside {runs} runs that wait or train")
    with queue(made):
        measure(made, {name: view for name, view in views(made).items() if view[0] in BESIDE_QUEUE}, options.pick(2, 3))


def prepare(scratch: Path, count: int, runs: int) -> Measured:
    """Trains a network and searches for wrong labels on `count` images, and makes up the results of many runs."""
    store, folder = RunStore(scratch / "runs"), write_images(scratch / "set", count)
    *_, (_, finished) = product.train(store, folder, DATASET, NETWORK, TRAINING)
    _search(store, folder)
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


def _search(store: RunStore, folder: Path) -> None:
    """A search for wrong labels. Its runs are trained in this process: each trainer would take seconds to start."""
    search = new_id()
    experiments.add(store, search, str(folder), cleaning.plan(SEARCH))
    found = experiments.get(store, search)
    for variant, seed in found.missing:
        run_id, one = new_id(), found.spec.variants[variant]
        store.create(run_id, str(folder), *found.spec.specs(one, seed), name=one.label)
        experiments.add_run(store, search, variant, seed, run_id)
        train_run(store, run_id)


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
                record = EpochRecord(
                    epoch, STEPS * epoch, 4 - 3 * right, right, 4.1 - 3 * right, 0.95 * right, 5.0, 9e3
                )
                store.history(ids[-1]).add_epoch(record)
            falling = [4 - 3 * height * (1 - 0.8 ** (step / STEPS)) for step in range(1, 20 * STEPS + 1)]
            noise = rng.normal(0, 0.2, len(falling)).tolist()
            store.history(ids[-1]).add_steps(
                StepRecord(step, 1 + (step - 1) // STEPS, loss + more, loss)
                for step, (loss, more) in enumerate(zip(falling, noise, strict=True), 1)
            )
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
        f"Compare, single steps of {len(made.runs)} runs": ("compare", {"runs": many, "curves_of": "single steps"}),
        f"Compare, {len(made.runs)} runs": ("compare", {"runs": many, "compared": "many runs"}),
        "Compare, two runs": ("compare", {"runs": f"{made.run},{searched.id}", "compared": "two runs"}),
        "Experiments": ("experiments", {}),
        "Storage": ("storage", {}),
    }


@contextmanager
def queue(made: Measured) -> Iterator[None]:
    """As many runs wait as there are finished ones: behind one that takes the only place and never ends."""
    store, like = made.store, made.store.get(made.run)
    ids = [f"{new_id()[:-4]}{number:04x}" for number in range(0x8000, 0x8000 + len(made.runs))]
    first, *others = ids
    with store.transaction(writing=True):
        for seed, run_id in enumerate(ids):
            training = replace(TRAINING, seed=seed)
            store.create(run_id, like.folder, DATASET, NETWORK, training, name=f"Waiting, seed {seed}")
            waiting.add(store, run_id, "somebody")
        store.set_status(first, RUNNING)
    with store.lock(first):
        yield
    with store.transaction(writing=True):
        store.set_status(first, FINISHED)
        for run_id in others:
            waiting.leave(store, run_id)


def measure(made: Measured, views: dict[str, tuple[str, dict[str, str]]], visits: int) -> None:
    """Prints a table with a row for each view. visits: how often each is opened again; the first does not count."""
    settings = {"folder": made.folder, "run": made.run} | {
        name: getattr(DATASET, name) for name in ("image_size", "channels", "max_per_class")
    }
    rows = []
    with dashboard(made.store, CNN_AT_ONCE="1") as (browser, server):
        for name, (page_name, parts) in views.items():
            page = new_page(browser)
            opened = _opened(page, f"{server.url}/{page_name}?{urlencode(settings | parts)}")
            rows.append([name, *opened, *_again(page, psutil.Process(server.process.pid), visits)])
            page.close()
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
