import os
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from cnn.data.unreadable import cannot_open
from cnn.data.walk import cause
from cnn.system import path_length

LONG = os.path.join(os.path.abspath("pets"), *["cat" * 30] * 3)


@pytest.fixture
def windows(monkeypatch):
    """Plays a Windows whose switch for long paths has this value; None: it has never been switched."""

    def play(value: int | None) -> None:
        def query(key, name):
            assert name == "LongPathsEnabled"
            if value is None:
                raise FileNotFoundError
            return value, 4

        registry = SimpleNamespace(HKEY_LOCAL_MACHINE=0, OpenKey=lambda *_: nullcontext("a key"), QueryValueEx=query)
        monkeypatch.setitem(sys.modules, "winreg", registry)
        monkeypatch.setattr(sys, "platform", "win32")
        path_length.has_limit.cache_clear()

    yield play
    path_length.has_limit.cache_clear()


@pytest.mark.parametrize(("value", "is_limited"), [(None, True), (0, True), (1, False)])
def test_windows_limits_paths_unless_it_was_switched_off(windows, value, is_limited):
    windows(value)
    assert path_length.is_too_long(LONG) == is_limited and not path_length.is_too_long("pets")


@pytest.mark.skipif(sys.platform == "win32", reason="It has one.")
def test_other_systems_have_no_such_limit():
    assert not path_length.is_too_long(LONG)


def test_a_path_that_windows_cannot_open_is_not_said_to_be_missing(windows):
    windows(None)
    gone = FileNotFoundError(2, "No such file or directory", LONG)
    for reason in (cause(gone), cannot_open(LONG, gone)):
        assert "is longer than the 259 characters" in reason and "not exist" not in reason
    short = FileNotFoundError(2, "No such file or directory", "cat.jpg")
    assert cause(short) == "does not exist" and "does not exist" in cannot_open("cat.jpg", short)
