"""The files in a .tar or .tar.gz, one after the other, without unpacking it to the disk."""

import tarfile
from collections.abc import Callable, Iterator
from typing import IO

from cnn.data.published.source import MAX_BYTES, Source

_MAX_MEMBERS = 10_000


class _Bounded:
    """A file that refuses to read more than MAX_BYTES at once or beyond them, as a forged archive could demand."""

    def __init__(self, source: Source, file: IO[bytes]):
        self.source, self.file = source, file
        self.tell, self.seekable = file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MAX_BYTES - self.tell():
            raise self.source.too_large()
        return self.file.read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        if position > MAX_BYTES:
            raise self.source.too_large()
        return self.file.seek(position, whence)


def members(source: Source, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """The wanted files in their order: the name without the folders, the byte of the (unpacked) archive where the
    content begins, and a function that reads it, to be called before the next file.

    Raises SetError if the archive is damaged or too large.
    """
    with source.open() as stream:
        with source.readable():
            archive = tarfile.TarFile(fileobj=_Bounded(source, stream.file))  # type: ignore[arg-type]
        for _ in range(_MAX_MEMBERS):
            with source.readable():
                member = archive.next()
            if member is None:
                return
            name = member.name.rpartition("/")[2]
            if member.isreg() and not member.issparse() and is_wanted(name):

                def read(start: int = member.offset_data, size: int = member.size) -> bytes:
                    stream.seek(start)
                    content = stream.read(size)
                    stream.seek(start + size + -size % tarfile.BLOCKSIZE)  # where `next` goes on, without going back
                    return content

                yield name, member.offset_data, read
        raise source.damaged(f"it holds more than {_MAX_MEMBERS:,} files")
