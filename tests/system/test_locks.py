import errno
import subprocess
import sys

import pytest
from filelock import FileLock

from cnn.system import locks
from cnn.system.locks import is_held
from tests.conftest import ROOT, in_threads

HOLD = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]).acquire():
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(params=["shared", "not shared"])
def lock(tmp_path, request, monkeypatch):
    """A lock, checked with shared locks and, as on Windows, without."""
    if request.param == "not shared":
        monkeypatch.setattr(locks, "fcntl", None)
    return FileLock(tmp_path / "trainer.lock")


@pytest.fixture
def restless():
    """Has Python change between threads all the time."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_checking_a_lock_that_was_never_held_creates_no_file(lock, tmp_path):
    assert not is_held(lock) and list(tmp_path.iterdir()) == []


def test_a_lock_is_held_until_its_process_ends_in_any_way(lock):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD, lock.lock_file], cwd=ROOT, **pipes) as holder:
        holder.stdout.readline()
        assert is_held(lock) and is_held(lock)
        holder.kill()
    assert not is_held(lock)


def test_simultaneous_checks_do_not_mistake_each_other_for_the_owner(lock, restless):
    with lock.acquire():
        pass
    assert set.union(*in_threads(6, lambda: {is_held(lock) for _ in range(300)})) == {False}


@pytest.mark.parametrize(
    ("error", "held"),
    [
        (BlockingIOError(errno.EWOULDBLOCK, "would block"), True),
        (OSError(errno.ENOLCK, "No locks available"), True),
        (OSError(errno.ENOTSUP, "Operation not supported"), True),
        (PermissionError(errno.EACCES, "Permission denied"), True),
        (FileNotFoundError(errno.ENOENT, "No such file"), False),
    ],
)
def test_a_lock_that_cannot_be_checked_counts_as_held_unless_its_file_is_missing(tmp_path, monkeypatch, error, held):
    def flock(*_):
        raise error

    (tmp_path / "trainer.lock").touch()
    monkeypatch.setattr(locks.fcntl, "flock", flock)
    assert is_held(FileLock(tmp_path / "trainer.lock")) is held
