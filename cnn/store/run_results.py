"""What came of each run: one record a run, read in one query, whatever the number of runs. Imports no torch."""

import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from cnn.model.layers import total_parameters
from cnn.store.records import EPOCHS, checked_rows, is_whole
from cnn.store.run import Run
from cnn.store.run_summary import layers_of
from cnn.store.runs import RunStore
from cnn.training.accuracy import Accuracy

WHOLE = "typeof({0}) = 'integer' AND {0} BETWEEN 0 AND 999999999999"
NUMBER = "typeof({0}) IN ('integer', 'real') AND {0} >= 0 AND {0} < 1e39"
SHARE = "typeof({0}) IN ('integer', 'real') AND {0} BETWEEN 0 AND 1"
LIST = "CASE WHEN json_valid({0}) THEN json_type({0}) = 'array' ELSE 0 END"
# Whether a row holds what `cnn.store.records.EPOCHS` allows, as far as SQLite can tell.
VALID = " AND ".join(
    [
        *(f"({WHOLE.format(name)})" for name in ("epoch", "step")),
        *(f"({NUMBER.format(name)})" for name in ("train_loss", "seconds", "images_per_second")),
        f"({SHARE.format('train_accuracy')})",
        f"(val_loss IS NULL OR ({NUMBER.format('val_loss')}))",
        f"(val_accuracy IS NULL OR ({SHARE.format('val_accuracy')}))",
        *(f"({LIST.format(name)})" for name in ("val_predicted", "val_right", "dead")),
    ]
)
# The snapshot that pages show first: of an ended run the one with the lowest held-out loss, else the newest.
QUERY = f"""
WITH whole AS (
    SELECT run, COUNT(*) AS epochs, SUM(seconds) AS seconds, MAX(val_accuracy) AS best, MAX(epoch) AS newest,
        SUM(NOT ({VALID})) AS damaged,
        (SELECT one.epoch FROM epochs AS one LEFT JOIN snapshots USING (run, step) WHERE one.run = epochs.run
            ORDER BY snapshots.epoch IS NULL, val_loss IS NULL, val_loss, step LIMIT 1) AS by_loss
    FROM epochs WHERE run IN (SELECT value FROM json_each(:runs)) GROUP BY run)
SELECT whole.run, epochs, whole.seconds, best, shown.val_accuracy AS best_accuracy, last.val_accuracy AS last_accuracy,
    shown.val_loss AS best_loss, last.val_loss AS last_loss, damaged
FROM whole JOIN epochs AS shown ON shown.run = whole.run AND shown.epoch = by_loss
    JOIN epochs AS last ON last.run = whole.run AND last.epoch = newest
"""
CURVES = """
WITH timed AS (
    SELECT run, epoch, step, train_loss, train_accuracy, val_loss, val_accuracy,
        SUM(seconds) OVER (PARTITION BY run ORDER BY epoch) AS seconds, COUNT(*) OVER (PARTITION BY run) AS number
    FROM epochs WHERE run IN (SELECT value FROM json_each(:runs)))
SELECT * FROM timed WHERE epoch % MAX(1, (number + :at_most - 1) / :at_most) = 0 OR epoch = number ORDER BY run, epoch
"""
CURVE_COLUMNS = ("epoch", "step", "seconds", "train_loss", "train_accuracy", "val_loss", "val_accuracy")


class Result(NamedTuple):
    """epochs: how many are complete. seconds: of training and judging them. best: the highest held-out accuracy after
    any epoch. accuracy, loss: those of the snapshot that pages show first, on the held-out images. Accuracies are 0..1,
    or None without held-out images. last: the accuracy after the last epoch."""

    epochs: int = 0
    seconds: float = 0.0
    best: float | None = None
    accuracy: float | None = None
    loss: float | None = None
    last: float | None = None


def results(store: RunStore, runs: Sequence[Run]) -> dict[str, Result]:
    """The result of each run, by its id. A run whose history is damaged has none."""
    ids = json.dumps([run.id for run in runs])
    with store.transaction() as db:
        rows = {row["run"]: dict(row) for row in db.execute(QUERY, {"runs": ids})}
    found = {}
    for run in runs:
        if run.id not in rows:
            found[run.id] = Result()
            continue
        if rows[run.id]["damaged"]:
            continue
        row = rows[run.id]
        which = "last" if run.active else "best"
        shown = row[f"{which}_accuracy"], row[f"{which}_loss"]
        found[run.id] = Result(row["epochs"], row["seconds"], row["best"], *shown, row["last_accuracy"])
    return found


def curves(store: RunStore, run_ids: Sequence[str], at_most: int = 200) -> dict[str, dict[str, np.ndarray]]:
    """For each run with epochs: epoch, step, seconds since its first step, train_loss, train_accuracy, val_loss and
    val_accuracy, each float64 (points,); NaN where no images are held out. Of more than `at_most` epochs, about that
    many are given, evenly spaced, and the last. Runs whose history is damaged are left out."""
    with store.transaction() as db:
        found = db.execute(CURVES, {"runs": json.dumps(list(run_ids)), "at_most": at_most})
        rows = {run: list(map(dict, own)) for run, own in groupby(found, key=itemgetter("run"))}
    columns = {name: EPOCHS[name] for name in CURVE_COLUMNS}
    drawn = {}
    for run_id, own in rows.items():
        with suppress(ValueError):
            checked = checked_rows("epochs", own, columns)
            drawn[run_id] = {name: np.array([row[name] for row in checked], np.float64) for name in CURVE_COLUMNS}
    return drawn


class Compared(NamedTuple):
    """A run beside others. accuracy: held-out, of the snapshot that pages show first. parameters, multiply_adds: of the
    network; None if its images are not read yet."""

    run: Run
    result: Result
    accuracy: Accuracy | None
    parameters: int | None
    multiply_adds: int | None


def compared(store: RunStore, runs: Sequence[Run]) -> list[Compared]:
    """What came of some runs, in their order, without those whose history is damaged."""
    found, rows = results(store, runs), []
    for run in runs:
        if run.id in found:
            layers, result = layers_of(run), found[run.id]
            costs = (total_parameters(layers), sum(layer.multiply_adds for layer in layers)) if layers else (None, None)
            rows.append(Compared(run, result, accuracy_of(run, result), *costs))
    return rows


def accuracy_of(run: Run, result: Result) -> Accuracy | None:
    """The held-out accuracy of the snapshot that pages show first, with the number of images; None if unknown."""
    images = run.facts.get("val_images")
    if result.accuracy is None or not is_whole(images) or not images:
        return None
    return Accuracy(round(result.accuracy * images), images)
