"""Sessions with random clicks on every page, with all kinds of settings, links and runs. No page may break.

python -m tests.hardening.sessions --sessions 40
"""

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from cnn.engine import launch
from cnn.engine.trainer import train_run
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.run import new_id
from cnn.store.runs import RunStore
from tests.app import PAGES, go_to
from tests.conftest import draw_images, execute_sql

PUSHES_NOTHING = (
    "Train a new network",
    "Open a folder",
)  # these tests train nothing, and cannot see what is in a dialog


def prepare(place: Path) -> tuple[Path, list[str]]:
    """A folder of images, and runs: whole, without weights, with a snapshot missing, with broken settings, unknown."""
    folder, store = draw_images(place / "images"), RunStore(place / "runs")
    data, network = DatasetSpec(image_size=16), NetworkSpec(filters=(3,), dense=(4,))
    runs = [new_id() for _ in range(4)]
    for run_id in runs:
        store.create(run_id, str(folder), data, network, TrainingSpec(epochs=2, batch_size=4))
    for run_id in runs[:1] + runs[2:]:
        train_run(store, run_id)
    store.set_status(runs[1], "failed", "It was so.")
    store.snapshot_path(runs[2], store.history(runs[2]).snapshots()[-1].step).unlink()
    execute_sql(store, "UPDATE runs SET network_spec = '{' WHERE id = ?", runs[3])
    return folder, [*runs, "nowhere", ""]


def address(draw: random.Random, folder: Path, runs: list[str]) -> dict[str, str]:
    wild = {
        "image_size": draw.choice(("16", "20", "9999", "x")),
        "channels": draw.choice(("1", "3", "2")),
        "filters": draw.choice(("2", "3,4", "256,256,256,256", "0", "")),
        "kernel_size": draw.choice(("3", "5", "7", "4")),
        "pooling": draw.choice(("max", "none", "min")),
        "dense": draw.choice(("", "4,4,4", "4,4,4,4")),
        "batch_size": draw.choice(("1", "4096", "1.5")),
        "learning_rate": draw.choice(("0.1", "0.00037", "nan")),
        "val_fraction": draw.choice(("0", "0.37", "2")),
        "epochs": draw.choice(("1", "10000", "0")),
    }
    chosen = {name: wild[name] for name in draw.sample(sorted(wild), k=draw.randrange(5))}
    chosen["folder"] = draw.choice((str(folder), str(folder), "shapes", "/nowhere", ""))
    chosen["run"] = draw.choice(runs)
    return chosen


def click_something(app: AppTest, draw: random.Random) -> str:
    """Presses, moves or chooses one thing on the page; says what."""
    widgets = [*app.slider, *app.number_input, *app.toggle]  # of a selectbox, AppTest cannot name a formatted option
    widgets += [button for button in app.button if button.label not in PUSHES_NOTHING]
    widgets = [widget for widget in widgets if not widget.disabled]
    if not widgets:
        return "nothing"
    widget = draw.choice(widgets)
    match widget.type:
        case "button":
            widget.click()
        case "slider" | "number_input":
            low, high = widget.min, widget.max
            value = draw.choice((low, high, widget.value))
            widget.set_value(value)
        case "toggle":
            widget.set_value(not widget.value)
    return f"{widget.type} {widget.label!r}"


def session(draw: random.Random, folder: Path, runs: list[str], counts: Counter) -> None:
    app = AppTest.from_string("import dashboard\n\ndashboard.draw()", default_timeout=120)
    app.query_params.update(address(draw, folder, runs))
    trace = [f"the link {dict(app.query_params)}"]
    app.run()
    counts["sessions"] += 1
    for _ in range(draw.randrange(3, 8)):
        if draw.random() < 0.5:
            page = draw.choice(PAGES)
            trace.append(page)
            go_to(app, page).run()
            counts["page visits"] += 1
        else:
            trace.append(click_something(app, draw))
            app.run()
            counts["clicks"] += 1
        assert not app.exception, (trace, app.exception)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.sessions")
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw, counts, start = random.Random(options.seed), Counter(), time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        folder, runs = prepare(Path(place))
        os.environ["CNN_RUNS"] = str(Path(place) / "runs")
        launch.prepare = launch.start = lambda *_: None
        st.cache_resource.clear()
        for _ in range(options.sessions):
            session(draw, folder, runs, counts)
    shown = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    print(f"{shown} in {time.monotonic() - start:.0f} s: no page broke.")


if __name__ == "__main__":
    main()
