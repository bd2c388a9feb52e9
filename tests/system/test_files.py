import errno
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cnn.system import files
from cnn.system.files import atomic_write, delete, delete_folder, remove_parts, replace, rotate


@pytest.mark.parametrize("sync", [True, False])
def test_a_file_has_its_old_content_until_the_new_one_is_whole(tmp_path, sync):
    path = tmp_path / "weights.pt"
    path.write_bytes(b"old")
    with atomic_write(path, sync) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new" and os.listdir(tmp_path) == ["weights.pt"]


def test_a_failed_block_leaves_only_the_old_file(tmp_path):
    path = tmp_path / "weights.pt"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), atomic_write(path) as file:
        file.write(b"half")
        raise KeyError
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["weights.pt"]


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "weights.pt"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"), atomic_write(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["weights.pt"]


def test_threads_that_write_the_same_file_leave_the_content_of_one(tmp_path):
    path = tmp_path / "result.npz"

    def write(letter: bytes) -> None:
        for _ in range(20):
            with atomic_write(path, sync=False) as file:
                file.write(1000 * letter)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, (b"a", b"b", b"c", b"d")))
    content = path.read_bytes()
    assert len(content) == 1000 and len(set(content)) == 1 and os.listdir(tmp_path) == ["result.npz"]


class Busy:
    """A function of the operating system on Windows, where another process has the file open for so many calls."""

    def __init__(self, monkeypatch, module, name: str, calls: float):
        self.calls, self.function = calls, getattr(module, name)
        monkeypatch.setattr(module, name, self)

    def __call__(self, *arguments, **options):
        self.calls -= 1
        if self.calls >= 0:
            raise PermissionError(errno.EACCES, "Access is denied")
        return self.function(*arguments, **options)


def test_a_file_that_another_process_has_open_briefly_is_replaced_later(tmp_path, monkeypatch):
    Busy(monkeypatch, os, "replace", 3)
    with atomic_write(tmp_path / "weights.pt") as file:
        file.write(b"new")
    assert (tmp_path / "weights.pt").read_bytes() == b"new"


def test_what_another_process_has_open_briefly_is_deleted_later(tmp_path, monkeypatch):
    folder, file = tmp_path / "run", tmp_path / "image"
    folder.mkdir()
    for path in (file, folder / "snapshot"):
        path.touch()
    Busy(monkeypatch, os, "unlink", 3)
    delete_folder(folder)
    assert not folder.exists()
    Busy(monkeypatch, os, "unlink", 3)
    delete(file)
    delete(file)  # it is gone already
    assert not file.exists()


@pytest.mark.parametrize(
    ("module", "name", "action"),
    [
        (os, "replace", lambda path: replace(path, path)),
        (os, "unlink", delete),
        (shutil, "rmtree", delete_folder),
    ],
)
def test_a_file_that_stays_open_elsewhere_gives_an_error(tmp_path, monkeypatch, module, name, action):
    (tmp_path / "one").touch()
    Busy(monkeypatch, module, name, float("inf"))
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    start = time.monotonic()
    with pytest.raises(PermissionError):
        action(tmp_path / "one")
    assert time.monotonic() - start < 5


def test_temporary_files_are_removed_and_new_ones_only_on_request(tmp_path):
    old, young, whole = tmp_path / "a.pt.1.part", tmp_path / "b.part", tmp_path / "c.pt"
    for path in (old, young, whole):
        path.touch()
    os.utime(old, (1, 1))
    remove_parts(tmp_path, age=60)
    assert not old.exists() and young.exists()
    remove_parts(tmp_path)
    assert os.listdir(tmp_path) == ["c.pt"]


def test_a_file_is_moved_aside_only_when_it_is_large(tmp_path):
    path, before = tmp_path / "trainers.log", tmp_path / "trainers.log.1"
    rotate(path, 10)  # there is none yet
    for content in (b"older text", b"old text, longer", b"new text, longer"):
        path.write_bytes(content)
        rotate(path, 10)
        assert path.exists() == (content == b"older text")
    assert before.read_bytes() == b"new text, longer"
