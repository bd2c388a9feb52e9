"""Unpacks an untrusted .zip into a folder of images: completely or not at all, and never outside that folder.

Imports neither torch nor Streamlit.
"""

import errno
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cnn.data import archive_members
from cnn.data.archive_members import (
    ArchiveError,
    Member,
    check_file_size,
    check_members,
    check_total,
    is_device,
    members_of,
    short,
)
from cnn.data.archive_names import names_of
from cnn.data.listing import DatasetError, UndecidedError, list_images
from cnn.data.progress import Progress, Watch
from cnn.data.space import check_space
from cnn.data.staging import Staging
from cnn.errors import Cancelled
from cnn.system.files import replace

CHUNK = 1 << 18
MAX_WRAPPERS = 5  # folders around the classes that hold nothing but one folder
MAX_DEPTH = 3  # archives inside archives
MAX_NOTES = 5
IMAGES = "images"  # the folder beside the archives inside the archive, while it is unpacked


@dataclass(frozen=True)
class Unpacked:
    """The folder of the classes, the number of images unpacked, the number of other files left out, and sentences about
    what the user may not expect."""

    folder: Path
    images: int
    others: int
    notes: tuple[str, ...] = ()


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
    needs_classes: bool = True,
) -> Unpacked:
    """Unpacks the images and folders of an archive into `target`, which must not exist yet.

    Folders that only wrap the classes are dropped. Other files and hidden files are left out. A .zip inside the archive
    is unpacked if it holds images, into a folder of its name. The archive is unpacked beside the target and renamed at
    the end, so the target is either complete or absent. The next call removes what a crash left behind.

    progress: called about ten times a second with the bytes done and the total. cancelled: polled as often.
    needs_classes: whether it must be a dataset; if not, any images will do, and all folders stay.

    Raises ArchiveError, with a sentence for the user, if the archive is damaged, encrypted or too strongly compressed;
    if it holds links, two files of the same name, paths that lead out of it or names that not every system allows; if
    it has fewer than two classes; or if the disk is full. Raises SpaceError if the disk has too little room, and
    Cancelled if cancelled.
    """

    def report(now: Progress) -> None:
        if progress:
            progress(now.done, max(now.total, now.done))  # a file may be larger than the archive says

    try:
        with Staging(target.parent) as part:
            return _unpack(file, part, target, Watch(report, cancelled), needs_classes)
    except OSError as error:
        raise ArchiveError(cannot_write(error)) from error


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


def _unpack(file, part: Path, target: Path, watch: Watch, needs_classes: bool) -> Unpacked:
    if not hasattr(file, "read"):
        with open(file, "rb") as opened:
            return _unpack(opened, part, target, watch, needs_classes)
    packed = file.seek(0, os.SEEK_END)
    (part / IMAGES).mkdir()
    unpacking = _Unpacking(part, packed, watch)
    unpacking.archive(file)
    watch.tick(now=True)
    if needs_classes:
        move_dataset(part / IMAGES, target, notes=unpacking.notes)
    elif unpacking.images:
        replace(part / IMAGES, target)
    else:
        raise ArchiveError("There are no images in it.")
    return Unpacked(target, unpacking.images, unpacking.others, tuple(unpacking.notes[:MAX_NOTES]))


