"""Image file -> uint8 array. Any file, however damaged, gives either an array or an ImageError.

Imports neither torch nor Streamlit. Thread-safe.
"""

import errno
import os
import re
import stat
import warnings
from io import BytesIO
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from cnn.errors import UserError

MAX_BYTES = 100_000_000
MAX_PIXELS = 100_000_000
MAX_SHOWN_SIDE = 1600

# The common formats of photographs and drawings. Pillow supports forty more, some of which start other programs.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "WEBP", "TIFF", "PPM", "AVIF")

# HEIC cannot be read, but phones write it. A user expects it to work and must see why it is left out.
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".heic", ".heif"),
)

# Pillow warns about odd metadata and large sizes; here, a file is either read or an ImageError. The filter applies to
# the whole process because Python has no filter per thread: warnings.catch_warnings around each call would change the
# filters of all threads. It affects only warnings from Pillow's own modules.
warnings.filterwarnings("ignore", module=r"PIL\.")

# How to turn a stored picture upright, by its EXIF orientation (1 is upright).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

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
_IMAGE_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")


class ImageError(UserError):
    """Why a file cannot be read as an image: a short reason to put after its name ("is empty")."""


def looks_like_image(name: str) -> bool:
    """Whether the file name has the suffix of an image, in upper or lower case."""
    return name.lower().endswith(SUFFIXES)


def read_image(
    source: str | os.PathLike | bytes | BinaryIO, size: int | None, channels: int
) -> tuple[np.ndarray, tuple[int, int]]:
    """The first picture in a file, upright, and its original size.

    source: a path, the file's bytes, or a binary file object (read from its current position, and not closed).
    size: side in pixels of the square that the picture is stretched to, ignoring its aspect ratio;
        None keeps the aspect ratio, with at most 1600 pixels on the longer side.
    channels: 1 for grayscale, 3 for RGB.

    Returns a uint8 array (height, width, channels) with values 0-255, and (width, height) of the original picture.
    Raises ImageError, with a reason for the user, if the file cannot be opened, is not an image, is damaged, or is
    larger than 100 MB or 100 million pixels.
    """
    data = _read_bytes(source)
    # For damaged files, Pillow raises almost anything (OSError, SyntaxError, struct.error, IndexError, MemoryError,
    # ...), so everything is caught here.
    try:
        return _decode(data, size, channels)
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(_reason(error, data)) from error


def to_png(array: np.ndarray) -> bytes:
    """A uint8 array (height, width, 1 or 3) as the bytes of a PNG file."""
    image = Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)
    png = BytesIO()
    image.save(png, "PNG")
    return png.getvalue()


def _read_bytes(source) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif hasattr(source, "read"):
        data = source.read(MAX_BYTES + 1)
    else:
        data = _read_path(source)
    if not data:
        raise ImageError("is empty")
    if len(data) > MAX_BYTES:
        raise _too_many_bytes(len(data))
    return data


def read_file(path: str | os.PathLike, size: int) -> tuple[bytes, os.stat_result]:
    """A file's bytes, and its status after reading.

    size: the expected number of bytes; if the file has grown, one byte more is read.
    Raises ImageError, with a reason for the user, if the file cannot be read or `size` exceeds 100 MB.
    """
    if size > MAX_BYTES:
        raise _too_many_bytes(size)
    # Bare system calls, because each call of a Python file object releases Python's lock and has to wait for it again.
    # With two threads, that took nearly half as long as decoding a photograph.
    try:
        # Without O_NONBLOCK, opening a pipe would wait forever. Windows lacks that flag but needs O_BINARY.
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            data = os.read(file, size + 1)
            while 0 < len(data) < size and (more := os.read(file, size + 1 - len(data))):
                data += more
            return data, os.fstat(file)
        finally:
            os.close(file)
    except OSError as error:
        raise ImageError(_cannot_open(path, error)) from error


