"""Where the bytes of a published set are: in a file, in a packed file, or in a file inside an archive."""

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cnn.data.published.names import MAX_FILE_BYTES
from cnn.data.walk import DatasetError, cause, shown
from cnn.size import size_text

MAX_BYTES = MAX_FILE_BYTES  # of the images of a set, and of a file inside an archive
_GZIP = b"\x1f\x8b"
# What gzip, zipfile, tarfile and zlib raise for damaged data.
_DAMAGED = (
    *(gzip.BadGzipFile, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, ValueError, LookupError),
    *(NotImplementedError, RuntimeError, OverflowError),
)


class SetError(DatasetError):
    """Why a published set cannot be read: a sentence for the user."""


@dataclass(frozen=True)
class Source:
    """A stream of bytes. folder: of the dataset. file: relative to it. member: of a .npz file; "": the file itself,
    unpacked if it is gzipped."""

    folder: Path
    file: str
    member: str = ""

    @contextmanager
    def open(self) -> Iterator["Stream"]:
        """The stream at its start. Raises SetError if it cannot be opened."""
        with ExitStack() as opened:
            with self.readable():
                file: IO[bytes] = opened.enter_context(open(self.folder / self.file, "rb"))
                is_packed = file.read(2) == _GZIP
                file.seek(0)
                if self.member:
                    archive = opened.enter_context(zipfile.ZipFile(file))
                    file = opened.enter_context(archive.open(self.member))
                elif is_packed:
                    file = opened.enter_context(gzip.GzipFile(fileobj=file))  # type: ignore[arg-type]
            yield Stream(self, file, is_packed or bool(self.member))

    @contextmanager
    def readable(self) -> Iterator[None]:
        """For code that only reads: raises SetError for whatever goes wrong."""
        try:
            yield
        except SetError:
            raise
        except _DAMAGED as error:
            raise self.damaged(" ".join(str(error).split()) or "it cannot be unpacked") from error
        except OSError as error:
            raise SetError(f"“{shown(self.file)}” {cause(error)}.") from error

    def damaged(self, found: str) -> SetError:
        return SetError(f"“{shown(self.file)}” is damaged: {found}. Download it again.")

    def too_large(self) -> SetError:
        return SetError(f"“{shown(self.file)}” holds more than {size_text(MAX_BYTES)}, too much for a published set.")


@dataclass(frozen=True)
class Stream:
    """The bytes of a source. file: to read them elsewhere, within `source.readable()`. is_packed: whether they have to
    be unpacked."""

    source: Source
    file: IO[bytes]
    is_packed: bool = False

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises SetError if there are fewer, or more than MAX_BYTES are asked for."""
        if size > MAX_BYTES:
            raise self.source.too_large()
        with self.source.readable():
            data = self.file.read(size)
        if len(data) < size:
            raise self.source.damaged("its end is missing")
        return data

    def seek(self, position: int) -> None:
        """Moves to a byte; backwards in packed data, by reading them again from the start. Raises SetError."""
        with self.source.readable():
            self.file.seek(position)
