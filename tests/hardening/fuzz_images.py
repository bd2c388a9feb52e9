"""Damaged images of every kind through the reader: each gives an array or a reason.

python -m tests.hardening.fuzz_images --inputs 10000
"""

import argparse
import io
import random
import time
from collections import Counter

import numpy as np
from PIL import Image, features

from cnn.data.images import ImageError, read_image
from tests.benchmarks.measure import peak_memory


def whole_images() -> dict[str, bytes]:
    """One small file of each kind."""
    rng = np.random.default_rng(0)
    color = Image.fromarray(rng.integers(0, 256, (37, 53, 3), np.uint8))
    gray = color.convert("L")
    deep = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    animated = {"save_all": True, "append_images": [color.rotate(180)] * 2}
    kinds = {
        "jpeg": (color, "JPEG", {}),
        "progressive jpeg": (color, "JPEG", {"progressive": True}),
        "cmyk jpeg": (color.convert("CMYK"), "JPEG", {}),
        "turned jpeg": (color, "JPEG", {"exif": exif}),
        "png": (color, "PNG", {}),
        "16-bit png": (deep, "PNG", {}),
        "palette png": (color.quantize(8), "PNG", {}),
        "1-bit png": (gray.convert("1"), "PNG", {}),
        "alpha png": (color.convert("RGBA"), "PNG", {}),
        "gray alpha png": (gray.convert("LA"), "PNG", {}),
        "animated gif": (color.quantize(16), "GIF", {"save_all": True, "append_images": [gray.convert("P")]}),
        "webp": (color, "WEBP", {}),
        "animated webp": (color, "WEBP", animated),
        "tiff": (color, "TIFF", {}),
        "packed tiff": (color, "TIFF", {"compression": "tiff_lzw"}),
        "multi-page tiff": (color, "TIFF", animated),
        "float tiff": (gray.convert("F"), "TIFF", {}),
        "bmp": (color, "BMP", {}),
        "ppm": (color, "PPM", {}),
        "16-bit pgm": (deep, "PPM", {}),
    }
    if features.check("avif"):
        kinds["avif"] = (color, "AVIF", {})
    files = {}
    for name, (image, kind, options) in kinds.items():
        file = io.BytesIO()
        image.save(file, kind, **options)
        files[name] = file.getvalue()
    return files


def damage(data: bytes, other: bytes, draw: random.Random) -> bytes:
    """The file with a few things wrong: in the head more often than elsewhere, which is where it says what it is."""
    data = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 5, 30))):
        if not data:
            break
        at = draw.randrange(min(len(data), draw.choice((16, 64, 400, len(data)))))
        match draw.randrange(7):
            case 0:
                data[at] ^= 1 << draw.randrange(8)
            case 1:
                data[at] = draw.choice((0, 1, 127, 128, 255))
            case 2:
                del data[at : at + draw.choice((1, 2, 4, 100))]
            case 3:
                data[at:at] = draw.randbytes(draw.choice((1, 4, 100)))
            case 4:
                data[at : at + 4] = draw.choice((0, 1, 2**16, 2**31 - 1, 2**32 - 1)).to_bytes(
                    4, draw.choice(("big", "little"))
                )
            case 5:
                data = data[: max(at, 1)]
            case 6:
                data[at : at + 200] = other[at : at + 200]
    return bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.fuzz_images")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw, whole = random.Random(options.seed), whole_images()
    names, results, reasons, slowest = list(whole), Counter(), Counter(), 0.0
    start = time.monotonic()
    for _ in range(options.inputs):
        data = damage(whole[draw.choice(names)], whole[draw.choice(names)], draw)
        size, channels = draw.choice((None, 16, 50, 128)), draw.choice((1, 3))
        begun = time.monotonic()
        try:
            pixels, (width, height) = read_image(data, size, channels)
        except ImageError as error:
            results["refused"] += 1
            reasons[str(error).split(":")[0]] += 1
            assert "\n" not in str(error)
        else:
            results["read"] += 1
            assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == channels
            assert width > 0 and height > 0 and (size is None or pixels.shape[:2] == (size, size))
        slowest = max(slowest, time.monotonic() - begun)
    print(f"{options.inputs:,} damaged files of {len(whole)} kinds in {time.monotonic() - start:.0f} s: ", end="")
    print(f"{results['read']:,} read, {results['refused']:,} refused with a reason, none anything else.")
    print(f"The slowest took {slowest:.2f} s; at most {peak_memory() / 1e6:.0f} MB.")
    for reason, count in reasons.most_common(8):
        print(f"  {count:6,}  {reason}")


if __name__ == "__main__":
    main()
