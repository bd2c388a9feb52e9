"""Whether a lock is held: how one process knows that another one lives."""

import threading
from pathlib import Path

from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_probing = threading.Lock()  # keeps readers of this process apart, where locks cannot be shared


def is_held(lock: FileLock) -> bool:
    """Whether a process holds the lock, found out without another reader taking this one for the holder."""
    path = Path(lock.lock_file)
    if not path.exists():
        return False
    with _probing:
        if fcntl is None:
            try:
                with FileLock(path).acquire(blocking=False):
                    return False
            except Timeout:
                return True
        try:
            with open(path, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # the file is gone: so is the trainer
            pass
        return False
