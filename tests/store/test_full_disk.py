"""Disks that fill up during training: the run ends with an error message, loses nothing, and can continue."""

import errno
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from cnn.engine import recorder
from cnn.engine.trainer import train_run
from cnn.store import runs, snapshots
from cnn.store.history import History
from cnn.store.runs import RunStore

# The small run has 5 steps an epoch, 15 in all.


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a separate disk of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not shutil.which("mount"):
        pytest.skip("This system has no program to make a disk.")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("This user cannot make a disk.")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)  # a store may still have its file open


def fill(folder: Path, leave: int = 0) -> Path:
    """Writes a file that leaves no more than so many bytes of the disk free."""
    ballast = folder / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        usage = os.statvfs(folder)
        left = usage.f_bavail * usage.f_frsize - leave
        try:
            while left > 0:
                left -= file.write(b"\0" * min(left, 4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC
    return ballast


def is_whole(store: RunStore) -> bool:
    with closing(sqlite3.connect(store.directory / "runs.sqlite")) as db:
        return db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("leave", [0, 4096, 20_000, 60_000])
@pytest.mark.parametrize("step", [1, 8])
def test_a_run_on_a_disk_that_fills_up_ends_and_can_continue_later(
    small_disk, create_run, store, outcome, monkeypatch, leave, step
):
    monkeypatch.setattr(recorder, "WRITE_EVERY", 0)
    little = RunStore(small_disk / "runs")
    expected, run_id = create_run(), create_run(store=little)
    train_run(store, expected)
    ballast = []

    def report(event):
        if event["event"] == "step" and event["step"] == step:
            ballast.append(fill(small_disk, leave))

    assert train_run(little, run_id, report) == "failed"
    found = little.get(run_id)
    assert found.status in ("failed", "interrupted")
    assert "disk" in found.message and found.message.endswith(".")
    steps = [row.step for row in little.history(run_id).steps()]
    assert steps == list(range(1, 1 + len(steps))) and len(steps) >= step
    assert list(little.folder(run_id).glob("*.part")) == []
    ballast[0].unlink()
    assert is_whole(little)
    assert little.reopen(run_id) and train_run(little, run_id) == "finished"
    assert outcome(little, run_id) == outcome(store, expected)


def test_a_run_on_a_full_disk_cannot_be_started_and_says_so(small_disk, create_run):
    little = RunStore(small_disk / "runs")
    ballast = fill(small_disk)
    with pytest.raises((runs.StoreError, OSError), match=r"disk is full|No space"):
        create_run(store=little)
    ballast.unlink()
    run_id = create_run(store=little)
    assert train_run(little, run_id) == "finished"


def test_a_run_whose_end_cannot_be_written_is_interrupted(store, create_run, monkeypatch, capsys, outcome):
    expected, run_id = create_run(), create_run()
    train_run(store, expected)
    monkeypatch.setattr(recorder, "WRITE_EVERY", 0)
    monkeypatch.setattr(History, "add_steps", failing(History.add_steps, after=6))
    monkeypatch.setattr(store, "set_status", failing(store.set_status, after=2))
    assert train_run(store, run_id) == "failed"
    assert "The disk is full" in capsys.readouterr().err
    assert store.get(run_id).status == "interrupted" and len(store.history(run_id).steps()) > 0
    monkeypatch.undo()
    assert store.reopen(run_id) and train_run(store, run_id) == "finished"
    assert outcome(store, run_id) == outcome(store, expected)


def failing(method, after: int):
    calls = []

    def call(*arguments):
        calls.append(1)
        if len(calls) > after:
            raise runs.StoreError("The disk is full: nothing more can be written.")
        return method(*arguments)

    return call


def test_weights_that_do_not_fit_the_disk_leave_the_old_file(small_disk):
    import torch

    path = small_disk / "weights.pt"
    snapshots.save({"a": torch.zeros(10)}, path)
    with pytest.raises(OSError, match="No space left"):
        snapshots.save({"a": torch.zeros(1_000_000)}, path)
    assert snapshots.load(path)["a"].tolist() == [0] * 10
    assert list(small_disk.iterdir()) == [path]


def test_the_next_trainer_removes_partial_files_of_a_killed_one(store, create_run):
    run_id = create_run()
    part = store.checkpoint_path(run_id).with_suffix(".123.part")
    part.write_bytes(b"half")
    train_run(store, run_id)
    assert not part.exists()
