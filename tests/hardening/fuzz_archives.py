"""Damaged and hostile archives of all formats: each is unpacked whole or refused with a reason, and no file is left
elsewhere.

python -m tests.hardening.fuzz_archives --inputs 3000
"""

import argparse
import bz2
import gzip
import io
import lzma
import random
import re
import shutil
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import psutil

from cnn.data.archive import MAX_DEPTH, unpack
from cnn.data.archive_members import ArchiveError
from cnn.data.images import to_png
from cnn.data.space import SpaceError
from tests.hardening.fuzz_images import damage

PNG = to_png(np.zeros((4, 4, 1), np.uint8))
CLASSES = {f"{name}/{i}.png": PNG for name in ("cat", "dog") for i in range(3)}
PACKED = {"": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
TAR_FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
SPECIAL = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, b"S")
PARTS = (
    *("cat", "dog", "..", ".", "", "/", "\\", "C:", "c:1.png", " ", "con", "nul.png", "1.png:x", "1.png::$DATA"),
    *("a" * 300, "1.png", "2.JPG", "x.zip", "x.tar", "x.tgz", "x.tar.xz", "__MACOSX", "cat. ", "é😀", "\udce9"),
)
MOST_MEMORY = 400_000_000  # bytes more than at the start


def make(draw: random.Random, depth: int = 0) -> tuple[bytes, bool]:
    """An archive of two classes, and often something that does not belong into one; sometimes another archive. Returns
    it, and whether it must be unpacked."""
    names, is_good = dict(CLASSES), True
    for _ in range(draw.choice((0, 0, 1, 4))):
        path = "/".join(draw.choices(PARTS, k=draw.randrange(1, 5)))
        names[path] = draw.choice((PNG, PNG, b"", bytes(100_000)))
        is_good = False
    if depth <= MAX_DEPTH + 1 and draw.random() < 0.5:
        inner, is_inner_good = make(draw, depth + 1)
        names[f"more{draw.choice(('.zip', '.tar', '.tar.gz'))}"] = inner  # the content decides, not the name
        is_good = is_good and is_inner_good
    names = dict(sorted(names.items(), key=lambda _: draw.random()))
    if draw.random() < 0.4:
        method = draw.choice((*ZIP_METHODS[:2] * 4, *ZIP_METHODS[2:]))
        data, is_usual = zipped({name: names[name] for name in names if name}, method, draw, is_good)
        return data, is_good and is_usual
    data, is_usual = tarred(names, draw)
    is_greedy = draw.random() < 0.03
    return greedy(lzma.compress(data)) if is_greedy else packed(data, draw), is_good and is_usual and not is_greedy


def zipped(names: dict[str, bytes], method: int, draw: random.Random, is_good: bool) -> tuple[bytes, bool]:
    file, is_usual = io.BytesIO(), method in ZIP_METHODS[:2]
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in names.items():
            info = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
            mode = 0 if is_good else draw.choice((0, 0, 0, 0o100644, 0o40755, 0o120777, 0o20666))
            info.external_attr = mode << 16
            archive.writestr(info, content, compress_type=method)
    return file.getvalue(), is_usual


def tarred(names: dict[str, bytes], draw: random.Random) -> tuple[bytes, bool]:
    """Some have links, devices and the like, or headers with extreme values."""
    file, is_usual, places, kind = io.BytesIO(), True, [], draw.choice(TAR_FORMATS)
    with tarfile.open(fileobj=file, mode="w", format=kind, errors="surrogateescape") as archive:
        for name, content in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if draw.random() < 0.02:
                info.type, info.linkname = draw.choice(SPECIAL), draw.choice(("/etc/passwd", "../..", "cat", ""))
                info.devmajor = info.devminor = 1
                info.size, is_usual = draw.choice((0, len(content))), False
            if kind == tarfile.PAX_FORMAT and draw.random() < 0.02:
                texts = ("", "-1", "../x", "/x", "1e99", "9" * 30, "\0", "1,2,3")
                keys = ("path", "size", "linkpath", "GNU.sparse.map", "GNU.sparse.size", "GNU.sparse.major", "mtime")
                info.pax_headers = {draw.choice(keys): draw.choice(texts)}
                is_usual = False
            places.append(archive.offset)
            try:
                archive.addfile(info, io.BytesIO(content) if info.isreg() else None)
            except (ValueError, UnicodeError):  # the format cannot have this name
                is_usual = False
    data = bytearray(file.getvalue())
    if draw.random() < 0.3:
        is_usual = False
        for place in draw.choices(places, k=draw.choice((1, 2))):
            spoil(data, place, draw)
    return bytes(data), is_usual


