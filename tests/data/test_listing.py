import os
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn.data import walk
from cnn.data.listing import DatasetError, list_images, natural_key, shown
from tests.conftest import needs_any_name

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs links and names that Windows does not have")


@pytest.fixture
def make(tmp_path):
    """Makes empty files (listing reads only names); returns their folder."""

    def make_files(*paths: str):
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()
        return tmp_path

    return make_files


def files(found) -> list[tuple[str, str, str | None]]:
    return [(file.path, found.classes[file.label], file.split) for file in found.files]


def reasons(found) -> dict[str, str]:
    return {skip.path: skip.reason for skip in found.skipped}


def test_each_folder_is_a_class_and_deeper_images_belong_to_it(make):
    found = list_images(make("dog/a.jpg", "cat/2020/may/b.PNG", "cat/c.webp"))
    assert found.layout == "folders" and found.classes == ("cat", "dog") and found.skipped == ()
    assert files(found) == [
        ("cat/2020/may/b.PNG", "cat", None),
        ("cat/c.webp", "cat", None),
        ("dog/a.jpg", "dog", None),
    ]
    assert len(found.stats) == 3 and found.stats[0][0] == 0


def test_two_comes_before_ten(make):
    found = list_images(make(*(f"class {c}/{i}.jpg" for c in (10, 2) for i in (10, 9, 1))))
    assert found.classes == ("class 2", "class 10")
    assert [file.path for file in found.files[:3]] == ["class 2/1.jpg", "class 2/9.jpg", "class 2/10.jpg"]
    assert sorted(["a10", "A2", "a1b", "a1", "01", "1"], key=natural_key) == ["01", "1", "a1", "a1b", "A2", "a10"]


def test_a_known_order_is_kept_until_files_change(make):
    root = make(*(f"{c}/{i}.jpg" for c in "ab" for i in (10, 9, 1)))
    known = ["a/9.jpg", "a/10.jpg", "a/1.jpg", "a/gone.jpg", "b/1.jpg", "b/9.jpg"]
    paths = [path for path, *_ in files(list_images(root, known=known))]
    assert paths == [*("a/9.jpg", "a/10.jpg", "a/1.jpg"), *("b/1.jpg", "b/9.jpg", "b/10.jpg")]


@pytest.mark.parametrize("val", ["val", "valid", "Validation", "VAL"])
def test_a_given_split_is_kept_and_test_images_are_held_back(make, val):
    found = list_images(make(*(f"{top}/{c}/1.jpg" for top in ("Train", val, "test") for c in ("cat", "dog"))))
    assert found.layout == "split folders" and found.classes == ("cat", "dog")
    assert Counter(split for _, _, split in files(found)) == {"train": 2, "val": 2, "test": 2}
    assert (f"{val}/dog/1.jpg", "dog", "val") in files(found)


def test_a_listing_says_that_there_are_test_images_but_no_held_out_ones(make):
    root = make(*(f"{top}/{c}/1.jpg" for top in ("train", "test") for c in ("cat", "dog")))
    assert {split for path, _, split in files(list_images(root)) if path.startswith("test")} == {"val"}
    assert list_images(root).val_is_test
    (root / "val").mkdir()
    assert list_images(root).val_is_test


def test_files_that_are_only_in_the_cloud_are_named_and_not_opened(make, monkeypatch):
    away = ("cat/2.jpg", "dog/3.jpg", "labels.csv")
    root = make("cat/1.jpg", "dog/1.jpg", "dog/.4.png.icloud", *away)
    inodes = {(root / path).stat().st_ino for path in away}
    monkeypatch.setattr(walk, "is_only_in_cloud", lambda status: status.st_ino in inodes)
    found = list_images(root)
    assert [file.path for file in found.files] == ["cat/1.jpg", "dog/1.jpg"]
    reason = "is only in the cloud, not on this computer"
    assert {skip.path for skip in found.skipped if skip.reason == reason} == {*away, "dog/4.png"}
    assert found.read_as[-1].startswith("4 files are only in the cloud") and "“Download Now”" in found.read_as[-1]
    for path in ("cat/1.jpg", "dog/1.jpg"):
        (root / path).unlink()
    with pytest.raises(DatasetError, match="4 files are only in the cloud"):
        list_images(root)


def test_with_only_a_train_folder_the_split_is_drawn(make):
    found = list_images(make("train/cat/1.jpg", "train/dog/1.jpg"))
    assert found.layout == "folders" and found.classes == ("cat", "dog")
    assert [split for _, _, split in files(found)] == [None, None]


