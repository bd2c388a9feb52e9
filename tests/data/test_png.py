import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnn.data.images import ImageError, read_image
from cnn.data.png import readable_png


def chunk(kind: bytes, content: bytes, checksum_error: int = 0) -> bytes:
    checksum = zlib.crc32(kind + content) ^ checksum_error
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


PIXELS = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
LARGE = bytes(2_000_000)


def plain() -> bytes:
    file = BytesIO()
    Image.fromarray(PIXELS).save(file, "PNG")
    return file.getvalue()


def with_chunk(*chunks: bytes) -> bytes:
    """The file with more chunks after its header, which is 8 + 25 bytes long."""
    return plain()[:33] + b"".join(chunks) + plain()[33:]


@pytest.mark.parametrize(
    "data",
    [
        with_chunk(chunk(b"iCCP", b"profile\0\0" + zlib.compress(LARGE))),
        with_chunk(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LARGE))),
        with_chunk(chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(LARGE))),
        with_chunk(chunk(b"iTXt", b"Comment\0\0\0\0\0" + b"a" * 2_000_000)),
        with_chunk(chunk(b"tEXt", b"Comment\0" + b"a" * 70_000_000)),
        with_chunk(chunk(b"zTXt", b"Comment\0\0" + b"not compressed")),
        with_chunk(chunk(b"tEXt", b"Comment\0hello", 1)),
        with_chunk(chunk(b"gAMA", b"\0\0\0\1", 1)),
        with_chunk(*[chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(90_000)))] * 1000),
        plain()[:-12],
        plain()[:-5],
        plain()[:-12] + b"\0" * 100,
        plain()[:-12] + chunk(b"tEXt", b"Comment\0hello")[:-6],
        plain() + b"more",
        plain()[:-1] + b"?",
    ],
    ids=lambda data: "",
)
def test_side_chunks_do_not_matter(data):
    assert (read_image(data, None, 3)[0] == PIXELS).all()


@pytest.mark.parametrize("cut", [40, 200, len(plain()) - 30])
def test_a_picture_whose_data_is_cut_is_refused(cut):
    with pytest.raises(ImageError, match="damaged"):
        read_image(plain()[:cut], None, 3)


@pytest.mark.parametrize("place", [20, 60, -14])
def test_a_changed_byte_in_the_picture_is_refused(place):
    data = bytearray(plain())
    data[place] ^= 1
    with pytest.raises(ImageError, match="damaged"):
        read_image(bytes(data), None, 3)


def test_a_usual_file_is_not_copied():
    data = with_chunk(chunk(b"tEXt", b"Comment\0hello"), chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(b"small")))
    assert readable_png(data) is data


def test_what_a_picture_needs_stays_however_large():
    palette = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16), "P")
    palette.putpalette(bytes(range(256)) * 3)
    file, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6  # turned
    exif[0x010E] = "a" * 150_000
    palette.save(file, "PNG", transparency=bytes([0] * 128 + [255] * 128), exif=exif)
    data = file.getvalue()
    assert readable_png(data) is data
    turned = read_image(data, None, 1)[0][..., 0]
    assert (turned[:, 8:] == 255).all() and (turned[0, :8] != 255).all()
