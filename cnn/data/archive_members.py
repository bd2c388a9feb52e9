"""The members of an untrusted archive: which to unpack, and which to refuse.

The rules are the same for every format and on every system, so that all computers accept the same archives.
"""

import re
import tarfile
import zipfile
from typing import Literal, NamedTuple

from cnn.data import images
from cnn.data.published.names import MAX_FILE_BYTES as MAX_SET_BYTES
from cnn.data.published.names import may_be_published
from cnn.errors import UserError
from cnn.size import size_text

MAX_FILE_BYTES = images.MAX_BYTES
MAX_MEMBERS = 200_000
MAX_PATH = 200  # characters of a path inside the archive; Windows allows 260, including the folder around it
MAX_NAME = 255  # bytes of a file or folder name, as file systems allow

# Photographs hardly compress, drawings compress to a twentieth, zip bombs to a thousandth. Archives that unpack to less
# than RATIO_FROM bytes are exempt: a few images of a single colour do no harm.
MAX_RATIO, RATIO_FROM = 200, 50_000_000

# Bytes of the table of contents of a .zip, which is read in one go. Normal archives need about 100 bytes per file.
MAX_CONTENTS = 400 * MAX_MEMBERS

# Device names on Windows, with any suffix.
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)

OPENED = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz")
# Archives of other kinds, which are named but not opened.
CLOSED = (".rar", ".7z", ".gz", ".bz2", ".xz", ".zst")


class ArchiveError(UserError):
    """Why an archive cannot be used as a dataset: a sentence for the user."""


class Member(NamedTuple):
    """A file or folder in an archive. path: as in the archive. names: the parts of the path where it is unpacked, which
    begin with the folder for the archive's own contents if it lies in another archive. size: its bytes, as the archive
    claims. info: what the format's reader says of it."""

    path: str
    names: tuple[str, ...]
    kind: Literal["file", "folder", "link", "special"]
    size: int
    info: zipfile.ZipInfo | tarfile.TarInfo

    @property
    def is_folder(self) -> bool:
        return self.kind == "folder"

    @property
    def is_hidden(self) -> bool:
        """Whether it is a system file, like `.DS_Store` and `__MACOSX/._cat.jpg`."""
        return any(name.startswith(".") or name.lower() == "__macosx" for name in self.names)

    @property
    def is_image(self) -> bool:
        """Whether it is an image to unpack."""
        return self._is_file and images.looks_like_image(self.names[-1])

    @property
    def is_unpacked(self) -> bool:
        """Whether it is an image, a table, which may hold the labels, or a file of a published set."""
        is_table = self._is_file and self.names[-1].lower().endswith((".csv", ".tsv"))
        return self.is_image or is_table or self.is_set_file

    @property
    def is_set_file(self) -> bool:
        """Whether it may belong to a published set."""
        return self._is_file and may_be_published(self.names[-1])

    @property
    def is_archive(self) -> bool:
        return self._is_file and is_archive_name(self.names[-1])

    @property
    def is_closed_archive(self) -> bool:
        """Whether it is an archive that is not opened."""
        return self._is_file and not self.is_archive and self.names[-1].lower().endswith(CLOSED)

    @property
    def _is_file(self) -> bool:
        return bool(self.names) and not self.is_folder and not self.is_hidden


class Rules:
    """The rules for the members of one archive, given one after the other.

    packed: bytes of the archive that the user has sent, which may hold this one.
    """

    def __init__(self, packed: int):
        self.packed = packed
        self.size = 0  # of all members that are unpacked, as claimed
        self._seen: set[tuple[str, ...]] = set()

    def check(self, member: Member) -> None:
        """Raises ArchiveError if the archive must not be unpacked because of this member."""
        if member.kind in ("link", "special"):
            found = "a link" if member.kind == "link" else "something that is not a file"
            raise ArchiveError(f"The archive contains {found}, “{short(member.path)}”. Pack the images themselves.")
        if member.names and not member.is_folder:
            if member.names in self._seen:
                raise ArchiveError(f"The archive contains “{short(member.path)}” twice. Create it again.")
            self._seen.add(member.names)
        if member.is_unpacked or (member.is_folder and not member.is_hidden):
            check_names(member.names)
        if member.is_unpacked:
            check_file_size(member, member.size)
            self.size += member.size
            check_total(self.size, self.packed)


