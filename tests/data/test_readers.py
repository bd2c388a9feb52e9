import os
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from cnn.data import decode as decode_module
from cnn.data import readers as readers_module
from cnn.data.dataset import read_dataset
from cnn.data.readers import Readers, read_files
from cnn.data.walk import file_stats
from cnn.errors import Cancelled
from cnn.specs import DatasetSpec

SPEC = DatasetSpec(image_size=20, channels=3, max_per_class=10_000)


@pytest.fixture
def folder(tmp_path):
    """Two classes of 40 images and what cannot be read, on Linux one with a name that is no UTF-8."""
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(40):
            pixels = rng.integers(0, 256, (*rng.integers(10, 40, 2), 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{i}.png")
    (tmp_path / "pets/cat/3.png").write_bytes(b"no image")
    if sys.platform == "linux":  # others do not allow such names
        os.rename(tmp_path / "pets/dog/7.png", os.fsencode(tmp_path / "pets/dog") + b"/caf\xe9.png")
    return tmp_path / "pets"


@pytest.fixture
def files(folder):
    paths = sorted(path.relative_to(folder) for path in folder.glob("*/*"))
    return [(path.as_posix(), file_stats((folder / path).stat())) for path in paths]


@pytest.fixture
def readers(folder):
    made = Readers(folder, 20, 3, 2)
    yield made
    made.close()


@pytest.fixture
def started(monkeypatch):
    """The processes that were started."""
    processes = []
    start = readers_module._start
    monkeypatch.setattr(readers_module, "_start", lambda: processes.append(start()) or processes[-1])
    return processes


def as_lists(answers: list) -> list:
    return [
        answer if isinstance(answer, str) else (answer.pixels.tolist(), answer.picture, answer.hash)
        for answer in answers
    ]


def test_a_reader_process_gives_the_same_as_reading_here(readers, folder, files):
    assert len(readers.processes) == 2
    expected = read_files(folder, 20, 3, files)
    assert sum(isinstance(answer, str) for answer in expected) == 1
    for _ in range(3):
        assert as_lists(readers.read(files)) == as_lists(expected)
    assert readers.read([]) == []


def test_files_that_changed_since_listing_are_reported(readers, folder, files):
    (folder / files[0][0]).write_bytes(b"other")
    (folder / files[1][0]).unlink()
    answers = readers.read(files[:3])
    assert answers[0] == "changed while it was read" and answers[1] == "does not exist, or was deleted"
    assert answers[2].pixels.shape == (20, 20, 3)


def test_no_image_is_lost_when_processes_die(readers, folder, files):
    expected = as_lists(read_files(folder, 20, 3, files))
    for process in readers.processes:
        process.kill()
    for _ in range(4):
        assert as_lists(readers.read(files)) == expected


def test_without_processes_files_are_read_here(folder, files, monkeypatch):
    def refuse(*_, **__):
        raise OSError("no more processes")

    monkeypatch.setattr(readers_module.subprocess, "Popen", refuse)
    readers = Readers(folder, 20, 3, 2)
    assert as_lists(readers.read(files)) == as_lists(read_files(folder, 20, 3, files))
    readers.close()


def test_processes_end_when_the_readers_are_closed(readers, files):
    readers.read(files[:1])
    readers.close()
    assert all(process.poll() is not None for process in readers.processes)


def test_processes_and_this_process_read_the_same_dataset(folder, started, tmp_path, monkeypatch):
    here = read_dataset(folder, SPEC, tmp_path / "a")
    assert not started
    monkeypatch.setattr(decode_module, "MIN_FILES", 79)
    there = read_dataset(folder, SPEC, tmp_path / "b")
    assert started and all(process.poll() is not None for process in started)
    assert here.paths == there.paths and here.skipped == there.skipped and here.fingerprint == there.fingerprint
    assert here.hashes == there.hashes
    np.testing.assert_array_equal(here.images, there.images)
    np.testing.assert_array_equal(here.sizes, there.sizes)


def test_cancelling_ends_the_processes_at_once(folder, started, tmp_path, monkeypatch):
    monkeypatch.setattr(decode_module, "MIN_FILES", 1)
    release, ended = threading.Event(), []
    monkeypatch.setattr(readers_module, "_ask", lambda *_: ended.append(release.wait(60)) or [])
    with pytest.raises(Cancelled):
        read_dataset(folder, SPEC, tmp_path / "cache", cancelled=lambda: bool(started))
    assert not ended
    release.set()
    assert started and all(process.poll() is not None for process in started)
    assert not list((tmp_path / "cache").glob("*"))
