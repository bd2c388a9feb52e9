"""Random settings, links, rows of the run store and folders of images: each is accepted or refused with an error
message.

python -m tests.hardening.fuzz_settings --inputs 20000 --folders 300
"""

import argparse
import json
import os
import random
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import streamlit as st

from cnn.data.dataset import read_dataset
from cnn.data.listing import DatasetError
from cnn.model.layers import NetworkError, lay_out
from cnn.model.memory_needed import shortage
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.run import STATUSES
from cnn.store.runs import RunStore
from pages.shared import settings
from tests.hardening.fuzz_images import damage, whole_images

NUMBERS = (0, 1, -1, 2, 3, 5, 7, 16, 50, 128, 129, 256, 257, 4096, 10_000, 2**31, 10**400, 0.5, 0.9, 1e-7, 1e308)
TEXTS = ("", "on", "off", "same", "none", "max", "adam", "relu", "16,16", "1,", "nan", "inf", "-0", "1e5", "\x00", "٣")
NAMES = ("cat", "dog", "Cat", "train", "val", "test", "a b", "it's", "😀", "\u202egnp", "<script>", "a\nb", ".hidden")
NAMES += ("x.jpg", "__MACOSX", "caf\udce9", "1", "10", "2", "-", "$x$", "*b*")
FILES = ("1.jpg", "2.PNG", "cat.0.jpg", "dog.1.jpg", "notes.txt", "._1.jpg", "Thumbs.db", "x.svg", "cat.zip", "10.webp")


def anything(draw: random.Random, depth: int = 0):
    kinds = [draw.choice(NUMBERS), draw.choice(TEXTS), None, True, False, draw.randrange(-5, 300), draw.random()]
    if depth < 2:
        kinds.append([anything(draw, depth + 1) for _ in range(draw.randrange(6))])
        kinds.append({draw.choice(TEXTS): anything(draw, depth + 1)})
    return draw.choice(kinds)


def fuzz_specs(draw: random.Random, results: Counter) -> None:
    spec = draw.choice((DatasetSpec, NetworkSpec, TrainingSpec))
    values = spec().to_dict()
    for name in draw.sample(sorted(values), k=draw.randrange(1, 3)):
        values[name] = anything(draw)
    try:
        made = spec.from_dict(values)
    except ValueError as error:
        assert "must be" in str(error) or "Unknown" in str(error), error
        results["settings refused"] += 1
        return
    results["settings taken"] += 1
    assert spec.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    if spec is NetworkSpec:
        data = DatasetSpec(image_size=draw.randrange(16, 129))
        try:
            layers = lay_out(made, data.image_size, 1, draw.randrange(2, 200))
        except NetworkError as error:
            assert "What would fit" in str(error)
        else:
            assert all(value > 0 for layer in layers for value in layer.shape)
            shortage(data, made, TrainingSpec(batch_size=draw.randrange(1, 4097)), 2, draw.randrange(10**10))


def fuzz_links(draw: random.Random, results: Counter) -> None:
    address = {name: str(anything(draw)) for name in draw.sample(sorted(settings.DEFAULTS), k=draw.randrange(1, 6))}
    errors = []
    st.session_state = {}
    settings.restore(address, lambda name, text, error: errors.append(str(error)))
    for name, (spec, field) in settings.FIELDS.items():
        spec.from_dict({field: settings.current(name)})
    assert all("must be" in text or "on or off" in text for text in errors), errors
    results["links with a mistake" if errors else "links without"] += 1


def fuzz_rows(draw: random.Random, store: RunStore, results: Counter) -> None:
    with closing(sqlite3.connect(store.directory / "runs.sqlite")) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(runs)")]
        value = anything(draw)
        if isinstance(value, (list, dict)) or draw.random() < 0.3:
            value = json.dumps(value)
        if isinstance(value, int) and abs(value) >= 2**63:
            value = float("inf")
        db.execute("DELETE FROM runs WHERE id = 'fuzzed'")
        db.execute("INSERT INTO runs SELECT 'fuzzed', " + ", ".join(columns[1:]) + " FROM runs WHERE id = 'whole'")
        with suppress(sqlite3.IntegrityError):
            db.execute(f"UPDATE runs SET {draw.choice(columns[1:])} = ? WHERE id = 'fuzzed'", (value,))
    runs, damaged = {run.id: run for run in store.all()}, dict(store.damaged())
    assert "whole" in runs and ("fuzzed" in runs) != ("fuzzed" in damaged)
    if "fuzzed" in runs:
        assert runs["fuzzed"].status in STATUSES and runs["fuzzed"].name
    results["damaged runs" if damaged else "rows that are runs"] += 1


def fuzz_folders(draw: random.Random, place: Path, whole: dict[str, bytes], results: Counter) -> None:
    folder = place / f"{results.total()}"
    folder.mkdir()
    folders = [folder]
    for _ in range(draw.randrange(1, 8)):
        inner = draw.choice(folders) / draw.choice(NAMES)
        inner.mkdir(exist_ok=True)
        folders.append(inner)
    for _ in range(draw.randrange(30)):
        path = draw.choice(folders) / draw.choice(
            (f"{draw.randrange(9)}.png", draw.choice(FILES), draw.choice(NAMES) + ".jpg")
        )
        data = whole[draw.choice(sorted(whole))]
        if not os.path.lexists(path):
            if draw.random() < 0.1:
                path.symlink_to(draw.choice((folder, path, Path("/nowhere"), draw.choice(folders))))
            else:
                path.write_bytes(data if draw.random() < 0.6 else damage(data, data[::-1], draw))
    spec = DatasetSpec(image_size=16, max_per_class=draw.choice((1, 3, 2500)), val_fraction=draw.choice((0, 0.2, 0.9)))
    try:
        dataset = read_dataset(folder, spec, place / "cache")
    except DatasetError as error:
        assert str(error).strip()
        results["folders refused"] += 1
        return
    results["folders read"] += 1
    assert len(dataset.classes) >= 2 and dataset.images.shape[1:] == (16, 16, 1)
    assert set(dataset.labels.tolist()) == set(range(len(dataset.classes)))
    assert all(skipped.reason for skipped in dataset.skipped)
    for text in (*dataset.classes, *(skipped.path for skipped in dataset.skipped)):
        text.encode()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.fuzz_settings")
    parser.add_argument("--inputs", type=int, default=20_000, help="settings, and as many links; a tenth as many rows")
    parser.add_argument("--folders", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw, results, start = random.Random(options.seed), Counter(), time.monotonic()
    whole = whole_images()
    with tempfile.TemporaryDirectory() as place:
        store = RunStore(Path(place) / "runs")
        store.create("whole", "/images", DatasetSpec(), NetworkSpec(), TrainingSpec())
        for _ in range(options.inputs):
            fuzz_specs(draw, results)
            fuzz_links(draw, results)
        for _ in range(options.inputs // 10):
            fuzz_rows(draw, store, results)
        for _ in range(options.folders):
            fuzz_folders(draw, Path(place), whole, results)
    print(f"In {time.monotonic() - start:.0f} s, none of them anything else:")
    for name, count in results.items():
        print(f"  {count:6,}  {name}")


if __name__ == "__main__":
    main()
