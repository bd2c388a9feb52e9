"""The drives of this computer, and folders that others write to as well: network drives, and folders that a program
copies to the internet."""

import ctypes
import os
import re
import string
import sys
from pathlib import Path, PurePath, PureWindowsPath

import psutil

# How the folders of such programs are called, on any system: "OneDrive - University", "Dropbox (Personal)".
_SYNCED = {
    "OneDrive": re.compile(r"onedrive\b.*", re.IGNORECASE),
    "Dropbox": re.compile(r"dropbox\b.*", re.IGNORECASE),
    "iCloud Drive": re.compile(r"icloud ?drive\b.*|mobile documents", re.IGNORECASE),
    "Google Drive": re.compile(r"google ?drive\b.*|my drive", re.IGNORECASE),
    "Nextcloud": re.compile(r"nextcloud\b.*", re.IGNORECASE),
    "ownCloud": re.compile(r"owncloud\b.*", re.IGNORECASE),
}
# The names of file systems that lie on another computer.
_NETWORK = {
    *("nfs", "nfs3", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "afs"),
    *("ceph", "lustre", "gpfs", "beegfs", "fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.glusterfs"),
}
# Where macOS and Linux show the drives that are plugged in.
_PLUGGED_IN = re.compile(r"/Volumes/[^/]+|(/run)?/media(/[^/]+){1,2}|/mnt/[^/]+")
_DRIVE_REMOTE = 4  # what GetDriveTypeW of Windows calls a network drive


def drives() -> list[Path]:
    """Where folders can be found: each letter on Windows; elsewhere the root, and what is plugged in or mounted."""
    if sys.platform == "win32":
        present = ctypes.windll.kernel32.GetLogicalDrives()  # a bit for each letter; asks no drive
        return [Path(f"{letter}:\\") for i, letter in enumerate(string.ascii_uppercase) if present >> i & 1]
    mounts = sorted(mount.mountpoint for mount in psutil.disk_partitions(all=True))
    return [Path("/"), *(Path(mount) for mount in mounts if _PLUGGED_IN.fullmatch(mount))]


def sync_program(folder: PurePath) -> str:
    """The program that copies the folder to the internet, such as "OneDrive"; "" if none is known to.

    Judged by the names of the folders above it, and on Windows by where OneDrive says its folder is.
    """
    for part in folder.parts:
        for program, name in _SYNCED.items():
            if name.fullmatch(part):
                return program
    root = os.environ.get("ONEDRIVE")
    return "OneDrive" if root and folder.is_relative_to(root) else ""


def is_on_network(folder: Path) -> bool:
    """Whether the folder lies on another computer. The folder need not exist yet."""
    path = os.path.realpath(folder)  # a folder can be a link to another drive
    if sys.platform == "win32":
        drive = PureWindowsPath(path).drive.removeprefix("\\\\?\\").removeprefix("UNC")
        if drive.startswith("\\"):  # \\server\share
            return True
        # Not psutil: it asks each drive for its name, and one that is not connected answers after many seconds.
        return ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _DRIVE_REMOTE
    above = {path, *map(str, Path(path).parents)}
    mounts = [mount for mount in psutil.disk_partitions(all=True) if mount.mountpoint in above]
    nearest = max(mounts, key=lambda mount: len(mount.mountpoint), default=None)
    return nearest is not None and nearest.fstype in _NETWORK
