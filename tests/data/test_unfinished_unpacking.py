"""Unpacking that does not come to its end, or meets another: no half of a dataset is left."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from cnn.data import archive, progress, space
from cnn.data.archive import unpack
from cnn.data.archive_members import ArchiveError
from cnn.data.staging import clear_leftovers
from cnn.errors import Cancelled
from tests.archives import CLASSES, PNG, files, nothing_is_left, pack

ROOT = Path(__file__).resolve().parents[2]


def test_a_cancelled_upload_leaves_no_files(uploads, monkeypatch):
    monkeypatch.setattr(progress, "TICK_SECONDS", 0)
    for tick in range(1, 12):
        asked = iter(range(100))
        with pytest.raises(Cancelled):
            unpack(pack(CLASSES), uploads / "pets", cancelled=lambda asked=asked, tick=tick: next(asked) >= tick % 5)
        assert nothing_is_left(uploads)


def test_a_full_disk_leaves_no_files_and_gives_an_error_message(uploads, refused, monkeypatch):
    def write(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive._Unpacking, "_write", write)
    assert "The disk is full" in refused(pack(CLASSES))


def test_a_name_that_the_system_does_not_allow_is_named(uploads, refused, monkeypatch):
    def write(unpacking, archive, member, path):
        raise OSError(errno.EINVAL, "Invalid argument", str(path))  # as Windows does

    monkeypatch.setattr(archive._Unpacking, "_write", write)
    assert "“Is this a cat?.png”, a name that this computer does not allow" in refused(
        pack({"cat/Is this a cat?.png": PNG, "dog/1.png": PNG})
    )


def test_an_archive_that_cannot_fit_the_disk_is_not_unpacked(refused, monkeypatch):
    free = type("Usage", (), {"free": space.KEPT_FREE + 10})
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: free)
    monkeypatch.setattr(archive._Unpacking, "_write", lambda *_: pytest.fail("It was begun."))
    assert "but only 0 kB are free" in refused(pack(CLASSES))


def test_an_existing_target_is_not_overwritten(uploads):
    unpack(pack(CLASSES), uploads / "pets")
    with pytest.raises(ArchiveError):
        unpack(pack({"a/1.png": PNG, "b/1.png": PNG}), uploads / "pets")
    assert files(uploads / "pets") == sorted(CLASSES)


UNPACK_FOR_EVER = """
import sys, time
from pathlib import Path, PureWindowsPath
from cnn.data import archive, archive_members, progress, space
archive.TICK_SECONDS = 0
def wait(done, total):
    if done:
        print("now", flush=True)
        time.sleep(60)
archive.unpack(sys.argv[1], Path(sys.argv[2]), wait)
"""


def test_the_next_upload_removes_the_files_of_a_killed_process(uploads, tmp_path):
    (tmp_path / "pets.zip").write_bytes(pack(CLASSES).read())
    command = [sys.executable, "-c", UNPACK_FOR_EVER, tmp_path / "pets.zip", uploads / "pets"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    process.stdout.readline()
    clear_leftovers(uploads)
    assert files(uploads / ".unpacking") != [], "a living process was taken for a dead one"
    process.kill()
    process.wait()
    assert not (uploads / "pets").exists() and files(uploads) != []
    unpack(pack(CLASSES), uploads / "others")
    assert files(uploads) == [f"others/{name}" for name in sorted(CLASSES)]


def test_simultaneous_uploads_do_not_affect_each_other(uploads):
    with FileLock(uploads / ".unpacking" / "another.lock"):
        (uploads / ".unpacking" / "another").mkdir()
        unpack(pack(CLASSES), uploads / "pets")
        assert (uploads / ".unpacking" / "another").is_dir()
