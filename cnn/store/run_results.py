"""What came of each run: one record a run, read in one query, whatever the number of runs. Imports no torch."""

from typing import NamedTuple

from cnn.store.records import EPOCHS, checked_rows, is_whole
from cnn.store.run import Run
from cnn.store.runs import RunStore
from cnn.training.accuracy import Accuracy

# The snapshot that pages show first: of an ended run the one with the lowest held-out loss, else the newest.
QUERY = """
WITH ranked AS (
    SELECT *,
        ROW_NUMBER() OVER (PARTITION BY run ORDER BY saved IS NULL, val_loss IS NULL, val_loss, step) AS by_loss,
        ROW_NUMBER() OVER (PARTITION BY run ORDER BY epoch DESC) AS by_time
    FROM epochs LEFT JOIN (SELECT run, step, 1 AS saved FROM snapshots) USING (run, step))
SELECT run, COUNT(*) AS epochs, SUM(seconds) AS seconds, MAX(val_accuracy) AS best,
    MAX(CASE WHEN by_loss = 1 THEN val_accuracy END) AS best_accuracy,
    MAX(CASE WHEN by_time = 1 THEN val_accuracy END) AS last_accuracy,
    MAX(CASE WHEN by_loss = 1 THEN val_loss END) AS best_loss,
    MAX(CASE WHEN by_time = 1 THEN val_loss END) AS last_loss
FROM ranked GROUP BY run
"""
COLUMNS = {
    "epochs": is_whole,
    "seconds": EPOCHS["seconds"],
    **dict.fromkeys(("best", "best_accuracy", "last_accuracy"), EPOCHS["val_accuracy"]),
    **dict.fromkeys(("best_loss", "last_loss"), EPOCHS["val_loss"]),
}


class Result(NamedTuple):
    """epochs: how many are complete. seconds: of training and judging them. best: the highest held-out accuracy after
    any epoch. accuracy, loss: those of the snapshot that pages show first, on the held-out images. Accuracies are 0..1,
    or None without held-out images."""

    epochs: int = 0
    seconds: float = 0.0
    best: float | None = None
    accuracy: float | None = None
    loss: float | None = None


def results(store: RunStore, runs: list[Run]) -> dict[str, Result]:
    """The result of each run, by its id. A run whose history is damaged has none."""
    with store.transaction() as db:
        rows = {row["run"]: dict(row) for row in db.execute(QUERY)}
    found = {}
    for run in runs:
        if run.id not in rows:
            found[run.id] = Result()
            continue
        try:
            [row] = checked_rows("epochs", [rows[run.id]], COLUMNS)
        except ValueError:
            continue
        which = "last" if run.active else "best"
        shown = row[f"{which}_accuracy"], row[f"{which}_loss"]
        found[run.id] = Result(row["epochs"], row["seconds"], row["best"], *shown)
    return found


def accuracy_of(run: Run, result: Result) -> Accuracy | None:
    """The held-out accuracy of the snapshot that pages show first, with the number of images; None if unknown."""
    images = run.facts.get("val_images")
    if result.accuracy is None or not is_whole(images) or not images:
        return None
    return Accuracy(round(result.accuracy * images), images)
