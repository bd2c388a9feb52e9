"""Saves a trained network as a file that PyTorch can read without this program."""

import io
from collections.abc import Mapping
from pathlib import Path

import torch

from cnn.model.model import Model
from cnn.system.files import atomic_write


def save_weights(model: Model, path: Path, settings: Mapping[str, dict | None]) -> None:
    """Writes `weights_bytes` to a file. Raises OSError."""
    with atomic_write(path) as file:
        file.write(weights_bytes(model, settings))


def weights_bytes(model: Model, settings: Mapping[str, dict | None]) -> bytes:
    """A file for `torch.load(weights_only=True)`, which gives a dict: state_dict, classes, image_size, channels, and
    the preprocessing: (pixel / pixel_scale - pixel_mean) / pixel_spread, channel by channel. decoding: how files
    become pixels, as `cnn.data.decoding.Decoding` describes it.

    settings: more entries, as JSON values: how the network was made and trained.
    """
    content = io.BytesIO()
    torch.save(
        {
            "state_dict": model.network.state_dict(),
            "classes": list(model.classes),
            "image_size": model.image_size,
            "channels": model.channels,
            "pixel_scale": 255.0,
            "pixel_mean": list(model.preprocessing.mean),
            "pixel_spread": list(model.preprocessing.spread),
            "decoding": model.decoding.to_dict(),
            **settings,
        },
        content,
    )
    return content.getvalue()
