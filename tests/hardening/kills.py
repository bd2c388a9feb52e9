"""Kills trainers at random moments, and compares their runs with an undisturbed run.

    python -m tests.hardening.kills --kills 60

After every kill the store must open, its file be whole, the steps have no gap, every weight file load and the run read
as interrupted; in the end all figures and all weights must be those of the undisturbed run, bit for bit.
"""

import argparse
import multiprocessing
import os
import random
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # sums of floats depend on the number of threads

import torch

from cnn.engine import recorder
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store import snapshots
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from tests.conftest import draw_images, execute_sql

DATA = DatasetSpec(image_size=16)
NETWORK = NetworkSpec(filters=(3, 4), padding="same", batch_norm=True, dropout=0.25, dense=(4,))
TRAINING = TrainingSpec(epochs=80, batch_size=4, learning_rate=0.01, seed=5)
CHECKPOINT_EVERY = 0.2  # seconds, in place of 10: kills should meet checkpoints as they are written


def create(store: RunStore, folder: Path, training: TrainingSpec = TRAINING) -> str:
    run_id = new_id()
    assert store.create(run_id, str(folder), DATA, NETWORK, training)
    return run_id


def outcome(store: RunStore, run_id: str) -> dict:
    """All figures and weights of a run, but times."""
    epochs = [epoch._replace(seconds=0, images_per_second=0) for epoch in store.history(run_id).epochs()]
    weights = snapshots.load(store.snapshot_path(run_id, store.history(run_id).snapshots()[-1].step))
    steps = store.history(run_id).steps(at_most=1_000_000)
    return {"epochs": epochs, "steps": steps, "weights": {name: value.tolist() for name, value in weights.items()}}


def check(directory: Path, run_id: str) -> int:
    """All that must hold after a kill; returns how many steps are kept for good, which the checkpoint continues."""
    store = RunStore(directory)
    with closing(sqlite3.connect(directory / "runs.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    steps = [row.step for row in store.history(run_id).steps(at_most=1_000_000)]
    assert steps == list(range(1, len(steps) + 1)), "steps are missing"
    for snapshot in store.history(run_id).snapshots()[-4:]:  # earlier ones were looked at after earlier kills
        snapshots.load_model(store, store.get(run_id), snapshot.step)
    if not store.checkpoint_path(run_id).exists():
        return 0
    kept = snapshots.load(store.checkpoint_path(run_id))["progress"]["step"]
    assert kept <= len(steps), "steps that the checkpoint continues are missing"
    return kept


def train(directory: Path, run_id: str) -> None:
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    torch.set_num_threads(1)
    recorder.CHECKPOINT_EVERY = CHECKPOINT_EVERY
    train_run(RunStore(directory), run_id)


def start_trainer(directory: Path, run_id: str) -> multiprocessing.Process:
    """A process that has torch loaded already, so that its time goes into training. Not the compiled loops: those
    cannot be used by a process that is forked from one that has their threads, so this one trains nothing itself."""
    process = multiprocessing.get_context("fork").Process(target=train, args=(directory, run_id))
    process.start()
    return process


def kill_trainers(directory: Path, folder: Path, expected: dict, kills: int, draw: random.Random) -> None:
    done = runs = 0
    while done < kills:
        run_id, kept = create(RunStore(directory), folder), 0
        runs += 1
        while True:
            process = start_trainer(directory, run_id)
            process.join(draw.choice((0.1, 1.0, 4.0)) * draw.random() if done < kills else None)
            if process.is_alive():
                process.kill()
                process.join()
                done += 1
            store = RunStore(directory)
            execute_sql(store, "UPDATE runs SET launched = 0")  # a run that was just started is given time to come up
            now = check(directory, run_id)
            assert now >= kept, "history was lost"
            kept = now
            if store.get(run_id).status == "finished":
                break
            assert store.get(run_id).status == "interrupted", store.get(run_id).status
            assert store.reopen(run_id)
            print(f"\r  {done} kills, {now} steps of run {runs}", end="", flush=True)
        assert outcome(store, run_id) == expected, "the result differs from that of the undisturbed run"
        print(f"\r  {done} kills, {runs} runs finished, each bit for bit the undisturbed one", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.kills")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    draw, start = random.Random(options.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        folder = draw_images(Path(place) / "images")
        directory = Path(place) / "runs"
        store = RunStore(directory)
        undisturbed = create(store, folder)
        start_trainer(directory, undisturbed).join()
        assert store.get(undisturbed).status == "finished"
        expected = outcome(store, undisturbed)
        print(f"An undisturbed run: {len(expected['steps'])} steps.")
        kill_trainers(directory, folder, expected, options.kills, draw)
    print(f"{options.kills} trainers killed in {time.monotonic() - start:.0f} s: nothing was lost.")


if __name__ == "__main__":
    main()
