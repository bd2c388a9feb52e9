"""Why a file cannot be read as an image: short reasons, to put after its name."""

import errno
import os
import re

from PIL import Image, UnidentifiedImageError

from cnn.data.png import PngError
from cnn.errors import UserError
from cnn.size import size_text
from cnn.system.path_length import MAX_PATH, is_too_long

MAX_BYTES = 100_000_000
MAX_PIXELS = 100_000_000

TOO_LONG = (
    f"cannot be opened: its path is longer than the {MAX_PATH} characters that Windows allows; move the dataset to a "
    "folder with a shorter path"
)

# How files that are not images begin (in lower case, leading whitespace stripped), and names that a student knows.
_NOT_IMAGES = {
    b"<!doctype html": "an HTML page",
    b"<html": "an HTML page",
    b"<?xml": "an XML or SVG document",
    b"<svg": "an SVG drawing",
    b"%pdf": "a PDF document",
    b"%!ps": "a PostScript document",
    b"8bps": "a Photoshop document",
    b"pk\x03\x04": "a ZIP archive",
    b"version https://git-lfs": "a Git LFS pointer, whose content was not downloaded",
}
IMAGE_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")


class ImageError(UserError):
    """Why a file cannot be read as an image: a short reason to put after its name ("is empty")."""


def cannot_open(path: str | os.PathLike, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return TOO_LONG if is_too_long(path) else "does not exist, or was deleted"
    if os.path.isdir(path):
        return "is a folder"
    if error.errno == errno.ENXIO:  # a socket
        return "is not a file"
    if isinstance(error, PermissionError):
        return "cannot be opened: no permission"
    return f"cannot be opened: {error.strerror or error}"


def too_many_bytes(found: int) -> ImageError:
    return ImageError(f"has a size of {size_text(found)}, more than the {size_text(MAX_BYTES)} allowed")


def too_many_pixels(found: str, most: int = MAX_PIXELS) -> ImageError:
    return ImageError(f"has {found} pixels, more than the {most // 1_000_000} million allowed")


def reason(error: Exception, data: bytes) -> str:
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        pixels = re.search(r"\d+", str(error))
        return str(too_many_pixels(f"{int(pixels[0]):,}" if pixels else "far too many"))
    if isinstance(error, MemoryError):
        return "is too large for this computer's memory"
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(data)
    if "truncated" in str(error).lower():
        return "is damaged: the end of the file is missing"
    if isinstance(error, (OSError, SyntaxError, PngError)):  # these messages of Pillow are readable
        return f"is damaged: {error}"
    return "is damaged: its header makes no sense"


def _unidentified(data: bytes) -> str:
    beginning = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for start, name in _NOT_IMAGES.items():
        if beginning.startswith(start):
            return f"is not an image: it begins like {name}"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        return "is a HEIC photo, which cannot be read here: save it as JPEG or PNG"
    if data.startswith(IMAGE_BEGINNINGS):
        return "is damaged: the beginning of the file makes no sense"
    if not data.strip(b"\0"):
        return "is not an image: it contains only zeros"
    return "is not in a known image format (JPEG, PNG, GIF, BMP, WebP, TIFF, PPM, AVIF)"
