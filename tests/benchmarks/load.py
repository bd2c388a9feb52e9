"""Thirty people on one server: how soon their pages are ready, and what is left for trainings.

Each session opens a page every 2 to 6 seconds, through the WebSocket that a browser would use. A page counts from its
request to the end of its script. Drawing is not included: everybody's browser does that on another machine.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from cnn.engine import launch
from cnn.specs import PRESETS, DatasetSpec, TrainingSpec
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from tests.benchmarks import product
from tests.benchmarks.measure import Options, note, percentile, table, title
from tests.browser.server import ROOT, Server

SESSIONS = 30
TRAININGS = 2
FOLDER = ROOT / "sample_data" / "cats_dogs"
DATASET = DatasetSpec()
NETWORK = PRESETS["Assignment"].network_spec
LOST_AFTER = 60.0  # seconds without an answer


class Visitor:
    """One session. times: seconds that each page took. errors: what the pages complained about."""

    def __init__(self, number: int, run_id: str):
        self.draw = random.Random(number)
        self.query = urlencode({"folder": FOLDER.name, "run": run_id})
        self.pages: dict[str, str] = {}  # title -> the id by which Streamlit knows the page
        self.times: list[float] = []
        self.errors: list[str] = []

    async def stay(self, address: str, until: float) -> None:
        """Opens the first page, then others, until that time. Raises an exception if the connection is lost."""
        origin, options = f"http://{urlsplit(address).netloc}", {"open_timeout": LOST_AFTER, "ping_interval": None}
        async with websockets.connect(
            address, subprotocols=["streamlit"], origin=origin, max_size=2**28, **options
        ) as socket:
            await self.visit(socket, "")
            while time.monotonic() < until:
                self.times.append(await self.visit(socket, self.pages[self.draw.choice(sorted(self.pages))]))
                await asyncio.sleep(self.draw.uniform(2, 6))

    async def visit(self, socket, page: str) -> float:
        request = BackMsg()
        request.rerun_script.query_string, request.rerun_script.page_script_hash = self.query, page
        began = time.perf_counter()
        await socket.send(request.SerializeToString())
        answer = ForwardMsg()
        while answer.WhichOneof("type") != "script_finished":
            answer.ParseFromString(await asyncio.wait_for(socket.recv(), LOST_AFTER))
            if answer.WhichOneof("type") == "navigation":
                self.pages = {page.page_name: page.page_script_hash for page in answer.navigation.app_pages}
            if answer.delta.new_element.WhichOneof("type") == "exception":
                self.errors.append(answer.delta.new_element.exception.message)
        return time.perf_counter() - began


def crowd(server: Server, runs: list[str], seconds: float) -> list[str]:
    """A row of the table: what the sessions saw for so many seconds."""
    visitors = [Visitor(number, runs[number % len(runs)]) for number in range(SESSIONS)]
    address = f"{server.url.replace('http', 'ws', 1)}/_stcore/stream"

    async def all_stay() -> list:
        until = time.monotonic() + seconds
        return await asyncio.gather(*(one.stay(address, until) for one in visitors), return_exceptions=True)

    lost = sum(isinstance(outcome, Exception) for outcome in asyncio.run(all_stay()))
    if errors := [error for visitor in visitors for error in visitor.errors]:
        raise RuntimeError(f"A page failed: {errors[0]}")
    times = [one for visitor in visitors for one in visitor.times] or [float("inf")]
    figures = [statistics.median(times), percentile(times, 0.95), max(times)]
    memory = psutil.Process(server.process.pid).memory_info().rss / 1e6
    return [f"{len(times):,}", *(f"{figure:.2f}" for figure in figures), str(lost), f"{memory:,.0f}"]


@contextmanager
def trainings(store: RunStore) -> Iterator[Callable[[Callable[[], object]], float]]:
    """Trains endless runs in the block. Yields a function: the steps a second of all of them during an action."""
    started = [new_id() for _ in range(TRAININGS)]

    def steps() -> int:
        return sum(max((row.step for row in store.history(one).steps(at_most=1)), default=0) for one in started)

    def speed(action: Callable[[], object]) -> float:
        before, began = steps(), time.monotonic()
        action()
        return (steps() - before) / (time.monotonic() - began)

    for seed, one in enumerate(started):
        store.create(one, str(FOLDER), DATASET, NETWORK, TrainingSpec(epochs=9000, seed=seed))
        launch.start(store, one)
    while any(not store.history(one).steps(at_most=1) for one in started):
        time.sleep(0.1)
    try:
        yield speed
    finally:
        for one in started:
            store.request(one, "stop")
        while any(store.get(one).active for one in started):
            time.sleep(0.1)


def run(options: Options) -> None:
    store = RunStore(options.scratch / "load")
    runs = [product.trained(store, FOLDER, DATASET, NETWORK) for _ in range(options.pick(1, 4))]
    seconds, rows = options.pick(8, 30), []
    server = Server(ROOT / "dashboard.py", CNN_RUNS=str(store.directory))
    try:
        rows.append(["a new server, all at once", *crowd(server, runs, seconds), ""])
        rows.append(["later", *crowd(server, runs, seconds), ""])
        with trainings(store) as speed:
            alone = speed(lambda: time.sleep(options.pick(4, 10)))
            beside = speed(lambda: rows.append([f"beside {TRAININGS} trainings", *crowd(server, runs, seconds)]))
            rows[-1].append(f"{beside / alone:.0%}")
    finally:
        server.kill()
    title(f"{SESSIONS} people on one server")
    head = ["", "pages", "median, s", "95 %, s", "slowest, s", "sessions lost", "server, MB", "speed kept"]
    table(head, rows)
    note(
        f"{SESSIONS} sessions for {seconds} s in each row; each opens a random page every 2 to 6 s. Speed kept: by "
        "both trainings (Assignment)."
    )
