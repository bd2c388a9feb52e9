"""Processes: starting them, and what the operating system lets them choose about memory."""

import ctypes
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def start_process(command: Sequence[str], folder: Path, lasting: bool = False, **streams) -> subprocess.Popen:
    """Starts a command in a folder, without a window. streams: stdin, stdout, stderr, text, as for subprocess.Popen.

    lasting: whether it goes on when this process ends, its terminal closes or Ctrl-C is pressed there.
    Raises OSError if it cannot be started.
    """
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | (subprocess.CREATE_NEW_PROCESS_GROUP if lasting else 0)
        return subprocess.Popen(command, cwd=folder, creationflags=flags, **streams)
    return subprocess.Popen(command, cwd=folder, start_new_session=lasting, **streams)


def keep_freed_memory() -> None:
    """Has the C library keep the memory that this process frees, for its next use. By default glibc (Linux) returns
    large blocks to the system and asks for them again, batch after batch, which takes up to half of the time of a small
    network. No effect with other C libraries."""
    trim_threshold, top_pad, mmap_max = -1, -2, -4  # from malloc.h
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(mmap_max, 0)
    mallopt(trim_threshold, 2**31 - 1)
    mallopt(top_pad, 2**28)


def be_the_first_to_go() -> None:
    """When memory runs out, Linux ends this process rather than the server or another program."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")
