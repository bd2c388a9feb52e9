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
from typing import NamedTuple

from cnn.data.images import looks_like_image
from cnn.data.published.names import may_be_published
from cnn.data.unreadable import TOO_LONG
from cnn.errors import Cancelled, UserError
from cnn.system.cloud import icloud_name, is_only_in_cloud
from cnn.system.file_times import changed_ns
from cnn.system.path_length import is_too_long

# Stops the search if someone chooses the whole disk by mistake.
MAX_FILES = 1_000_000

# System files, besides those whose name begins with a dot.
_LITTER = {"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx"}

ONLY_IN_CLOUD = "is only in the cloud, not on this computer"

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


class Contents(NamedTuple):
    """What lies in one folder. folders: names, in natural order. tables: paths of CSV and TSV files. others: files that
    a user might expect to be used, with the reasons why they are not; tables and set_files are among them. set_files:
    files that may belong to a published set."""

    folders: list[str]
    images: list[FoundImage]
    tables: list[str]
    others: list[Skipped]
    set_files: list[FoundImage]


class Tree:
    """A folder with everything below it; each folder is read from the disk when it is first asked for.

    root: absolute. cancelled: polled before each folder of `below`. All paths are relative to the root; "" is the root.
    """

    def __init__(self, root: Path, cancelled: Callable[[], bool] = lambda: False):
        self.root, self.cancelled = root, cancelled
        self._files = 0
        self._contents: dict[str, Contents] = {}
        self._below: dict[str, tuple[list[FoundImage], list[Skipped]]] = {}

    def contents(self, folder: str) -> Contents:
        """What lies in a folder. Raises OSError if it cannot be opened."""
        if folder not in self._contents:
            self._contents[folder] = contents = _scan(self.root, folder)
            self._files += len(contents.images) + len(contents.others)
        return self._contents[folder]

    def looked_into(self, folder: str) -> Contents:
        """What lies in a folder; nothing, if it cannot be opened (`below` says why)."""
        try:
            return self.contents(folder)
        except OSError:
            return Contents([], [], [], [], [])

    def below(self, folder: str) -> tuple[list[FoundImage], list[Skipped]]:
        """All images in a folder and the folders below it, in no particular order, and what is left out. Links are
        followed.

        Raises DatasetError if there are too many files, and Cancelled if cancelled.
        """
        if folder not in self._below:
            self._below[folder] = self._walk(folder)
        return self._below[folder]

    def _walk(self, folder: str) -> tuple[list[FoundImage], list[Skipped]]:
        images: list[FoundImage] = []
        skipped: list[Skipped] = []
        # Links can form a cycle, or lead to the same folder twice.
        seen = {_identity(self.root)} if folder else set()
        waiting = [folder]
        while waiting:
            if self.cancelled():
                raise Cancelled
            if self._files > MAX_FILES:
                raise DatasetError(
                    f"“{shown(str(self.root))}” contains more than {MAX_FILES:,} files. Choose the folder of the "
                    "classes."
                )
            path = waiting.pop()
            try:
                identity = _identity(self.root / path)
                if identity in seen:
                    skipped.append(Skipped(shown(path), "leads to a folder that has already been read"))
                    continue
                seen.add(identity)
                contents = self.contents(path)
            except OSError as error:
                skipped.append(Skipped(shown(path), cause(error)))
                continue
            images += contents.images
            skipped += contents.others
            waiting += [join(path, name) for name in contents.folders]
        return images, skipped


def join(folder: str, name: str) -> str:
    """The path of an entry of a folder; "" is the root."""
    return f"{folder}/{name}" if folder else name


def _scan(root: Path, folder: str) -> Contents:
    folders, images, tables, others, set_files = [], [], [], [], []
    with os.scandir(root / folder) as entries:
        for entry in entries:
            name = entry.name
            path = join(folder, name)
            if looks_like_image(icloud_name(name)):
                others.append(Skipped(shown(join(folder, icloud_name(name))), ONLY_IN_CLOUD))
                continue
            is_image, is_table = looks_like_image(name), name.lower().endswith((".csv", ".tsv"))
            hidden = name.startswith(".") or (not is_image and name.lower() in _LITTER)
            if hidden and not is_image:
                continue
            try:
                status = entry.stat()
            except OSError as error:
                others.append(Skipped(shown(path), cause(error)))
                continue
            if stat.S_ISDIR(status.st_mode):
                if not hidden:
                    folders.append(name)
            elif (is_image or is_table) and is_only_in_cloud(status):
                others.append(Skipped(shown(path), ONLY_IN_CLOUD))
            elif hidden:
                others.append(Skipped(shown(path), "is a hidden file"))
            elif not is_image:
                others.append(Skipped(shown(path), "does not have the name of an image file"))
                if is_table and stat.S_ISREG(status.st_mode):
                    tables.append(path)
                elif may_be_published(name) and stat.S_ISREG(status.st_mode):
                    set_files.append((path, file_stats(status)))
            elif not stat.S_ISREG(status.st_mode):  # a pipe or a device
                others.append(Skipped(shown(path), "is not a file"))
            else:
                images.append((path, file_stats(status)))
    return Contents(sorted(folders, key=natural_key), images, sorted(tables), others, sorted(set_files))


def _identity(path: Path) -> tuple[int, int] | str:
    status = path.stat()
    # Some virtual drives give all folders the number 0; the resolved path replaces it there.
    return (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(path)


def cause(error: OSError) -> str:
    """Why a file or folder cannot be opened, as a phrase to put after its name."""
    if isinstance(error, FileNotFoundError):
        return TOO_LONG if error.filename and is_too_long(error.filename) else "does not exist"
    if isinstance(error, NotADirectoryError):
        return "is not a folder"
    if isinstance(error, PermissionError):
        return "cannot be opened: no permission"
    if error.errno == errno.ELOOP:
        return "is a link that leads to itself"
    return f"cannot be opened: {error.strerror or error}"
