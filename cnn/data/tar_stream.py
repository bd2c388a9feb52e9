"""The unpacked bytes of a .tar that may be packed with gzip, bzip2 or xz: forwards only, and never many at once, as a
forged header could demand.

Imports neither torch nor Streamlit.
"""

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable
from typing import BinaryIO

from cnn.data.progress import Watch

CHUNK = 1 << 18
MAX_DICTIONARY = 300_000_000  # bytes of memory to unpack xz; its highest level needs 70 MB
GZIP, BZIP2, XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"  # how packed files begin
PACKED = (GZIP, BZIP2, XZ)


class TarStream:
    """What `tarfile` reads.

    file: the archive, read from its start. start: its first bytes. watch: its `done` grows with each byte of the file
    that is read. unpacked: called with the number of bytes after each part is unpacked, also of what is left out."""

    def __init__(self, file: BinaryIO, start: bytes, watch: Watch, unpacked: Callable[[int], None]):
        self.file, self.unpacked = _unpacking(_Watched(file, watch), start), unpacked
        self.position = 0
        self.last = b""  # what was read last

    def tell(self) -> int:
        return self.position

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = 0) -> int:
        if position < self.position:
            raise tarfile.ReadError("a header leads back")
        while self.position < position and self.read(min(CHUNK, position - self.position)):
            pass
        return self.position

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= CHUNK:
            raise tarfile.ReadError("a header is far too large")
        self.last = self.file.read(size)
        self.position += len(self.last)
        self.unpacked(len(self.last))
        return self.last

    def finish(self) -> None:
        """Reads the rest, so that its checksum is looked at. Raises EOFError if the end of the .tar, a block of zeros,
        is missing, and ReadError if there is something else."""
        if len(self.last) < tarfile.BLOCKSIZE:
            raise EOFError
        if self.last.strip(b"\0"):
            raise tarfile.ReadError("a header cannot be read")
        while self.read(CHUNK):
            pass


class _Watched:
    """A packed file, whose bytes read are the progress."""

    def __init__(self, file: BinaryIO, watch: Watch):
        self.file, self.watch = file, watch

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.watch.done += len(data)
        return data


def _unpacking(file: _Watched, start: bytes):
    """The unpacked bytes of a file that begins like that."""
    if start.startswith(GZIP):
        return gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[call-overload]
    if start.startswith(BZIP2):
        return _Decoded(file, bz2.BZ2Decompressor)
    if start.startswith(XZ):
        return _Decoded(file, lambda: lzma.LZMADecompressor(memlimit=MAX_DICTIONARY))
    return file


class _Decoded:
    """The unpacked bytes of a .bz2 or .xz, which may consist of several streams. The modules' own files cannot limit
    the memory that a forged header demands."""

    def __init__(self, file: _Watched, new_decoder):
        self.file, self.new_decoder = file, new_decoder
        self.decoder = new_decoder()
        self.waiting = b""  # packed bytes that the decoder has not seen

    def read(self, size: int) -> bytes:
        parts = []
        while size > 0 and (part := self._part(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _part(self, size: int) -> bytes:
        """At least one byte, but at the end of the file. Raises EOFError if a stream is not whole."""
        while True:
            if self.decoder.eof:
                # Zeros may fill up an .xz between its streams.
                self.waiting = self.decoder.unused_data.lstrip(b"\0") or self.file.read(CHUNK).lstrip(b"\0")
                if not self.waiting:
                    return b""
                self.decoder = self.new_decoder()
            elif self.decoder.needs_input and not self.waiting:
                self.waiting = self.file.read(CHUNK)
                if not self.waiting:
                    raise EOFError
            packed, self.waiting = self.waiting, b""
            try:
                data = self.decoder.decompress(packed, size)
            except OSError as error:  # of bz2, for damaged data
                raise tarfile.ReadError(str(error)) from error
            if data:
                return data
