"""Unpacks an untrusted .zip into a folder of images: completely or not at all, and never outside that folder.

Imports neither torch nor Streamlit.
"""

import errno
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
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
from cnn.data.listing import DatasetError, UndecidedError, list_images
from cnn.data.progress import Progress, Watch
from cnn.errors import Cancelled
from cnn.system.files import replace

CHUNK = 1 << 18
MAX_WRAPPERS = 5  # folders around the classes that hold nothing but one folder


@dataclass(frozen=True)
class Unpacked:
    """The folder of the classes, the number of images unpacked, and the number of other files left out."""

    folder: Path
    images: int
    others: int


def free_target(uploads: Path, file_name: str) -> Path:
    """A path in `uploads` that does not exist yet, named after the archive."""
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
    """Unpacks the images and folders of an archive into `target`, which must not exist yet.

    Folders that only wrap the classes are dropped. Other files, hidden files and nested archives are left out. The
    archive is unpacked beside the target and renamed at the end, so the target is either complete or absent. The next
    call removes what a crash left behind.

    progress: called about ten times a second with the bytes done and the total. cancelled: polled as often.

    Raises ArchiveError, with a sentence for the user, if the archive is damaged, encrypted, too large or too strongly
    compressed; if it holds links, two files of the same name, paths that lead out of it or names that not every system
    allows; if it has fewer than two classes; or if the disk is full. Raises Cancelled if cancelled.
    """

    def report(now: Progress) -> None:
        if progress:
            progress(now.done, max(now.total, now.done))  # a file may be larger than the archive says

    staging = target.parent / ".unpacking"
    try:
        staging.mkdir(parents=True, exist_ok=True)
        clear_leftovers(target.parent)
        part = staging / uuid4().hex
        try:
            with FileLock(_lock_of(part)):
                return _unpack(file, part, target, Watch(report, cancelled))
        finally:
            shutil.rmtree(part, ignore_errors=True)
            with suppress(OSError):  # open on Windows: the next call will do it
                _lock_of(part).unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(_cannot_write(error)) from error


def clear_leftovers(uploads: Path) -> None:
    """Removes the partly unpacked archives that killed processes left in `uploads`."""
    for lock in (uploads / ".unpacking").glob("*.lock"):
        try:
            with FileLock(lock).acquire(blocking=False):  # free, so its owner is gone
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
        except (Timeout, OSError):
            continue


def _lock_of(part: Path) -> Path:
    return part.with_suffix(".lock")


class _Bounded:
    """A file that refuses to read more than MAX_CONTENTS bytes at once. zipfile reads the table of contents in one go
    and creates an object for each entry, so a forged table could take many times the memory of the archive."""

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
    # zipfile and zlib raise many kinds of errors for damaged data. All of them are caught here.
    try:
        with zipfile.ZipFile(_Bounded(file)) as archive:
            members = checked_members(archive.infolist(), packed)
            watch.total = sum(member.info.file_size for member in members if member.is_unpacked)
            _check_space(target.parent, watch.total)
            part.mkdir()
            found, others = _extract(archive, members, part, packed, watch)
    except (ArchiveError, Cancelled, OSError):
        raise
    except zipfile.BadZipFile as error:
        not_zip = "The file is not a .zip archive, or its end is missing"
        reason = not_zip if "not a zip" in str(error) else _damaged(error)
        raise ArchiveError(f"{reason}. Upload it again, or create the archive again.") from error
    except (zlib.error, EOFError, ValueError, LookupError, NotImplementedError, RuntimeError, OverflowError) as error:
        raise ArchiveError(f"{_damaged(error)}. Upload it again, or create the archive again.") from error
    watch.tick(now=True)
    replace(_dataset_in(part), target)
    return Unpacked(target, found, others)


def _extract(archive: zipfile.ZipFile, members: list[Member], part: Path, packed: int, watch: Watch) -> tuple[int, int]:
    """Writes folders, images and tables; returns the number of images and of other files. Limits apply to the sizes
    actually unpacked, not to those the archive claims."""
    found = others = 0
    for member in members:
        watch.tick()
        info, path = member.info, part.joinpath(*member.names)
        if member.is_hidden:
            continue
        if info.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        elif not member.is_unpacked:
            others += 1
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Other methods can need gigabytes of memory, and are hardly ever used.
            raise ArchiveError(
                f"“{short(info.filename)}” uses an unusual compression method. Create the archive with the operating "
                "system's own “compress” command."
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(archive, info, path, packed, watch)
            found += member.is_image
    return found, others


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, packed: int, watch: Watch) -> None:
    size = 0
    # "x": never overwrite a file, for example when names differ only in case and the file system ignores case.
    with archive.open(info) as source, open(path, "xb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            watch.done += len(chunk)
            check_file_size(info, size)
            check_total(watch.done, packed)
            file.write(chunk)
            watch.tick()


def _check_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ArchiveError(
            f"The images need {size / 1e6:,.0f} MB, but only {free / 1e6:,.0f} MB are free on the disk. "
            "Free some space."
        )


def _dataset_in(folder: Path) -> Path:
    """The folder of the classes: this one, or one that it wraps."""
    for _ in range(MAX_WRAPPERS):
        try:
            list_images(folder)
        except UndecidedError:  # the page asks
            return folder
        except DatasetError:
            inside = list(folder.iterdir())
            if len(inside) != 1 or not inside[0].is_dir():
                break
            folder = inside[0]
        else:
            return folder
    raise ArchiveError(
        "The archive does not contain two classes of images. It needs one folder of images per class, such as cat and "
        "dog, or files whose names begin with the class, such as cat.0.jpg and dog.0.jpg."
    )


def _damaged(error: Exception) -> str:
    return f"The archive is damaged: {' '.join(str(error).split())}"


def _cannot_write(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full, so the images could not be unpacked. Free some space and upload the archive again."
    if error.errno in (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY):
        return "The archive contains a file and a folder, or two files, of the same name. Create it again."
    if error.errno in (errno.ENAMETOOLONG, errno.ENOENT):  # Windows reports ENOENT for a path that is too long
        return "The archive contains a path that is too long for this computer. Shorten the names and create it again."
    if error.errno == errno.EINVAL:  # Windows, about " * < > ? |
        return (
            f"The archive contains “{short(os.path.basename(error.filename or ''))}”, a name that this computer does "
            "not allow. Rename it and create the archive again."
        )
    return f"The images could not be unpacked: {error.strerror or error}."
