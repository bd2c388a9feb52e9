"""The members of a .zip from anywhere: which are unpacked, and which must not be.

The rules are the same on every system, so that an archive that one computer accepts is accepted by all.
"""

import re
import stat
import zipfile
from typing import NamedTuple

from cnn.data import images
from cnn.errors import UserError

MAX_BYTES = 2_000_000_000  # unpacked, in all
MAX_FILE_BYTES = images.MAX_BYTES
MAX_MEMBERS = 200_000
MAX_PATH = 200  # characters of a path inside the archive: Windows allows 260, with the folder it is unpacked into
MAX_NAME = 255  # bytes of each name in it: what file systems allow

# Photographs hardly shrink when they are packed, drawings to a twentieth; a bomb to a thousandth. Small ones are let
# through: a few images of a single colour do no harm.
MAX_RATIO, RATIO_FROM = 200, 50_000_000

# The table of contents is read in one go. Honest archives have some 100 bytes for each file there.
MAX_CONTENTS = 400 * MAX_MEMBERS

# The names of devices of Windows, with any suffix.
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)


class ArchiveError(UserError):
    """Why an archive gives no dataset: a sentence for the user."""


class Member(NamedTuple):
    """A file or folder in an archive. names: those its path consists of, from the top."""

    info: zipfile.ZipInfo
    names: tuple[str, ...]

    @property
    def is_hidden(self) -> bool:
        """Whether a system put it there for itself, like `.DS_Store` and `__MACOSX/._cat.jpg`."""
        return any(name.startswith(".") or name.lower() == "__macosx" for name in self.names)

    @property
    def is_image(self) -> bool:
        """Whether it is a file to unpack."""
        names = self.names
        return bool(names) and not self.info.is_dir() and not self.is_hidden and images.looks_like_image(names[-1])


def checked_members(infos: list[zipfile.ZipInfo], packed: int) -> list[Member]:
    """The members of an archive of `packed` bytes. Raises ArchiveError if one of them must not be unpacked."""
    if len(infos) > MAX_MEMBERS:
        raise too_many()
    members, seen = [], set()
    for info in infos:
        member = Member(info, _names(info.filename))
        kind = stat.S_IFMT(info.external_attr >> 16)  # of archives from Unix; 0 from elsewhere
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "a link" if kind == stat.S_IFLNK else "something that is no file"
            raise ArchiveError(f"The archive holds {what}, “{short(info.filename)}”. Pack the images themselves.")
        if info.flag_bits & 0x41:
            raise ArchiveError("The archive is protected by a password. Pack it again without one.")
        if member.names and not info.is_dir():
            if member.names in seen:
                raise ArchiveError(f"The archive holds “{short(info.filename)}” twice. Pack it again.")
            seen.add(member.names)
        if member.is_image or (info.is_dir() and not member.is_hidden):
            _check_names(member)
        if member.is_image:
            check_file_size(info, info.file_size)
        members.append(member)
    check_total(sum(member.info.file_size for member in members if member.is_image), packed)
    return members


def _names(path: str) -> tuple[str, ...]:
    """The names a member's path consists of, from the top. Some programs write `\\` for `/`."""
    path = path.replace("\\", "/")
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    # Windows takes ".. " for "..", and nobody names a picture with dots and blanks alone.
    leads_out = path.startswith("/") or any(re.match(r"[A-Za-z]:", name) or not name.strip(". ") for name in names)
    if leads_out or "\0" in path:
        raise ArchiveError(f"The archive holds a path that leads out of it, “{short(path)}”. It was not unpacked.")
    return names


def _check_names(member: Member) -> None:
    """Raises ArchiveError if Windows would take a name for something else, or a file system does not allow it."""
    path = short(member.info.filename)
    for name in member.names:
        if ":" in name:  # a second stream of a file, which is not seen
            raise ArchiveError(f"The archive holds a name with a colon, “{path}”. Rename the file and pack it again.")
        if name != name.rstrip(". "):  # cut off
            raise ArchiveError(
                f"The archive holds a name that ends in a dot or blank, “{path}”. Rename it and pack it again."
            )
        if is_device(name):
            raise ArchiveError(
                f"The archive holds “{path}”, a name that Windows keeps for a device. Rename it and pack it again."
            )
    longest = max((len(name.encode("utf-8", "surrogatepass")) for name in member.names), default=0)
    if len(member.info.filename) > MAX_PATH or longest > MAX_NAME:
        raise ArchiveError(f"The archive holds a name that is too long, “{path}”. Shorten it and pack it again.")


def is_device(name: str) -> bool:
    """Whether Windows opens a device (CON, NUL, COM1, ...) in place of a file with this name."""
    return _DEVICE.fullmatch(name) is not None


def check_file_size(info: zipfile.ZipInfo, size: int) -> None:
    """Raises ArchiveError if an image is larger than allowed."""
    if size > MAX_FILE_BYTES:
        raise ArchiveError(
            f"The archive holds “{short(info.filename)}”, which is larger than the {MAX_FILE_BYTES / 1e6:g} MB allowed "
            "for an image."
        )


def check_total(size: int, packed: int) -> None:
    """Raises ArchiveError if `packed` bytes unpack to too many."""
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


def too_many() -> ArchiveError:
    return ArchiveError(f"The archive holds more than {MAX_MEMBERS:,} files. Pack fewer of them.")


def short(path: str) -> str:
    """A path for a sentence: printable, and not too long."""
    path = "".join(c if c.isprintable() else "·" for c in path)
    return path if len(path) <= 60 else f"{path[:28]}…{path[-28:]}"