def spoil(data: bytearray, place: int, draw: random.Random) -> None:
    """Gives a header in a .tar a wrong value, and the right sum."""
    at, size = draw.choice(((0, 100), (100, 8), (124, 12), (136, 12), (156, 1), (157, 100), (257, 8), (345, 155)))
    texts = (b"", b"\xff" * size, b"\x80" + b"\0" * (size - 2) + b"\x01", b"7" * size, b"-1", draw.randbytes(size))
    text = draw.choice(texts) if size > 1 else bytes([draw.randrange(256)])
    data[place + at : place + at + size] = text.ljust(size, b"\0")[:size]
    header = data[place : place + tarfile.BLOCKSIZE]
    if len(header) == tarfile.BLOCKSIZE:
        header[148:156] = b" " * 8
        data[place + 148 : place + 156] = b"%06o\0 " % sum(header)


def packed(data: bytes, draw: random.Random) -> bytes:
    """A .tar as it is, or packed, sometimes in several streams."""
    how = PACKED[draw.choice(tuple(PACKED))]
    cut = draw.randrange(len(data)) if draw.random() < 0.1 else 0
    return b"".join(how(part) for part in (data[:cut], data[cut:]) if part)


def greedy(data: bytes) -> bytes:
    """An .xz whose first block asks for the largest dictionary, 4 GB."""
    head = data[12 : 12 + 4 * (data[12] + 1)]
    head = head[:-4].replace(b"\x21\x01" + head[4:5], b"\x21\x01\x28", 1)
    return data[:12] + head + zlib.crc32(head).to_bytes(4, "little") + data[12 + len(head) + 4 :]


def bombs() -> list[bytes]:
    """Small archives that unpack to 64 MB: one image of zeros, or zeros behind the images."""
    found, zeros, times = [], bytes(1 << 20), 64
    for member in (True, False):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as archive:
            info = tarfile.TarInfo("cat/1.png")
            info.size = len(zeros) * times if member else len(PNG)
            archive.addfile(info, io.BytesIO(PNG) if not member else None)
        head = file.getvalue()[: tarfile.BLOCKSIZE if member else tarfile.BLOCKSIZE * 2]
        for new in (lambda: zlib.compressobj(9, wbits=31), bz2.BZ2Compressor, lzma.LZMACompressor):
            packer = new()
            found.append(
                packer.compress(head) + b"".join(packer.compress(zeros) for _ in range(times)) + packer.flush()
            )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packing, packing.open("cat/1.png", "w") as image:
        for _ in range(times):
            image.write(zeros)
    return [*found, file.getvalue()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.fuzz_archives")
    parser.add_argument("--inputs", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw, results, reasons = random.Random(options.seed), Counter(), Counter()
    process, slowest, harmful = psutil.Process(), 0.0, bombs()
    start, memory = time.monotonic(), process.memory_info().rss
    most = memory
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        uploads = home / "store" / "uploads"
        for number in range(options.inputs):
            data, is_good = make(draw)
            if number < len(harmful):
                data, is_good = harmful[number], False
            elif draw.random() < 0.6:
                is_good = False
                backwards = draw.random() < 0.5  # the table of contents of a .zip is at its end
                turned = data[::-1] if backwards else data
                data = damage(turned, data, draw)[:: -1 if backwards else 1]
            target, began = uploads / "images", time.monotonic()
            try:
                unpack(io.BytesIO(data), target)
            except (ArchiveError, SpaceError) as error:
                assert not is_good, error
                results["refused"] += 1
                reasons[re.sub("“.*?”", "…", str(error)).split(": ")[0]] += 1
                assert not target.exists() and "\n" not in str(error)
            else:
                results["unpacked"] += 1
                assert number >= len(harmful), "a bomb"
                found = list(target.rglob("*"))
                assert all(not path.is_symlink() and (path.is_dir() or path.is_file()) for path in found)
                assert not is_good or len([path for path in found if path.suffix == ".png"]) >= len(CLASSES)
                shutil.rmtree(target)
            slowest = max(slowest, time.monotonic() - began)
            most = max(most, process.memory_info().rss)
            around = sorted(str(path.relative_to(home)) for path in home.rglob("*"))
            assert around == ["store", "store/uploads", "store/uploads/.unpacking"], around
    assert most - memory < MOST_MEMORY, f"{(most - memory) / 1e6:.0f} MB"
    print(
        f"{options.inputs:,} archives in {time.monotonic() - start:.0f} s: {results['unpacked']:,} unpacked, "
        f"{results['refused']:,} refused with a reason, nothing left beside the target by any; the slowest "
        f"{slowest:.2f} s, at most {(most - memory) / 1e6:.0f} MB."
    )
    for reason, count in reasons.most_common(16):
        print(f"  {count:6,}  {reason}")


if __name__ == "__main__":
    main()
