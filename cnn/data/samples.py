"""Files with more than 8 bits per value: 16-bit, 32-bit and float images, and TIFF files with many bands.

Pillow reads 16-bit colour as 8 bits and refuses TIFF files with many bands or with bands of floats. Format: TIFF 6.0
(Adobe 1992), and Adobe's TIFF technical note 3 for the predictor of floats. Imports neither torch nor Streamlit.
"""

import struct
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, TiffImagePlugin

_NATIVE = ";16L" if sys.byteorder == "little" else ";16B"

# TIFF tags
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _STRIPS, _ORIENTATION, _BANDS = (
    256,
    257,
    258,
    259,
    262,
    273,
    274,
    277,
)
_ROWS_PER_STRIP, _STRIP_BYTES, _PLANAR, _PREDICTOR = 278, 279, 284, 317
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _SAMPLE_FORMAT = 322, 323, 324, 325, 339
_JPEG_INSIDE = (6, 7, 34892)
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE = 0, 1, 2, 3


def deep_values(image: Image.Image, reopened: Callable[[], Image.Image]) -> np.ndarray | None:
    """The values of an opened, not yet loaded picture with more than 8 bits each, (H, W) or (H, W, 3 or 4) with the
    transparency last; None for a picture of 8 bits.

    reopened: opens the file again.
    """
    if image.mode.startswith("I") or image.mode == "F":
        return np.asarray(image.convert("I") if image.mode.startswith("I;16") else image)
    rawmode = _rawmode(image)
    if rawmode == "LA;16B":
        return _gray_and_alpha(reopened())
    if image.mode not in ("RGB", "RGBA") or not rawmode.startswith(("RGB;16", "RGBA;16")):
        return None
    # Pillow keeps the high byte of each value. Told the other byte order, it keeps the low byte.
    low = reopened()
    low.tile = [_with_rawmode(tile, _swapped(rawmode)) for tile in low.tile]  # type: ignore[attr-defined]
    return np.asarray(image).astype(np.uint16) << 8 | np.asarray(low)


def _gray_and_alpha(image: Image.Image) -> np.ndarray:
    """The values of a gray 16-bit PNG with transparency, as (H, W, 4). A pixel has as many bytes as in an 8-bit RGBA
    file, as which Pillow can read all of them."""
    image._mode = "RGBA"
    image.tile = [_with_rawmode(tile, "RGBA") for tile in image.tile]  # type: ignore[attr-defined]
    high_and_low = np.asarray(image).astype(np.uint16)
    return (high_and_low[..., 0::2] << 8 | high_and_low[..., 1::2])[..., [0, 0, 0, 1]]


def _rawmode(image: Image.Image) -> str:
    tiles = getattr(image, "tile", [])
    args = tiles[0].args if tiles else ""
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _swapped(rawmode: str) -> str:
    mode, order = rawmode[:-4], rawmode[-4:]
    order = _NATIVE if order == ";16N" else order
    return mode + (";16B" if order == ";16L" else ";16L")


def _with_rawmode(tile, rawmode: str):
    return tile._replace(args=(rawmode, *tile.args[1:]) if isinstance(tile.args, tuple) else rawmode)


def is_tiff(data: bytes) -> bool:
    """Whether the file begins like a TIFF."""
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0")


class TiffValues(NamedTuple):
    """values: (H, W) or (H, W, 3). bands: the number in the file. orientation: as in EXIF."""

    values: np.ndarray
    bands: int
    orientation: int


def tiff_values(data: bytes, most_pixels: int) -> TiffValues:
    """The values of the first picture of a TIFF file with more than 8 bits per value or many bands. Of many bands, the
    first three are read; of two, the first.

    Raises ValueError if the picture is another one, which Pillow reads, or has more than `most_pixels` pixels.
    """
    try:
        tags = _tags(data)
        return _tiff_values(data, tags, most_pixels)
    except (KeyError, TypeError, AttributeError, IndexError, OSError, SyntaxError, struct.error) as error:
        raise ValueError(f"not a TIFF with a usual structure: {error}") from error


