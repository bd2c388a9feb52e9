"""What a page costs the server: its processor time for each page that somebody opens.

A page run counts from its request until the server is idle again. All pages share one Python process, so 30 people who
each open a page every four seconds leave the server 130 ms for each, and their wait grows long before that.
"""

import asyncio
from collections import defaultdict
from urllib.parse import urlsplit

import psutil
import websockets

from cnn.specs import TrainingSpec
from cnn.store.run import FINISHED
from cnn.store.runs import RunStore
from tests.benchmarks import product
from tests.benchmarks.load import DATASET, FOLDER, NETWORK, Visitor
from tests.benchmarks.measure import ROOT, Options, note, table, title
from tests.browser.server import Server

WARM_UP = 3  # visits of each page that do not count
SETTLED = 0.05  # seconds after the end of a script in which the server may still send
SMALLEST = 0.0005  # seconds of processor time in SETTLED: less is idle
Costs = dict[str, float]  # page -> seconds of processor time for one visit


def run(options: Options) -> None:
    store = RunStore(options.scratch / "pages")
    run_id = product.trained(store, FOLDER, DATASET, NETWORK)
    visits, many = options.pick(5, 30), options.pick(50, 500)
    server = Server(ROOT / "dashboard.py", CNN_RUNS=str(store.directory))
    try:
        one = asyncio.run(costs(server, run_id, visits))
        add_runs(store, many - 1)
        others = asyncio.run(costs(server, run_id, visits))
    finally:
        server.kill()
    title("Processor time of the server for one page run, in ms")
    rows = [[page, f"{1000 * one[page]:.1f}", f"{1000 * others[page]:.1f}"] for page in one]
    rows.append(["mean", f"{mean(one):.1f}", f"{mean(others):.1f}"])
    table(["page", "1 run in the store", f"{many} runs"], rows)
    note(f"Means of {visits} visits, in turn, after {WARM_UP} that do not count.")


def add_runs(store: RunStore, number: int) -> None:
    with store.transaction():
        for one in range(number):
            store.create(f"other-{one}", str(FOLDER), DATASET, NETWORK, TrainingSpec(seed=one))
            store.set_status(f"other-{one}", FINISHED)


async def costs(server: Server, run_id: str, visits: int) -> Costs:
    visitor, process = Visitor(0, run_id), psutil.Process(server.process.pid)
    total: Costs = defaultdict(float)
    address = f"{server.url.replace('http', 'ws', 1)}/_stcore/stream"
    origin = f"http://{urlsplit(address).netloc}"
    async with websockets.connect(
        address, subprotocols=["streamlit"], origin=origin, max_size=2**28, ping_interval=None
    ) as socket:
        await visitor.visit(socket, "")
        for number in range(WARM_UP + visits):
            for page, script in visitor.pages.items():
                before = await idle(process)
                await visitor.visit(socket, script)
                total[page] += (await idle(process) - before) * (number >= WARM_UP)
    if visitor.errors:
        raise RuntimeError(f"A page failed: {visitor.errors[0]}")
    return {page: seconds / visits for page, seconds in total.items()}


async def idle(process: psutil.Process) -> float:
    """Waits until the process has nothing to do; returns its processor time, in seconds."""
    used = -1.0
    while (now := sum(process.cpu_times()[:2])) - used > SMALLEST:
        used = now
        await asyncio.sleep(SETTLED)
    return now


def mean(costs: Costs) -> float:
    return 1000 * sum(costs.values()) / len(costs)
