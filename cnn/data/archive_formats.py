"""The formats of archives: .zip, and .tar, also packed with gzip, bzip2 or xz. The content decides, not the name.

A .zip has a table of contents: all members are checked before the first is unpacked. A .tar is a stream: each member
is checked when it comes. Imports neither torch nor Streamlit.
"""

import gzip
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from cnn.data import archive_members
from cnn.data.archive_members import ArchiveError, Member, Rules, check_total, path_parts, short, too_many
from cnn.data.archive_names import names_of
from cnn.data.progress import Watch
from cnn.data.space import check_space
from cnn.data.tar_stream import CHUNK, PACKED, TarStream

CHECK_EVERY = 64_000_000  # bytes between two looks at the free space
# What zipfile, tarfile and the modules for packed files raise for damaged data.
DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError),
    *(ValueError, LookupError, NotImplementedError, RuntimeError, OverflowError),
)


class Meter:
    """How much of an archive, with those inside it, has been unpacked.

    folder: where to. packed: bytes of the archive. watch: takes the progress, and says when to cancel.
    """

    def __init__(self, folder: Path, packed: int, watch: Watch):
        self.folder, self.packed, self.watch = folder, packed, watch
        self.members = self.size = 0
        self._next_check = CHECK_EVERY

    def add_members(self, count: int) -> None:
        """Raises ArchiveError if there are too many."""
        self.members += count
        if self.members > archive_members.MAX_MEMBERS:
            raise too_many()

    def add(self, size: int) -> None:
        """Counts bytes. Raises ArchiveError if they are too many for the archive, SpaceError if the disk is nearly
        full, and Cancelled."""
        self.size += size
        check_total(self.size, self.packed)
        if self.size >= self._next_check:
            check_space(self.folder, self.watch.total - self.watch.done, "The rest of the archive needs")
            self._next_check = self.size + CHECK_EVERY
        self.watch.tick()


class ZipArchive:
    """A .zip. note: a sentence about the encoding of its names, or ""."""

    def __init__(self, file: BinaryIO, meter: Meter):
        self.meter = meter
        self.archive = zipfile.ZipFile(_Bounded(file))
        infos = self.archive.infolist()
        self.names, self.note = names_of(infos)

    def members(self, folder: tuple[str, ...]) -> list[Member]:
        """All members, unpacked in `folder`. Raises ArchiveError if a path leads out of the archive."""
        infos = self.archive.infolist()
        return [_zip_member(info, path, folder) for info, path in zip(infos, self.names, strict=True)]

    def checked(self, folder: tuple[str, ...], rules: Rules) -> Iterator[Member]:
        """The members, if all of them may be unpacked. Raises ArchiveError and SpaceError if not."""
        members = self.members(folder)
        self.meter.add_members(len(members))
        for member in members:
            assert isinstance(member.info, zipfile.ZipInfo)
            if member.info.flag_bits & 0x41:
                raise ArchiveError("The archive is protected by a password. Create it again without one.")
            rules.check(member)
        self.meter.watch.total += rules.size
        check_space(self.meter.folder, rules.size, "The images need")
        yield from members

    def open(self, member: Member) -> "Content":
        """The content of a member. Raises ArchiveError if it is packed in an unusual way."""
        assert isinstance(member.info, zipfile.ZipInfo)
        if member.info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Other methods can need gigabytes of memory, and are hardly ever used.
            raise ArchiveError(
                f"“{short(member.path)}” uses an unusual compression method. Create the archive with the operating "
                "system's own “compress” command."
            )
        return Content(self.archive.open(member.info), self.meter, counts=True)

    def close(self) -> None:
        self.archive.close()


