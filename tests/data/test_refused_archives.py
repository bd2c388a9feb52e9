"""Archives that are not unpacked: names and files that could do harm, and bombs."""

import io
import stat
import zipfile

import pytest

from cnn.data import archive_members
from cnn.data.archive import unpack
from cnn.data.archive_members import ArchiveError
from tests.archives import CLASSES, PNG, files, info, inside, nothing_is_left, pack


@pytest.mark.parametrize(
    "name",
    [
        *("../1.png", "cat/../../1.png", "/etc/1.png", "\\1.png", "C:\\1.png", "c:1.png", "cat\\..\\1.png"),
        *("cat/.. /1.png", "cat/.../1.png", "//server/share/1.png", "a/ /1.png", "..", "../"),
        *("cat/X:evil.png", "cat/X:/sub/1.png", "cat\\x:1.png"),
    ],
)
def test_a_path_that_leads_out_of_the_archive_is_refused(refused, name):
    assert "a path that leads out of it" in refused(pack([*CLASSES.items(), (name, PNG)]))


@pytest.mark.parametrize("name", ["cat/cat:1.png", "cat/1.png:hidden.png", "cat/10:30:05.png", "ca:t/1.png", "ca:t/"])
def test_a_name_with_a_colon_is_refused_because_windows_hides_the_file_behind_another(refused, name):
    assert "a name with a colon" in refused(pack([*CLASSES.items(), (name, PNG)]))


@pytest.mark.parametrize("name", ["cat./1.png", "cat /1.png", "big cats. ./1.png", "cat ./"])
def test_a_name_that_ends_in_a_dot_or_blank_is_refused_because_windows_cuts_it_off(refused, name):
    assert "ends in a dot or space" in refused(pack([*CLASSES.items(), (name, PNG)]))


@pytest.mark.parametrize(
    "name", ["CON.png", "con.tar.png", "Nul .png", "aux/1.png", "cat/COM1.PNG", "lpt³.png", "prn/", "conin$.png"]
)
def test_a_reserved_windows_device_name_is_refused(refused, name):
    assert "reserves for a device" in refused(pack([*CLASSES.items(), (name, PNG)]))


@pytest.mark.parametrize("name", ["icon.png", "console.png", "com.png", "com10.png", "x.con.png", "null.png"])
def test_names_that_only_look_like_device_names_are_accepted(uploads, name):
    unpack(pack(CLASSES | {f"cat/{name}": PNG}), uploads / "pets")
    assert (uploads / "pets/cat" / name).is_file()


def test_files_that_are_not_unpacked_may_have_any_name_that_stays_inside(uploads):
    others = {"cat/12:30.txt": b"", "nul.txt": b"", "notes./read.me": b"", "__MACOSX/cat:1.png": b"", "a" * 300: b""}
    assert unpack(pack(CLASSES | others), uploads / "pets").others == 4
    assert files(uploads / "pets") == sorted(CLASSES)


@pytest.mark.parametrize(
    ("kind", "what"), [(stat.S_IFLNK, "a link"), (stat.S_IFIFO, "not a file"), (stat.S_IFCHR, "not a file")]
)
def test_links_and_special_files_are_refused(refused, kind, what):
    assert what in refused(pack([*CLASSES.items(), (info("cat/3.png", kind | 0o777), b"/etc/passwd")]))


def test_a_link_that_a_later_file_would_go_through_is_refused(refused, tmp_path):
    (tmp_path / "outside").mkdir()
    link = (info("cat", stat.S_IFLNK | 0o777), str(tmp_path / "outside").encode())
    assert "a link" in refused(pack([link, ("cat/1.png", PNG)]))
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_protected_archive_is_refused(refused):
    data = bytearray(pack(CLASSES).read())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "protected by a password" in refused(io.BytesIO(data))


def test_two_files_of_the_same_name_are_refused(refused):
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = pack([*CLASSES.items(), ("cat/1.png", b"another")])
    assert "“cat/1.png” twice" in refused(file)
    assert "twice" in refused(pack([*CLASSES.items(), ("./cat//1.png", PNG)]))


