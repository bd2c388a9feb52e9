"""Files that a browser sends in pieces: one archive, or the images of a folder, or the files of a published set. They
go to the disk as they come.

Imports neither torch nor Streamlit.
"""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from cnn.data.archive import Unpacked, cannot_write, free_target, move_dataset, unpack
from cnn.data.archive_members import (
    MAX_FILE_BYTES,
    MAX_MEMBERS,
    OPENED,
    ArchiveError,
    check_names,
    path_parts,
    short,
)
from cnn.data.images import looks_like_image
from cnn.data.published.names import MAX_FILE_BYTES as MAX_SET_BYTES
from cnn.data.published.names import may_be_published
from cnn.data.space import check_space
from cnn.data.staging import Staging
from cnn.errors import UserError
from cnn.size import size_text
from cnn.system.clock import seconds_awake
from cnn.system.files import replace

TABLES = (".csv", ".tsv")
CHECK_EVERY = 64_000_000  # bytes between two looks at the free space


class OffsetError(Exception):
    """A piece does not begin where the last one ended. received: the bytes that are here."""

    def __init__(self, received: int):
        super().__init__(f"{received:,} bytes have been received.")
        self.received = received


class Incoming:
    """Files sent as one stream of bytes, one file after the other.

    files: path and size of each, in the order of the stream. Either a single archive, or images, tables and files of
    published sets, with paths that begin with the folder that holds them all, if there is one. uploads: the folder in
    which the dataset will lie. others: the number of files that the browser left out.

    Raises ArchiveError if a path is not allowed (as in an archive), and SpaceError if the disk has too little room.
    Thread-safe.
    """

    def __init__(self, uploads: Path, files: Sequence[tuple[str, int]], others: int = 0):
        self.uploads, self.others = uploads, others
        paths = _checked(files)
        self.is_archive = len(paths) == 1 and paths[0][-1].lower().endswith(OPENED)
        self.name = paths[0][0] if len(paths[0]) > 1 or self.is_archive else "images"
        self.size = sum(size for _, size in files)
        self.received = 0
        self.touched = seconds_awake()  # when the last bytes came
        self._lock = threading.Lock()
        try:
            self._staging = Staging(uploads)
        except OSError as error:
            raise ArchiveError(cannot_write(error)) from error
        try:
            check_space(self.folder, 2 * self.size if self.is_archive else self.size, "These files need")
        except UserError:
            self._staging.close()
            raise
        self._waiting = [
            (self.folder.joinpath(*path), size)
            for path, (_, size) in zip(reversed(paths), reversed(files), strict=True)
        ]
        self._file: BinaryIO | None = None
        self._left = 0  # bytes of the open file that are still to come
        self._next_check = CHECK_EVERY

    @property
    def folder(self) -> Path:
        return self._staging.folder

    @property
    def is_whole(self) -> bool:
        return self.received == self.size

    def write(self, offset: int, data: bytes) -> None:
        """Appends a piece of the stream that begins at `offset`.

        Raises OffsetError if it should begin elsewhere or is too long, SpaceError if the disk is nearly full, and
        ArchiveError if a file cannot be written.
        """
        with self._lock:
            if offset != self.received or offset + len(data) > self.size:
                raise OffsetError(self.received)
            if self.received >= self._next_check:
                check_space(self.folder, self.size - self.received, "The rest of the files needs")
                self._next_check = self.received + CHECK_EVERY
            self.touched = seconds_awake()
            try:
                self._append(memoryview(data))
            except OSError as error:
                raise ArchiveError(cannot_write(error)) from error

    def _append(self, data: memoryview) -> None:
        while data:
            if not self._left:
                self._open_next()
                continue
            assert self._file is not None
            part = data[: self._left]
            self._file.write(part)
            self._left -= len(part)
            self.received += len(part)
            data = data[len(part) :]
        if self.is_whole:
            while self._waiting:  # empty files at the end
                self._open_next()
            self._close_file()

    def _open_next(self) -> None:
        self._close_file()
        path, self._left = self._waiting.pop()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "xb")  # noqa: SIM115 (it stays open until its last byte has come)

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def finish(
        self,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        needs_classes: bool = True,
    ) -> Unpacked:
        """Makes a dataset of the whole stream: unpacks the archive, or moves the folder. Removes all that is left.

        Parameters and exceptions are those of `archive.unpack`.
        """
        try:
            if self.is_archive:
                (file,) = self.folder.iterdir()
                target = free_target(self.uploads, self.name)
                if may_be_published(file.name) and needs_classes:  # the archive of CIFAR is read as it is
                    with suppress(ArchiveError):
                        move_dataset(self.folder, target)
                        return Unpacked(target, 0, 0)
                return unpack(file, target, progress, cancelled, needs_classes)
            images = sum(looks_like_image(name) for _, _, names in os.walk(self.folder) for name in names)
            target = free_target(self.uploads, self.name)
            if needs_classes:
                move_dataset(self.folder, target, "The folder")
            else:
                replace(self.folder, target)
            return Unpacked(target, images, self.others)
        except OSError as error:
            raise ArchiveError(cannot_write(error)) from error
        finally:
            self.drop()

    def drop(self) -> None:
        """Removes what has been received."""
        with self._lock:
            self.size = -1  # nothing more is taken
            with suppress(OSError):
                self._close_file()
            self._staging.close()


def _checked(files: Sequence[tuple[str, int]]) -> list[tuple[str, ...]]:
    """The parts of the files' paths."""
    if not files:
        raise ArchiveError("There are no images in it.")
    if len(files) > MAX_MEMBERS:
        raise ArchiveError(
            f"There are more than {MAX_MEMBERS:,} images in it. Copy the folder to this computer instead."
        )
    paths = [path_parts(path) for path, _ in files]
    if any(not path for path in paths) or len(set(paths)) < len(paths):
        raise ArchiveError("Two files have the same path. Send the folder again.")
    for path, (_, size) in zip(paths, files, strict=True):
        check_names(path)
        name = path[-1].lower()
        if size < 0 or ((len(files) > 1 or not name.endswith(OPENED)) and not _belongs(name, size)):
            most = MAX_SET_BYTES if may_be_published(name) else MAX_FILE_BYTES
            raise ArchiveError(f"“{short('/'.join(path))}” is not an image, or larger than {size_text(most)}.")
    return paths


def _belongs(name: str, size: int) -> bool:
    if may_be_published(name):
        return size <= MAX_SET_BYTES
    return (looks_like_image(name) or name.endswith(TABLES)) and size <= MAX_FILE_BYTES
