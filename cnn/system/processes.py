"""Starts processes, and adjusts how the operating system treats their memory."""

import ctypes
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

YIELDING = 10  # the niceness of a process that yields: with 10, a process of 0 gets ten times its share


def start_process(command: Sequence[str], folder: Path, lasting: bool = False, **streams) -> subprocess.Popen:
    """Starts a command in a folder, without a window. streams: stdin, stdout, stderr, text, as for subprocess.Popen.

    lasting: whether the process survives when this one ends, its terminal closes, or Ctrl-C is pressed there.
    Raises OSError if the process cannot be started.
    """
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | (subprocess.CREATE_NEW_PROCESS_GROUP if lasting else 0)
        return subprocess.Popen(command, cwd=folder, creationflags=flags, **streams)
    return subprocess.Popen(command, cwd=folder, start_new_session=lasting, **streams)


def yield_to_others(process_id: int | None = None) -> None:
    """Gives a process (by default this one) the processor only while others leave it free. For trainers. A page
    computes for milliseconds, and a training for minutes: so pages need not wait, and training loses hardly any
    speed."""
    import psutil  # here, because `python -m cnn check` must work without it

    with suppress(psutil.Error, OSError):
        process = psutil.Process(process_id)
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            process.nice(max(process.nice(), YIELDING))


def own_age() -> float:
    """Seconds since this process was started."""
    import psutil

    return time.time() - psutil.Process().create_time()


def keep_freed_memory() -> None:
    """Makes glibc (Linux) keep freed memory for reuse. By default, it returns large blocks to the system and requests
    them again for every batch, which takes up to half of the time of a small network. No effect with other C
    libraries."""
    trim_threshold, top_pad, mmap_max = -1, -2, -4  # from malloc.h
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(mmap_max, 0)
    mallopt(trim_threshold, 2**31 - 1)
    mallopt(top_pad, 2**28)


def prefer_as_oom_victim() -> None:
    """Makes Linux kill this process first when memory runs out, rather than the server or another program."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")
