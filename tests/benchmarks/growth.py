"""How times grow with the number of images, steps, runs, filters and classes."""

import statistics
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from cnn.data.dataset import read_dataset
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.run import FINISHED
from cnn.store.runs import RunStore
from tests.benchmarks import images, product
from tests.benchmarks.browser import dashboard, new_page, visits
from tests.benchmarks.measure import Options, note, seconds, table, title
from tests.browser.app import see_page

TINY = DatasetSpec(image_size=32, channels=3, max_per_class=1_000_000)
VISITS = 2  # of each page, after a first one that does not count


def run(options: Options) -> None:
    few = options.pick(300, 1000)
    folder = images.thumbnails(options.scratch / "images", few)

    def place(name: str) -> Path:
        return options.scratch / name

    def of_images(count: int) -> dict[str, float]:
        folder, store = images.thumbnails(place(f"{count} images"), count), RunStore(place(f"{count} images, runs"))
        times = {"reading": seconds(read_dataset, folder, TINY, store.cache)}
        times["opening again"] = seconds(read_dataset, folder, TINY, store.cache)
        return times | _training_and_pages(store, folder, NetworkSpec())

    def of_steps(count: int) -> dict[str, float]:
        store = RunStore(place(f"{count} steps"))
        run_id = product.trained(store, folder, TINY, NetworkSpec())
        product.lengthen(store, run_id, count)
        history = store.history(run_id)
        parts = (history.steps, history.epochs, history.probes, history.snapshots, history.live)
        opening = seconds(store.get, run_id) + sum(map(seconds, parts))
        return {"opening the run": opening} | _pages(store, folder, run_id, NetworkSpec())

    def of_runs(count: int) -> dict[str, float]:
        store = RunStore(place(f"{count} runs"))
        run_id = product.trained(store, folder, TINY, NetworkSpec())
        for number in range(count - 1):
            store.create(f"other-{number}", str(folder), TINY, NetworkSpec(), TrainingSpec())
            store.set_status(f"other-{number}", FINISHED)
        return {"listing the runs": seconds(store.all)} | _pages(store, folder, run_id, NetworkSpec())

    def of_filters(count: int) -> dict[str, float]:
        return _training_and_pages(RunStore(place(f"{count} filters")), folder, NetworkSpec(filters=(count, count)))

    def of_classes(count: int) -> dict[str, float]:
        folder = images.thumbnails(place(f"{count} classes"), few, classes=count)
        return _training_and_pages(RunStore(place(f"{count} classes, runs")), folder, NetworkSpec())

    _grow("images of 32 × 32 pixels, in colour", options.pick((300, 1200), (1000, 10_000, 60_000)), of_images)
    _grow("steps of a run", options.pick((1000, 10_000), (1000, 100_000)), of_steps)
    _grow("runs in the store", options.pick((10, 100), (10, 1000)), of_runs)
    _grow("filters in each of two blocks", options.pick((16, 64), (16, 256)), of_filters)
    _grow("classes", options.pick((2, 20), (2, 100)), of_classes)
    note("Times in seconds. For pages: from the click on their name to the last change, in Chromium, if opened before.")


def _grow(what: str, counts: tuple[int, ...], measure: Callable[[int], dict[str, float]]) -> None:
    """A row for each thing that `measure` times, a column for each count."""
    columns = [measure(count) for count in counts]
    first, last = columns[0], columns[-1]
    rows = [[name, *(f"{times[name]:.3f}" for times in columns), f"{last[name] / first[name]:.1f}"] for name in first]
    title(f"Growth with the number of {what}")
    table(["", *(f"{count:,}" for count in counts), f"× for {counts[-1] / counts[0]:g} times as many"], rows)


def _training_and_pages(store: RunStore, folder: Path, network: NetworkSpec) -> dict[str, float]:
    *events, (_, finished) = product.train(store, folder, TINY, network, TrainingSpec(epochs=2))
    began, ended = (when for when, event in events if event["event"] == "epoch")
    return {"an epoch": ended - began} | _pages(store, folder, finished["run"], network)


def _pages(store: RunStore, folder: Path, run_id: str, network: NetworkSpec) -> dict[str, float]:
    """Page -> seconds from the click on its name until it is there, when it was open before."""
    settings = {"folder": folder, "run": run_id, "image_size": TINY.image_size, "channels": TINY.channels}
    settings |= {"max_per_class": TINY.max_per_class, "filters": ",".join(map(str, network.filters))}
    with dashboard(store) as (browser, server):
        page = new_page(browser)
        page.goto(f"{server.url}/data?{urlencode(settings)}")
        see_page(page, "Data")
        took = visits(page, VISITS, quiet=0.2)
    return {f"page {name}": statistics.median(times) for name, times in took.items()}
