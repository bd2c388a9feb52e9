import threading

import pytest
from streamlit.runtime.context import ContextProxy


class Endless:
    """Work that ends when it is released or cancelled. Counts how often it starts, and how much of it runs at the same
    time."""

    def __init__(self):
        self.released = threading.Event()
        self.begun, self.cancelled = [], []
        self.active = self.most_at_once = 0
        self._lock = threading.Lock()

    def called(self, name):
        def function(progress):
            with self._lock:
                self.begun.append(name)
                self.active += 1
                self.most_at_once = max(self.most_at_once, self.active)
            try:
                while not self.released.wait(0.001):
                    progress(0.5)
            except BaseException:
                self.cancelled.append(name)
                raise
            finally:
                with self._lock:
                    self.active -= 1
            return name

        return function


@pytest.fixture
def endless():
    endless = Endless()
    yield endless
    endless.released.set()


@pytest.fixture
def cookies(monkeypatch) -> dict[str, str]:
    """The cookies of the browser."""
    kept: dict[str, str] = {}
    monkeypatch.setattr(ContextProxy, "cookies", kept)
    return kept
