"""Results of slow work, kept on disk under a key of all they depend on.

key(network, *what) -> str
save(path, arrays), load(path) -> dict of arrays | None
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import nn

from cnn.system.files import atomic_write


def key(network: nn.Module, *what) -> str:
    """32 hex digits that change with the weights, the structure of the network, and `what`: anything that goes to JSON,
    such as a dataset's fingerprint or the name of a layer."""
    digest = hashlib.sha256(json.dumps([repr(network), what]).encode())
    for name, value in network.state_dict().items():
        digest.update(name.encode())
        digest.update(value.contiguous().numpy())
    return digest.hexdigest()[:32]


def save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an .npz file, whole or not at all, and its folder if there is none. Raises OSError if it cannot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        np.savez(file, **arrays)


def load(path: Path) -> dict[str, np.ndarray] | None:
    """What `save` wrote, or None if there is nothing or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
