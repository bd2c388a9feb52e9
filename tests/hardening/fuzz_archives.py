"""Damaged and hostile .zip files: each is unpacked whole or refused with a reason, and no file is left elsewhere.

python -m tests.hardening.fuzz_archives --inputs 3000
"""

import argparse
import io
import random
import shutil
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from cnn.data.archive import unpack
from cnn.data.archive_members import ArchiveError
from cnn.data.images import to_png
from tests.hardening.fuzz_images import damage

PNG = to_png(np.zeros((4, 4, 1), np.uint8))
PARTS = (
    "cat",
    "dog",
    "..",
    ".",
    "",
    "/",
    "\\",
    "C:",
    " ",
    "con",
    "a" * 300,
    "1.png",
    "2.JPG",
    "x.zip",
    "__MACOSX",
    "é😀",
)


def make(draw: random.Random, depth: int = 0) -> bytes:
    """An archive of two classes, and often something that does not belong into one; sometimes another archive."""
    file = io.BytesIO()
    names = {f"{name}/{i}.png" for name in ("cat", "dog") for i in range(3)}
    for _ in range(draw.choice((0, 0, 1, 4))):
        names.add("/".join(draw.choices(PARTS, k=draw.randrange(1, 5))))
    inner = [make(draw, depth + 1)] if depth < 5 and draw.random() < 0.5 else []
    with zipfile.ZipFile(file, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name in sorted(filter(None, names)):
            info = zipfile.ZipInfo(name)
            info.external_attr = draw.choice((0, 0, 0, 0o100644, 0o40755, 0o120777)) << 16
            contents = inner if inner and name.endswith(".zip") else (PNG, PNG, PNG, b"", bytes(100_000))
            archive.writestr(info, draw.choice(contents), compress_type=archive.compression)
    return file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hardening.fuzz_archives")
    parser.add_argument("--inputs", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw, results, reasons, start = random.Random(options.seed), Counter(), Counter(), time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        uploads = home / "store" / "uploads"
        for _ in range(options.inputs):
            data = make(draw)
            if draw.random() < 0.7:
                data = damage(data[::-1], data, draw)[::-1]  # the table of contents is at the end
            target = uploads / "images"
            try:
                unpack(io.BytesIO(data), target)
            except ArchiveError as error:
                results["refused"] += 1
                reasons[str(error).split("“")[0].split(":")[0]] += 1
                assert not target.exists() and "\n" not in str(error)
            else:
                results["unpacked"] += 1
                assert all(not path.is_symlink() for path in target.rglob("*"))
                shutil.rmtree(target)
            around = sorted(str(path.relative_to(home)) for path in home.rglob("*"))
            assert around == ["store", "store/uploads", "store/uploads/.unpacking"], around
    print(
        f"{options.inputs:,} archives in {time.monotonic() - start:.0f} s: {results['unpacked']:,} unpacked, ", end=""
    )
    print(f"{results['refused']:,} refused with a reason, nothing left beside the target by any.")
    for reason, count in reasons.most_common(8):
        print(f"  {count:6,}  {reason}")


if __name__ == "__main__":
    main()
