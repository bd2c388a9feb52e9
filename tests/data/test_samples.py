"""Files that Pillow cannot write are assembled by hand, after TIFF 6.0."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnn.data.decoding import Decoding
from cnn.data.images import MAX_PIXELS, ImageError, read_image, read_picture
from cnn.data.samples import tiff_values

pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")  # as cnn.data.images does, which pytest overrides

RNG = np.random.default_rng(0)
HEIGHT, WIDTH = 10, 20


def tiff(values: np.ndarray, order="<", rows=4, planes=False, compress=False, predictor=1, **more) -> bytes:
    """A TIFF in strips of `rows` rows. values: (H, W, bands)."""
    height, width, bands = values.shape
    stored = values.dtype.newbyteorder(order)
    layers = [values[..., i : i + 1] for i in range(bands)] if planes else [values]
    strips = []
    for layer in layers:
        for top in range(0, height, rows):
            part = layer[top : top + rows]
            if predictor == 2:
                part = np.concatenate([part[:, :1], np.diff(part, axis=1)], axis=1)
            raw = part.astype(stored).tobytes()
            if predictor == 3:
                raw = float_differences(part)
            strips.append(zlib.compress(raw) if compress else raw)
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    offsets = list(np.cumsum([8, *map(len, strips)])[:-1])
    tags = {
        256: [width],
        257: [height],
        258: [8 * values.dtype.itemsize] * bands,
        259: [8 if compress else 1],
        262: [1],
        273: offsets,
        277: [bands],
        278: [rows],
        279: list(map(len, strips)),
        284: [2 if planes else 1],
        317: [predictor],
        339: [kind] * bands,
    } | {int(tag): [value] for tag, value in more.items()}
    body = b"".join(strips)
    start, table, extra = 8 + len(body), b"", b""
    after = start + 2 + 12 * len(tags) + 4
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}I", *numbers)
        if len(numbers) > 1:
            place, extra = after + len(extra), extra + packed
            packed = struct.pack(f"{order}I", place)
        table += struct.pack(f"{order}HHI", tag, 4, len(numbers)) + packed
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(f"{order}HI", 42, start)
    return head + body + struct.pack(f"{order}H", len(tags)) + table + bytes(4) + extra


def float_differences(part: np.ndarray) -> bytes:
    """The predictor of floats (Adobe, TIFF technical note 3): all highest bytes of a row, then the next ones, ...; then
    the difference of each byte to the one `bands` before it."""
    rows, columns, bands = part.shape
    size = part.dtype.itemsize
    raw = part.astype(part.dtype.newbyteorder(">")).view(np.uint8).reshape(rows, columns * bands, size)
    lines = raw.transpose(0, 2, 1).reshape(rows, -1).astype(int)
    lines[:, bands:] -= lines[:, :-bands].copy()
    return (lines % 256).astype(np.uint8).tobytes()


@pytest.mark.parametrize("dtype", ["u2", "i2", "u4", "f4", "f8", "f2"])
@pytest.mark.parametrize("bands", [1, 3, 5, 13])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"order": ">"},
        {"planes": True},
        {"compress": True},
        {"compress": True, "predictor": 2},
        {"compress": True, "predictor": 3, "order": ">"},
        {"planes": True, "compress": True, "predictor": 2, "rows": HEIGHT},
    ],
    ids=str,
)
def test_every_kind_of_values_is_read(dtype, bands, options):
    if options.get("predictor") == (2 if dtype[0] == "f" else 3):
        pytest.skip("this predictor is for other values")
    values = (RNG.random((HEIGHT, WIDTH, bands)) * 200).astype(dtype)
    found = tiff_values(tiff(values, **options), MAX_PIXELS)
    assert found.bands == bands
    assert np.array_equal(found.values, values[..., :3] if bands > 1 else values[..., 0])


def test_many_bands_of_8_bits_show_the_first_three():
    values = RNG.integers(0, 256, (HEIGHT, WIDTH, 6), dtype=np.uint8)
    picture = read_picture(tiff(values), None, 3)
    assert (picture.pixels == values[..., :3]).all() and picture.traits.bands == 6 and picture.traits.low is None


def test_pictures_of_many_bands_are_turned_upright_and_white_can_be_zero():
    values = RNG.integers(0, 60_000, (HEIGHT, WIDTH, 1), dtype=np.uint16)
    data = tiff(values, **{"262": 0, "274": 6})
    pixels, size = read_image(data, None, 1, Decoding(0, 65535))
    expected = np.rot90(65535 - values[..., 0].astype(float), -1) / 257
    assert size == (HEIGHT, WIDTH) and np.abs(pixels[..., 0] - expected).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
@pytest.mark.parametrize("bits", [12, 16])
def test_16_bit_colour_keeps_both_bytes(mode, bits):
    channels = len(mode)
    values = RNG.integers(0, 2**bits, (HEIGHT, WIDTH, channels), dtype=np.uint16)
    values[..., {"RGB": 3, "RGBA": 3, "LA": 1}[mode] :] = 65535
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in values)

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, {"RGB": 2, "RGBA": 6, "LA": 4}[mode], 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    pixels, _ = read_image(png, None, 3, Decoding(0, 2**bits - 1))
    drawn = values[..., :1] if mode == "LA" else values[..., :3]
    assert np.abs(pixels - drawn * (255 / (2**bits - 1))).max() <= 1


@pytest.mark.parametrize("place", range(8, 260, 7))
def test_a_damaged_tiff_is_an_image_error_or_an_image(place):
    data = bytearray(tiff(RNG.integers(0, 60_000, (2, 3, 5), dtype=np.uint16), rows=2))
    data[place % len(data)] ^= 0xFF
    with suppress(ImageError):
        assert read_image(bytes(data), 16, 3)[0].shape == (16, 16, 3)


def test_lzw_inside_tiff():
    values = RNG.integers(0, 4000, (HEIGHT, WIDTH), dtype=np.uint16)
    file = BytesIO()
    Image.fromarray(values).save(file, "TIFF", compression="tiff_lzw")
    assert (tiff_values(file.getvalue(), MAX_PIXELS).values == values).all()
