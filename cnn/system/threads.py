"""The threads a computation uses."""

import sys


def limit_torch(threads: int) -> None:
    """Limits torch to that many threads, in this thread and in all threads that start to use it later.

    Does nothing if torch is not loaded: importing it takes seconds, and code that needs it has already imported it.
    """
    if (torch := sys.modules.get("torch")) is not None and hasattr(torch, "set_num_threads"):
        torch.set_num_threads(threads)


def numba_threading_layer(chosen: str) -> str:
    """What numba should start its threads with, as it calls it (numba.config.THREADING_LAYER). chosen: by the user;
    "default" if by nobody.

    On macOS, numba may find another copy of the OpenMP library than the one torch has loaded, and a second copy ends
    the process ("OMP: Error #15"). numba's own work queue needs none; it does not allow simultaneous calls.
    """
    return "workqueue" if sys.platform == "darwin" and chosen == "default" else chosen
