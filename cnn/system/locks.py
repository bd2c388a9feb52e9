"""Whether a lock is held: how one process knows that another one lives."""

import threading
from pathlib import Path

from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_probing = threading.Lock()  # where a lock cannot be shared, one thread of this process looks at a time


def is_held(lock: FileLock) -> bool:
    """Whether a process holds the lock. Looks without acquiring it for itself, so that two who look never take each
    other for the owner.

    A lock that cannot be looked at (no permission, a network drive without locks) counts as held: a run that seems to
    have its trainer a little longer is better than two trainers of one run.
    """
    path = Path(lock.lock_file)
    if not path.exists():
        return False
    with _probing:
        return _is_held_alone(path) if fcntl is None else _is_held_shared(path)


def _is_held_shared(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:  # removed since: whoever held it is gone
        return False
    except OSError:  # held (BlockingIOError), or unknown
        return True
    return False


def _is_held_alone(path: Path) -> bool:
    try:
        with FileLock(path).acquire(blocking=False):
            return False
    except (Timeout, OSError):
        return True
