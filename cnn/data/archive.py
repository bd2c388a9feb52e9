"""A .zip from anywhere -> a folder of images, safely: all of it or nothing, and nothing outside of its folder.

Imports neither torch nor Streamlit.
"""

import errno
import os
import re
import shutil
import stat
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from filelock import FileLock, Timeout

from cnn.data import images
from cnn.data.listing import DatasetError, list_images
from cnn.errors import Cancelled, UserError
from cnn.system.files import replace

MAX_BYTES = 2_000_000_000  # unpacked, in all
MAX_FILE_BYTES = images.MAX_BYTES
MAX_MEMBERS = 200_000
MAX_PATH = 1000  # bytes of a path inside the archive
MAX_NAME = 255  # bytes of each name in it: what file systems allow

# Photographs hardly shrink when they are packed, drawings to a twentieth; a bomb to a thousandth. Small ones are let
# through: a few images of a single colour do no harm.
MAX_RATIO, RATIO_FROM = 200, 50_000_000

# The table of contents is read in one go. Of honest archives it takes some 100 bytes for each file.
MAX_CONTENTS = 400 * MAX_MEMBERS

CHUNK = 1 << 18
TICK_SECONDS = 0.1
WRAPPINGS = 5  # folders that hold nothing but one folder, at most, around the classes


class ArchiveError(UserError):
    """Why an archive gives no dataset: a sentence for the user."""


@dataclass(frozen=True)
class Unpacked:
    """The folder that holds the classes, how many images were unpacked, and how many other files were left out."""

    folder: Path
    images: int
    others: int


def free_target(uploads: Path, file_name: str) -> Path:
    """A folder in `uploads`, not there yet, called like the archive."""
    stem = re.sub(r"[^\w\- ]+", "_", Path(file_name).stem).strip("_ ")[:60] or "images"
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
    Everything is unpacked beside the target and renamed in the end: whatever happens on the way, the target is there
    whole or not at all. What a crash left behind goes with the next call.

    progress: called about ten times a second with bytes done and bytes in all. cancelled: asked as often.

    Raises ArchiveError, with a sentence for the user, if the archive is damaged, encrypted, too large or too tightly
    packed, holds names that lead out of it, links or two files of one name, gives fewer than two classes, or if the
    disk is full; and Cancelled if cancelled.
    """
    beside = target.parent / ".unpacking"
    try:
        beside.mkdir(parents=True, exist_ok=True)
        clear_leftovers(target.parent)
        part = beside / uuid4().hex
        try:
            with FileLock(_lock_of(part)):
                return _unpack(file, part, target, _Watch(progress, cancelled))
        finally:
            shutil.rmtree(part, ignore_errors=True)
            _lock_of(part).unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(_cannot_write(error)) from error


def clear_leftovers(uploads: Path) -> None:
    """Removes what processes that were killed while they unpacked have left in `uploads`."""
    for lock in (uploads / ".unpacking").glob("*.lock"):
        try:
            with FileLock(lock).acquire(blocking=False):  # free: whoever held it is gone
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
        except (Timeout, OSError):
            continue


def _lock_of(part: Path) -> Path:
    return part.with_suffix(".lock")


class _Watch:
    """Counts what is written, tells the user and asks whether to go on; both about ten times a second."""

    def __init__(self, progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool]):
        self.done = self.total = 0
        self._progress, self._cancelled = progress, cancelled
        self._next = 0.0

    def tick(self, now: bool = False) -> None:
        time_now = time.perf_counter()
        if time_now < self._next and not now:
            return
        self._next = time_now + TICK_SECONDS
        if self._cancelled():
            raise Cancelled
        if self._progress:
            self._progress(self.done, max(self.total, self.done))


class _Bounded:
    """A file from which no more than MAX_CONTENTS bytes are read at once: zipfile reads an archive's table of contents
    in one go and makes objects of it, which of a made-up one take many times the memory of the archive."""

    def __init__(self, file: BinaryIO):
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        if size > MAX_CONTENTS:
            raise _too_many()
        return self._read(size)


def _unpack(file, part: Path, target: Path, watch: _Watch) -> Unpacked:
    if not hasattr(file, "read"):
        with open(file, "rb") as opened:
            return _unpack(opened, part, target, watch)
    packed = file.seek(0, os.SEEK_END)
    # zipfile and zlib raise many things on damaged data, so all of it is caught here, in one place.
    try:
        with zipfile.ZipFile(_Bounded(file)) as archive:
            members = _members(archive.infolist(), packed)
            watch.total = sum(info.file_size for info, _ in members)
            _need_space(target.parent, watch.total)
            part.mkdir()
            found, others = _extract(archive, members, part, packed, watch)
    except (ArchiveError, Cancelled, OSError):
        raise
    except zipfile.BadZipFile as error:
        what = "The file is no .zip archive, or its end is missing" if "not a zip" in str(error) else _damaged(error)
        raise ArchiveError(f"{what}. Send it again, or pack it anew.") from error
    except (zlib.error, EOFError, ValueError, LookupError, NotImplementedError, RuntimeError, OverflowError) as error:
        raise ArchiveError(f"{_damaged(error)}. Send it again, or pack it anew.") from error
    watch.tick(now=True)
    replace(_dataset_in(part), target)
    return Unpacked(target, found, others)


def _members(infos: list[zipfile.ZipInfo], packed: int) -> list[tuple[zipfile.ZipInfo, tuple[str, ...]]]:
    """The members and the names their paths consist of; an error if one of them is not to be touched."""
    if len(infos) > MAX_MEMBERS:
        raise _too_many()
    members, seen = [], set()
    for info in infos:
        names = _names(info.filename)
        kind = stat.S_IFMT(info.external_attr >> 16)  # of archives from Unix; 0 from elsewhere
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "a link" if kind == stat.S_IFLNK else "something that is no file"
            raise ArchiveError(f"The archive holds {what}, “{_short(info.filename)}”. Pack the images themselves.")
        if info.flag_bits & 0x41:
            raise ArchiveError("The archive is protected by a password. Pack it again without one.")
        if names and not info.is_dir():
            if names in seen:
                raise ArchiveError(f"The archive holds “{_short(info.filename)}” twice. Pack it anew.")
            seen.add(names)
        if info.file_size > MAX_FILE_BYTES and _is_wanted(names):
            raise _too_large_file(info)
        members.append((info, names))
    _check_total(sum(info.file_size for info, names in members if _is_wanted(names)), packed)
    return members


def _names(path: str) -> tuple[str, ...]:
    """The names a member's path consists of, from the top. Some programs write `\\` for `/`."""
    path = path.replace("\\", "/")
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    # Windows takes ".. " for "..", and what consists of dots and blanks alone is no name of a picture anywhere.
    leads_out = path.startswith("/") or re.match(r"[A-Za-z]:", path) or any(not name.strip(". ") for name in names)
    if leads_out or "\0" in path:
        raise ArchiveError(f"The archive holds a path that leads out of it, “{_short(path)}”. It was not unpacked.")
    if len(_bytes(path)) > MAX_PATH or any(len(_bytes(name)) > MAX_NAME for name in names):
        raise ArchiveError(f"The archive holds a name that is too long, “{_short(path)}”. Shorten it and pack it anew.")
    return names


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _short(path: str) -> str:
    path = "".join(c if c.isprintable() else "·" for c in path)
    return path if len(path) <= 60 else f"{path[:28]}…{path[-28:]}"


