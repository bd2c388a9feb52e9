"""The Results page with many images and classes: how long each of its parts takes once the predictions are there."""

import time
from collections.abc import Callable

import numpy as np

from cnn.data.dataset import Dataset, read_dataset
from cnn.data.image_traits import traits
from cnn.figures.confusion_picture import confusion_png
from cnn.figures.story_picture import story_picture
from cnn.model.build import build
from cnn.model.layers import lay_out
from cnn.model.model import Model
from cnn.specs import DatasetSpec, NetworkSpec
from cnn.store.kept_predictions import kept_predictions
from cnn.store.runs import RunStore
from cnn.training.confusion import Cell, best, confused_together, most_unsure, surest_mistakes, worst
from cnn.training.evaluation import Predictions, predict
from cnn.training.learned import GROUPS, Story
from cnn.training.tables import classes_csv, confusion_csv, images_csv, story_csv
from pages.shared.results import results_text
from tests.benchmarks.measure import Options, note, percentile, seconds, table, title
from tests.published import write_idx

CLASSES = 100
GOAL = 0.7  # seconds
REPEATS = 3


def run(options: Options) -> None:
    images = options.pick(2000, 60_000)
    folder = options.scratch / "set"
    rng = np.random.default_rng(0)
    labels = np.arange(images) % CLASSES
    noise = rng.integers(0, 120, (images, 16, 16))
    light = np.stack([labels % 10, labels // 10], 1) * 13  # of the left and of the right half
    pictures = (noise + np.repeat(light, 8, 1)[:, None, :]).astype(np.uint8)
    few = slice(0, 10 * CLASSES)
    made = {"train": (pictures, labels.astype(np.uint8)), "test": (pictures[few], labels[few].astype(np.uint8))}
    store, spec = RunStore(options.scratch / "runs"), DatasetSpec(image_size=16, channels=1, max_per_class=1_000_000)
    dataset = read_dataset(write_idx(folder, made), spec, store.cache)
    layers = lay_out(NetworkSpec(filters=(8,), dense=(32,)), spec.image_size, spec.channels, CLASSES)
    _parts(store, Model(layers, build(layers, seed=0), dataset.classes), dataset)


def _parts(store: RunStore, model: Model, dataset: Dataset) -> None:
    """Times what the page does on the server, on all images that are not test images."""
    pool = np.sort(np.concatenate([dataset.train, dataset.val]))
    asked = store, "run", model, dataset.fingerprint, dataset.labels, pool

    def computed() -> Predictions:
        return predict(model, dataset.images, dataset.labels, pool)

    first = seconds(lambda: kept_predictions(*asked, computed))
    found = kept_predictions(*asked, computed)
    answers = np.repeat(found.predicted[None], 12, 0).astype(np.int16)
    answers[: len(answers) // 2, ::3] = 0
    story = Story(np.arange(12) * 100, answers, np.repeat(found.of_truth[None], 12, 0), found.labels, found.indices)
    confusion, order = found.confusion, list(range(len(model.classes)))
    names, rows = dataset.paths, worst(found)

    def fresh() -> Predictions:
        return Predictions(found.logits, found.labels, found.indices, found.batch_size)

    parts: dict[str, Callable[[], object]] = {
        "predictions of a new session, from the disk": lambda: kept_predictions(*asked, computed),
        "confusion matrix": lambda: fresh().confusion,
        "order of the classes": lambda: confused_together(confusion),
        "images behind a cell, worst first": lambda: worst(fresh())[Cell(1, 2).holds(found)[rows]],
        "the other lists": lambda: (best(found), most_unsure(found), surest_mistakes(found)),
        "each class": lambda: results_text.class_rows(model.classes, confusion, order),
        "calibration": lambda: fresh().calibration(),
        "groups learned early, late, ...": lambda: [story.group(name) for name in GROUPS],
        "picture of the snapshots": lambda: story_picture(story.right, story.of_truth),
        "properties of 5,000 images": lambda: traits(dataset.images[:5000], dataset.sizes[:5000]),
    }
    files: dict[str, Callable[[], object]] = {
        "confusion.png": lambda: confusion_png(model.classes, confusion),
        "confusion.csv": lambda: confusion_csv(model.classes, confusion),
        "classes.csv": lambda: classes_csv(model.classes, confusion),
        "learned.csv": lambda: story_csv(names, model.classes, story),
        "images.csv": lambda: images_csv(names, model.classes, found, rows),
    }
    title(f"Results of {len(pool):,} images in {len(model.classes)} classes")
    table(["part of the page, once computed", "median, s", "under 0.7 s"], [_row(*part) for part in parts.items()])
    title("Files, made after a click")
    table(["file", "median, s", "under 0.7 s"], [_row(*part) for part in files.items()])
    note(f"Computing the predictions beside the page, by a small network that is not trained, takes {first:.1f} s.")


def _row(name: str, action: Callable[[], object]) -> list[str]:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    median = percentile(times, 0.5)
    return [name, f"{median:.3f}", "yes" if median < GOAL else "no"]
