"""Files that are written whole or not at all, deletion, and log files that stay small.

Windows neither replaces nor deletes a file that another process has open: a reader, a virus scanner, a program that
copies the folder to the internet. Usually it is open only for a moment, so these functions try again for a while.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

PATIENCE = 3.0  # seconds to wait for other processes to close a file
PART = ".part"  # the suffix of an unfinished file


@contextmanager
def atomic_write(path: Path, sync: bool = True) -> Iterator[BinaryIO]:
    """A file to write in the block. It replaces `path` when the block ends. If the block raises or the process dies,
    the old file stays.

    sync: flush the content to the disk before the rename, so that the file is whole even after a power cut.
    Raises OSError, for example on a full disk.
    """
    # A unique name, because several threads and processes may write the same file at once. The last one wins.
    part = path.with_name(f"{path.name}.{uuid4().hex}{PART}")
    try:
        # A large buffer, because each write() releases Python's lock and has to wait for it again.
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
    """Renames a file or folder; replaces a file `target`. Raises OSError, also if either stays open elsewhere."""
    _patiently(lambda: os.replace(source, target))


def delete(path: Path) -> None:
    """Deletes a file or link, if it exists. Raises OSError, also if it stays open elsewhere."""
    _patiently(lambda: path.unlink(missing_ok=True))


def delete_folder(folder: Path) -> None:
    """Deletes a folder with all it contains; does not follow links. Raises OSError, also if a file in it stays open
    elsewhere; then some of the others are gone."""
    _patiently(lambda: shutil.rmtree(folder))


def _patiently(action: Callable[[], None]) -> None:
    """Does the action, again and again if access is denied."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return action()
        except PermissionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def remove_parts(folder: Path, age: float = 0.0) -> None:
    """Removes the unfinished files that dead processes left in a folder: those unchanged for `age` seconds."""
    for part in folder.glob(f"*{PART}"):
        with suppress(OSError):  # already gone, or still open on Windows
            if time.time() - part.stat().st_mtime >= age:
                part.unlink()


def rotate(path: Path, limit: int) -> None:
    """Renames a file of more than `limit` bytes from NAME to NAME.1, replacing the old NAME.1, so that the two together
    stay small."""
    with suppress(OSError):  # no file yet, or still open on Windows: a later call will do it
        if path.stat().st_size > limit:
            os.replace(path, path.with_name(f"{path.name}.1"))
