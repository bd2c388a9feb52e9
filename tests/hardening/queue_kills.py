"""Kills trainers, and processes that start them, at random moments while a queue of tiny runs is trained.

    python -m tests.hardening.queue_kills --runs 12 --kills 30

One process after another drives the queue (as a server or a command line would) and is killed, too. It takes every run
that waits for short, so that again and again one that trains gives way. In the end every run must have finished, each
with the figures and weights of an undisturbed run of the same seed, bit for bit; never may more runs train than there
are places, and no run may have two trainers.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # sums of floats depend on the number of threads
os.environ["CNN_AT_ONCE"] = "2"

import psutil
import torch

from cnn.engine import experiment, queue
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.specs.experiment_spec import ExperimentSpec, Variant
from cnn.store import interruption
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from cnn.system.locks import is_held
from tests.conftest import draw_images, execute_sql
from tests.hardening.kills import outcome

DATA, NETWORK = DatasetSpec(image_size=16), NetworkSpec(filters=(3,), dropout=0.25, batch_norm=True, dense=(4,))
TRAINING = TrainingSpec(epochs=60, batch_size=4, learning_rate=0.01)
SHORT = 0.01  # seconds that every waiting run is said to take, so that all that train are long against it
LATENESS = 20.0  # seconds after which a run whose trainer never came counts as lost, in place of 60

DRIVER = f"""
import sys, time
from cnn.engine import giving_way, queue
from cnn.store import interruption, runs
interruption.START_PATIENCE = {LATENESS}
giving_way.LEAST, giving_way.MOST, giving_way.START_SECONDS = 0.0, 1000, 0.0
queue.lengths = lambda store: dict.fromkeys((run.id for run in queue.waiting.waiting(store)), {SHORT})
store = runs.RunStore(sys.argv[1])
while True:
    queue.advance(store)
    time.sleep(0.05)
"""


def trainers(directory: Path) -> list[psutil.Process]:
    """All processes that train for this store, or are about to."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "cnn.engine.trainer" in command and str(directory) in command:
            found.append(process)
    return found


def check(store: RunStore) -> None:
    """What must hold at any moment."""
    held = [run.id for run in store.all() if is_held(store.lock(run.id))]
    taking = [run for run in store.all() if run.status in ("starting", "reading", "running")]
    assert len(taking) <= queue.places(), f"{len(taking)} runs train"
    assert len(held) <= queue.places() + 1, f"{len(held)} runs have a trainer"  # one that ends has its lock a moment
    for run in store.all():
        assert run.status != "failed", run.message


def drive(directory: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", DRIVER, str(directory)])


def soak(store: RunStore, kills: int, draw: random.Random) -> dict[str, int]:
    """Kills until it has killed enough, then waits for the end; returns how often it killed what."""
    counts = {"trainers": 0, "drivers": 0}
    driver, deadline = drive(store.directory), time.monotonic() + 60 + 20 * kills
    try:
        while any(run.status != "finished" for run in store.all()):
            assert time.monotonic() < deadline, [run.status for run in store.all()]
            time.sleep(draw.choice((0.05, 0.5, 2.0)) * draw.random())
            check(store)
            if sum(counts.values()) >= kills:
                continue
            if draw.random() < 0.1:
                driver.kill()
                driver.wait()
                counts["drivers"] += 1
                driver = drive(store.directory)
            elif found := trainers(store.directory):
                with suppress(psutil.NoSuchProcess):
                    draw.choice(found).send_signal(signal.SIGKILL)
                    counts["trainers"] += 1
            # Kills come faster here than any run could get to a checkpoint.
            execute_sql(store, "UPDATE runs SET losses = 0")
            print(f"\r  {counts}", end="", flush=True)
    finally:
        driver.kill()
        driver.wait()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.queue_kills")
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    interruption.START_PATIENCE = LATENESS
    draw, begun = random.Random(options.seed), time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        folder, store = draw_images(Path(place) / "images"), RunStore(Path(place) / "runs")
        undisturbed = RunStore(Path(place) / "undisturbed")
        seeds = tuple(range(options.runs))
        spec = ExperimentSpec("soak", (Variant("same settings", {}),), seeds, DATA, NETWORK, TRAINING)
        name = experiment.start(store, str(folder), spec)
        counts = soak(store, options.kills, draw)
        gave_way = execute_sql(store, "SELECT SUM(gave_way) FROM runs")[0][0]
        print(f"\r  killed {counts['trainers']} trainers and {counts['drivers']} drivers of the queue")
        print(f"  runs gave way {gave_way} times")
        assert gave_way, "no run gave way"
        for (_, seed), run in experiment.runs(store, name).items():
            run_id = new_id()
            undisturbed.create(run_id, str(folder), *spec.specs(spec.variants[0], seed))
            assert train_run(undisturbed, run_id) == "finished"
            assert outcome(store, run.id) == outcome(undisturbed, run_id), "the result differs"
    print(f"{options.runs} runs finished in {time.monotonic() - begun:.0f} s, each bit for bit the undisturbed one.")


if __name__ == "__main__":
    main()
