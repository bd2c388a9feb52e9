"""The number of threads a computation uses."""

import sys


def limit_torch(threads: int) -> None:
    """Limits torch to that many threads, in this thread and in all threads that start to use it later.

    Does nothing if torch is not loaded: importing it takes seconds, and code that needs it has already imported it.
    """
    if (torch := sys.modules.get("torch")) is not None and hasattr(torch, "set_num_threads"):
        torch.set_num_threads(threads)
