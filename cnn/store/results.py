"""Results of slow work, kept on disk under a key of all they depend on."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cnn.model.model import Model
from cnn.system.files import atomic_write


def key(model: Model, *what) -> str:
    """32 hex digits that differ for another model, or another `what` (a dataset's fingerprint, the name of a layer:
    anything that goes to JSON)."""
    return hashlib.sha256(json.dumps([model.key, what]).encode()).hexdigest()[:32]


def save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an .npz file, whole or not at all, and its folder if there is none. Raises OSError if it cannot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def load(path: Path) -> dict[str, np.ndarray] | None:
    """What `save` wrote, or None if there is nothing or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