def _is_hidden(names: tuple[str, ...]) -> bool:
    """Whether a system put it there for itself, as `.DS_Store` and `__MACOSX/._cat.jpg`."""
    return any(name.startswith(".") or name.lower() == "__macosx" for name in names)


def _is_wanted(names: tuple[str, ...]) -> bool:
    return bool(names) and not _is_hidden(names) and images.looks_like_image(names[-1])


def _extract(archive: zipfile.ZipFile, members: list, part: Path, packed: int, watch: _Watch) -> tuple[int, int]:
    """Writes folders and images, and counts images and other files. Sizes are those found, not those claimed."""
    found = others = 0
    for info, names in members:
        watch.tick()
        path = part.joinpath(*names)
        if _is_hidden(names):
            continue
        if info.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        elif not _is_wanted(names):
            others += 1
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The other methods may ask for gigabytes of memory, and hardly anyone uses them.
            raise ArchiveError(
                f"“{_short(info.filename)}” is packed by an unusual method. Pack the folder with the system's own "
                "“compress” command."
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(archive, info, path, packed, watch)
            found += 1
    return found, others


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, packed: int, watch: _Watch) -> None:
    size = 0
    # "x": never over a file that is there, as of a name that differs in case where the system makes no difference.
    with archive.open(info) as source, open(path, "xb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            watch.done += len(chunk)
            if size > MAX_FILE_BYTES:
                raise _too_large_file(info)
            _check_total(watch.done, packed)
            file.write(chunk)
            watch.tick()


def _check_total(size: int, packed: int) -> None:
    if size > MAX_BYTES:
        raise ArchiveError(
            f"The archive holds more than {MAX_BYTES / 1e9:g} GB of images. "
            "Pack fewer of them, or copy the folder onto this machine and open it."
        )
    if size > RATIO_FROM and size > MAX_RATIO * packed:
        raise ArchiveError(
            f"The archive unpacks to more than {MAX_RATIO} times its size, as no real photographs do. "
            "It was not unpacked."
        )


def _too_many() -> ArchiveError:
    return ArchiveError(f"The archive holds more than {MAX_MEMBERS:,} files. Pack fewer of them.")


def _too_large_file(info: zipfile.ZipInfo) -> ArchiveError:
    return ArchiveError(
        f"The archive holds “{_short(info.filename)}”, which is larger than the {MAX_FILE_BYTES / 1e6:g} MB allowed "
        "for an image."
    )


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
        return "The archive holds a file and a folder, or two files, of the same name. Pack it anew."
    return f"The images could not be unpacked: {error.strerror or error}."
