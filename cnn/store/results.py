"""Results that took long, kept on disk until what they were made from changes.

key(network, *what) -> str
save(path, arrays), load(path) -> dict of arrays | None
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import nn


def key(network: nn.Module, *what) -> str:
    """32 hex digits: others for other weights, another make of network, or another `what` (a dataset's fingerprint,
    the name of a layer, ...: anything that goes to JSON)."""
    digest = hashlib.sha256(json.dumps([repr(network), what]).encode())
    for name, value in network.state_dict().items():
        digest.update(name.encode())
        digest.update(value.contiguous().numpy())
    return digest.hexdigest()[:32]


def save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an .npz file, whole or not at all, and its folder if there is none. Raises OSError if it cannot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            np.savez(file, **arrays)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Path) -> dict[str, np.ndarray] | None:
    """What `save` wrote, or None if there is nothing or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
