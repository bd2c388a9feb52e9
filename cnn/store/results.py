"""Results of slow computations, cached on disk under a key of everything they depend on."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cnn.model.model import Model
from cnn.system.files import atomic_write


def key(model: Model, *inputs) -> str:
    """32 hex digits that identify a model and the other inputs of a computation. inputs: JSON values, such as a
    dataset's fingerprint or the name of a layer."""
    return hashlib.sha256(json.dumps([model.key, inputs]).encode()).hexdigest()[:32]


def save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an .npz file, whole or not at all. Creates its folder if needed. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def load(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays that `save` wrote; None if the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
