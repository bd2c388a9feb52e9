"""Predictions of a run's snapshots, kept in its folder, so that they are computed once only."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from cnn.model.model import Model
from cnn.store import results
from cnn.store.runs import RunStore
from cnn.training.evaluation import Predictions

PATTERN = "predictions-*.npz"
MOST_BYTES = 400_000_000  # for a run; those that were used last stay


def kept_predictions(
    store: RunStore,
    run_id: str,
    model: Model,
    fingerprint: str,
    labels: np.ndarray,
    indices: np.ndarray,
    compute: Callable[[], Predictions],
) -> Predictions:
    """The predictions of a snapshot of a run for images of a dataset: those that are kept, otherwise those that
    `compute` gives, which are kept from now on.

    fingerprint: of the dataset. labels: int64, of all its images. indices: int64 (N,).
    """
    chosen = hashlib.sha256(indices.astype(np.int64).tobytes()).hexdigest()
    path = store.folder(run_id) / f"predictions-{results.key(model, fingerprint, chosen)}.npz"
    kept = results.load(path) or {}
    if set(kept) == {"logits", "batch_size"} and kept["logits"].shape == (len(indices), len(model.classes)):
        with suppress(OSError):
            os.utime(path)  # used last
        return Predictions(kept["logits"], labels[indices], indices, int(kept["batch_size"]))
    found = compute()
    with suppress(OSError):  # a full disk; they can be computed again
        results.save(path, {"logits": found.logits, "batch_size": np.array(found.batch_size)})
        _drop_oldest(path.parent)
    return found


def _drop_oldest(folder: Path) -> None:
    files = sorted(((path, path.stat()) for path in folder.glob(PATTERN)), key=lambda one: -one[1].st_mtime)
    size = 0
    for path, status in files:
        size += status.st_size
        if size > MOST_BYTES:
            path.unlink(missing_ok=True)
