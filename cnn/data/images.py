"""Image file -> uint8 array. Any file, however damaged, gives either an array or an ImageError.

Imports neither torch nor Streamlit. Thread-safe.
"""

import os
import stat
import warnings
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import ExifTags, Image, JpegImagePlugin

from cnn.data.decoding import PLAIN_FILE, STANDARD, Decoding, Traits, eight_bits, invisible_on, range_of
from cnn.data.png import SIGNATURE, readable_png
from cnn.data.samples import TiffValues, deep_values, is_tiff, tiff_values
from cnn.data.unreadable import (
    MAX_BYTES,
    MAX_PIXELS,
    ImageError,
    cannot_open,
    reason,
    too_many_bytes,
    too_many_pixels,
)

MAX_JPEG_PIXELS = 400_000_000
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
_SAME_SIDES = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM)
_JPEG = b"\xff\xd8\xff"


def looks_like_image(name: str) -> bool:
    """Whether the file name has the suffix of an image, in upper or lower case."""
    return name.lower().endswith(SUFFIXES)


class Picture(NamedTuple):
    """A picture as the network gets it.

    pixels: uint8 (height, width, channels). size: (width, height) of the original. traits: what the file needs from the
    decoding of its dataset.
    """

    pixels: np.ndarray
    size: tuple[int, int]
    traits: Traits


def read_image(
    source: str | os.PathLike | bytes | BinaryIO, size: int | None, channels: int, decoding: Decoding = STANDARD
) -> tuple[np.ndarray, tuple[int, int]]:
    """As `read_picture`, without the traits."""
    return read_picture(source, size, channels, decoding)[:2]


def read_picture(
    source: str | os.PathLike | bytes | BinaryIO, size: int | None, channels: int, decoding: Decoding = STANDARD
) -> Picture:
    """The first picture in a file, upright, and its original size.

    source: a path, the file's bytes, or a binary file object (read from its current position, and not closed).
    size: side in pixels of the square that the picture is stretched to, ignoring its aspect ratio;
        None keeps the aspect ratio, with at most 1600 pixels on the longer side.
    channels: 1 for grayscale, 3 for RGB. decoding: of the dataset.

    Raises ImageError, with a reason for the user, if the file cannot be opened, is not an image, is damaged, or is
    larger than 100 MB or 100 million pixels. (400 million in a JPEG that is not progressive,
    which is decoded smaller.)
    """
    data = _read_bytes(source)
    # For damaged files, Pillow raises almost anything (OSError, SyntaxError, struct.error, IndexError, MemoryError,
    # ...), so everything is caught here.
    try:
        return _decode(data, size, channels, decoding)
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(reason(error, data)) from error


def resized(picture: np.ndarray, size: int, channels: int) -> np.ndarray:
    """A picture, uint8 (height, width, 1 or 3), as the network gets it: uint8 (size, size, channels). The same as
    `read_image` gives for a PNG of it."""
    image = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
    return _finished(image, (size, size), channels, None, STANDARD)[0]


def thumbnail(picture: np.ndarray, height: int) -> np.ndarray:
    """A picture, uint8 (height, width, 3), in its own proportions, with at most `height` rows and twice as many
    columns."""
    image = Image.fromarray(picture)
    image.thumbnail((2 * height, height), Image.Resampling.BICUBIC)
    return np.asarray(image)


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
        raise too_many_bytes(len(data))
    return data


def read_file(path: str | os.PathLike, size: int) -> tuple[bytes, os.stat_result]:
    """A file's bytes, and its status after reading.

    size: the expected number of bytes; if the file has grown, one byte more is read.
    Raises ImageError, with a reason for the user, if the file cannot be read or `size` exceeds 100 MB.
    """
    if size > MAX_BYTES:
        raise too_many_bytes(size)
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
        raise ImageError(cannot_open(path, error)) from error


