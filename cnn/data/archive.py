"""A .zip from anywhere -> a folder of images, safely: all of it or nothing, and nothing outside of its folder.

Imports neither torch nor Streamlit.
"""

import errno
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from filelock import FileLock, Timeout

from cnn.data import archive_members
from cnn.data.archive_members import (
    ArchiveError,
    Member,
    check_file_size,
    check_total,
    checked_members,
    is_device,
    short,
)
from cnn.data.listing import DatasetError, list_images
from cnn.data.progress import Progress, Watch
from cnn.errors import Cancelled
from cnn.system.files import replace

CHUNK = 1 << 18
WRAPPINGS = 5  # folders that hold nothing but one folder, at most, around the classes


@dataclass(frozen=True)
class Unpacked:
    """The folder that holds the classes, how many images were unpacked, and how many other files were left out."""

    folder: Path
    images: int
    others: int


def free_target(uploads: Path, file_name: str) -> Path:
    """A folder in `uploads`, not there yet, named after the archive."""
    stem = re.sub(r"[^\w\- ]+", "_", Path(file_name).stem).strip("_ ")[:60].rstrip() or "images"
    if is_device(stem):
        stem += " images"
    names = (stem, *(f"{stem}-{i}" for i in range(2, 100_000)))
    return next(path for name in names if not (path := uploads / name).exists())


def unpack(
    file: str | os.PathLike | BinaryIO,
    target: Path,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Unpacked:
    """Unpacks the images and folders of an archive into `target`, which must not be there yet.

    Folders that only wrap the classes are taken off. Other files, hidden ones and archives inside are left out.
    Everything is unpacked beside the target and renamed at the end, so that the target is complete or not there at
    all. The next call removes what a crash left behind.

    progress: called about ten times a second with bytes done and bytes in all. cancelled: asked as often.

    Raises ArchiveError, with a sentence for the user, if the archive is damaged, encrypted, too large or too tightly
    packed, holds links, two files of one name, or names that lead out of it or that not every system allows, gives
    fewer than two classes, or if the disk is full; and Cancelled if cancelled.
    """

    def report(now: Progress) -> None:
        if progress:
            progress(now.done, max(now.total, now.done))  # a file may be larger than the archive says

    beside = target.parent / ".unpacking"
    try:
        beside.mkdir(parents=True, exist_ok=True)
        clear_leftovers(target.parent)
        part = beside / uuid4().hex
        try:
            with FileLock(_lock_of(part)):
                return _unpack(file, part, target, Watch(report, cancelled))
        finally:
            shutil.rmtree(part, ignore_errors=True)
            _lock_of(part).unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(_cannot_write(error)) from error


def clear_leftovers(uploads: Path) -> None:
    """Removes from `uploads` what processes left that were killed while they unpacked."""
    for lock in (uploads / ".unpacking").glob("*.lock"):
        try:
            with FileLock(lock).acquire(blocking=False):  # free: whoever held it is gone
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
        except (Timeout, OSError):
            continue


def _lock_of(part: Path) -> Path:
    return part.with_suffix(".lock")


class _Bounded:
    """A file that refuses to read more than MAX_CONTENTS bytes at once. zipfile reads an archive's table of contents in
    one go and makes an object of each entry; a forged table takes many times the memory of the archive."""

    def __init__(self, file: BinaryIO):
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        if size > archive_members.MAX_CONTENTS:
            raise archive_members.too_many()
        return self._read(size)


def _unpack(file, part: Path, target: Path, watch: Watch) -> Unpacked:
    if not hasattr(file, "read"):
        with open(file, "rb") as opened:
            return _unpack(opened, part, target, watch)
    packed = file.seek(0, os.SEEK_END)
    # zipfile and zlib raise many kinds of errors on damaged data; all are caught here, in one place.
    try:
        with zipfile.ZipFile(_Bounded(file)) as archive:
            members = checked_members(archive.infolist(), packed)
            watch.total = sum(member.info.file_size for member in members if member.is_image)
            _need_space(target.parent, watch.total)
            part.mkdir()
            found, others = _extract(archive, members, part, packed, watch)
    except (ArchiveError, Cancelled, OSError):
        raise
    except zipfile.BadZipFile as error:
        what = "The file is no .zip archive, or its end is missing" if "not a zip" in str(error) else _damaged(error)
        raise ArchiveError(f"{what}. Send it again, or pack it again.") from error
    except (zlib.error, EOFError, ValueError, LookupError, NotImplementedError, RuntimeError, OverflowError) as error:
        raise ArchiveError(f"{_damaged(error)}. Send it again, or pack it again.") from error
    watch.tick(now=True)
    replace(_dataset_in(part), target)
    return Unpacked(target, found, others)


def _extract(archive: zipfile.ZipFile, members: list[Member], part: Path, packed: int, watch: Watch) -> tuple[int, int]:
    """Writes folders and images, and counts images and other files. Sizes are those found, not those claimed."""
    found = others = 0
    for member in members:
        watch.tick()
        info, path = member.info, part.joinpath(*member.names)
        if member.is_hidden:
            continue
        if info.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        elif not member.is_image:
            others += 1
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The other methods may ask for gigabytes of memory, and hardly anyone uses them.
            raise ArchiveError(
                f"“{short(info.filename)}” is packed by an unusual method. Pack the folder with the system's own "
                "“compress” command."
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(archive, info, path, packed, watch)
            found += 1
    return found, others


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, packed: int, watch: Watch) -> None:
    size = 0
    # "x": never over another file, as where names differ only in case and the system makes no difference.
    with archive.open(info) as source, open(path, "xb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            watch.done += len(chunk)
            check_file_size(info, size)
            check_total(watch.done, packed)
            file.write(chunk)
            watch.tick()


def _need_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ArchiveError(
            f"The images need {size / 1e6:,.0f} MB, but only {free / 1e6:,.0f} MB are free on the disk. "
            "Free some space."
        )


def _dataset_in(folder: Path) -> Path:
    """The folder that holds the classes: this one, or the one it wraps."""
    for _ in range(WRAPPINGS):
        try:
            list_images(folder)
        except DatasetError:
            inside = list(folder.iterdir())
            if len(inside) != 1 or not inside[0].is_dir():
                break
            folder = inside[0]
        else:
            return folder
    raise ArchiveError(
        "The archive holds no two classes of images. Pack a folder that holds one folder of images for each class, "
        "such as cat and dog, or files whose names begin with the class, such as cat.0.jpg and dog.0.jpg."
    )


def _damaged(error: Exception) -> str:
    return f"The archive is damaged: {' '.join(str(error).split())}"


def _cannot_write(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full, so the images could not be unpacked. Free some space and send the archive again."
    if error.errno in (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY):
        return "The archive holds a file and a folder, or two files, of the same name. Pack it again."
    if error.errno in (errno.ENAMETOOLONG, errno.ENOENT):  # ENOENT from Windows: its folder was just made
        return "The archive holds a path that is too long for this computer. Shorten its names and pack it again."
    return f"The images could not be unpacked: {error.strerror or error}."