class TarArchive:
    """A .tar, perhaps packed, read from its start to its end, once. Its progress is that of reading the file."""

    note = ""

    def __init__(self, file: BinaryIO, meter: Meter):
        self.meter = meter
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        meter.watch.total += size
        check_space(meter.folder, size, "The images need at least")
        self.stream = TarStream(file, _start(file), meter.watch, meter.add)
        self.archive = tarfile.TarFile(fileobj=self.stream, encoding="utf-8")  # type: ignore[arg-type]

    def members(self, folder: tuple[str, ...]) -> Iterator[Member]:
        """The members, unpacked in `folder`, one after the other. Raises ArchiveError if a path leads out of the
        archive, and one of DAMAGED if its end is missing."""
        while (info := self.archive.next()) is not None:
            self.archive.members = []  # type: ignore[attr-defined]  # it would keep all of them
            yield _tar_member(info, folder)
        self.stream.finish()

    def checked(self, folder: tuple[str, ...], rules: Rules) -> Iterator[Member]:
        """The members, as long as they may be unpacked. Raises ArchiveError at the first that may not."""
        for member in self.members(folder):
            self.meter.add_members(1)
            rules.check(member)
            if member.is_unpacked or member.is_archive or member.is_folder:
                _check_encoding(member.path)
            yield member

    def open(self, member: Member) -> "Content":
        """The content of the member that came last."""
        assert isinstance(member.info, tarfile.TarInfo)
        content = self.archive.extractfile(member.info)
        assert content is not None, "only links and special files have none"
        return Content(content, self.meter, counts=False)  # the stream counts

    def close(self) -> None:
        self.archive.close()


class Content:
    """The content of a member, to read in chunks. counts: whether reading counts as unpacking."""

    def __init__(self, file: IO[bytes], meter: Meter, counts: bool):
        self.file, self.meter, self.counts = file, meter, counts

    def chunks(self) -> Iterator[bytes]:
        with self.file:
            while chunk := self.file.read(CHUNK):
                if self.counts:
                    self.meter.watch.done += len(chunk)
                    self.meter.add(len(chunk))
                yield chunk


def open_archive(file: BinaryIO, meter: Meter) -> ZipArchive | TarArchive:
    """The archive in a file; the caller closes it. Raises one of DAMAGED if it is none, or damaged."""
    return TarArchive(file, meter) if is_tar(file) else ZipArchive(file, meter)


def is_tar(file: BinaryIO) -> bool:
    """Whether a file is a .tar, or packed as only a .tar should be."""
    start = _start(file)
    if start.startswith(PACKED):
        return True
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")  # checks the sum in the header
    except tarfile.HeaderError:
        return False
    return True


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(tarfile.BLOCKSIZE)
    file.seek(0)
    return start


def _zip_member(info: zipfile.ZipInfo, path: str, folder: tuple[str, ...]) -> Member:
    mode = stat.S_IFMT(info.external_attr >> 16)  # 0 in archives that were not made on Unix
    if mode in (0, stat.S_IFREG, stat.S_IFDIR):
        kind = "folder" if info.is_dir() else "file"
    else:
        kind = "link" if mode == stat.S_IFLNK else "special"
    return Member(path, (*folder, *path_parts(path)), kind, info.file_size, info)  # type: ignore[arg-type]


def _tar_member(info: tarfile.TarInfo, folder: tuple[str, ...]) -> Member:
    if info.isdir():
        kind = "folder"
    elif info.isreg():
        kind = "file"
    else:
        kind = "link" if info.issym() or info.islnk() else "special"
    return Member(info.name, (*folder, *path_parts(info.name)), kind, info.size, info)  # type: ignore[arg-type]


def _check_encoding(path: str) -> None:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise ArchiveError(
            f"The names in the archive are not in UTF-8: “{short(path)}”. Unpack it here and choose its folder, or "
            "create a .zip."
        ) from None


class _Bounded:
    """A file that refuses to read more than MAX_CONTENTS bytes at once. zipfile reads the table of contents in one go
    and creates an object for each entry, so a forged table could take many times the memory of the archive."""

    def __init__(self, file: BinaryIO):
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        if size > archive_members.MAX_CONTENTS:
            raise too_many()
        return self._read(size)
