"""Progress and cancellation of long work."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cnn.errors import Cancelled

TICK_SECONDS = 0.1


@dataclass(frozen=True)
class Progress:
    """Units done and in total (images, or bytes), and seconds since the start."""

    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Units per second so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None until the first unit is done."""
        return (self.total - self.done) / self.rate if self.rate else None


class Watch:
    """Counts the units done. About ten times a second, it reports progress and checks for cancellation."""

    def __init__(self, report: Callable[[Progress], None] | None, cancelled: Callable[[], bool]):
        self.done = self.total = 0
        self._report, self.cancelled = report, cancelled
        self._start = time.perf_counter()
        self._next = 0.0

    def tick(self, now: bool = False) -> None:
        """Reports and checks for cancellation if a tenth of a second has passed since the last time. now: do so anyway.

        Raises Cancelled.
        """
        time_now = time.perf_counter()
        if time_now < self._next and not now:
            return
        self._next = time_now + TICK_SECONDS
        if self.cancelled():
            raise Cancelled
        if self._report:
            self._report(Progress(self.done, self.total, time_now - self._start))
