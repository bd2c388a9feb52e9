"""Unpacks an untrusted archive into a folder of images: completely or not at all, and never outside that folder.

Imports neither torch nor Streamlit.
"""

import errno
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cnn.data import archive_formats as formats
from cnn.data.archive_members import ArchiveError, Member, Rules, check_file_size, is_device, short, without_ending
from cnn.data.listing import DatasetError, UndecidedError, list_images
from cnn.data.progress import Progress, Watch
from cnn.data.space import check_space
from cnn.data.staging import Staging
from cnn.errors import Cancelled, UserError
from cnn.system.files import replace

AGAIN = "Download or create it again."
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
    """A path in `uploads` that does not exist yet, named after the archive or folder."""
    stem = folder_name(file_name)
    names = (stem, *(f"{stem}-{i}" for i in range(2, 100_000)))
    return next(path for name in names if not (path := uploads / name).exists())


def folder_name(file_name: str) -> str:
    """A name for the folder of an archive that every system allows."""
    name = without_ending(Path(file_name).name)
    stem = re.sub(r"[^\w\- ]+", "_", name).strip("_ ")[:60].rstrip() or "images"
    return f"{stem} images" if is_device(stem) else stem


def unpack(
    file: str | os.PathLike | BinaryIO,
    target: Path,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    needs_classes: bool = True,
) -> Unpacked:
    """Unpacks the images and folders of an archive into `target`, which must not exist yet.

    Folders that only wrap the classes are dropped. Other files and hidden files are left out. An archive inside it
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
        self.part, self.meter = part, formats.Meter(part, packed, watch)
        self.images = self.others = 0
        self.notes: list[str] = []

    def archive(self, file: BinaryIO, folder: tuple[str, ...] = (), depth: int = 0) -> None:
        """Unpacks an archive into a folder, given by the parts of its path."""
        with _readable(), closing(formats.open_archive(file, self.meter)) as archive:
            self.notes += [archive.note] if archive.note else []
            for member in archive.checked(folder, Rules(self.meter.packed)):
                self._member(archive, member, depth)

    def _member(self, archive: formats.ZipArchive | formats.TarArchive, member: Member, depth: int) -> None:
        self.meter.watch.tick()
        path = self.part.joinpath(IMAGES, *member.names)
        if member.is_hidden:
            return
        if member.is_folder:
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
                    f"“{short(member.path)}” inside it was left out, because only .zip and .tar archives are opened. "
                    "If it holds images, unpack it and use its folder."
                )

    def _inner(self, archive: formats.ZipArchive | formats.TarArchive, member: Member, depth: int) -> None:
        """Unpacks an archive inside an archive, into a folder of its name, if it holds images."""
        name = short(member.path)
        if depth > MAX_DEPTH:
            self.others += 1
            self.notes.append(
                f"“{name}” was left out: it lies in {depth} other archives. Unpack it and use its folder."
            )
            return
        file = self.part / f"{depth}.archive"
        if isinstance(archive, formats.ZipArchive):
            self.meter.watch.total += member.size
        check_space(self.part, member.size, "The archives inside it need")
        try:
            self._write(archive, member, file)
            with open(file, "rb") as opened:
                if not (formats.is_tar(opened) or zipfile.is_zipfile(opened)):
                    self.others += 1
                    self.notes.append(
                        f"“{name}” inside it was left out: it is neither a .zip nor a .tar archive, or it is damaged."
                    )
                elif not self._holds_images(opened):
                    self.others += 1
                else:
                    self.archive(opened, (*member.names[:-1], without_ending(member.names[-1])), depth)
        except ArchiveError as error:
            raise ArchiveError(f"“{name}”, an archive inside this one, cannot be unpacked. {error}") from error
        finally:
            file.unlink(missing_ok=True)

    def _holds_images(self, file: BinaryIO) -> bool:
        """Whether an archive has anything to unpack. If not, it may hold whatever it likes."""
        watch = self.meter.watch
        look = formats.Meter(self.part, self.meter.packed, Watch(None, watch.cancelled))
        with _readable(), closing(formats.open_archive(file, look)) as archive:
            return any(member.is_image or member.is_archive for member in archive.members(()))

    def _write(self, archive: formats.ZipArchive | formats.TarArchive, member: Member, path: Path) -> None:
        size = 0
        # "x": never overwrite a file, for example when names differ only in case and the file system ignores case.
        with open(path, "xb") as file:
            for chunk in archive.open(member).chunks():
                size += len(chunk)
                check_file_size(member, size)
                file.write(chunk)


@contextmanager
def _readable() -> Iterator[None]:
    """For code that reads an archive: raises ArchiveError for whatever is wrong with it."""
    try:
        yield
    except (UserError, Cancelled):
        raise
    except EOFError as error:
        raise ArchiveError(f"The archive is not complete: its end is missing. {AGAIN}") from error
    except formats.DAMAGED as error:
        found = " ".join(str(error).split())
        if "not a zip" in found:
            raise ArchiveError(
                f"The file is neither a .zip nor a .tar archive, or its end is missing. {AGAIN}"
            ) from error
        if "Memory usage limit" in found:
            raise ArchiveError(
                "The archive would need too much memory to unpack. Create it again as a .zip, or with less compression."
            ) from error
        if "unexpected end of data" in found:
            raise ArchiveError(f"The archive is not complete: its end is missing. {AGAIN}") from error
        raise ArchiveError(f"The archive is damaged: {found}. {AGAIN}") from error


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


def cannot_write(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full, so the images could not be unpacked. Free some space and try again."
    if error.errno in (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY):
        return "The archive contains a file and a folder, or two files, of the same name. Create it again."
    if error.errno in (errno.ENAMETOOLONG, errno.ENOENT):  # Windows reports ENOENT for a path that is too long
        return (
            "The archive contains a path that is too long for this computer. Shorten the names and create it again, or "
            "move this program to a folder with a shorter path."
        )
    if error.errno == errno.EINVAL:  # Windows, about " * < > ? |
        return (
            f"The archive contains “{short(os.path.basename(error.filename or ''))}”, a name that this computer does "
            "not allow. Rename it and create the archive again."
        )
    return f"The images could not be unpacked: {error.strerror or error}."
