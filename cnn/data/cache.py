"""The cache of decoded images: one memory-mapped .npy array per dataset, and a JSON index that describes it.

`<key>.json` holds the fingerprint and the name of its array, `<key>-<random>.npy`; its modification time is the time of
last use. To replace a pair, a new array is written first, then the index, atomically. So a reader sees the old pair or
the new one, never a mix. An array that is replaced while mapped stays valid (POSIX keeps it until it is unmapped).
"""

import errno
import json
import math
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import uuid4

import numpy as np

from cnn.data.decoding import STANDARD, Decoding
from cnn.data.listing import DatasetError, Skipped
from cnn.system.files import atomic_write

# Increase it whenever the same files would give a different array or index; images in older caches are read again.
_VERSION = 3
_LEFTOVER_SECONDS = 3600


class Row(NamedTuple):
    """One image: its file (as in `listing.ImageFile`), the size of the original picture, the hash of the content."""

    path: str
    label: int
    split: str | None
    width: int
    height: int
    hash: str


@dataclass(frozen=True)
class Cached:
    """A cached dataset.

    images: uint8 (N, H, W, C), mapped read-only. skipped: the files that could not be read. decoding: how the files
    became pixels.
    The other fields hold one value per image, as in `Row`. They are columns because 60,000 row objects kept Python's
    garbage collector busy for half of the time of opening them.
    """

    images: np.ndarray
    paths: list[str]
    labels: list[int]
    splits: list[str | None]
    widths: list[int]
    heights: list[int]
    hashes: list[str]
    skipped: list[Skipped]
    decoding: Decoding = STANDARD


_COLUMNS = ("paths", "labels", "splits", "widths", "heights", "hashes")


def read_index(cache: Path, key: str) -> dict:
    """The index for this key, as `open_cache` takes it; empty if it is missing, damaged, or of an older version."""
    try:
        index = json.loads((cache / f"{key}.json").read_bytes())
        return index if isinstance(index, dict) and index.get("version") == _VERSION else {}
    except (OSError, ValueError, RecursionError):
        return {}


def known_paths(index: dict) -> list[str]:
    """The paths of the cached images, in order. From a damaged index, those that can be used."""
    paths = index.get("paths")
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def open_cache(cache: Path, key: str, index: dict, fingerprint: str, shape: tuple[int, int, int]) -> Cached | None:
    """The cached images of this shape (H, W, C); None if their fingerprint differs or they are damaged."""
    try:
        if index["fingerprint"] != fingerprint:
            return None
        columns = {name: index[name] for name in _COLUMNS}
        count, *others = map(len, columns.values())
        if any(other != count for other in others):
            return None
        skipped = [Skipped(*skip) for skip in index["skipped"]]
        images = _map(cache / index["array"], index["offset"], (count, *shape))
        with suppress(OSError):  # a read-only folder
            os.utime(cache / f"{key}.json")
        return Cached(images, skipped=skipped, decoding=Decoding.from_dict(index["decoding"]), **columns)
    except Exception:  # a cache can be damaged in any way; the images are then read again
        return None


def origin(cache: Path, key: str) -> tuple[str, tuple[int, ...], int]:
    """The folder the cached images came from, the shape of an image (height, width, channels), and their number.

    ("", (), 0) if the index is of an older version, or damaged.
    """
    try:
        index = read_index(cache, key)
        folder, shape, images = index["folder"], tuple(map(int, index["shape"])), len(index["paths"])
        return (folder, shape, images) if isinstance(folder, str) and len(shape) == 3 else ("", (), 0)
    except Exception:  # as above
        return "", (), 0


def write_cache(
    cache: Path,
    key: str,
    fingerprint: str,
    shape: tuple[int, int, int],
    decoded: Iterable[tuple[Row, np.ndarray]],
    skipped: list[Skipped],
    folder: str,
    decoding: Decoding = STANDARD,
) -> Cached:
    """Writes the decoded images (each uint8 of the shape) to the cache, replacing those under this key.

    skipped: must be complete when `decoded` ends. folder: where the images come from. decoding: of `decoded`.
    Raises DatasetError if the disk is full or not writable. In that case, and if `decoded` raises, nothing changes.
    """
    array_path, index_path = cache / f"{key}-{uuid4().hex}.npy", cache / f"{key}.json"
    rows = []
    try:
        cache.mkdir(parents=True, exist_ok=True)
        # Use write(), not a memory map: on a full disk, write() raises an error, but a map kills the process. No sync:
        # the images can be read again.
        with atomic_write(array_path, sync=False) as file:
            _write_header(file, (0, *shape))
            offset = file.tell()
            for row, pixels in decoded:
                file.write(pixels.data)
                rows.append(row)
            file.seek(0)
            _write_header(file, (len(rows), *shape))
        by_column = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in _COLUMNS]
        columns = dict(zip(_COLUMNS, by_column, strict=True))
        index = {
            "version": _VERSION,
            "folder": folder,
            "shape": shape,
            "fingerprint": fingerprint,
            "array": array_path.name,
            "offset": offset,
            "decoding": decoding.to_dict(),
            "skipped": [(skip.path, skip.reason) for skip in skipped],
            **columns,
        }
        outdated = _outdated(cache, key)
        # Map the array before the index names it: after that, another writer may replace it.
        images = _map(array_path, offset, (len(rows), *shape))
        with atomic_write(index_path, sync=False) as file:
            file.write(json.dumps(index).encode("ascii"))
        for path in outdated:
            with suppress(OSError):  # Windows cannot delete a file that is still mapped: a later call will
                path.unlink()
        return Cached(images, skipped=skipped, decoding=decoding, **columns)
    except OSError as error:
        raise DatasetError(_cannot_write(cache, error)) from error


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """Writes the header of a .npy file. Its length does not depend on shape[0], so it can be overwritten in place."""
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _map(path: Path, offset: int, shape: tuple[int, ...]) -> np.ndarray:
    # Not np.load: it parses the header as a Python expression, and in Python 3.11 threads that do so at the same time
    # can fail with "SystemError: AST constructor recursion depth mismatch".
    if path.stat().st_size != offset + math.prod(shape):
        raise ValueError(f"{path} does not hold an array of {shape}")
    return np.memmap(path, np.uint8, "r", offset, shape)


def _outdated(cache: Path, key: str) -> list[Path]:
    """The current array of this key, and files left by crashed processes."""
    outdated = []
    with suppress(OSError, ValueError, KeyError, TypeError):  # no index yet, or a damaged one
        outdated.append(cache / json.loads((cache / f"{key}.json").read_bytes())["array"])
    for path in [*cache.glob(f"{key}-*.npy"), *cache.glob("*.part")]:
        with suppress(OSError):  # a younger file may belong to a process that is still writing it
            if time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
                outdated.append(path)
    return outdated


def _cannot_write(cache: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full: the decoded images do not fit into “{cache}”. "
            "Free some space, or choose fewer images per class or a smaller image size."
        )
    return (
        f"The decoded images cannot be saved in “{cache}”: {error.strerror or error}. Check that the folder is "
        "writable."
    )
