import errno
import io
import random
import stat
import subprocess
import sys
import zipfile
from pathlib import Path, PureWindowsPath

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data import archive, archive_members, progress, space
from cnn.data.archive import free_target, unpack
from cnn.data.archive_formats import _zip_member
from cnn.data.archive_members import ArchiveError, Rules
from cnn.data.images import to_png
from cnn.data.listing import UndecidedError, list_images
from cnn.data.staging import clear_leftovers
from cnn.errors import Cancelled, UserError
from tests.published import digits, write_idx

ROOT = Path(__file__).resolve().parents[2]
PNG = to_png(np.zeros((2, 2, 1), np.uint8))
CLASSES = {"cat/1.png": PNG, "cat/2.png": PNG, "dog/1.png": PNG}


def pack(members, method=zipfile.ZIP_DEFLATED) -> io.BytesIO:
    """An archive of (name or ZipInfo, bytes) pairs, or of a dict of them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name, data in members.items() if isinstance(members, dict) else members:
            target.writestr(name, data, compress_type=method)
    file.seek(0)
    return file


def info(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr, made.flag_bits = mode << 16, flags
    return made


@pytest.fixture
def uploads(tmp_path) -> Path:
    return tmp_path / "runs" / "uploads"


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def nothing_is_left(uploads: Path) -> bool:
    """No file anywhere in the folder that holds the run store, but what the test itself put beside it."""
    return files(uploads) == [] and [path.name for path in uploads.iterdir()] == [".unpacking"]


@pytest.fixture
def refused(uploads):
    """Unpacks what must not be unpacked, sees that nothing is left of it, and returns the sentence."""

    def of(file) -> str:
        around = set(uploads.parent.parent.rglob("*"))
        with pytest.raises(UserError) as error:
            unpack(file, uploads / "pets")
        assert nothing_is_left(uploads)
        assert set(uploads.parent.parent.rglob("*")) - around <= {uploads.parent, uploads, uploads / ".unpacking"}
        sentence = str(error.value)
        assert sentence.endswith(".") and "\n" not in sentence
        return sentence

    return of


# What is unpacked


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_images_and_folders_are_unpacked(uploads, method):
    unpacked = unpack(pack(CLASSES, method), uploads / "pets")
    assert (unpacked.folder, unpacked.images, unpacked.others) == (uploads / "pets", 3, 0)
    assert files(unpacked.folder) == sorted(CLASSES)
    assert (unpacked.folder / "cat/1.png").read_bytes() == PNG
    assert list_images(unpacked.folder).classes == ("cat", "dog")
    assert list((uploads / ".unpacking").iterdir()) == []


def test_an_archive_can_be_given_by_its_path(uploads, tmp_path):
    (tmp_path / "pets.zip").write_bytes(pack(CLASSES).read())
    assert unpack(tmp_path / "pets.zip", uploads / "pets").images == 3


@pytest.mark.parametrize("wrapping", ["pets/", "./pets/", "my/old/pets/", "my\\pets\\"])
def test_folders_that_only_wrap_the_classes_are_removed(uploads, wrapping):
    unpack(pack({wrapping + name: data for name, data in CLASSES.items()}), uploads / "pets")
    assert files(uploads / "pets") == sorted(CLASSES)


def test_a_wrapped_folder_of_named_files_is_unwrapped_and_a_given_split_is_kept(uploads):
    unpack(pack({"pets/cat.0.png": PNG, "pets/dog.0.png": PNG}), uploads / "flat")
    assert files(uploads / "flat") == ["cat.0.png", "dog.0.png"]
    unpack(pack({f"train/{name}": data for name, data in CLASSES.items()}), uploads / "split")
    assert files(uploads / "split") == sorted(f"train/{name}" for name in CLASSES)


def test_other_files_hidden_ones_and_archives_without_images_are_left_out(uploads):
    others = {"readme.txt": b"text", "cat/inner.zip": pack({"a.txt": b""}).read(), "cat/notes": b"", "run.exe": b"MZ"}
    hidden = {"__MACOSX/cat/._1.png": b"\0", "cat/.DS_Store": b"\0", ".git/1.png": PNG, "cat/._1.png": b"\0"}
    unpacked = unpack(pack(CLASSES | others | hidden), uploads / "pets")
    assert files(uploads / "pets") == sorted(CLASSES)
    assert (unpacked.images, unpacked.others) == (3, 4)


def test_a_table_of_labels_is_unpacked_with_the_images(uploads):
    members = {"set/images/1.png": PNG, "set/images/2.png": PNG, "set/labels.csv": b"id,label\n1,cat\n2,dog\n"}
    unpacked = unpack(pack(members), uploads / "pets")
    assert (unpacked.images, unpacked.others) == (2, 0)
    assert list_images(unpacked.folder).classes == ("cat", "dog")


def test_an_archive_of_which_no_reading_is_certain_is_unpacked(uploads):
    unpacked = unpack(pack({f"{name}.png": PNG for name in ("sunset", "beach", "me")}), uploads / "pets")
    with pytest.raises(UndecidedError):
        list_images(unpacked.folder)


def test_an_empty_class_folder_is_kept_so_errors_can_name_it(uploads):
    unpack(pack(CLASSES | {"bird/": b""}), uploads / "pets")
    skipped = list_images(uploads / "pets").skipped
    assert [(skip.path, skip.reason) for skip in skipped] == [("bird", "contains no images")]


@pytest.mark.parametrize(
    "name", ["a b.png", "it's.PNG", "日本.jpg", "😀.jpg", "\u202egnp.png", "<script>.jpg", "a\nb.png"]
)
def test_unusual_names_are_accepted(uploads, name):
    unpack(pack(CLASSES | {f"cat/{name}": PNG}), uploads / "pets")
    assert f"cat/{name}" in files(uploads / "pets")


def test_names_that_differ_in_case_are_two_files(uploads):
    members = {"cat/1.png": PNG, "cat/1.PNG": PNG, "Cat/1.png": PNG, "dog/1.png": PNG}
    unpacked = unpack(pack(members), uploads / "pets")
    assert unpacked.images == 4 and len(list_images(unpacked.folder).files) == 4


def test_progress_is_reported_to_the_end(uploads, monkeypatch):
    monkeypatch.setattr(progress, "TICK_SECONDS", 0)
    seen = []
    unpack(pack(CLASSES | {"notes.txt": b"text"}), uploads / "pets", lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen) and seen[0][0] == 0 and seen[-1] == (3 * len(PNG),) * 2


@pytest.mark.parametrize(
    ("file_name", "folder"),
    [
        *(
            ("pets.zip", "pets"),
            ("../../etc.zip", "etc"),
            ("a/b\\c?.zip", "b_c"),
            (".zip", "images"),
            ("", "images"),
            ("pets.tar.gz", "pets"),
            ("pets.v2.TGZ", "pets_v2"),
        ),
        *(
            ("...", "images"),
            ("x" * 300 + ".zip", "x" * 60),
            ("Hund & Katz.ZIP", "Hund _ Katz"),
            ("猫.zip", "猫"),
            ("nul.zip", "nul images"),
            ("x" * 59 + " y.zip", "x" * 59),
        ),
    ],
)
def test_the_folder_has_the_name_of_the_archive_in_the_uploads_folder(uploads, file_name, folder):
    assert free_target(uploads, file_name) == uploads / folder


def test_a_second_upload_of_the_same_name_gets_a_folder_of_its_own(uploads):
    for expected in ("pets", "pets-2", "pets-3"):
        assert unpack(pack(CLASSES), free_target(uploads, "pets.zip")).folder == uploads / expected


# What is refused


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
    assert "larger than the 0.001 MB allowed" in refused(pack(CLASSES | {"cat/3.png": bytes(1001)}))


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


def inside(data: io.BytesIO, times: int) -> io.BytesIO:
    for _ in range(times):
        data = pack({"inner.zip": data.read()}, zipfile.ZIP_STORED)
    return data


def test_a_bomb_inside_an_archive_is_refused(refused, monkeypatch):
    monkeypatch.setattr(archive_members, "RATIO_FROM", 1_000_000)
    bomb = pack({f"cat/{i}.png": bytes(1_000_000) for i in range(3)})
    assert "more than 200 times its size" in refused(pack(CLASSES | {"bomb.zip": inside(bomb, 2).read()}))


def test_the_files_of_all_archives_inside_count_together(refused, monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_MEMBERS", 9)
    inner = pack(CLASSES | {"dog/2.png": PNG}).read()
    assert "more than 9 files" in refused(pack({"a.zip": inner, "b.zip": inner}))


# Archives inside


def test_archives_inside_are_unpacked_into_folders_of_their_names(uploads):
    train = pack({f"train/{name}.{i}.png": PNG for name in ("cat", "dog") for i in range(3)}).read()
    test = pack({f"test1/{i}.png": PNG for i in range(3)}).read()
    unpacked = unpack(pack({"train.zip": train, "test1.zip": test, "submission.csv": b"id,label\n"}), uploads / "pets")
    assert (unpacked.images, unpacked.others, unpacked.notes) == (9, 0, ())
    assert "train/train/cat.0.png" in files(unpacked.folder)
    listing = list_images(unpacked.folder)
    assert listing.classes == ("cat", "dog") and len(listing.files) == 6


def test_an_archive_that_holds_nothing_but_another_is_unpacked(uploads):
    unpack(inside(pack(CLASSES), archive.MAX_DEPTH), uploads / "pets")
    assert files(uploads / "pets") == sorted(CLASSES)


def test_an_archive_too_deep_inside_others_is_named(refused):
    assert "it lies in 4 other archives. Unpack it" in refused(inside(pack(CLASSES), archive.MAX_DEPTH + 1))


@pytest.mark.parametrize("name", ["more.rar", "more.7z", "more.tar.zst"])
def test_an_archive_of_another_kind_inside_is_named(uploads, refused, name):
    unpacked = unpack(pack(CLASSES | {name: b"Rar!"}), uploads / "pets")
    assert unpacked.notes == (
        f"“{name}” inside it was left out, because only .zip and .tar archives are opened. If it holds images, "
        "unpack it and use its folder.",
    )
    (uploads / "pets").rename(uploads.parent.parent / "elsewhere")
    assert f"“{name}” inside it was left out" in refused(pack({name: b"Rar!"}))


def test_a_file_inside_that_is_no_archive_is_named(uploads):
    unpacked = unpack(pack(CLASSES | {"more.zip": b"<html>404</html>"}), uploads / "pets")
    assert unpacked.notes == (
        "“more.zip” inside it was left out: it is neither a .zip nor a .tar archive, or it is damaged.",
    )


@pytest.mark.parametrize(
    ("inner", "sentence"),
    [
        ({"../1.png": PNG}, "a path that leads out of it"),
        ({"C:\\1.png": PNG}, "a path that leads out of it"),
        ({"cat:1.png": PNG}, "a name with a colon"),
        ({"nul.png": PNG}, "reserves for a device"),
        ([(info("1.png", stat.S_IFLNK | 0o777), b"/etc/passwd")], "a link"),
    ],
)
def test_an_archive_inside_is_refused_for_the_same_reasons_and_named(refused, inner, sentence):
    said = refused(pack(CLASSES | {"cat/in.zip": pack(inner).read()}))
    assert said.startswith("“cat/in.zip”, an archive inside this one, cannot be unpacked. ") and sentence in said


@pytest.mark.parametrize("name", ["con.zip", "a..zip", "a .zip", "x:y.zip"])
def test_an_archive_inside_whose_name_is_no_name_of_a_folder_is_refused(refused, name):
    refused(pack(CLASSES | {f"cat/{name}": pack({"1.png": PNG}).read()}))


def test_names_in_the_encoding_of_another_computer_are_read_and_told(uploads):
    names = [f"{name}/{i}.png" for name in ("猫", "狗") for i in range(3)]
    placeholders = {f"X{i:03}Y.png": name.encode("gbk") for i, name in enumerate(names)}
    padded = {key.ljust(len(raw), "z")[: len(raw)]: raw for key, raw in placeholders.items()}
    data = pack(dict.fromkeys(padded, PNG)).read()
    for key, raw in padded.items():
        data = data.replace(key.encode(), raw)
    unpacked = unpack(io.BytesIO(data), uploads / "pets")
    assert files(unpacked.folder) == sorted(names)
    assert unpacked.notes[0].startswith("The archive does not say how its names are encoded. Read as GBK (Chinese)")


# Halves


def test_a_cancelled_upload_leaves_no_files(uploads, monkeypatch):
    monkeypatch.setattr(progress, "TICK_SECONDS", 0)
    for tick in range(1, 12):
        asked = iter(range(100))
        with pytest.raises(Cancelled):
            unpack(pack(CLASSES), uploads / "pets", cancelled=lambda asked=asked, tick=tick: next(asked) >= tick % 5)
        assert nothing_is_left(uploads)


def test_a_full_disk_leaves_no_files_and_gives_an_error_message(uploads, refused, monkeypatch):
    def write(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive._Unpacking, "_write", write)
    assert "The disk is full" in refused(pack(CLASSES))


def test_a_name_that_the_system_does_not_allow_is_named(uploads, refused, monkeypatch):
    def write(unpacking, archive, member, path):
        raise OSError(errno.EINVAL, "Invalid argument", str(path))  # as Windows does

    monkeypatch.setattr(archive._Unpacking, "_write", write)
    assert "“Is this a cat?.png”, a name that this computer does not allow" in refused(
        pack({"cat/Is this a cat?.png": PNG, "dog/1.png": PNG})
    )


def test_an_archive_that_cannot_fit_the_disk_is_not_unpacked(refused, monkeypatch):
    free = type("Usage", (), {"free": space.KEPT_FREE + 10})
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: free)
    monkeypatch.setattr(archive._Unpacking, "_write", lambda *_: pytest.fail("It was begun."))
    assert "but only 0 MB are free" in refused(pack(CLASSES))


def test_an_existing_target_is_not_overwritten(uploads):
    unpack(pack(CLASSES), uploads / "pets")
    with pytest.raises(ArchiveError):
        unpack(pack({"a/1.png": PNG, "b/1.png": PNG}), uploads / "pets")
    assert files(uploads / "pets") == sorted(CLASSES)


UNPACK_FOR_EVER = """
import sys, time
from pathlib import Path, PureWindowsPath
from cnn.data import archive, archive_members, progress, space
archive.TICK_SECONDS = 0
def wait(done, total):
    if done:
        print("now", flush=True)
        time.sleep(60)