class _Unpacking:
    """An archive that is being unpacked, with those inside it. All limits apply to them together, and to the sizes
    actually unpacked, not to those the archives claim.

    part: the folder to unpack into. packed: bytes of the archive.
    """

    def __init__(self, part: Path, packed: int, watch: Watch):
        self.part, self.packed, self.watch = part, packed, watch
        self.members = self.images = self.others = 0
        self.notes: list[str] = []

    def archive(self, file: BinaryIO, folder: tuple[str, ...] = (), depth: int = 0) -> None:
        """Unpacks an archive into a folder, given by the parts of its path."""
        # zipfile and zlib raise many kinds of errors for damaged data. All of them are caught here.
        try:
            with zipfile.ZipFile(_Bounded(file)) as archive:
                paths, note = names_of(archive.infolist())
                members = members_of(archive.infolist(), paths, folder)
                if depth and not any(member.is_image or member.is_archive for member in members):
                    self.others += 1
                    return
                self.members += len(members)
                if self.members > archive_members.MAX_MEMBERS:
                    raise archive_members.too_many()
                check_members(members, self.packed)
                self.notes += [note] if note else []
                size = sum(member.info.file_size for member in members if member.is_unpacked)
                self.watch.total += size
                check_space(self.part, size, "The images need")
                for member in members:
                    self._member(archive, member, depth)
        except (ArchiveError, Cancelled, OSError):
            raise
        except zipfile.BadZipFile as error:
            not_zip = "The file is not a .zip archive, or its end is missing"
            reason = not_zip if "not a zip" in str(error) else _damaged(error)
            raise ArchiveError(f"{reason}. Upload it again, or create the archive again.") from error
        except (
            zlib.error,
            EOFError,
            ValueError,
            LookupError,
            NotImplementedError,
            RuntimeError,
            OverflowError,
        ) as error:
            raise ArchiveError(f"{_damaged(error)}. Upload it again, or create the archive again.") from error

    def _member(self, archive: zipfile.ZipFile, member: Member, depth: int) -> None:
        self.watch.tick()
        path = self.part.joinpath(IMAGES, *member.names)
        if member.is_hidden:
            return
        if member.info.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        elif member.is_archive:
            self._inner(archive, member, depth + 1)
        elif member.is_unpacked:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(archive, member, path)
            self.images += member.is_image
        else:
            self.others += 1
            if member.is_closed_archive:
                self.notes.append(
                    f"“{short(member.path)}” inside it was left out, because only .zip archives are opened. If it "
                    "holds images, unpack it and use its folder."
                )

    def _inner(self, archive: zipfile.ZipFile, member: Member, depth: int) -> None:
        """Unpacks an archive inside an archive, into a folder of its name."""
        name = short(member.path)
        if depth > MAX_DEPTH:
            self.others += 1
            self.notes.append(
                f"“{name}” was left out: it lies in {depth} other archives. Unpack it and use its folder."
            )
            return
        file = self.part / f"{depth}.zip"
        self.watch.total += member.info.file_size
        check_space(self.part, member.info.file_size, "The archives inside it need")
        try:
            self._write(archive, member, file)
            with open(file, "rb") as opened:
                if not zipfile.is_zipfile(opened):
                    self.others += 1
                    self.notes.append(f"“{name}” inside it was left out: it is not a .zip archive, or it is damaged.")
                    return
                stem = os.path.splitext(member.names[-1])[0]
                self.archive(opened, (*member.names[:-1], stem), depth)
        except ArchiveError as error:
            raise ArchiveError(f"“{name}”, an archive inside this one, cannot be unpacked. {error}") from error
        finally:
            file.unlink(missing_ok=True)

    def _write(self, archive: zipfile.ZipFile, member: Member, path: Path) -> None:
        if member.info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Other methods can need gigabytes of memory, and are hardly ever used.
            raise ArchiveError(
                f"“{short(member.path)}” uses an unusual compression method. Create the archive with the operating "
                "system's own “compress” command."
            )
        size = 0
        # "x": never overwrite a file, for example when names differ only in case and the file system ignores case.
        with archive.open(member.info) as source, open(path, "xb") as file:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                self.watch.done += len(chunk)
                check_file_size(member, size)
                check_total(self.watch.done, self.packed)
                file.write(chunk)
                self.watch.tick()


def move_dataset(folder: Path, target: Path, what: str = "The archive", notes: Sequence[str] = ()) -> None:
    """Renames the folder of the classes, which is this folder or one that it wraps, to `target`.

    Raises ArchiveError, with the notes, if there is none. what: was sent, for that sentence.
    """
    replace(_dataset_in(folder, what, notes), target)


def _dataset_in(folder: Path, what: str, notes: Sequence[str]) -> Path:
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
    sentences = (
        f"{what} does not contain two classes of images. It needs one folder of images per class, such as cat and dog, "
        "or files whose names begin with the class, such as cat.0.jpg and dog.0.jpg.",
        *notes[:MAX_NOTES],
    )
    raise ArchiveError(" ".join(sentences))


def _damaged(error: Exception) -> str:
    return f"The archive is damaged: {' '.join(str(error).split())}"


def cannot_write(error: OSError) -> str:
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
