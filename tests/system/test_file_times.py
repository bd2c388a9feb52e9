import os
import sys
from types import SimpleNamespace

import pytest

from cnn.system.file_times import changed_ns


def test_changes_of_content_and_of_permissions_give_a_later_time(tmp_path):
    file = tmp_path / "file"
    file.touch()
    os.utime(file, ns=(1, 2**62))
    assert changed_ns(file.stat()) == 2**62
    os.utime(file, ns=(1, 1))
    if sys.platform != "win32":  # the time of the file was set to the past just now, and that is a change
        assert changed_ns(file.stat()) == file.stat().st_ctime_ns > 1


@pytest.mark.parametrize(("platform", "expected"), [("win32", 5), ("linux", 9), ("darwin", 9)])
def test_on_windows_only_the_time_of_the_content_counts(monkeypatch, platform, expected):
    monkeypatch.setattr(sys, "platform", platform)
    assert changed_ns(SimpleNamespace(st_mtime_ns=5, st_ctime_ns=9)) == expected
    assert changed_ns(SimpleNamespace(st_mtime_ns=5, st_ctime_ns=3)) == 5
