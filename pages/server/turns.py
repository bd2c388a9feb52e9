"""Scripts of pages take turns: a few run at a time, first come, first served.

If all ran at once, thirty pages would all be ready when the last one is. In turns, the first is ready at once, and the
last no later. A script that only waits lets others run.
"""

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = min(4, max(2, os.cpu_count() or 1))
PATIENCE = 1.0  # seconds after which a script runs without a turn: slow scripts of others must not hold it up


class Turns:
    """So many threads at a time may be inside `taken`."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE):
        self.patience = patience
        self._free = at_once
        self._waiting: deque[threading.Lock] = deque()  # a lock for each waiting thread, released when its turn comes
        self._lock = threading.Lock()
        self._own = threading.local()  # `has_turn`, inside `taken`: whether this thread has one

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A block to run with a turn, or without one if none is free for too long. Inside another, no effect."""
        if hasattr(self._own, "has_turn"):
            yield
            return
        self._own.has_turn = self._take()
        try:
            yield
        finally:
            self._give_back()
            del self._own.has_turn

    @contextmanager
    def lent(self) -> Iterator[None]:
        """A block in which this thread only waits: another may have its turn. In a thread without a turn, no effect."""
        had_turn = self._give_back()
        try:
            yield
        finally:
            if had_turn:
                self._own.has_turn = self._take()

    def _take(self) -> bool:
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=self.patience):
            return True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it came at the last moment

    def _give_back(self) -> bool:
        """Whether there was a turn to give back."""
        if not getattr(self._own, "has_turn", False):
            return False
        self._own.has_turn = False
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
        return True


turns = Turns()
