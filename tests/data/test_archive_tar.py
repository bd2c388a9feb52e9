"""Archives of the kinds .tar, .tar.gz, .tar.bz2 and .tar.xz. What holds for every archive is tested with a .zip."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile

import numpy as np
import pytest

from cnn.data import archive_formats, archive_members, progress, space, tar_stream
from cnn.data.archive import unpack
from cnn.data.archive_members import ArchiveError
from cnn.data.images import to_png
from cnn.data.listing import list_images
from cnn.errors import Cancelled
from tests.archives import files

PNG = to_png(np.random.default_rng(0).integers(0, 256, (20, 20, 3)).astype(np.uint8))
CLASSES = {"cat/1.png": PNG, "cat/2.png": PNG + b"x", "dog/1.png": PNG}
MODES = ("", "gz", "bz2", "xz")


def pack(members, mode: str = "", format: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of (name or TarInfo, bytes) pairs, or of a dict of them."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w:{mode}", format=format) as target:
        for name, data in members.items() if isinstance(members, dict) else members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(data)
            target.addfile(info, io.BytesIO(data))
    return file.getvalue()


def info(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


@pytest.fixture
def refused(refused):
    return lambda data: refused(io.BytesIO(data))


@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("mode", MODES)
def test_images_are_unpacked_as_from_a_zip(uploads, mode, format):
    long = f"cat/{'a long name ' * 10}.png"  # longer than the 100 bytes of the header
    members = {f"./my pets/{name}": data for name, data in (CLASSES | {"readme.txt": b"text"}).items()}
    members |= {} if format == tarfile.USTAR_FORMAT else {f"./my pets/{long}": PNG}
    unpacked = unpack(io.BytesIO(pack(members, mode, format)), uploads / "pets")
    assert (unpacked.images, unpacked.others, unpacked.notes) == (len(members) - 1, 1, ())
    assert (uploads / "pets/cat/2.png").read_bytes() == PNG + b"x"
    assert list_images(unpacked.folder).classes == ("cat", "dog")


def test_the_content_of_a_file_decides_and_not_its_name(uploads, tmp_path):
    (tmp_path / "pets.zip").write_bytes(pack(CLASSES, "gz"))
    assert unpack(tmp_path / "pets.zip", uploads / "pets").images == 3


@pytest.mark.parametrize("pack_stream", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_file_may_consist_of_several_streams(uploads, pack_stream):
    data = pack(CLASSES)
    packed = b"".join(pack_stream(data[start : start + 1000]) for start in range(0, len(data), 1000))
    assert unpack(io.BytesIO(packed), uploads / "pets").images == 3


def test_progress_goes_to_the_end_of_the_file(uploads, monkeypatch):
    monkeypatch.setattr(progress, "TICK_SECONDS", 0)
    seen: list[tuple[int, int]] = []
    data = pack(CLASSES, "bz2")
    unpack(io.BytesIO(data), uploads / "pets", lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1] == (len(data), len(data))


@pytest.mark.parametrize(
    ("inner", "outer"), [("pets.tar.gz", "zip"), ("pets.zip", "tar"), ("pets.tar.xz", "tar"), ("pets.tar", "tar")]
)
def test_archives_inside_archives_are_unpacked(uploads, inner, outer):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, data in CLASSES.items():
            target.writestr(name, data)
    mode = inner.rpartition(".")[2].replace("tar", "")
    data = file.getvalue() if inner.endswith(".zip") else pack(CLASSES, mode)
    notes = {"notes.tar": pack([(info("a", tarfile.SYMTYPE, "/etc"), b"")])}  # no images, so it may hold what it likes
    members = {inner: data, **notes}
    if outer == "zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as target:
            for name, data in members.items():
                target.writestr(name, data)
    unpacked = unpack(file if outer == "zip" else io.BytesIO(pack(members)), uploads / "pets")
    assert (unpacked.images, unpacked.others) == (3, 1)
    assert files(uploads / "pets") == sorted(CLASSES)


# What is refused


@pytest.mark.parametrize(
    "name",
    ["../1.png", "cat/../../1.png", "/etc/1.png", "\\1.png", "C:\\1.png", "c:1.png", "cat/X:evil.png", "//host/1.png"],
)
def test_a_path_that_leads_out_of_the_archive_is_refused(refused, name):
    assert "a path that leads out of it" in refused(pack([*CLASSES.items(), (name, PNG)]))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        *(("cat/nul.png", "reserves for a device"), ("cat/10:b.png", "a name with a colon")),
        *(("cat./1.png", "ends in a dot or space"), (f"{'x' * 250}.png/1.png", "a name that is too long")),
        *(("cat/1.png", "twice"), ("./cat//2.png", "twice")),
    ],
)
def test_names_are_refused_by_the_same_rules_as_in_a_zip(refused, name, sentence):
    assert sentence in refused(pack([*CLASSES.items(), (name, PNG)]))


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        *((tarfile.SYMTYPE, "a link"), (tarfile.LNKTYPE, "a link"), (tarfile.CHRTYPE, "not a file")),
        *((tarfile.BLKTYPE, "not a file"), (tarfile.FIFOTYPE, "not a file")),
    ],
)
def test_links_devices_and_pipes_are_refused(refused, tmp_path, kind, sentence):
    link = info("cat/3.png", kind, str(tmp_path))
    assert sentence in refused(pack([*CLASSES.items(), (link, b"")]))


def test_a_link_that_a_later_file_would_go_through_is_refused(refused, tmp_path):
    assert "a link" in refused(pack([(info("cat", tarfile.SYMTYPE, str(tmp_path)), b""), ("cat/1.png", PNG)]))


def test_names_that_are_not_in_utf_8_are_named(refused):
    data = pack({"XX/1.png": PNG, "dog/1.png": PNG}, format=tarfile.USTAR_FORMAT)
    header = bytearray(data[:512])
    header[:2] = b"\xc3\xa8"[::-1]
    header[148:156] = b"%06o\0 " % (256 + sum(header[:148]) + sum(header[156:]))
    assert "The names in the archive are not in UTF-8" in refused(bytes(header) + data[512:])


@pytest.mark.parametrize("mode", MODES)
def test_an_archive_cut_short_is_refused_wherever_it_is_cut(refused, mode):
    data = pack(CLASSES, mode)
    end = len(data) - 9 if mode else data.rindex(PNG) + 512 * (1 + len(PNG) // 512)  # where the zeros begin
    for length in [*range(513 if not mode else 10, end, 211), end]:
        said = refused(data[:length])
        assert "its end is missing" in said, (length, said)


@pytest.mark.parametrize("content", [b"", bytes(10_240), b"<html>404</html>" * 99])
def test_a_file_that_is_no_archive_is_refused(refused, content):
    assert "neither a .zip nor a .tar archive" in refused(content)
    for compress in (gzip.compress, bz2.compress, lzma.compress):
        refused(compress(content))


def test_damaged_archives_are_unpacked_whole_or_refused(uploads):
    draw, refusals = random.Random(0), 0
    whole = [pack(CLASSES, mode) for mode in MODES]
    for i in range(200):
        damaged = bytearray(whole[i % 4])
        for _ in range(draw.choice((1, 3, 20))):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            unpack(io.BytesIO(damaged), uploads / str(i))
        except ArchiveError as error:
            refusals += 1
            assert "\n" not in str(error) and not (uploads / str(i)).exists()
        else:
            if i % 4:  # packed files have a checksum
                assert (uploads / str(i) / "cat/2.png").read_bytes() == PNG + b"x"
    assert refusals > 100


# Bombs


def test_a_header_in_the_middle_that_is_no_header_is_damage_and_not_the_end(refused):
    data = pack(CLASSES)
    at = data.index(b"dog/1.png")
    assert "damaged" in refused(data[:at] + b"DOG" + data[at + 3 :])


def test_a_header_that_demands_gigabytes_is_not_obeyed(refused):
    """The text of a long name is read in one go, as many bytes as its header says."""
    header = info("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    header.size = 7 << 30
    assert "far too large" in refused(header.tobuf(tarfile.GNU_FORMAT) + pack(CLASSES))


@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize("name", ["cat/3.png", "cat/3.exe"])
def test_a_bomb_is_refused_even_in_a_file_that_is_left_out(refused, monkeypatch, mode, name):
    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)
    assert "more than 200 times its size" in refused(pack(CLASSES | {name: bytes(8_000_000)}, mode))


def test_sizes_and_numbers_of_files_are_bounded(refused, monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_FILE_BYTES", 5000)
    assert "larger than the 5 kB allowed" in refused(pack(CLASSES | {"cat/3.png": bytes(5001)}))
    monkeypatch.setattr(archive_members, "MAX_MEMBERS", 2)
    assert "more than 2 files" in refused(pack(CLASSES))


def test_a_file_with_holes_counts_with_its_real_size(refused, monkeypatch):
    """A few bytes of a sparse file can stand for terabytes of zeros."""
    monkeypatch.setattr(archive_members, "MAX_FILE_BYTES", 50_000)
    sparse = tarfile.TarInfo("cat/3.png")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "1000000"}
    sparse.pax_headers["GNU.sparse.name"] = "cat/3.png"
    assert "larger than" in refused(pack([*CLASSES.items(), (sparse, b"1\n0\n5\n".ljust(512, b"\0") + b"12345")]))


def test_xz_that_demands_much_memory_is_refused(refused, monkeypatch):
    monkeypatch.setattr(tar_stream, "MAX_DICTIONARY", 1_000_000)
    assert "too much memory" in refused(pack(CLASSES, "xz"))


def test_a_cancelled_upload_leaves_no_files(uploads, monkeypatch):
    monkeypatch.setattr(progress, "TICK_SECONDS", 0)
    for tick in range(0, 12, 3):
        asked = iter(range(1000))
        with pytest.raises(Cancelled):
            unpack(
                io.BytesIO(pack(CLASSES, "gz")),
                uploads / "pets",
                cancelled=lambda asked=asked, tick=tick: next(asked) >= tick,
            )
        assert files(uploads) == []


def test_a_full_disk_is_noticed_on_the_way(refused, monkeypatch):
    """A packed .tar does not say how much it will be."""
    looks = iter([10**9, 10**9, 0])
    usage = type("Usage", (), {"free": property(lambda _: next(looks))})
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: usage())
    monkeypatch.setattr(archive_formats, "CHECK_EVERY", 100_000)
    noise = np.random.default_rng(0).bytes(200_000)
    assert "free on the disk" in refused(pack(CLASSES | {f"cat/{i}.png": noise for i in range(3, 9)}, "gz"))
