import os
import random
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from cnn.data.images import ImageError, looks_like_image, read_file, read_image, to_png

# pytest overrides the warning filter of cnn.data.images, which has its own test below.
pytestmark = pytest.mark.filterwarnings(r"ignore:::PIL\.")


def encoded(image: Image.Image, format: str, **options) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png(width: int, height: int, bit_depth: int, colour_type: int, rows: bytes, wrong_checksum: bool = False) -> bytes:
    """A PNG file assembled by hand, so that its content does not depend on Pillow."""

    def chunk(name: bytes, content: bytes, checksum_error: int = 0) -> bytes:
        checksum = zlib.crc32(name + content) ^ checksum_error
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows), int(wrong_checksum))
        + chunk(b"IEND", b"")
    )


def photo(width=64, height=48) -> Image.Image:
    """Smooth, and different in every corner and channel."""
    y, x = np.mgrid[0:height, 0:width]
    red, green = x * 255 // (width - 1), y * 255 // (height - 1)
    return Image.fromarray(np.stack([red, green, 255 - red // 2 - green // 2], axis=-1).astype(np.uint8))


RED, GRAY_OF_RED = (254, 0, 0), 76  # 0.299 * 254


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF"])
def test_every_format_gives_the_colour_that_was_saved(format):
    data = encoded(Image.new("RGB", (30, 20), RED), format)
    colour, original = read_image(data, 16, 3)
    assert colour.shape == (16, 16, 3) and colour.dtype == np.uint8 and original == (30, 20)
    assert np.abs(colour.astype(int) - RED).max() <= 3
    gray, _ = read_image(data, 16, 1)
    assert gray.shape == (16, 16, 1)
    assert np.abs(gray.astype(int) - GRAY_OF_RED).max() <= 3


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_kind_of_pixel_is_read(mode, channels):
    array, _ = read_image(encoded(Image.new(mode, (9, 7)), "TIFF"), 20, channels)
    assert array.shape == (20, 20, channels) and array.dtype == np.uint8


@pytest.mark.parametrize("mode, format", [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "TIFF"), ("P", "PNG")])
def test_other_colour_spaces_are_converted_to_rgb(mode, format):
    expected = np.asarray(photo()).astype(int)
    array, _ = read_image(encoded(photo().convert(mode), format), None, 3)
    assert np.abs(array - expected).mean() < (25 if mode == "P" else 8)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("size", [None, 20])
def test_pictures_are_turned_upright(orientation, format, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(photo(320, 200), format, exif=exif)
    with Image.open(BytesIO(data)) as stored:
        upright = ImageOps.exif_transpose(stored).convert("RGB")
    expected = upright if size is None else upright.resize((size, size), Image.Resampling.BICUBIC)
    array, original = read_image(data, size, 3)
    assert original == upright.size == ((320, 200) if orientation < 5 else (200, 320))
    assert np.abs(array.astype(int) - np.asarray(expected).astype(int)).max() <= 8


def test_a_16_bit_gradient_keeps_all_its_steps():
    gradient = np.arange(256, dtype=np.uint16) * 257
    rows = b"".join(b"\0" + gradient.astype(">u2").tobytes() for _ in range(4))
    array, _ = read_image(png(256, 4, 16, 0, rows), None, 1)
    assert array[2, :, 0].tolist() == list(range(256))
    pgm = b"P5 256 1 65535\n" + gradient.astype(">u2").tobytes()
    assert read_image(pgm, None, 1)[0][0, :, 0].tolist() == list(range(256))
    tiff = encoded(Image.fromarray(gradient[None]), "TIFF")
    assert read_image(tiff, None, 1)[0][0, :, 0].tolist() == list(range(256))


@pytest.mark.parametrize(
    "values, expected",
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 200.0], [0, 100, 200]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, 5e5, 1e6], [0, 128, 255]),
        ([0.0, float("nan"), 1.0], [0, 0, 255]),
        ([0.0, 0.0, 0.0], [0, 0, 0]),
        ([7e5, 7e5, 7e5], [0, 0, 0]),
    ],
)
def test_32_bit_values_are_scaled_to_the_range_they_use(values, expected):
    data = encoded(Image.fromarray(np.array([values], dtype=np.float32)), "TIFF")
    assert np.abs(read_image(data, None, 1)[0][0, :, 0].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_transparent_pixels_are_blended_with_white(format):
    pixels = np.zeros((8, 8, 4), dtype=np.uint8)  # black, but fully transparent
    pixels[:, :4] = (0, 0, 255, 255)
    array, _ = read_image(encoded(Image.fromarray(pixels), format, **{"lossless": True, "exact": True}), None, 3)
    assert (array[:, :4] == (0, 0, 255)).all() and (array[:, 4:] == 255).all()


def test_a_transparent_palette_colour_and_gray_with_alpha_are_white():
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([10, 20, 30])
    assert (read_image(encoded(palette, "PNG", transparency=0), 16, 3)[0] == 255).all()
    assert (read_image(encoded(palette, "GIF", transparency=0), 16, 1)[0] == 255).all()
    assert (read_image(encoded(Image.new("LA", (4, 4), (0, 0)), "PNG"), 16, 1)[0] == 255).all()
    half = encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG")
    assert np.abs(read_image(half, 16, 3)[0].astype(int) - 127).max() <= 1


def test_one_bit_images_are_averaged_not_subsampled():
    checks = np.indices((64, 64)).sum(axis=0) % 2 == 0
    array, _ = read_image(encoded(Image.fromarray(checks), "PNG"), 16, 1)
    assert np.abs(array.astype(int) - 127).max() < 20


@pytest.mark.parametrize("format", ["GIF", "TIFF", "PNG", "WEBP"])
def test_the_first_of_several_frames_is_read(format):
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")
    data = encoded(first, format, save_all=True, append_images=[second])
    assert read_image(data, 16, 3)[0].mean(axis=(0, 1)).argmax() == 0


def test_for_display_proportions_are_kept_and_the_longer_side_has_at_most_1600_pixels():
    assert read_image(encoded(Image.new("L", (3200, 100)), "PNG"), None, 1)[0].shape == (50, 1600, 1)
    assert read_image(encoded(Image.new("L", (9000, 1)), "JPEG"), None, 3)[0].shape == (1, 1600, 3)
    array, original = read_image(encoded(photo(), "PNG"), None, 3)
    assert original == (64, 48) and (array == np.asarray(photo())).all()


def test_fast_decoding_gives_nearly_the_same_pixels():
    large = photo(1200, 900)
    array, _ = read_image(encoded(large, "JPEG", quality=95), 50, 1)
    expected = np.asarray(large.convert("L").resize((50, 50), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(array[..., 0] - expected).max() <= 4


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "is empty"),
        (b"\n <!DOCTYPE HTML><html>not found</html>", "begins like an HTML page"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "begins like an XML or SVG document"),
        (b"%PDF-1.7", "begins like a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "begins like a PostScript document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0" * 500, "contains only zeros"),
        (b"hello", "is not in a known image format"),
        (b"\x89PNG\r\n\x1a\n", "is damaged"),
        (png(50_000, 50_000, 8, 2, b""), "has 2,500,000,000 pixels, more than the 100 million allowed"),
        (png(11_000, 10_000, 8, 2, b""), "has 11,000 x 10,000 pixels, more than the 100 million allowed"),
        (png(2, 2, 8, 0, b"\0\1\2" * 2, wrong_checksum=True), "is damaged"),
        (png(20, 20, 8, 0, b"\0" * 100), "is damaged"),
        (encoded(photo(), "JPEG")[:-200], "is damaged: the end of the file is missing"),
        (encoded(photo(), "PNG")[:-20], "is damaged"),
    ],
)
def test_files_that_are_not_images_are_refused_with_a_reason(data, reason):
    with pytest.raises(ImageError, match=reason):
        read_image(data, 50, 3)


def test_files_that_cannot_be_opened_are_refused_with_a_reason(tmp_path, monkeypatch):
    with pytest.raises(ImageError, match="does not exist"):
        read_image(tmp_path / "gone.jpg", 50, 1)
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path, 50, 1)
    (tmp_path / "secret.jpg").write_bytes(encoded(photo(), "JPEG"))

    def no_permission(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", no_permission)
    with pytest.raises(ImageError, match="no permission"):
        read_image(tmp_path / "secret.jpg", 50, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_and_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="is not a file"):
        read_image(tmp_path / "pipe.png", 50, 1)


def test_files_of_more_than_100_megabytes_are_refused_unread(tmp_path):
    with open(tmp_path / "huge.bmp", "wb") as file:
        file.truncate(250_000_000)  # takes no room on the disk
    with pytest.raises(ImageError, match="has a size of 250 MB, more than the 100 MB allowed"):
        read_image(tmp_path / "huge.bmp", 50, 1)


def test_the_status_of_a_file_is_that_after_its_bytes_were_read(tmp_path, monkeypatch):
    path, read = tmp_path / "growing", os.read
    path.write_bytes(b"abc")

    def meanwhile(file, size):
        data = read(file, size)
        path.write_bytes(b"abcdef")
        return data

    monkeypatch.setattr(os, "read", meanwhile)
    data, status = read_file(path, 3)
    assert (data, status.st_size) == (b"abc", 6)


def test_a_file_that_grew_too_large_is_not_read_to_its_end(tmp_path):
    (tmp_path / "file").write_bytes(bytes(1000))
    assert len(read_file(tmp_path / "file", 10)[0]) == 11


def test_a_path_its_bytes_and_an_open_file_give_the_same(tmp_path):
    data = encoded(photo(), "JPEG")
    (tmp_path / "a.jpg").write_bytes(data)
    expected, _ = read_image(data, 32, 3)
    assert (read_image(tmp_path / "a.jpg", 32, 3)[0] == expected).all()
    assert (read_image(str(tmp_path / "a.jpg"), 32, 3)[0] == expected).all()
    with open(tmp_path / "a.jpg", "rb") as file:
        assert (read_image(file, 32, 3)[0] == expected).all()
        assert not file.closed


def test_an_image_with_broken_metadata_is_read():
    data = encoded(photo(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\1\x12")
    assert read_image(data, 32, 3)[0].shape == (32, 32, 3)


def test_no_warning_of_pillow_reaches_the_user(tmp_path):
    (tmp_path / "metadata.jpg").write_bytes(encoded(photo(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\1\x12"))
    (tmp_path / "large.png").write_bytes(png(11_000, 10_000, 8, 2, b""))
    program = """
import sys
from cnn.data.images import ImageError, read_image
for path in sys.argv[1:]:
    try:
        read_image(path, 32, 3)
    except ImageError:
        pass
"""
    command = [sys.executable, "-c", program, tmp_path / "metadata.jpg", tmp_path / "large.png"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert (result.returncode, result.stderr) == (0, "")


def test_many_threads_read_the_same_as_one():
    files = [encoded(photo(100 + i, 90), format) for i in range(10) for format in ("JPEG", "PNG", "GIF")]
    expected = [read_image(data, 24, 3)[0] for data in files]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda data: read_image(data, 24, 3)[0], files))
    assert all((a == b).all() for a, b in zip(found, expected, strict=True))


SEEDS = [
    encoded(photo(), "JPEG"),
    encoded(photo(), "JPEG", progressive=True, exif=encoded(photo(), "TIFF")[:40]),
    encoded(photo(), "PNG"),
    encoded(photo().convert("P"), "GIF"),
    encoded(photo(), "BMP"),
    encoded(photo(), "TIFF"),
    encoded(photo(), "TIFF", compression="tiff_lzw"),
    encoded(photo(), "WEBP"),
    encoded(photo(), "PPM"),
    b"P3 2 2 255 1 2 3 4 5 6 7 8 9 10 11 12\n",
]


@settings(max_examples=150, deadline=None)
@given(
    data=st.sampled_from(SEEDS),
    seed=st.integers(0, 2**32),
    flips=st.integers(0, 12),
    keep=st.floats(0, 1),
    where=st.sampled_from([40, 300, 10**6]),
)
def test_damaged_files_give_an_array_or_a_reason(data, seed, flips, keep, where):
    draw = random.Random(seed)
    damaged = bytearray(data[: round(len(data) * keep)] if seed % 2 else data)
    for _ in range(flips if damaged else 0):
        damaged[draw.randrange(min(len(damaged), where))] = draw.randrange(256)
    try:
        array, original = read_image(bytes(damaged), 32, 3)
    except ImageError as error:
        assert str(error).startswith(("is ", "has "))
    else:
        assert array.shape == (32, 32, 3) and array.dtype == np.uint8 and min(original) > 0


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_survives_encoding_and_decoding(channels):
    array = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    assert (read_image(to_png(array), None, channels)[0] == array).all()


def test_images_are_recognized_by_their_suffix_in_upper_and_lower_case():
    assert all(map(looks_like_image, ["a.jpg", "b.JPEG", "c.Png", "d.e.webp", "f.HEIC"]))
    assert not any(map(looks_like_image, ["jpg", "a.txt", "a.jpg.zip", "", "a.svg"]))