def is_archive_name(name: str) -> bool:
    """Whether a file of this name is an archive that can be opened, and no published set."""
    return name.lower().endswith(OPENED) and not may_be_published(name)


def without_ending(name: str) -> str:
    """The name of an archive without .zip, .tar.gz, ..."""
    endings = sorted(OPENED, key=len, reverse=True)
    return next((name[: -len(ending)] for ending in endings if name.lower().endswith(ending)), name)


def path_parts(path: str) -> tuple[str, ...]:
    """The parts of a member's path, from the top. Some programs write `\\` for `/`.

    Raises ArchiveError if the path leads out of the archive.
    """
    path = path.replace("\\", "/")
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    # Windows reads ".. " as "..", and no real name consists of dots and blanks alone.
    leads_out = path.startswith("/") or any(re.match(r"[A-Za-z]:", name) or not name.strip(". ") for name in names)
    if leads_out or "\0" in path:
        raise ArchiveError(f"The archive contains a path that leads out of it, “{short(path)}”. It was not unpacked.")
    return names


def check_names(names: tuple[str, ...]) -> None:
    """Raises ArchiveError if Windows would misread a name of a path, or a file system does not allow it."""
    path = short("/".join(names))
    for name in names:
        if ":" in name:  # on Windows, a hidden second stream of a file
            raise ArchiveError(
                f"The archive contains a name with a colon, “{path}”. Rename the file and create the archive again."
            )
        if name != name.rstrip(". "):  # Windows drops these characters
            raise ArchiveError(
                f"The archive contains a name that ends in a dot or space, “{path}”. Rename it and create the archive "
                "again."
            )
        if is_device(name):
            raise ArchiveError(
                f"The archive contains “{path}”, a name that Windows reserves for a device. Rename it and create the "
                "archive again."
            )
    longest = max((len(name.encode("utf-8", "surrogatepass")) for name in names), default=0)
    if len("/".join(names)) > MAX_PATH or longest > MAX_NAME:
        raise ArchiveError(
            f"The archive contains a name that is too long, “{path}”. Shorten it and create the archive again."
        )


def is_device(name: str) -> bool:
    """Whether Windows opens a device (CON, NUL, COM1, ...) instead of a file of this name."""
    return _DEVICE.fullmatch(name) is not None


def check_file_size(member: Member, size: int) -> None:
    """Raises ArchiveError if an image or a file of a published set is larger than allowed."""
    most, what = (MAX_SET_BYTES, "a published set") if member.is_set_file else (MAX_FILE_BYTES, "an image")
    if size > most and not member.is_archive:
        raise ArchiveError(
            f"The archive contains “{short(member.path)}”, which is larger than the {size_text(most)} allowed for "
            f"{what}."
        )


def check_total(size: int, packed: int) -> None:
    """Raises ArchiveError if the archive, of `packed` bytes, unpacks to far more bytes than images ever do."""
    if size > RATIO_FROM and size > MAX_RATIO * packed:
        raise ArchiveError(
            f"The archive unpacks to more than {MAX_RATIO} times its size. Real photographs never do. "
            "It was not unpacked."
        )


def too_many() -> ArchiveError:
    return ArchiveError(f"The archive contains more than {MAX_MEMBERS:,} files. Pack fewer of them.")


def short(path: str) -> str:
    """The path for use in a sentence: printable, and at most 60 characters."""
    path = "".join(c if c.isprintable() else "·" for c in path)
    return path if len(path) <= 60 else f"{path[:28]}…{path[-28:]}"
