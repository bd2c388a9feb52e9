import ctypes
import sys
import time
from types import SimpleNamespace

import pytest

from cnn.system import clock


def test_the_clock_goes_on_while_the_computer_is_awake():
    before, start = clock.seconds_awake(), time.perf_counter()
    while time.perf_counter() < start + 0.01:
        pass
    assert 0.009 < clock.seconds_awake() - before < 60


def test_on_windows_it_is_the_one_that_stands_still_during_sleep(monkeypatch):
    def query(place):
        ctypes.cast(place, ctypes.POINTER(ctypes.c_ulonglong))[0] = 25_000_000  # in steps of 100 ns

    def library(name):
        assert name == "api-ms-win-core-realtime-l1-1-1.dll"
        return SimpleNamespace(QueryUnbiasedInterruptTimePrecise=query)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", library, raising=False)
    assert clock._clock()() == 2.5


@pytest.mark.parametrize("error", [OSError, AttributeError])
def test_an_older_windows_has_pythons_own_clock(monkeypatch, error):
    def fail(name):
        raise error

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", fail, raising=False)
    assert clock._clock() is time.perf_counter
