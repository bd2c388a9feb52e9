"""Finds the image files below a folder, and copes with links, hidden files and folders that cannot be opened.

Imports neither torch nor Streamlit.
"""

import errno
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cnn.data.images import looks_like_image
from cnn.errors import Cancelled, UserError
from cnn.system.file_times import changed_ns

# Stops the search if someone chooses the whole disk by mistake.
MAX_FILES = 1_000_000

# System files, besides those whose name begins with a dot.
_LITTER = {"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx"}

_NUMBER = re.compile(r"([0-9]+)")

FoundImage = tuple[str, tuple[int, int]]  # path relative to the root, posix; stats of the file


class DatasetError(UserError):
    """Why a folder cannot be used as a dataset: what was found, what is expected, and what to do."""


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was left out. path: relative to the dataset's folder, printable (see `shown`)."""

    path: str
    reason: str


def shown(name: str) -> str:
    """The name as valid text: bytes that are not UTF-8 are escaped (caf\\xe9)."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def natural_key(name: str) -> list:
    """A sort key that puts 2 before 10; different names have different keys."""
    parts = _NUMBER.split(name.casefold())
    parts[1::2] = map(int, parts[1::2])
    parts += -1, name  # -1 sorts before any number, so a name comes before longer names that begin with it
    return parts


def file_stats(status: os.stat_result) -> tuple[int, int]:
    """Size in bytes and time of the last change in ns, to detect later changes of the file."""
    return status.st_size, changed_ns(status)


def scan(root: Path, folder: str, skipped: list[Skipped]) -> tuple[list[str], list[FoundImage]]:
    """The names of the folders in a folder, in natural order, and its images. Raises OSError if it cannot be opened.

    Adds files to `skipped` that a user might expect to be used.
    """
    folders, images = [], []
    prefix = f"{folder}/" if folder else ""
    with os.scandir(root / folder) as entries:
        for entry in entries:
            name = entry.name
            path = prefix + name
            is_image = looks_like_image(name)
            hidden = name.startswith(".") or (not is_image and name.lower() in _LITTER)
            if hidden and not is_image:
                continue
            try:
                status = entry.stat()
            except OSError as error:
                skipped.append(Skipped(shown(path), cause(error)))
                continue
            if stat.S_ISDIR(status.st_mode):
                if not hidden:
                    folders.append(name)
            elif hidden:
                skipped.append(Skipped(shown(path), "is a hidden file"))
            elif not is_image:
                skipped.append(Skipped(shown(path), "does not have the name of an image file"))
            elif not stat.S_ISREG(status.st_mode):  # a pipe or a device
                skipped.append(Skipped(shown(path), "is not a file"))
            else:
                images.append((path, file_stats(status)))
    return sorted(folders, key=natural_key), images


def walk(root: Path, folder: str, skipped: list[Skipped], cancelled: Callable[[], bool]) -> list[FoundImage]:
    """All images in a folder and the folders below it, in no particular order. Links are followed.

    Raises DatasetError if there are too many files, and Cancelled if cancelled.
    """
    images: list[FoundImage] = []
    seen = {_identity(root)}  # links can form a cycle, or lead to the same folder twice
    waiting = [folder]
    while waiting:
        if cancelled():
            raise Cancelled
        if len(images) + len(skipped) > MAX_FILES:
            raise DatasetError(
                f"“{shown(str(root))}” contains more than {MAX_FILES:,} files. Choose the folder of the classes."
            )
        path = waiting.pop()
        try:
            identity = _identity(root / path)
            if identity in seen:
                skipped.append(Skipped(shown(path), "leads to a folder that has already been read"))
                continue
            seen.add(identity)
            folders, more = scan(root, path, skipped)
        except OSError as error:
            skipped.append(Skipped(shown(path), cause(error)))
            continue
        images += more
        waiting += [f"{path}/{name}" for name in folders]
    return images


def _identity(path: Path) -> tuple[int, int] | str:
    status = path.stat()
    # Some virtual drives give all folders the number 0; the resolved path replaces it there.
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(path)


def cause(error: OSError) -> str:
    """Why a file or folder cannot be opened, as a phrase to put after its name."""
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    if isinstance(error, NotADirectoryError):
        return "is not a folder"
    if isinstance(error, PermissionError):
        return "cannot be opened: no permission"
    if error.errno == errno.ELOOP:
        return "is a link that leads to itself"
    return f"cannot be opened: {error.strerror or error}"
