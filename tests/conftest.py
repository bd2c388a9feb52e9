"""Shared by the tests: small networks, small datasets, small folders of images, and a run store."""

import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import streamlit
import torch
from hypothesis import settings
from hypothesis import strategies as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from cnn.data.content import content_hash
from cnn.data.dataset import TRAIN, VAL, Dataset
from cnn.data.images import to_png
from cnn.data.split import held_out_by_content
from cnn.engine import launch
from cnn.engine.trainer import train_run
from cnn.fields import Choice
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord, StepRecord
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from cnn.system import log, processes
from cnn.training import speed
from pages.shared.dataset import folders

ROOT = Path(__file__).resolve().parent.parent

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="On Windows, only administrators can make links.")
needs_any_name = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux allows names that are not text.")


BROWSER = ROOT / "tests" / "browser"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m browser`, only that folder is read: to import all other tests takes many seconds."""
    is_other = not (collection_path.is_relative_to(BROWSER) or BROWSER.is_relative_to(collection_path))
    return True if config.option.markexpr == "browser" and is_other else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of each kind, which have a command each. (CONTRIBUTING.md has the list.)"""
    for item in items:
        if item.get_closest_marker("hardening"):
            continue
        if BROWSER in item.path.parents:
            item.add_marker("browser")
        elif {"trainers", "run_python", "serve"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("process")


# Small networks need no more threads, and exact comparisons need the same number everywhere: also in trainers, servers
# and other processes that tests start.
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"
# A training gives way to all other processes. If a test trains in its own process, the tests after it must not.
processes.yield_to_others = lambda: None
# Each process that tests start would otherwise compile all modules again, which takes a third of its start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
settings.register_profile("patient", deadline=None, max_examples=50)
settings.load_profile("patient")
# Each new AppTest searches all installed packages for components, which takes longer than most pages.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

CHOICES = {name: list(one.options) for name, one in NetworkSpec.settings().items() if isinstance(one, Choice)}

# Networks that differ in every setting and are small enough to build by the hundred.
st.register_type_strategy(
    NetworkSpec,
    st.builds(
        NetworkSpec,
        filters=st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple),
        convs_per_block=st.sampled_from((1, 2)),
        kernel_size=st.sampled_from(CHOICES["kernel_size"]),
        padding=st.sampled_from(CHOICES["padding"]),
        pooling=st.sampled_from(CHOICES["pooling"]),
        activation=st.sampled_from(CHOICES["activation"]),
        batch_norm=st.booleans(),
        dropout=st.sampled_from((0.0, 0.25, 1 / 3)),
        dense=st.lists(st.integers(1, 8), max_size=3).map(tuple),
        dense_activation=st.booleans(),
        global_average=st.booleans(),
    ),
)


@pytest.fixture(autouse=True)
def no_logged_errors(request):
    """Fails a test in which a programming error was logged instead of raised, unless the test uses `logged`."""
    logged: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record):
            logged.append(self.format(record))

    loggers, handler = [logging.getLogger(name) for name in log.LOGGERS], Collect(logging.ERROR)
    for logger in loggers:
        logger.addHandler(handler)
    yield logged
    for logger in loggers:
        logger.handlers.clear()  # that of the log file, too
    assert logged == [] or "logged" in request.fixturenames


@pytest.fixture
def logged(no_logged_errors) -> list[str]:
    """The programming errors that are logged during the test, which expects them."""
    return no_logged_errors


@pytest.fixture
def make_dataset():
    """Makes a dataset in memory, without files. Each class is a little brighter than the one before."""

    def make(train=12, val=6, classes=2, size=16, channels=1) -> Dataset:
        rng = np.random.default_rng(0)
        labels = np.arange(train + val) % classes
        noise = rng.integers(0, 200, (train + val, size, size, channels))
        return Dataset(
            folder="/images",
            spec=DatasetSpec(image_size=size, channels=channels),
            layout="folders",
            classes=tuple(f"class {label}" for label in range(classes)),
            images=(noise + 40 * labels[:, None, None, None] % 255).clip(0, 255).astype(np.uint8),
            labels=labels.astype(np.int64),
            splits=np.array([TRAIN] * train + [VAL] * val, dtype=np.uint8),
            paths=tuple(f"{i}.png" for i in range(train + val)),
            hashes=tuple(f"{i:032x}" for i in range(train + val)),
            sizes=np.full((train + val, 2), size, dtype=np.int32),
            skipped=(),
            fingerprint="as in memory",
        )

    return make


def draw_images(folder: Path, classes=("dark", "light"), per_class: int = 12) -> Path:
    """Draws class/image.png: noise, brighter for later classes. With the default split, a sixth of each class is held
    out: 2 of 12."""
    rng = np.random.default_rng(1)
    for label, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        drawn = [
            to_png(rng.integers(60 * label, 60 * label + 130, (18, 20, 3), np.uint8)) for _ in range(6 * per_class)
        ]
        held_out = held_out_by_content(np.zeros(len(drawn), int), [content_hash(png) for png in drawn], 0.2, seed=0)
        sides = np.flatnonzero(held_out)[: per_class // 6], np.flatnonzero(~held_out)[: per_class - per_class // 6]
        for i, chosen in enumerate(sorted(np.concatenate(sides))):
            (folder / name / f"{i}.png").write_bytes(drawn[chosen])
    return folder


@pytest.fixture(scope="session")
def image_folder(tmp_path_factory) -> Path:
    """Two classes of twelve images. Tests that change files use `own_folder`."""
    return draw_images(tmp_path_factory.mktemp("images"))


@pytest.fixture
def own_folder(tmp_path) -> Path:
    return draw_images(tmp_path / "own images")


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


def in_threads(number: int, action) -> list:
    """The results of `action` in several threads that start at the same time."""
    barrier = threading.Barrier(number)

    def go():
        barrier.wait()
        return action()

    with ThreadPoolExecutor(number) as pool:
        return [waiting.result() for waiting in [pool.submit(go) for _ in range(number)]]


def execute_sql(store: RunStore, statement: str, *values) -> list[tuple]:
    """Runs an SQL statement, for changes that the store's own methods do not make."""
    with closing(sqlite3.connect(store.directory / "runs.sqlite")) as db, db:
        return db.execute(statement, values).fetchall()


STEP = StepRecord(step=1, epoch=1, loss=0.5, smooth=0.5)
EPOCH = EpochRecord(1, 4, 0.5, 1.0, val_loss=0.25, val_accuracy=0.5, seconds=1.5, images_per_second=80.0)


@pytest.fixture
def filled(store) -> RunStore:
    """The store with a run "one" that has made its first step."""
    store.create("one", "/images", DatasetSpec(), NetworkSpec(), TrainingSpec())
    store.history("one").add_steps([STEP])
    return store


SMALL_DATA = DatasetSpec(image_size=16)
# Dropout and batch norm: exact resume also needs the random state and the running statistics.
SMALL_NETWORK = NetworkSpec(filters=(3,), batch_norm=True, dropout=0.25, dense=(4,))
SMALL_TRAINING = TrainingSpec(epochs=3, batch_size=4, learning_rate=0.01, seed=5)


@pytest.fixture
def create_run(store, image_folder):
    """Creates a small run in the store. Keyword arguments change its training settings."""

    def create(folder=image_folder, store=store, data=SMALL_DATA, network=SMALL_NETWORK, **training) -> str:
        run_id = new_id()
        spec = TrainingSpec(**(SMALL_TRAINING.to_dict() | training))
        assert store.create(run_id, str(folder), data, network, spec)
        return run_id

    return create


@pytest.fixture(scope="session")
def ready_made(image_folder, tmp_path_factory) -> tuple[RunStore, str]:
    """A store with a finished run, and its id."""
    store, run_id = RunStore(tmp_path_factory.mktemp("ready-made")), new_id()
    assert store.create(run_id, str(image_folder), SMALL_DATA, SMALL_NETWORK, SMALL_TRAINING)
    assert train_run(store, run_id) == "finished"
    return store, run_id


@pytest.fixture
def trained(store, ready_made) -> str:
    """The id of a finished run, which is copied instead of trained again."""
    source, run_id = ready_made
    shutil.copytree(source.folder(run_id), store.folder(run_id))
    shutil.copytree(source.cache, store.cache, dirs_exist_ok=True)
    with closing(sqlite3.connect(store.directory / "runs.sqlite")) as db, db:
        db.execute("ATTACH ? AS source", (str(source.directory / "runs.sqlite"),))
        for (table,) in db.execute("SELECT name FROM source.sqlite_master WHERE type = 'table'").fetchall():
            db.execute(f"INSERT INTO {table} SELECT * FROM source.{table}")
    return run_id


@pytest.fixture
def trainers(monkeypatch):
    """The processes that cnn.engine.launch starts during the test, in order. They are killed after it."""
    started: list[subprocess.Popen] = []
    spawn = launch._spawn
    monkeypatch.setattr(launch, "_spawn", lambda store: started.append(spawn(store)) or started[-1])
    monkeypatch.setattr(launch, "_spares", {})
    yield started
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def begun(monkeypatch) -> list[str]:
    """The runs for which a trainer is started, one at a time; there is none."""
    monkeypatch.setenv("CNN_AT_ONCE", "1")
    runs: list[str] = []
    monkeypatch.setattr(launch, "start", lambda store, run_id: runs.append(run_id))
    return runs


def wait(condition, seconds: float = 120, every: float = 0.03):
    """Waits until `condition()` is true, looking at intervals of so many seconds; returns its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"The condition was not true within {seconds} seconds."
        time.sleep(every)
    return value


@pytest.fixture(name="wait")
def wait_fixture():
    return wait


@pytest.fixture
def run_python():
    """Runs Python in the project's folder (or another); returns the finished process, with its output as text."""

    def run(*arguments, cwd=ROOT, timeout=300, **options) -> subprocess.CompletedProcess:
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, timeout=timeout, capture_output=True, text=True, **options)

    return run


@pytest.fixture
def outcome():
    """The figures and weights of a run, which must be equal bit for bit for two equal runs."""

    def of(store: RunStore, run_id: str) -> dict:
        last = store.history(run_id).snapshots()[-1].step
        weights = torch.load(store.snapshot_path(run_id, last), weights_only=True)
        epochs = [epoch._replace(seconds=0, images_per_second=0) for epoch in store.history(run_id).epochs()]
        steps = store.history(run_id).steps(at_most=100_000)
        return {"epochs": epochs, "steps": steps, "weights": {k: v.tolist() for k, v in weights.items()}}

    return of


class OneMeasuringProcess(speed.MeasuringProcess):
    """For all apps of all tests: each process takes seconds to load torch."""

    _turn = threading.Lock()

    def answer(self, question: str) -> dict:
        with self._turn:
            return super().answer(question)


MEASURING = OneMeasuringProcess()
preview = cache(folders.preview.__wrapped__)  # of the sample datasets, which are the same for all tests


@pytest.fixture
def open_app(store, monkeypatch):
    """Makes an app with settings in its address and its own run store; the app has not run yet."""
    monkeypatch.setenv("CNN_RUNS", str(store.directory))
    monkeypatch.setattr(launch, "prepare", lambda store: None)
    monkeypatch.setattr(speed, "MeasuringProcess", lambda: MEASURING)
    monkeypatch.setattr(folders, "preview", preview)
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()

    def open_app(**settings) -> AppTest:
        # Not from_file: AppTest would treat the folder `pages` beside dashboard.py as Streamlit's older kind of app.
        app = AppTest.from_string("import dashboard\n\ndashboard.draw()", default_timeout=200)
        for name, value in settings.items():
            app.query_params[name] = str(value)
        return app

    return open_app


def status_of_component(app: AppTest, component: str) -> list[dict]:
    """The initial status that Python sends to the components of that name, which then poll the server."""
    drawn = [element.proto for element in app.get("bidi_component")]
    return [json.loads(proto.json)["status"] for proto in drawn if proto.component_name == component]


def running_work(app: AppTest) -> list[dict]:
    """The status of all work that a page waits for, as `pages.server.work` makes it."""
    return status_of_component(app, "cnn_progress")


@pytest.fixture
def open_page(open_app, wait):
    """Opens a page with settings in its address, and waits until its images are read."""

    from tests.app import go_to

    def open_page(page: str, **settings) -> AppTest:
        app = go_to(open_app(**settings), page).run()
        go_to(app, app.session_state.session.page)  # an old link leads to another page
        wait(lambda: not running_work(app) or not running_work(app.run()))
        assert not app.exception
        return app

    return open_page
