"""Checks whether a lock is held, which tells one process that another is alive."""

import threading
from pathlib import Path

from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_checking = threading.Lock()  # where locks cannot be shared, only one thread of this process may check at a time


def is_held(lock: FileLock) -> bool:
    """Whether a process holds the lock. Checks without acquiring it exclusively, so that two checkers never mistake
    each other for the owner.

    A lock that cannot be checked (no permission, a network drive without locks) counts as held: it is safer to believe
    in a trainer that is gone than to start a second one for the same run.
    """
    path = Path(lock.lock_file)
    if not path.exists():
        return False
    with _checking:
        return _check_exclusively(path) if fcntl is None else _check_shared(path)


def _check_shared(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:  # deleted since, so its owner is gone
        return False
    except OSError:  # held (BlockingIOError), or unknown
        return True
    return False


def _check_exclusively(path: Path) -> bool:
    try:
        with FileLock(path).acquire(blocking=False):
            return False
    except (Timeout, OSError):
        return True
