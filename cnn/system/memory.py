"""How much memory is free, and what is raised when there is too little."""

from pathlib import Path

import psutil

# Where Linux says what a container may use, has used, and could give back: control groups, version 2, then version 1.
_CONTAINERS = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
)

# In the message of PyTorch when it gets no memory. That of oneDNN, which computes the convolutions, does not mention
# memory, nor does Python's where none is left to import a module, or for the stack of a thread.
OUT_OF_MEMORY = (
    "memory",
    "could not create a primitive",
    "could not execute a primitive",
    "without exception set",
    "can't start new thread",
)


def available(groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes that programs may still take on this machine, or in the container this one runs in."""
    free = psutil.virtual_memory().available
    for limit_file, used_file, spare_name in _CONTAINERS:
        try:
            limit, used = int((groups / limit_file).read_text()), int((groups / used_file).read_text())
            statistics = (groups / limit_file).with_name("memory.stat").read_text()
        except (OSError, ValueError):  # another system, or no limit ("max")
            continue
        spare = dict(line.split() for line in statistics.splitlines()).get(spare_name, 0)
        free = min(free, limit - used + int(spare))
    return max(free, 0)


def is_out_of_memory(error: Exception) -> bool:
    """Whether Python, PyTorch or oneDNN raised it for want of memory."""
    if isinstance(error, (RuntimeError, SystemError)):
        return type(error).__name__ == "OutOfMemoryError" or any(text in str(error) for text in OUT_OF_MEMORY)
    return isinstance(error, MemoryError)
