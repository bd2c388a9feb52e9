import io
import random
import stat
import zipfile
from pathlib import PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data import archive, progress
from cnn.data.archive import free_target, unpack
from cnn.data.archive_formats import _zip_member
from cnn.data.archive_members import ArchiveError, Rules
from cnn.data.listing import UndecidedError, list_images
from tests.archives import CLASSES, PNG, files, info, inside, nothing_is_left, pack
from tests.published import digits, write_idx

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
