"""The members of an untrusted .zip: which to unpack, and which to refuse.

The rules are the same on every system, so that all computers accept the same archives.
"""

import re
import stat
import zipfile
from collections.abc import Sequence
from typing import NamedTuple

from cnn.data import images
from cnn.data.published.names import may_be_published
from cnn.errors import UserError

MAX_FILE_BYTES = images.MAX_BYTES
MAX_MEMBERS = 200_000
MAX_PATH = 200  # characters of a path inside the archive; Windows allows 260, including the folder around it
MAX_NAME = 255  # bytes of a file or folder name, as file systems allow

# Photographs hardly compress, drawings compress to a twentieth, zip bombs to a thousandth. Archives that unpack to less
# than RATIO_FROM bytes are exempt: a few images of a single colour do no harm.
MAX_RATIO, RATIO_FROM = 200, 50_000_000

# Bytes of the table of contents, which is read in one go. Normal archives need about 100 bytes per file.
MAX_CONTENTS = 400 * MAX_MEMBERS

# Device names on Windows, with any suffix.
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)


class ArchiveError(UserError):
    """Why an archive cannot be used as a dataset: a sentence for the user."""


# Archives of other kinds, which are named but not opened.
CLOSED = (".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst")


class Member(NamedTuple):
    """A file or folder in an archive. path: as in the archive. names: the parts of the path where it is unpacked, which
    begin with the folder for the archive's own contents if it lies in another archive."""

    info: zipfile.ZipInfo
    path: str
    names: tuple[str, ...]

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
        name = self.names[-1] if self._is_file else ""
        return self.is_image or name.lower().endswith((".csv", ".tsv")) or may_be_published(name)

    @property
    def is_archive(self) -> bool:
        return self._is_file and self.names[-1].lower().endswith(".zip")

    @property
    def is_closed_archive(self) -> bool:
        """Whether it is an archive that is not opened."""
        return self._is_file and self.names[-1].lower().endswith(CLOSED)

    @property
    def _is_file(self) -> bool:
        return bool(self.names) and not self.info.is_dir() and not self.is_hidden


def members_of(infos: list[zipfile.ZipInfo], paths: Sequence[str], folder: tuple[str, ...] = ()) -> list[Member]:
    """The members of an archive. paths: their names (see `archive_names`). folder: where it is unpacked.

    Raises ArchiveError if a path leads out of the archive.
    """
    return [Member(info, path, (*folder, *path_parts(path))) for info, path in zip(infos, paths, strict=True)]


def check_members(members: list[Member], packed: int) -> None:
    """Raises ArchiveError if a member of an archive of `packed` bytes must not be unpacked."""
    if len(members) > MAX_MEMBERS:
        raise too_many()
    seen = set()
    for member in members:
        info = member.info
        kind = stat.S_IFMT(info.external_attr >> 16)  # 0 in archives that were not made on Unix
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            found = "a link" if kind == stat.S_IFLNK else "something that is not a file"
            raise ArchiveError(f"The archive contains {found}, “{short(member.path)}”. Pack the images themselves.")
        if info.flag_bits & 0x41:
            raise ArchiveError("The archive is protected by a password. Create it again without one.")
        if member.names and not info.is_dir():
            if member.names in seen:
                raise ArchiveError(f"The archive contains “{short(member.path)}” twice. Create it again.")
            seen.add(member.names)
        if member.is_unpacked or (info.is_dir() and not member.is_hidden):
            check_names(member.names)
        if member.is_unpacked:
            check_file_size(member, info.file_size)
    check_total(sum(member.info.file_size for member in members if member.is_unpacked), packed)


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
    """Raises ArchiveError if an image is larger than allowed."""
    if size > MAX_FILE_BYTES and not member.is_archive:
        raise ArchiveError(
            f"The archive contains “{short(member.path)}”, which is larger than the {MAX_FILE_BYTES / 1e6:g} MB "
            "allowed for an image."
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
