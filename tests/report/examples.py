"""A report with evidence and hand-in files, for tests."""

import base64
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from cnn.data.images import to_png
from cnn.report.report import Evidence, Report, Table
from cnn.store import image_sets
from cnn.store.image_sets import ImageSet
from cnn.store.runs import RunStore

ASSIGNMENT = """\
# My own network

Build one, and say what you see.

## Data {#data}

Look at the images.

### How many classes? {#classes}
kind: number
answer: 2
points: 2

How many classes has your dataset?

### What do you notice? {#notice}
points: 5
rubric: Names one thing that could mislead the network.

Describe the images in your own words.

## Results {#results}

### How good is it? {#good}

Give numbers, and say how sure they are.
"""
ANSWERS = {
    "classes": 2,
    "notice": "The **dogs** are darker.\n\n- eyes\n- *ears*",
    "good": "About 90 %, `give or take`.",
}


def picture(seed: int = 0, side: int = 50) -> str:
    """An SVG text as the pages make them: an image as PNG, and words."""
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    png = base64.b64encode(to_png(pixels)).decode()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 220" width="400" height="220">'
        '<rect width="400" height="220" fill="white"/>'
        f'<image x="10" y="10" width="180" height="180" href="data:image/png;base64,{png}"/>'
        f'<text x="210" y="60" font-size="16" font-family="sans-serif">Picture {seed}</text></svg>'
    )


def evidence(number: int, step: str = "data") -> Evidence:
    return Evidence(
        f"e{number}", step, "filters", f"Filters, conv{number}", "?layer=conv1", f"What *{number}* shows.",
        run_name="my run", picture=picture(number), numbers=Table(("class", "right"), (("cat", 0.5), ("dog", 7))),
    )  # fmt: skip


def report(run: str = "", pieces: int = 2, title: str = "My own network", **changes) -> Report:
    values = {"group": "7", "students": "Ada Lovelace\nAlan Turing", "run": run, "answers": ANSWERS} | changes
    return Report(
        "r1", ASSIGNMENT, title, **values,
        evidence=tuple(evidence(i, "data" if i % 2 else "results") for i in range(pieces)), changed=1.7e9,
    )  # fmt: skip


def keep_new_images(store: RunStore, folder: Path, name: str = "phone") -> ImageSet:
    """Adds a set of new images to the store: five of each class of the small dataset, one of another, one of none.

    They are photographs as phones make them: of different sizes, one turned, one of a palette."""
    draw = np.random.default_rng(5)
    for number in range(12):
        label = ("dark", "light")[number % 2] if number < 10 else ("frog", "")[number - 10]
        file = folder / label / f"ä {number}{'.png' if number == 4 else '.jpg'}"
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = draw.integers(0, 255, (30 + number, 40, 3), np.uint8)
        image = Image.fromarray(pixels if number % 3 else pixels // 4)
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6 if number == 2 else 1
        (image.convert("P") if number == 4 else image).save(file, exif=exif)
    return image_sets.add(store, name, folder, ("dark", "light"))[0]


def changed(content: bytes, **files) -> bytes:
    """The hand-in with other files in it: name (with _ for . and -) -> content, or None to leave it out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = {name.replace(".", "_").replace("-", "_").replace("/", "_"): name for name in parts}
    parts |= {names.get(name, name): new for name, new in files.items()}
    return packed({name: part for name, part in parts.items() if part is not None})


def packed(parts: dict[str, bytes], **options) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def answers(content: bytes, **changes) -> bytes:
    """Its answers.json with some values changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return json.dumps(json.loads(archive.read("answers.json")) | changes).encode()