@pytest.mark.parametrize("more", [{"cat": PNG}, {"cat.png": PNG, "cat.png/1.png": PNG}])
def test_a_file_and_a_folder_of_one_name_are_refused_or_the_file_is_no_image(uploads, more):
    try:
        unpack(pack(CLASSES | more), uploads / "pets")
    except ArchiveError as error:
        assert "of the same name" in str(error)
        assert nothing_is_left(uploads)


@pytest.mark.parametrize("name", ["x" * 252 + ".png", "é" * 130 + ".png", "a/" * 99 + "1.png"])
def test_a_name_that_is_too_long_is_refused(refused, name):
    assert "a name that is too long" in refused(pack([*CLASSES.items(), (name, PNG)]))


def test_unusual_compression_methods_are_refused(refused):
    assert "an unusual compression method" in refused(pack(CLASSES, zipfile.ZIP_LZMA))
    assert "an unusual compression method" in refused(pack(CLASSES, zipfile.ZIP_BZIP2))


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"PK\x03\x04", PNG, b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_archive_or_empty_is_refused(refused, content):
    refused(io.BytesIO(content))


def test_an_archive_cut_short_is_refused_wherever_it_is_cut(refused):
    data = pack(CLASSES).read()
    for length in range(0, len(data) - 1, 7):
        refused(io.BytesIO(data[:length]))


@pytest.mark.parametrize(
    "members",
    [{"cat/1.png": PNG}, {"readme.txt": b""}, {"1/2/3/4/5/6/7/cat/1.png": PNG, "1/2/3/4/5/6/7/dog/1.png": PNG}],
)
def test_an_archive_without_two_classes_is_refused(refused, members):
    assert "does not contain two classes" in refused(pack(members))


# Bombs


def test_too_many_files_are_refused(refused, monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_MEMBERS", 3)
    assert "more than 3 files" in refused(pack(CLASSES | {"dog/2.png": PNG}))


def test_a_table_of_contents_that_is_far_too_large_is_not_read(refused, monkeypatch):
    many = pack([(f"cat/{i}.txt", b"") for i in range(1000)])
    monkeypatch.setattr(archive_members, "MAX_CONTENTS", 20_000)
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: pytest.fail("The table of contents was read."))
    assert "more than 200,000 files" in refused(many)


def test_a_huge_image_is_refused_by_its_claimed_size_and_its_real_size(refused, monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_FILE_BYTES", 1000)
    assert "larger than the 1 kB allowed" in refused(pack(CLASSES | {"cat/3.png": bytes(1001)}))


def test_a_zip_bomb_is_refused_by_its_claimed_size(refused, monkeypatch):
    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)
    assert "more than 200 times its size" in refused(pack(CLASSES | {"cat/3.png": bytes(2_000_000)}))


@pytest.mark.parametrize(("limit", "sentence"), [("MAX_FILE_BYTES", "larger than"), ("RATIO_FROM", "more than 200")])
def test_real_sizes_count_and_not_claimed_ones(refused, monkeypatch, limit, sentence):
    """zipfile cannot make an archive with false sizes, so its reader is patched to see larger files."""
    original = zipfile.ZipExtFile.__init__

    def believes_all(self, fileobj, mode, zipinfo, *arguments):
        original(self, fileobj, mode, zipinfo, *arguments)
        self._left = 1 << 40
        self._expected_crc = None

    monkeypatch.setattr(zipfile.ZipExtFile, "__init__", believes_all)
    monkeypatch.setattr(archive_members, limit, 500_000)
    data = pack(CLASSES | {"cat/3.png": bytes(2_000_000)}).read()
    claimed = (2_000_000).to_bytes(4, "little")
    assert data.count(claimed) == 2
    assert sentence in refused(io.BytesIO(data.replace(claimed, (1000).to_bytes(4, "little"))))


def test_a_bomb_inside_an_archive_is_refused(refused, monkeypatch):
    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)
    bomb = pack({f"cat/{i}.png": bytes(1_000_000) for i in range(3)})
    assert "more than 200 times its size" in refused(pack(CLASSES | {"bomb.zip": inside(bomb, 2).read()}))


def test_the_files_of_all_archives_inside_count_together(refused, monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_MEMBERS", 9)
    inner = pack(CLASSES | {"dog/2.png": PNG}).read()
    assert "more than 9 files" in refused(pack({"a.zip": inner, "b.zip": inner}))
