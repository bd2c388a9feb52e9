import ctypes
import os
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace

import psutil
import pytest

from cnn.system.drives import drives, is_on_network, sync_program


@pytest.mark.parametrize(
    ("folder", "program"),
    [
        (PureWindowsPath(r"C:\Users\me\OneDrive\cnn\runs"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\me\OneDrive - Some University\runs"), "OneDrive"),
        (PureWindowsPath(r"G:\My Drive\runs"), "Google Drive"),
        (PurePosixPath("/Users/me/Library/CloudStorage/OneDrive-Personal/runs"), "OneDrive"),
        (PurePosixPath("/Users/me/Library/Mobile Documents/com~apple~CloudDocs/runs"), "iCloud Drive"),
        (PurePosixPath("/home/me/Dropbox (Personal)/runs"), "Dropbox"),
        (PurePosixPath("/home/me/dropboxes/runs"), ""),
        (PureWindowsPath(r"C:\Users\me\Documents\runs"), ""),
    ],
)
def test_the_program_that_copies_a_folder_is_known_by_its_name(folder, program):
    assert sync_program(folder) == program


def test_onedrive_may_have_been_given_another_folder(monkeypatch, tmp_path):
    assert sync_program(tmp_path / "runs") == ""
    monkeypatch.setenv("ONEDRIVE", str(tmp_path))
    assert sync_program(tmp_path / "runs") == "OneDrive" and sync_program(tmp_path.parent) == ""


@pytest.fixture
def on_windows(monkeypatch):
    """Windows with a network drive Z:. Its paths are resolved already."""
    kernel = SimpleNamespace(
        GetDriveTypeW=lambda root: {"C:\\": 3, "Z:\\": 4}[root], GetLogicalDrives=lambda: 1 << 2 | 1 << 25
    )
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(os.path, "realpath", str)


@pytest.mark.parametrize(
    ("folder", "network"),
    [
        (r"C:\Users\me\runs", False),
        (r"Z:\runs", True),
        (r"\\server\homes\me\runs", True),
        (r"\\?\UNC\server\homes\me\runs", True),
        (r"\\?\C:\Users\me\runs", False),
    ],
)
def test_a_network_drive_of_windows_has_a_letter_or_a_server(on_windows, folder, network):
    assert is_on_network(PureWindowsPath(folder)) is network


def test_the_drives_of_windows_have_letters(on_windows):
    assert list(map(str, drives())) == ["C:\\", "Z:\\"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mounts.")
@pytest.mark.parametrize("place", ["/Volumes/Photos", "/media/me/USB stick", "/run/media/me/USB", "/mnt/c"])
def test_elsewhere_the_drives_are_the_root_and_what_is_plugged_in(monkeypatch, place):
    mounts = [SimpleNamespace(mountpoint=point) for point in ("/", "/proc", place, "/home", "/mnt/a/b")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    assert drives() == [Path("/"), Path(place)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mounts.")
def test_elsewhere_the_nearest_mount_counts(monkeypatch, tmp_path):
    def mount(folder: Path, kind: str) -> SimpleNamespace:
        return SimpleNamespace(mountpoint=os.path.realpath(folder), fstype=kind)

    mounts = [mount(Path("/"), "ext4"), mount(tmp_path / "home", "nfs4"), mount(tmp_path / "home/local", "xfs")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)
    assert is_on_network(tmp_path / "home" / "runs") and not is_on_network(tmp_path / "homes")
    assert not is_on_network(tmp_path / "home" / "local" / "runs")
    (tmp_path / "link").symlink_to(tmp_path / "home")
    assert is_on_network(tmp_path / "link" / "runs")


def test_this_folder_can_be_asked_about():
    assert is_on_network(Path.cwd()) in (True, False)