def _tiff_values(data: bytes, tags: dict, most_pixels: int) -> TiffValues:
    width, height, bands = tags[_WIDTH], tags[_HEIGHT], tags.get(_BANDS, 1)
    if not 0 < width * height <= most_pixels or not 0 < bands < 10_000:
        raise ValueError(f"{width} x {height} pixels in {bands} bands")
    is_shallow, kind = set(_all(tags.get(_BITS, 1))) <= {1, 2, 4, 8}, tags.get(_PHOTOMETRIC)
    is_usual = bands <= 2 or (bands <= 4 and kind not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO))
    if (is_shallow and is_usual) or (bands == 4 and kind == _RGB):
        raise ValueError("a picture that Pillow can read")
    dtype = _dtype(tags)
    order: Literal["<", ">"] = "<" if data[:2] == b"II" else ">"
    in_planes = tags.get(_PLANAR, 1) == 2
    in_file = 1 if in_planes else bands  # bands that lie together, pixel by pixel
    is_tiled = _TILES in tags
    rows, columns = (tags[_TILE_HEIGHT], tags[_TILE_WIDTH]) if is_tiled else (tags.get(_ROWS_PER_STRIP, height), width)
    rows = min(rows, height) if not is_tiled else rows
    if not 0 < rows * columns <= most_pixels or rows * columns * in_file * dtype.itemsize > 8 * most_pixels:
        raise ValueError(f"parts of {columns} x {rows} pixels")
    offsets = _all(tags[_TILES if is_tiled else _STRIPS])
    sizes = _all(tags[_TILE_BYTES if is_tiled else _STRIP_BYTES])
    down, across = -(-height // rows), -(-width // columns)
    shown = 3 if bands >= 3 else 1
    picture = np.zeros((height, width, shown), dtype)
    for i, (offset, size) in enumerate(zip(offsets, sizes, strict=True)):
        plane, place = divmod(i, down * across)
        if plane >= (shown if in_planes else 1):
            break
        top, left = rows * (place // across), columns * (place % across)
        high = rows if is_tiled else min(rows, height - top)
        part = _unpacked(data[offset : offset + size], (high, columns, in_file), dtype, order, tags)
        part = part[: height - top, : width - left, :shown]
        picture[top : top + high, left : left + columns, plane : plane + part.shape[2]] = part
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO and dtype.kind == "u":
        picture = np.iinfo(dtype).max - picture
    return TiffValues(picture if shown == 3 else picture[..., 0], bands, tags.get(_ORIENTATION, 1))


def _tags(data: bytes) -> dict:
    """The tags of the first picture; a tag of one number as that number."""
    is_big = data[2:4] == b"+\0"
    head = data[: 16 if is_big else 8]
    directory = TiffImagePlugin.ImageFileDirectory_v2(head)
    file = BytesIO(data)
    file.seek(directory.next)
    directory.load(file)
    tags = {
        tag: value[0] if isinstance(value, tuple) and len(value) == 1 else value for tag, value in directory.items()
    }
    if tags.get(_COMPRESSION, 1) in _JPEG_INSIDE:
        raise ValueError("JPEG inside TIFF")
    if tags.get(_PHOTOMETRIC) == _PALETTE:
        raise ValueError("colours in a palette")
    return tags


def _all(value) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)


def _dtype(tags: dict) -> np.dtype:
    bits, kinds = set(_all(tags.get(_BITS, 1))), set(_all(tags.get(_SAMPLE_FORMAT, 1)))
    if len(bits) != 1 or len(kinds) != 1:
        raise ValueError(f"values of {sorted(bits)} bits")
    bits_each, kind = bits.pop(), {1: "u", 2: "i", 3: "f"}[kinds.pop()]
    if bits_each not in ((16, 32, 64) if kind == "f" else (8, 16, 32)):
        raise ValueError(f"values of {bits_each} bits")
    return np.dtype(f"{kind}{bits_each // 8}")


def _unpacked(
    packed: bytes, shape: tuple[int, int, int], dtype: np.dtype, order: Literal["<", ">"], tags: dict
) -> np.ndarray:
    """One strip or tile: its values in the computer's byte order, of shape (rows, columns, bands)."""
    rows, columns, bands = shape
    length = columns * bands * dtype.itemsize
    raw = _decompressed(packed, length, rows, tags.get(_COMPRESSION, 1))
    predictor = tags.get(_PREDICTOR, 1)
    if predictor == 3:  # differences of bytes; all first bytes of a row, then all second ones, ... from the highest
        summed = np.cumsum(raw.reshape(rows, columns * dtype.itemsize, bands), axis=1, dtype=np.uint8)
        planes = summed.reshape(rows, dtype.itemsize, columns * bands)
        values = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(dtype.newbyteorder(">"))
        return values.reshape(shape).astype(dtype)
    values = raw.view(dtype.newbyteorder(order)).reshape(shape).astype(dtype)
    return np.cumsum(values, axis=1, dtype=dtype) if predictor == 2 else values


def _decompressed(packed: bytes, length: int, rows: int, compression: int) -> np.ndarray:
    """uint8 (rows, length). Pillow decompresses it, as a gray picture of `length` columns."""
    if compression == 1:
        return np.frombuffer(packed[: length * rows], np.uint8).reshape(rows, length)
    entries = [
        (_WIDTH, length),
        (_HEIGHT, rows),
        (_BITS, 8),
        (_COMPRESSION, compression),
        (_PHOTOMETRIC, 1),
        (_STRIPS, 8 + 2 + 9 * 12 + 4),
        (_BANDS, 1),
        (_ROWS_PER_STRIP, rows),
        (_STRIP_BYTES, len(packed)),
    ]
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    file = struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + table + bytes(4) + packed
    return np.asarray(Image.open(BytesIO(file), formats=("TIFF",)))
