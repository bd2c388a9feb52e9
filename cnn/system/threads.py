"""How many threads a computation takes."""

import sys


def limit_torch(threads: int) -> None:
    """Has torch compute with that many threads, here and in all threads that begin to use it later.

    It does nothing where torch is not loaded, which takes seconds: what needs it has loaded it.
    """
    if (torch := sys.modules.get("torch")) is not None and hasattr(torch, "set_num_threads"):
        torch.set_num_threads(threads)