def test_a_class_without_training_images_is_left_out(make):
    found = list_images(make("train/cat/1.jpg", "train/dog/1.jpg", "val/cat/1.jpg", "val/unlabelled/1.jpg"))
    assert found.classes == ("cat", "dog")
    assert reasons(found) == {"val/unlabelled": "is a class without training images"}


def test_a_class_may_be_called_train(make):
    found = list_images(make("train/1.jpg", "train/old/2.jpg", "bus/1.jpg"))
    assert found.layout == "folders" and found.classes == ("bus", "train")


def test_file_names_give_the_classes_of_a_flat_folder(make):
    names = [
        "cat.0.jpg",
        "cat 1.jpg",
        "dog_-10.jpg",
        "dog2.png",
        "german shepherd 3.jpg",
        "owl.jpg",
        "owl-big.jpg",
        "7.jpg",
    ]
    found = list_images(make(*names))
    assert found.layout == "flat" and found.classes == ("cat", "dog", "german shepherd", "owl")
    assert Counter(name for _, name, _ in files(found)) == {"cat": 2, "dog": 2, "german shepherd": 1, "owl": 2}
    assert list(reasons(found)) == ["7.jpg"]


def test_skipped_files_are_listed_and_system_files_are_not(make):
    root = make(
        *("cat/1.jpg", "dog/1.jpg", "cat/._1.jpg", "cat/notes.txt", "loose.jpg", "readme.md"),
        *(".DS_Store", "cat/Thumbs.db", "dog/desktop.ini", "__MACOSX/cat/._1.jpg", ".git/x.jpg", "cat/.cache/1.jpg"),
    )
    (root / "empty").mkdir()
    found = list_images(root)
    assert found.classes == ("cat", "dog") and len(found.files) == 2
    assert reasons(found) == {
        "cat/._1.jpg": "is a hidden file",
        "cat/notes.txt": "does not have the name of an image file",
        "empty": "contains no images",
        "loose.jpg": "is beside the class folders",
        "readme.md": "does not have the name of an image file",
    }


def test_a_folder_named_like_an_image_is_a_folder(make):
    found = list_images(make("cat.jpg/1.jpg", "dog/x.png/2.jpg"))
    assert found.classes == ("cat.jpg", "dog")
    assert [file.path for file in found.files] == ["cat.jpg/1.jpg", "dog/x.png/2.jpg"]


@posix_only
def test_unusual_names_work(make):
    names = ["new\nline", "quote\"'", "🐱", "قطة", "back\\slash", " blank "]
    assert set(list_images(make(*(f"{name}/{name}.jpg" for name in names))).classes) == set(names)


@needs_any_name
def test_names_that_are_not_utf8_can_be_opened_and_shown(tmp_path):
    for name in (b"caf\xe9", b"dog"):
        os.makedirs(os.path.join(os.fsencode(tmp_path), name))
        open(os.path.join(os.fsencode(tmp_path), name, b"\xff.jpg"), "wb").close()
    found = list_images(tmp_path)
    assert found.classes == ("caf\\xe9", "dog")
    assert all((found.folder / file.path).exists() for file in found.files)
    assert shown(found.files[0].path) == "caf\\xe9/\\xff.jpg"


@posix_only
def test_links_are_followed_once_per_class_and_cycles_end(make):
    root = make("cat/1.jpg", "dog/1.jpg", "elsewhere.txt")
    more = root.parent / f"{root.name} more"
    more.mkdir()
    (more / "2.jpg").touch()
    for link, target in {
        "cat/more": more,
        "cat/again": more,
        "cat/circle": root / "cat",
        "dog/all": root,
        "dog/more": more,
        "dog/gone.jpg": root / "gone",
        "dog/itself.jpg": root / "dog/itself.jpg",
        "owl": more,
    }.items():
        (root / link).symlink_to(target)
    found = list_images(root)
    assert Counter(name for _, name, _ in files(found)) == {"cat": 2, "dog": 2, "owl": 1}
    twice = "leads to a folder that has already been read"
    found_reasons = reasons(found)
    assert (
        sorted([found_reasons.pop("cat/more", None) or twice, found_reasons.pop("cat/again", None) or twice])
        == [twice] * 2
    )
    assert found_reasons == {
        "cat/circle": twice,
        "dog/all": twice,
        "dog/gone.jpg": "does not exist",
        "dog/itself.jpg": "is a link that leads to itself",
        "elsewhere.txt": "does not have the name of an image file",
    }


