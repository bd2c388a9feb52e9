"""The memory of a server that a class uses for minutes: thirty sessions open page after page, leave, and others come.

python -m tests.hardening.memory --minutes 10

It prints the server's resident memory at the start and after each minute. At first it grows: pages load what they need,
and Streamlit keeps the sessions of browsers that have left, 128 at most. From then on it must be flat.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from cnn.store.runs import RunStore
from tests.benchmarks import product
from tests.benchmarks.load import DATASET, FOLDER, NETWORK, SESSIONS, Visitor
from tests.browser.server import ROOT, Server

RUNS = 2
STAYS = 30, 120  # seconds


async def seat(number: int, address: str, runs: list[str], until: float, counts: Counter) -> None:
    """One visitor after another. Raises an exception if a connection is lost or a page fails."""
    draw = random.Random(number)
    while time.monotonic() < until:
        visitor = Visitor(draw.randrange(2**32), draw.choice(runs))
        counts["sessions"] += 1
        await visitor.stay(address, min(until, time.monotonic() + draw.uniform(*STAYS)))
        counts["page runs"] += len(visitor.times)
        if visitor.errors:
            raise RuntimeError(f"A page failed: {visitor.errors[0]}")


async def watch(server: psutil.Process, minutes: int, counts: Counter) -> None:
    """Prints a line each minute."""
    began = time.monotonic()
    for minute in range(minutes + 1):
        await asyncio.sleep(max(0.0, began + 60 * minute - time.monotonic()))
        memory, threads, files = server.memory_info().rss / 1e6, server.num_threads(), len(server.open_files())
        print(f"{minute:2} min: {memory:,.0f} MB, {threads} threads, {files} files; {counts['sessions']:,} sessions")


async def visit(server: Server, runs: list[str], minutes: int) -> Counter:
    counts: Counter = Counter()
    until, address = time.monotonic() + 60 * minutes, f"{server.url.replace('http', 'ws', 1)}/_stcore/stream"
    seats = [seat(number, address, runs, until, counts) for number in range(SESSIONS)]
    await asyncio.gather(watch(psutil.Process(server.process.pid), minutes, counts), *seats)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.memory")
    parser.add_argument("--minutes", type=int, default=10)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as place:
        store = RunStore(Path(place))
        runs = [product.trained(store, FOLDER, DATASET, NETWORK) for _ in range(RUNS)]
        server = Server(ROOT / "dashboard.py", CNN_RUNS=place)
        try:
            counts = asyncio.run(visit(server, runs, minutes))
        finally:
            server.kill()
    print(f"{counts['page runs']:,} page runs in {counts['sessions']:,} sessions: no page broke, none was lost.")


if __name__ == "__main__":
    main()
