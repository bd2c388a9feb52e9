"""A real browser, servers, and a trained run for the tests."""

import os
from collections.abc import Collection
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from cnn.data.dataset import read_dataset
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from cnn.store.snapshots import load_model
from cnn.training.evaluation import probabilities
from tests.browser.app import ARGUMENTS, find_chromium, quiet_pages, see_page
from tests.browser.server import ROOT, Server
from tests.conftest import wait


@pytest.fixture(scope="session")
def browser():
    chromium = find_chromium()
    if chromium is None:
        reason = "There is no Chromium or Chrome on the path."
        pytest.fail(reason) if os.environ.get("CNN_REQUIRE_BROWSER") == "1" else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def serving():
    """A function that starts a server for a script, with environment variables; it ends with the block."""
    servers = []

    def start(script, **environment) -> Server:
        servers.append(Server(script, **environment))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture(scope="module")
def serve():
    """Starts servers that end with the module's tests."""
    with serving() as start:
        yield start


# A server, its processes and a trained run take many seconds. All modules share them, except those that kill
# or fill the server: these have a line `OWN_SERVER = True`.


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def shared_server(browser, shared_store):
    with serving() as start:
        yield start(ROOT / "dashboard.py", CNN_RUNS=str(shared_store.directory))


@pytest.fixture(scope="session")
def demos(browser) -> Server:
    """The demos of tests/browser."""
    with serving() as start:
        yield start(ROOT / "tests" / "browser" / "demos.py")


@pytest.fixture(scope="session")
def shared_run(shared_store) -> str:
    return train_small_run(shared_store)


def has_own_server(request) -> bool:
    return getattr(request.module, "OWN_SERVER", False)


@pytest.fixture(scope="module")
def store(request, tmp_path_factory) -> RunStore:
    """The run store of the module's server."""
    own = has_own_server(request)
    return RunStore(tmp_path_factory.mktemp("runs")) if own else request.getfixturevalue("shared_store")


@pytest.fixture(scope="module")
def server(request, browser, serve, store) -> Server:
    """The dashboard with that store."""
    if has_own_server(request):
        return serve(ROOT / "dashboard.py", CNN_RUNS=str(store.directory))
    return request.getfixturevalue("shared_server")


@pytest.fixture
def open_page(browser):
    """Opens addresses; the test fails if a page logs an error."""
    with quiet_pages(browser) as open_page:
        yield open_page


@pytest.fixture(name="wait")
def wait_fixture():
    return partial(wait, every=0.1)  # to look at a page takes computing, too


@pytest.fixture
def stop_runs(store):
    """Stops the runs that the test has started."""
    before = {run.id for run in store.all()}
    yield
    stop(store, {run.id for run in store.all()} - before)


def stop(store: RunStore, runs: Collection[str]) -> None:
    for run in runs:
        store.request(run, "stop")
    wait(lambda: not any(store.get(run).active for run in runs))


@pytest.fixture(scope="module")
def trained(request, store) -> str:
    """A run of two epochs, which gets some images right and some wrong."""
    return train_small_run(store) if has_own_server(request) else request.getfixturevalue("shared_run")


def train_small_run(store: RunStore) -> str:
    run = new_id()
    store.create(
        run,
        str(ROOT / "sample_data" / "shapes"),
        DatasetSpec(image_size=32),
        NetworkSpec(filters=(8, 8)),
        TrainingSpec(epochs=2),
    )
    assert train_run(store, run) == "finished"
    return run


@pytest.fixture(scope="module")
def run(store, trained):
    return store.get(trained)


@pytest.fixture(scope="module")
def dataset(store, run):
    return read_dataset(run.folder, run.dataset_spec, store.cache)


@pytest.fixture(scope="module")
def model(store, run):
    return load_model(store, run)


@pytest.fixture(scope="module")
def typical(model, dataset):
    """The image that every page shows first: the right one with the median confidence, of the held-out images."""
    predicted = probabilities(model, np.asarray(dataset.images[dataset.val]))
    right = np.flatnonzero(predicted.argmax(1) == dataset.labels[dataset.val])
    by_confidence = right[np.argsort(predicted[right].max(1), kind="stable")]
    return int(dataset.val[by_confidence[(len(right) - 1) // 2]])


@pytest.fixture
def visit(open_page, server, run):
    """Opens a page for the run."""

    def visit(name: str, title: str):
        page = open_page(f"{server.url}/{name}?run={run.id}")
        see_page(page, title)
        return page

    return visit
