"""Files that are written whole or not at all, and files that do not grow without end."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

PATIENCE = 1.0  # seconds to wait for another process to close a file
PART = ".part"  # how the name of a file ends that is still being written


@contextmanager
def atomic_write(path: Path, sync: bool = True) -> Iterator[BinaryIO]:
    """A file to write in the block. It takes the place of `path` when the block ends; if the block raises, or the
    process dies, the old file stays.

    sync: whether the content reaches the disk before the name does, so that the file is whole after a power cut too.
    Raises OSError, as on a full disk.
    """
    # The name is unique: several threads and processes may write the same file at the same time, and the last one wins.
    part = path.with_name(f"{path.name}.{uuid4().hex}{PART}")
    try:
        # In large pieces: each write() releases Python's lock, and has to wait for it again.
        with open(part, "wb", buffering=1 << 20) as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        replace(part, path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def replace(source: Path, target: Path) -> None:
    """os.replace, with some patience: Windows refuses it while another process (a reader, a virus scanner) has one of
    the two open, which is soon over."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def remove_parts(folder: Path, age: float = 0.0) -> None:
    """Removes unfinished files of processes that died while they wrote: those unchanged for `age` seconds."""
    for part in folder.glob(f"*{PART}"):
        with suppress(OSError):  # already gone, or still open on Windows
            if time.time() - part.stat().st_mtime >= age:
                part.unlink()


def rotate(path: Path, limit: int) -> None:
    """Renames a file of more than `limit` bytes from NAME to NAME.1, in place of the NAME.1 before, so that the two
    together stay small."""
    with suppress(OSError):  # no file yet, or still open on Windows: then at a later time
        if path.stat().st_size > limit:
            os.replace(path, path.with_name(f"{path.name}.1"))
