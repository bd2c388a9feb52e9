"""Folders for unfinished datasets. Each is locked by its owner; the next owner removes what killed processes left.

Imports neither torch nor Streamlit.
"""

import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from filelock import FileLock, Timeout


class Staging:
    """A new folder beside the datasets in `uploads`, so that a finished dataset only has to be renamed. `close` removes
    what is left in it. Any thread may close it. Raises OSError."""

    def __init__(self, uploads: Path):
        place = _place(uploads)
        place.mkdir(parents=True, exist_ok=True)
        clear_leftovers(uploads)
        self.folder = place / uuid4().hex
        self._lock = FileLock(_lock_of(self.folder), thread_local=False)
        self._lock.acquire()
        try:
            self.folder.mkdir()
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()
        with suppress(OSError):  # open on Windows: the next owner will do it
            _lock_of(self.folder).unlink(missing_ok=True)

    def __enter__(self) -> Path:
        return self.folder

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def clear_leftovers(uploads: Path) -> None:
    """Removes the unfinished datasets that killed processes left in `uploads`."""
    for lock in _place(uploads).glob("*.lock"):
        try:
            with FileLock(lock).acquire(blocking=False):  # free, so its owner is gone
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
        except (Timeout, OSError):
            continue


def _place(uploads: Path) -> Path:
    return uploads / ".unpacking"


def _lock_of(folder: Path) -> Path:
    return folder.with_suffix(".lock")