def _read_path(path: str | os.PathLike) -> bytes:
    try:
        status = os.stat(path)
    except OSError as error:
        raise ImageError(cannot_open(path, error)) from error
    if stat.S_ISDIR(status.st_mode):
        raise ImageError("is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise ImageError("is not a file")
    return read_file(path, status.st_size)[0]


def _decode(data: bytes, size: int | None, channels: int, decoding: Decoding) -> Picture:
    if data.startswith(SIGNATURE):
        data = readable_png(data)
    elif is_tiff(data):
        with suppress(ValueError):  # Pillow can read it
            return _decode_values(tiff_values(data, MAX_PIXELS), size, channels, decoding)
    image = _open(data)
    width, height = image.size
    target = (size, size) if size else _shown_size(width, height)
    # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size, or as grayscale, with a fraction of the work.
    image.draft("L" if channels == 1 else None, (2 * target[0], 2 * target[1]))
    if image.width * image.height > MAX_PIXELS:
        raise too_many_pixels(f"{width:,} x {height:,}")
    values = deep_values(image, lambda: _open(data))
    image.load()
    turn = _UPRIGHT.get(_orientation(image))
    traits = PLAIN_FILE
    if values is not None:
        traits = range_of(values[..., :3] if values.ndim == 3 else values)
        # PPM files have at most 16 bits, but Pillow returns 32.
        is_16_bit = values.dtype == np.uint16 or image.mode.startswith("I;16") or image.format == "PPM"
        image = Image.fromarray(_eight_bits(values, is_16_bit, decoding))
    else:
        image = _plain_mode(image)
    pixels, invisible = _finished(image, target, channels, turn, decoding)
    return Picture(pixels, _turned(width, height, turn), traits | Traits(invisible=invisible))


def _open(data: bytes) -> Image.Image:
    """The picture, not yet decoded. Raises what Pillow raises, and ImageError if it has too many pixels."""
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        if not data.startswith(_JPEG):
            raise
        image = JpegImagePlugin.JpegImageFile(BytesIO(data))  # without Pillow's limit; ours follows
    # Of a baseline JPEG, Pillow never holds more than the smaller picture it decodes; of a progressive one, all.
    is_baseline = image.format in ("JPEG", "MPO") and not image.info.get("progressive")
    if image.width * image.height > (most := MAX_JPEG_PIXELS if is_baseline else MAX_PIXELS):
        raise too_many_pixels(f"{image.width:,} x {image.height:,}", most)
    return image


def _decode_values(file: TiffValues, size: int | None, channels: int, decoding: Decoding) -> Picture:
    """The picture of a TIFF with more than 8 bits per value, or many bands."""
    values = file.values
    height, width = values.shape[:2]
    traits = Traits(bands=file.bands if file.bands > 4 else 0)
    if values.dtype != np.uint8:
        traits |= range_of(values)
        values = _eight_bits(values, values.dtype == np.uint16, decoding)
    target, turn = (size, size) if size else _shown_size(width, height), _UPRIGHT.get(file.orientation)
    pixels, _ = _finished(Image.fromarray(values), target, channels, turn, decoding)
    return Picture(pixels, _turned(width, height, turn), traits)


def _finished(
    image: Image.Image, target: tuple[int, int], channels: int, turn: Image.Transpose | None, decoding: Decoding
) -> tuple[np.ndarray, tuple[int, ...]]:
    """An 8-bit image as the network gets it, and the backgrounds on which its drawing cannot be seen."""
    if image.size != target:
        image = image.resize(target, Image.Resampling.BICUBIC, reducing_gap=2.0)
    image, invisible = _on_background(image, decoding.background)
    if image.mode != (mode := "L" if channels == 1 else "RGB"):
        image = image.convert(mode)
    if turn is not None:
        image = image.transpose(turn)
    return np.array(image).reshape(image.height, image.width, channels), invisible


def _turned(width: int, height: int, turn: Image.Transpose | None) -> tuple[int, int]:
    return (width, height) if turn is None or turn in _SAME_SIDES else (height, width)


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
    if image.has_transparency_data:
        return image.convert("LA" if image.mode == "LA" else "RGBA")
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(values: np.ndarray, is_16_bit: bool, decoding: Decoding) -> np.ndarray:
    """Values of more than 8 bits as uint8, on the scale of the dataset.

    Without one, black is zero. With 16 bits, white is 65,535. With 32 bits, white is the smallest of 1, 255 and 65,535
    that is not exceeded; if there are negative or larger values, their range is stretched from black to white.
    """
    if decoding.black is not None and decoding.white is not None:
        scaled = eight_bits(values, decoding.black, decoding.white)
        if values.ndim == 3 and values.shape[2] == 4:
            scaled[..., 3] = values[..., 3] >> 8
        return scaled
    if is_16_bit:
        return (values >> 8).astype(np.uint8)  # the high byte
    finite = np.where(np.isfinite(values), values, 0)
    black, white = float(finite.min()), float(finite.max())
    if black >= 0 and white <= 65535:
        black, white = 0.0, next(usual for usual in (1, 255, 65535) if white <= usual)
    return eight_bits(finite, black, white)


def _on_background(image: Image.Image, gray: int) -> tuple[Image.Image, tuple[int, ...]]:
    """The image without transparency, and the backgrounds on which its drawing cannot be seen.

    Just dropping the alpha channel would reveal the colours of transparent pixels, which are often black. Most drawings
    and logos are made for white.
    """
    if image.mode not in ("LA", "RGBA"):
        return image, ()
    invisible = invisible_on(np.asarray(image.convert("LA"))[..., 0], np.asarray(image.getchannel("A")))
    background = Image.new("RGBA", image.size, (gray, gray, gray))
    return Image.alpha_composite(background, image.convert("RGBA")), invisible