def test_a_folder_without_permission_is_skipped_with_the_reason(make, monkeypatch):
    root = make("cat/1.jpg", "dog/1.jpg", "secret/1.jpg")
    scandir = os.scandir

    def guarded(path):
        if os.path.basename(path) == "secret":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found = list_images(root)
    assert found.classes == ("cat", "dog")
    assert [(skip.path, skip.reason) for skip in found.skipped] == [("secret", "cannot be opened: no permission")]
    with pytest.raises(DatasetError, match="no permission"):
        list_images(root / "secret")


def test_typed_paths_are_understood(make, monkeypatch):
    root = make("my set/cat/1.jpg", "my set/dog/1.jpg")
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(root))
    monkeypatch.setenv("USERPROFILE", str(root))
    for typed in ("my set", "./my set/", "~/my set", f' "{root / "my set"}" ', "'my set'", "my set/cat/.."):
        assert list_images(typed).folder == root / "my set"


@pytest.mark.parametrize("typed", ["", "  ", '""', "a\0b"])
def test_no_path_at_all_is_refused(typed):
    with pytest.raises(DatasetError, match="No folder is given"):
        list_images(typed)


def test_a_folder_that_is_no_dataset_is_refused_with_what_was_found(make):
    root = make("outer/inner/cat/1.jpg", "outer/inner/dog/1.jpg", "one/cat/1.jpg", "one/notes.txt", "none/cat/a.txt")
    for folder, sentence in {
        "missing": "does not exist",
        "one/notes.txt": "is not a folder",
        "one": "contains only one class, “cat”",
        "none": "contains no images",
        "outer": "its folder “inner” does. Open “.*outer.inner” instead",
    }.items():
        with pytest.raises(DatasetError, match=sentence):
            list_images(root / folder)


def test_files_that_would_help_under_another_name_or_in_another_format_are_named(make):
    root = make("sheet/img/1a.jpg", "sheet/labels.xlsx", "unnamed/cat/1", "unnamed/cat/notes", "unnamed/dog/2")
    make("archives/cat.zip", "archives/dog.zip", "raw/cat/1.dng")
    (root / "raw/cat/1.dng").write_bytes(b"II*\0 and more")
    for file in ("unnamed/cat/1", "unnamed/dog/2"):
        (root / file).write_bytes(b"\xff\xd8\xff\xe0 and more")
    for folder, sentence in {
        "sheet": "If “labels.xlsx” holds the labels, save it as CSV",
        "unnamed": "“cat/1” is an image, but its name does not end like one",
        "archives": "unpack each into a folder of its name. If not, open an archive by its own path",
    }.items():
        with pytest.raises(DatasetError) as refused:
            list_images(root / folder)
        assert sentence in str(refused.value)
    with pytest.raises(DatasetError, match=r"label of each image\.$"):
        list_images(root / "raw")


def test_train_and_test_folders_without_class_folders_are_not_taken_for_classes(make):
    with pytest.raises(DatasetError, match="no class folders inside them"):
        list_images(make("train/1.jpg", "test/2.jpg"))


def test_200_classes_work(make):
    found = list_images(make(*(f"class {i}/{i}.jpg" for i in range(200))))
    assert len(found.classes) == 200 and found.classes[-1] == "class 199"


def test_listing_far_too_many_files_stops(make, monkeypatch):
    monkeypatch.setattr(walk, "MAX_FILES", 3)
    with pytest.raises(DatasetError, match="more than 3 files"):
        list_images(make(*(f"{c}/deep/{i}.txt" for c in "ab" for i in range(5))))


names = st.sampled_from(
    ["train", "VAL", "test", "cat", "Dog", "._x.jpg", "1.jpg", "cat.2.jpg", "dog 3.png", "a.txt", ".x"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paths=st.lists(st.lists(names, min_size=1, max_size=4), max_size=12))
def test_any_tree_gives_a_valid_listing_or_an_error_message(paths, tmp_path_factory):
    root = tmp_path_factory.mktemp("tree")
    for path in paths:
        target = root.joinpath(*path)
        if not target.exists() and not any(parent.is_file() for parent in target.parents):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
    try:
        found = list_images(root)
    except DatasetError as error:
        assert str(error).endswith(".")
        return
    listed = [file.path for file in found.files]
    assert len(set(listed)) == len(listed) == len(found.stats)
    assert all((root / path).is_file() for path in listed)
    assert list(found.files) == sorted(found.files, key=lambda file: (file.label, natural_key(file.path)))
    assert {file.label for file in found.files} == set(range(len(found.classes)))
    assert len(found.classes) >= 2 and list(found.classes) == sorted(found.classes, key=natural_key)
    splits = {file.split for file in found.files}
    assert splits == {None} if found.layout != "split folders" else "train" in splits and None not in splits
    assert not set(listed) & {skip.path for skip in found.skipped}
