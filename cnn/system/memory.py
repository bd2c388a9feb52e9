"""Free memory, and how to recognise an out-of-memory error."""

from pathlib import Path

import psutil

# The files in which Linux states a container's memory limit, its use, and what could be reclaimed: control groups,
# version 2, then version 1.
_CONTAINERS = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
)

# Parts of out-of-memory messages. Those of oneDNN (which computes the convolutions), and of Python when it cannot
# import a module or start a thread, do not mention memory.
OUT_OF_MEMORY = (
    "memory",
    "could not create a primitive",
    "could not execute a primitive",
    "without exception set",
    "can't start new thread",
)


def available(groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes of memory still available on this machine, or in the container this process runs in."""
    free = psutil.virtual_memory().available
    for limit_file, used_file, reclaimable_name in _CONTAINERS:
        try:
            limit, used = int((groups / limit_file).read_text()), int((groups / used_file).read_text())
            statistics = (groups / limit_file).with_name("memory.stat").read_text()
        except (OSError, ValueError):  # another system, or no limit ("max")
            continue
        reclaimable = dict(line.split() for line in statistics.splitlines()).get(reclaimable_name, 0)
        free = min(free, limit - used + int(reclaimable))
    return max(free, 0)


def is_out_of_memory(error: Exception) -> bool:
    """Whether Python, PyTorch or oneDNN raised the error for lack of memory."""
    if isinstance(error, (RuntimeError, SystemError)):
        return type(error).__name__ == "OutOfMemoryError" or any(text in str(error) for text in OUT_OF_MEMORY)
    return isinstance(error, MemoryError)
