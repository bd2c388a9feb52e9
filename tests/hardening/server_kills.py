"""Kills Streamlit servers while runs train that were started on their pages. The trainers must not be affected.

    python -m tests.hardening.server_kills --kills 10

A run is started with a click in a real browser on `streamlit run dashboard.py`, and the server killed at random
moments. Without it the steps must go on. A new server must find the run, show it and steer it, and in the end all
figures and all weights must be those of an undisturbed run, bit for bit, and no process be left.
"""

import argparse
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import psutil
from playwright.sync_api import Page, expect

from cnn.engine.trainer import train_run
from cnn.store.runs import RunStore
from tests.benchmarks.browser import chromium, new_page
from tests.browser.app import TRAIN, button, run_id, shown_step
from tests.browser.server import ROOT, Server
from tests.conftest import draw_images, wait
from tests.hardening.kills import DATA, NETWORK, TRAINING, check, create, outcome

LONG = replace(TRAINING, epochs=400)
SETTINGS = {"image_size": 16, "filters": "3,4", "padding": "same", "batch_norm": "on", "dropout": 0.25, "dense": 4}
SETTINGS |= {"batch_size": 4, "learning_rate": 0.01, "seed": 5, "epochs": LONG.epochs}


def newest_step(store: RunStore, run: str) -> int:
    return store.history(run).steps(at_most=1)[-1].step


def start(server: Server, page: Page, folder: Path) -> str:
    page.goto(f"{server.url}/train?{urlencode(SETTINGS | {'folder': folder}, safe=',')}")
    expect(button(page, TRAIN)).to_be_enabled()
    button(page, TRAIN).click()
    run = run_id(page)
    wait(lambda: shown_step(page) > 0)
    return run


def kill(server: Server, store: RunStore, run: str) -> None:
    """Kills the server; the run must go on without it."""
    server.kill()
    before = newest_step(store, run)
    wait(lambda: newest_step(store, run) > before or store.get(run).status == "finished")


def find(server: Server, page: Page) -> None:
    """Has another server take over, on whose page the run is steered."""
    server.start()
    page.reload()
    expect(button(page, "Pause").or_(page.get_by_text("Finished in"))).to_be_visible()
    if button(page, "Pause").count():
        button(page, "Pause").click()
        expect(page.get_by_text("Paused.")).to_be_visible()
        button(page, "Resume").click()
        expect(page.get_by_text("Paused.")).to_have_count(0)


def disturbed(server, page, store, folder, expected, draw: random.Random, most: int, seconds: float) -> int:
    """Trains a run while up to `most` servers are killed, within about so many seconds; returns how many were."""
    run, kills = start(server, page, folder), 0
    made = store.get(run)
    assert (made.dataset_spec, made.network_spec, made.training_spec) == (DATA, NETWORK, LONG)
    while kills < most:
        time.sleep(0.3 * seconds * draw.random())
        if not store.get(run).active:
            break
        kill(server, store, run)
        kills += 1
        print(f"  killed after step {newest_step(store, run):,}", flush=True)
        find(server, page)
    wait(lambda: not store.get(run).active, 10 * seconds)
    assert store.get(run).status == "finished", store.get(run).message
    expect(page.get_by_text("Finished in")).to_be_visible()
    check(store.directory, run)
    assert outcome(store, run) == expected, "the result differs from that of the undisturbed run"
    return kills


def trainers(directory: Path) -> list[int]:
    """The ids of processes that train, or wait to train, runs of that store."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if {"cnn.engine.trainer", str(directory)} <= set(process.info["cmdline"] or ())
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.server_kills")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw, began = random.Random(options.seed), time.monotonic()
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        folder, store = draw_images(Path(place) / "images"), RunStore(Path(place) / "runs")
        undisturbed = create(store, folder, LONG)
        assert train_run(store, undisturbed) == "finished"
        seconds, expected = time.monotonic() - began, outcome(store, undisturbed)
        print(f"An undisturbed run: {len(expected['steps']):,} steps in {seconds:.0f} s.", flush=True)
        server, page = Server(ROOT / "dashboard.py", CNN_RUNS=str(store.directory)), new_page(browser)
        done = runs = 0
        try:
            while done < options.kills:
                done += disturbed(server, page, store, folder, expected, draw, min(3, options.kills - done), seconds)
                runs += 1
                print(f"  {done} kills, {runs} runs finished, each bit for bit the undisturbed one", flush=True)
        finally:
            server.kill()
            for run in store.all():
                store.request(run.id, "stop")
            wait(lambda: not trainers(store.directory))
    print(f"{done} servers killed in {time.monotonic() - began:.0f} s: nothing was lost.")


if __name__ == "__main__":
    main()
