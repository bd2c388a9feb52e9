"""Small archives of images, and what became of them."""

import io
import zipfile
from pathlib import Path

import numpy as np

from cnn.data.images import to_png

PNG = to_png(np.zeros((2, 2, 1), np.uint8))
CLASSES = {"cat/1.png": PNG, "cat/2.png": PNG, "dog/1.png": PNG}


def pack(members, method=zipfile.ZIP_DEFLATED) -> io.BytesIO:
    """An archive of (name or ZipInfo, bytes) pairs, or of a dict of them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name, data in members.items() if isinstance(members, dict) else members:
            target.writestr(name, data, compress_type=method)
    file.seek(0)
    return file


def info(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr, made.flag_bits = mode << 16, flags
    return made


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def nothing_is_left(uploads: Path) -> bool:
    """No file anywhere in the folder that holds the run store, but what the test itself put beside it."""
    return files(uploads) == [] and [path.name for path in uploads.iterdir()] == [".unpacking"]


def inside(data: io.BytesIO, times: int) -> io.BytesIO:
    for _ in range(times):
        data = pack({"inner.zip": data.read()}, zipfile.ZIP_STORED)
    return data
