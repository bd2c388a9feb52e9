"""A clock that stands still while the computer sleeps, so that a night in which the lid was closed counts neither as
training nor as waiting."""

import ctypes
import sys
import time
from collections.abc import Callable


def _clock() -> Callable[[], float]:
    """On Linux and macOS, Python's own clock stands still; on Windows it goes on."""
    if sys.platform != "win32":
        return time.perf_counter
    try:
        query = ctypes.WinDLL("api-ms-win-core-realtime-l1-1-1.dll").QueryUnbiasedInterruptTimePrecise
    except (OSError, AttributeError):  # before Windows 10
        return time.perf_counter

    def read() -> float:
        ticks = ctypes.c_ulonglong()
        query(ctypes.byref(ticks))
        return ticks.value / 10_000_000

    return read


_read = _clock()


def seconds_awake() -> float:
    """Seconds since some moment in the past, without those in which the computer slept. Differences are exact to less
    than a millisecond."""
    return _read()