archive.unpack(sys.argv[1], Path(sys.argv[2]), wait)
"""


def test_the_next_upload_removes_the_files_of_a_killed_process(uploads, tmp_path):
    (tmp_path / "pets.zip").write_bytes(pack(CLASSES).read())
    command = [sys.executable, "-c", UNPACK_FOR_EVER, tmp_path / "pets.zip", uploads / "pets"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    process.stdout.readline()
    clear_leftovers(uploads)
    assert files(uploads / ".unpacking") != [], "a living process was taken for a dead one"
    process.kill()
    process.wait()
    assert not (uploads / "pets").exists() and files(uploads) != []
    unpack(pack(CLASSES), uploads / "others")
    assert files(uploads) == [f"others/{name}" for name in sorted(CLASSES)]


def test_simultaneous_uploads_do_not_affect_each_other(uploads):
    with FileLock(uploads / ".unpacking" / "another.lock"):
        (uploads / ".unpacking" / "another").mkdir()
        unpack(pack(CLASSES), uploads / "pets")
        assert (uploads / ".unpacking" / "another").is_dir()


# Anything at all


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(("cat", "a.png", "C:", "x:y", "con", "NUL.png", "b. ", "..", ".", "\\", "/")), min_size=1)
)
def test_no_image_is_written_to_a_path_that_windows_reads_differently(parts):
    path = "".join(parts) + "1.png"
    try:
        member = _zip_member(zipfile.ZipInfo(path), path, ())
        Rules(0).check(member)
    except ArchiveError:
        return
    if member.is_image:
        where = PureWindowsPath("C:/uploads").joinpath(*member.names)
        assert where.parts == ("C:\\", "uploads", *member.names)
        assert not any(PureWindowsPath(name).is_reserved() or ":" in name for name in member.names)
        assert [name.rstrip(". ") for name in member.names] == list(member.names)


@settings(max_examples=60)
@given(
    names=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12), max_size=6),
    data=st.data(),
)
def test_no_name_writes_outside_the_folder(names, data, tmp_path_factory):
    parts = ("..", ".", "/", "\\", "cat", "C:", "1.png", " ", "con.png", *names)
    paths = data.draw(
        st.lists(st.lists(st.sampled_from(parts), min_size=1, max_size=5).map("/".join), max_size=6, unique=True)
    )
    home = tmp_path_factory.mktemp("anything")
    uploads = home / "a" / "uploads"
    try:
        unpack(pack(CLASSES | dict.fromkeys(paths, PNG)), uploads / "pets")
    except ArchiveError:
        assert nothing_is_left(uploads)
    outside = [path for path in home.rglob("*") if path.is_file() and uploads / "pets" not in path.parents]
    assert outside == []


def test_damaged_archives_are_unpacked_whole_or_refused(uploads):
    draw, whole, refusals = random.Random(0), pack(CLASSES).read(), 0
    for i in range(150):
        damaged = bytearray(whole)
        for _ in range(draw.choice((1, 3, 20))):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        target = uploads / str(i)
        try:
            unpack(io.BytesIO(damaged), target)
        except ArchiveError as error:
            refusals += 1
            assert "\n" not in str(error) and not target.exists()
        else:
            assert target.is_dir()
    assert refusals > 50


def test_a_published_set_is_unpacked_as_it_is(uploads, tmp_path):
    folder = write_idx(tmp_path / "mnist", digits(), packed=True)
    sent = pack({f"MNIST/raw/{file.name}": file.read_bytes() for file in folder.iterdir()})
    unpacked = unpack(sent, uploads / "sent")
    assert list_images(unpacked.folder).reading == "MNIST"