def _read_path(path: str | os.PathLike) -> bytes:
    try:
        status = os.stat(path)
    except OSError as error:
        raise ImageError(_cannot_open(path, error)) from error
    if stat.S_ISDIR(status.st_mode):
        raise ImageError("is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise ImageError("is not a file")
    return read_file(path, status.st_size)[0]


def _cannot_open(path: str | os.PathLike, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist, or was deleted"
    if os.path.isdir(path):
        return "is a folder"
    if error.errno == errno.ENXIO:  # a socket
        return "is not a file"
    if isinstance(error, PermissionError):
        return "cannot be opened: no permission"
    return f"cannot be opened: {error.strerror or error}"


def _decode(data: bytes, size: int | None, channels: int) -> tuple[np.ndarray, tuple[int, int]]:
    image: Image.Image = Image.open(BytesIO(data), formats=FORMATS)
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(f"{width:,} x {height:,}")
    if image.format == "PNG":  # decoding ignores the checksums of a PNG; verify() leaves the object unusable
        image.verify()
        image = Image.open(BytesIO(data), formats=FORMATS)

    target = (size, size) if size else _shown_size(width, height)
    # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size, or as grayscale, with a fraction of the work.
    image.draft("L" if channels == 1 else None, (2 * target[0], 2 * target[1]))
    image.load()
    turn = _UPRIGHT.get(_orientation(image))
    image = _plain_mode(image)
    if image.size != target:
        image = image.resize(target, Image.Resampling.BICUBIC, reducing_gap=2.0)
    image = _on_white(image)
    if image.mode != (mode := "L" if channels == 1 else "RGB"):
        image = image.convert(mode)
    if turn is not None:
        image = image.transpose(turn)
        if turn not in (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM):
            width, height = height, width
    return np.array(image).reshape(image.height, image.width, channels), (width, height)


def _shown_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1, MAX_SHOWN_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # the metadata is broken, but the picture may be fine
        return 1


def _plain_mode(image: Image.Image) -> Image.Image:
    """The image as L, LA, RGB or RGBA. (Resizing a 1-bit or palette image would pick pixels instead of averaging.)"""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(image))
    if image.has_transparency_data:
        return image.convert("LA" if image.mode == "LA" else "RGBA")
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(image: Image.Image) -> np.ndarray:
    """16- or 32-bit values as uint8 (height, width), with zero as black.

    With 16 bits, white is 65,535. With 32 bits, white is the smallest of 1, 255 and 65,535 that is not exceeded; if
    there are negative or larger values, their range is stretched from black to white.
    """
    # PPM files have at most 16 bits, but Pillow returns 32.
    if image.mode.startswith("I;16") or (image.format == "PPM" and image.mode == "I"):
        # Take the high byte, as Pillow does for 16-bit colour. Converting to "L" would clip at 255 instead.
        return (np.asarray(image.convert("I")) >> 8).astype(np.uint8)
    values = np.array(image, dtype=np.float32)
    values[~np.isfinite(values)] = 0
    black, white = float(values.min()), float(values.max())
    if black >= 0 and white <= 65535:
        black, white = 0.0, next(usual for usual in (1, 255, 65535) if white <= usual)
    values -= black
    values *= 255 / ((white - black) or 1)
    return np.rint(values, out=values).astype(np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    """The image without transparency, on a white background, for which most drawings and logos are made.

    Just dropping the alpha channel would reveal the colours of transparent pixels, which are often black.
    """
    if image.mode not in ("LA", "RGBA"):
        return image
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA"))


def _too_many_bytes(found: int) -> ImageError:
    return ImageError(f"has a size of {found / 1e6:,.0f} MB, more than the {MAX_BYTES // 1_000_000} MB allowed")


def _too_many_pixels(found: str) -> ImageError:
    return ImageError(f"has {found} pixels, more than the {MAX_PIXELS // 1_000_000} million allowed")


def _reason(error: Exception, data: bytes) -> str:
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        pixels = re.search(r"\d+", str(error))
        return str(_too_many_pixels(f"{int(pixels[0]):,}" if pixels else "far too many"))
    if isinstance(error, MemoryError):
        return "is too large for this computer's memory"
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(data)
    if "truncated" in str(error).lower():
        return "is damaged: the end of the file is missing"
    if isinstance(error, (OSError, SyntaxError)):  # these messages of Pillow are readable
        return f"is damaged: {error}"
    return "is damaged: its header makes no sense"


def _unidentified(data: bytes) -> str:
    beginning = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for start, name in _NOT_IMAGES.items():
        if beginning.startswith(start):
            return f"is not an image: it begins like {name}"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        return "is a HEIC photo, which cannot be read here: save it as JPEG or PNG"
    if data.startswith(_IMAGE_BEGINNINGS):
        return "is damaged: the beginning of the file makes no sense"
    if not data.strip(b"\0"):
        return "is not an image: it contains only zeros"
    return "is not in a known image format (JPEG, PNG, GIF, BMP, WebP, TIFF, PPM, AVIF)"
