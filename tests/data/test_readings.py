"""Which classes and splits folders of the shapes that people have give."""

import unicodedata
from collections import Counter

import pytest

from cnn.data.listing import DatasetError, UndecidedError, folder_readings, list_images


@pytest.fixture
def make(tmp_path):
    """Makes files (listing reads only names and tables); returns their folder. Texts: path -> content."""

    def make_files(*paths: str, root: str = "set", **texts: bytes | str):
        folder = tmp_path / root
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).touch()
        return folder

    return make_files


def many(*patterns: str, count: int = 3) -> list[str]:
    """Each pattern with the numbers from 1 on in the place of {}."""
    return [pattern.format(i) for pattern in patterns for i in range(1, count + 1)]


def counts(found) -> dict[tuple[str, str | None], int]:
    return Counter((found.classes[file.label], file.split) for file in found.files)


def reasons(found) -> dict[str, str]:
    return {skip.path: skip.reason for skip in found.skipped}


def names(folder) -> list[str]:
    return [reading.name for reading in folder_readings(folder)]


# Splits


@pytest.mark.parametrize(
    ("train", "held_out"),
    [
        *(("Training", "Testing"), ("training_set", "test_set"), ("birds_train", "birds_valid"), ("train", "dev")),
        *(("TRAIN", "eval"), ("train", "hold-out"), ("Train Images", "Held out images"), ("train2017", "val2017")),
        *(("trainSet", "ValidationSet"), ("trn", "tst"), ("train_images", "evaluation")),
    ],
)
def test_a_split_by_any_usual_name_is_kept(make, train, held_out):
    root = make(*(f"{split}/{name}/{i}.jpg" for split in (train, held_out) for name in ("owl", "fox") for i in (1, 2)))
    found = list_images(root)
    assert found.layout == "split folders"
    assert counts(found) == {(name, split): 2 for name in ("owl", "fox") for split in ("train", "val")}
    role = "to test on" if found.val_is_test else "held out"
    assert found.read_as == (f"Read as one folder per class: “{train}” to train on, “{held_out}” {role}.",)
    assert found.val_is_test == (held_out in ("Testing", "test_set", "tst"))


def test_test_images_are_kept_apart_where_others_are_held_out(make):
    found = list_images(make(*many(*(f"{split}/{c}/{{}}.jpg" for split in ("Training", "dev", "test2") for c in "ab"))))
    assert counts(found) == {(c, split): 3 for c in "ab" for split in ("train", "val", "test")}
    assert "“dev” held out, “test2” to test on" in found.read_as[0] and not found.val_is_test


def test_split_folders_nested_twice_and_folders_that_only_wrap_are_looked_through(make):
    folders = ("seg_train/seg_train", "seg_test/seg_test/images")
    found = list_images(make(*many(*(f"{f}/{c}/{{}}.jpg" for f in folders for c in "ab"), "seg_pred/seg_pred/{}.jpg")))
    assert counts(found) == {(c, split): 3 for c in "ab" for split in ("train", "val")}
    assert reasons(found) == {"seg_pred": "contains 3 images without a label, not used"}
    assert found.read_as[1:] == ("“seg_pred” contains 3 images without a label, not used.",)
    found = list_images(make(*many("images/train/a/{}.jpg", "images/train/b/{}.jpg", "labels/{}.jpg"), root="wrapped"))
    assert counts(found) == {("a", None): 3, ("b", None): 3}
    assert reasons(found) == {"labels": "holds masks or labels, by its name"}


def test_class_folders_may_hold_the_split(make):
    found = list_images(make(*many(*(f"{c}/{split}/{{}}.jpg" for c in "ab" for split in ("train", "test")))))
    assert counts(found) == {(c, split): 3 for c in "ab" for split in ("train", "val")}


def test_flat_files_in_split_folders_are_labelled_by_their_names(make):
    found = list_images(make(*many("train/owl.{}.jpg", "train/fox.{}.jpg", "test1/{}.jpg"), "sample.csv"))
    assert counts(found) == {("fox", None): 3, ("owl", None): 3}
    assert reasons(found)["test1"] == "contains 3 images without a label, not used"
    assert found.read_as[1] == "“test1” contains 3 images without a label, not used."
    named = make(*many("train/owl.{}.jpg", "train/fox.{}.jpg", "valid/owl-{}.jpg", "valid/fox-{}.jpg"), root="both")
    assert counts(list_images(named)) == {(c, split): 3 for c in ("owl", "fox") for split in ("train", "val")}


def test_a_folder_beside_the_parts_with_the_same_classes_is_named(make):
    found = list_images(make(*many(*(f"{part}/{c}/{{}}.jpg" for part in ("train", "vaildation") for c in "ab"))))
    assert counts(found) == {(c, None): 3 for c in "ab"}
    assert found.read_as[1].startswith("“vaildation” is not used: it contains the same classes")
    other = make(*many("train/a/{}.jpg", "train/b/{}.jpg", "notes/a/{}.jpg", "notes/pages/{}.jpg"), root="other")
    assert list_images(other).read_as == ("Read as one folder per class in “train”.",)


def test_a_copy_of_the_class_folders_beside_them_is_no_class(make):
    root = make(*many("owl/{}.jpg", "fox/{}.jpg", "birds - Copy/owl/{}.jpg", "birds - Copy/fox/{}.jpg"))
    found = list_images(root)
    assert found.classes == ("fox", "owl") and len(found.files) == 6
    assert found.read_as[1] == "“birds - Copy” is not used: it contains folders named like the classes beside it."
    assert (
        names(root) == ["folders", "all folders"] and "birds - Copy" in list_images(root, reading="all folders").classes
    )
    other = make(*many("owl/{}.jpg", "fox/{}.jpg", "crow/fox/{}.jpg", "crow/young/{}.jpg"), root="other")
    assert list_images(other).classes == ("crow", "fox", "owl")


def test_loose_test_images_named_like_the_class_folders_are_labelled(make):
    train = many("abc_train/abc_train/A/{}.jpg", "abc_train/abc_train/B/{}.jpg")
    found = list_images(make(*train, "abc_test/abc_test/A_test.jpg", "abc_test/abc_test/B_test.jpg"))
    assert counts(found)[("A", "val")] == 1 and counts(found)[("B", "val")] == 1


def test_classes_may_be_called_like_a_train(make):
    found = list_images(make(*many("steam_train/{}.jpg", "bus/{}.jpg")))
    assert found.classes == ("bus", "steam_train")
    found = list_images(make(*many("train/{}.jpg", "bus/{}.jpg"), root="other"))
    assert found.classes == ("bus", "train") and "“train” is taken as a class" in found.read_as[1]


def test_a_test_folder_beside_classes_is_not_a_class_until_the_user_says_so(make):
    root = make(*many("owl/{}.jpg", "fox/{}.jpg", "test/{}.jpg"))
    found = list_images(root)
    assert found.classes == ("fox", "owl")
    assert reasons(found) == {"test": "has the name of a part of a split, not of a class"}
    assert names(root) == ["folders", "all folders"]
    assert list_images(root, reading="all folders").classes == ("fox", "owl", "test")


def test_one_class_beside_a_test_folder_is_asked_about(make):
    root = make(*many("owl/{}.jpg", "valid/{}.jpg"))
    with pytest.raises(UndecidedError, match="“valid”: the usual name of a part of a split") as asked:
        list_images(root)
    assert [reading.counts for reading in asked.value.readings] == [{"owl": 3, "valid": 3}]


def test_folders_that_all_contain_the_same_folders_are_asked_about(make):
    root = make(*many("colour/apple/{}.jpg", "colour/pear/{}.jpg", "gray/Apple/{}.jpg", "gray/pear/{}.jpg"))
    with pytest.raises(UndecidedError, match="“colour” and “gray” contains the folders “apple” and “pear”") as asked:
        list_images(root)
    outer, inner = (list(reading.counts.values()) for reading in asked.value.readings)
    assert outer == inner == [6, 6] and names(root) == ["folders", "inner folders"]
    assert list_images(root, reading="folders").classes == ("colour", "gray")
    assert [name.lower() for name in list_images(root, reading="inner folders").classes] == ["apple", "pear"]


@pytest.mark.parametrize(
    "files",
    [
        many("owl/young/{}.jpg", "owl/old/{}.jpg", "fox/young/{}.jpg"),
        many("owl/images/{}.jpg", "owl/masks/{}.jpg", "fox/images/{}.jpg", "fox/masks/{}.jpg"),
        many("owl/a/{}.jpg", "owl/b/{}.jpg", "fox/a/{}.jpg", "fox/b/{}.jpg", "fox/{}.jpg"),
    ],
)
def test_folders_inside_class_folders_are_no_classes_unless_all_contain_the_same(make, files):
    assert list_images(make(*files)).classes == ("fox", "owl")


@pytest.mark.parametrize("beside", ["test", "masks", "Unlabelled"])
def test_split_folders_without_labels_are_refused(make, beside):
    with pytest.raises(DatasetError, match="the names of the files give no classes") as refused:
        list_images(make(*many("train/{}.jpg", f"{beside}/{{}}.jpg")))
    assert not isinstance(refused.value, UndecidedError)


# Masks


def test_masks_are_not_images_of_a_class(make):
    masks = [*many("good (1)_mask_{}.png", count=2), "masks/good (1).png"]
    found = list_images(make("good/good (1).png", *(f"good/{name}" for name in masks), "bad/1.png", "masks/1.png"))
    assert counts(found) == {("bad", None): 1, ("good", None): 1}
    assert reasons(found) == {
        "good/good (1)_mask_1.png": "is the mask of “good (1)”, by its name",
        "good/good (1)_mask_2.png": "is the mask of “good (1)”, by its name",
        "good/masks/good (1).png": "is in a folder of masks or labels",
        "masks": "holds masks or labels, by its name",
    }


def test_people_with_and_without_a_mask_are_classes(make):
    assert list_images(make(*many("mask/{}.jpg", "no_mask/{}.jpg"))).classes == ("mask", "no_mask")


# Names of files


@pytest.mark.parametrize(
    "patterns",
    [
        *(["owl.{}.jpg", "fox.{}.jpg"], ["owl_00{}.jpg", "fox_00{}.jpg"], ["00{}_owl.jpg", "00{}_fox.jpg"]),
        *(["owl ({}).jpg", "fox ({}).jpg"], ["Owl-{}.JPG", "fox-{}.png"], ["img_0{}_owl.jpg", "img_0{}-fox.jpg"]),
        *(["0{}. owl.jpg", "0{} - fox.jpg"], ["owl{}.jpg", "fox_{}.jpg"]),
        *(
            ["owl_{}.jpg", "Copy of fox_{}.jpg"],
            ["owl {}.jpg", "Kopie von fox {}.jpg"],
            ["owl {} - Copy.jpg", "fox{}.jpg"],
        ),
    ],
)
def test_the_class_is_found_in_names_of_any_usual_pattern(make, patterns):
    found = list_images(make(*many(*patterns)))
    assert {name.lower() for name in found.classes} == {"owl", "fox"} and found.layout == "flat"
    assert len(found.files) == 6 and found.skipped == ()


def test_a_class_may_end_in_a_number(make):
    found = list_images(make(*many("class0_000{}.jpg", "class1_000{}.jpg", "class10_000{}.jpg")))
    assert found.classes == ("class0", "class1", "class10")
    assert "“class0” in “class0_0001.jpg”" in found.read_as[0]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (["sunset.jpg", "beach.jpg", "me.jpg"], "Each of the 3 names has only one image"),
        (many("IMG_000{}.jpg", "DSC000{}.jpg"), "Cameras and programs use names such as “dsc”"),
        (many("n02085620_{}.jpg", "n02085782_{}.jpg"), "long numbers"),
    ],
)
def test_classes_that_names_hardly_mean_are_asked_about(make, files, sentence):
    root = make(*files)
    with pytest.raises(UndecidedError, match=sentence) as asked:
        list_images(root)
    (reading,) = asked.value.readings
    assert list_images(root, reading=reading.name).files


def test_names_that_are_hashes_have_no_class(make):
    with pytest.raises(DatasetError, match="images whose names give no class") as refused:
        list_images(make("a0a080f42e6f13b3a2df133f073095dd.jpg", "b73795649038408b5f33202cb962ac59.jpg"))
    assert not isinstance(refused.value, UndecidedError)


# One class, several forms


def test_names_that_differ_only_in_form_are_one_class(make):
    composed, decomposed = "caf\u00e9", unicodedata.normalize("NFD", "caf\u00e9")
    found = list_images(
        make(
            "train/Owl/1.jpg",
            *many(f"train/{composed}/{{}}.jpg"),
            *many("val/owl/{}.jpg", f"val/{decomposed}/{{}}.jpg"),
        )
    )
    assert found.classes == (composed, "owl")
    assert counts(found)[("owl", "train")] == 1 and counts(found)[("owl", "val")] == 3
    assert found.read_as[1:] == (
        "“Owl” and “owl” are one class.",
        f"“{decomposed}”, written with different Unicode characters, is one class.",
    )


def test_two_folders_of_one_class_are_too_few(make):
    root = make("Owl/1.jpg", "owl /2.jpg")
    with pytest.raises(DatasetError, match="only one class, “Owl” and “owl ”"):
        list_images(root)


# Tables


def write(root, name: str, text: str, encoding: str = "utf-8"):
    (root / name).write_bytes(text.encode(encoding))


TABLES = {
    "comma": "id,breed\n{0},owl\n{1},owl\n{2},fox\n{3},fox\n",
    "semicolon": "filename;label;width\n{0}.jpg;owl;1,5\n{1}.jpg;owl;1,5\n{2}.jpg;fox;1,5\n{3}.jpg;fox;1,5\n",
    "tab": "label\tpath\nowl\ttrain/{0}.jpg\nowl\ttrain/{1}.jpg\nfox\ttrain/{2}.jpg\nfox\ttrain/{3}.jpg\n",
    "windows path": "image,category\nC:\\a\\train\\{0}.png,owl\nx\\{1}.png,owl\nx\\{2}.png,fox\nx\\{3}.png,fox\n",
    "german": '"Datei";"Klasse"\n"C:\\Jörg\\{0}.jpg";"owl"\n"{1}.jpg";"owl"\n"{2}.jpg";"fox"\n"{3}.jpg";"fox"\n',
    "one-hot": "image,owl,fox\n{0},1.0,0.0\n{1},1.0,0.0\n{2},0.0,1.0\n{3},0.0,1.0\n",
    "several columns": "file,class_id,class,age\n{0},7,owl,1\n{1},7,owl,2\n{2},9,fox,1\n{3},9,fox,2\n",
}
HASHES = [f"{i}a0a080f42e6f13b3a2df133f0730{i}" for i in range(4)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("table", TABLES)
def test_labels_are_read_from_a_table(make, table, encoding):
    root = make(*(f"train/{name}.jpg" for name in HASHES), "test/f0e080f42e6f13b3a2df133f073095dd.jpg")
    name = "labels.tsv" if table == "tab" else "labels.csv"
    write(root, name, TABLES[table].format(*HASHES).replace("owl", "cigüeña"), encoding)
    found = list_images(root)
    assert found.layout == "table" and counts(found) == {("cigüeña", None): 2, ("fox", None): 2}
    assert [file.path for file in found.files if found.classes[file.label] == "fox"] == [
        f"train/{name}.jpg" for name in HASHES[2:]
    ]
    assert reasons(found) == {"test": "contains 1 image without a label, not used"}
    assert f"Read with “{name}”" in found.read_as[0]


def test_a_table_without_names_of_columns_is_asked_about(make):
    root = make(*(f"{name}.jpg" for name in HASHES))
    write(root, "labels.csv", "".join(f"{name}.jpg,{'ab'[i // 2]}\n" for i, name in enumerate(HASHES)))
    with pytest.raises(UndecidedError, match="Are the classes in the column “column 2”"):
        list_images(root)
    assert list_images(root, reading="table column 2").classes == ("a", "b")


def test_a_table_may_lie_beside_the_folder(make, tmp_path):
    root = make(*(f"{name}.jpg" for name in HASHES), root="all/images")
    write(root.parent, "labels.csv", TABLES["comma"].format(*HASHES))
    assert list_images(root).read_as[0].startswith("Read with “../labels.csv”")


def test_numbers_in_a_table_name_images_with_and_without_leading_zeros(make):
    root = make("007.jpg", "7.jpg", "010.jpg", "0011.jpg")
    write(root, "labels.csv", "id,label\n007,a\n7,b\n10,a\n11,b\n")
    found = list_images(root)
    labels = {file.path: found.classes[file.label] for file in found.files}
    assert labels == {"007.jpg": "a", "7.jpg": "b", "010.jpg": "a", "0011.jpg": "b"}


def test_a_number_that_could_name_two_images_names_none(make):
    root = make("007.jpg", "07.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg")
    write(root, "labels.csv", "id,label\n7,a\n1,a\n2,a\n3,b\n4,b\n")
    assert {file.path for file in list_images(root).files} == {f"{i}.jpg" for i in (1, 2, 3, 4)}


def test_a_table_named_like_a_part_of_a_split_names_the_images_in_that_part(make):
    root = make(*many("train/0{}.jpg", count=4), *many("test/0{}.jpg", count=2))
    write(root, "train.csv", "id,label\n01,a\n02,a\n03,b\n04,b\n")
    found = list_images(root)
    assert {file.path: found.classes[file.label] for file in found.files} == {
        **{"train/01.jpg": "a", "train/02.jpg": "a", "train/03.jpg": "b", "train/04.jpg": "b"}
    }
    assert reasons(found)["test"] == "contains 2 images without a label, not used"


def test_tables_of_the_parts_of_a_split_are_joined_and_a_split_column_counts(make):
    root = make(*(f"Train/{name}.jpg" for name in HASHES), *many("Test/9{}.jpg", count=4))
    write(root, "Train.csv", "Path,ClassId\n" + "".join(f"Train/{HASHES[i]}.jpg,{i // 2}\n" for i in range(4)))
    write(root, "Test.csv", "Path,ClassId\n" + "".join(f"Test/9{i}.jpg,{i % 2}\n" for i in range(1, 5)))
    assert counts(list_images(root)) == {(c, split): 2 for c in "01" for split in ("train", "val")}

    root = make(*(f"{name}.jpg" for name in HASHES), root="flat")
    rows = [f"{name},{'ab'[i % 2]},{['TRAIN', 'VAL'][i // 2]}\n" for i, name in enumerate(HASHES)]
    write(root, "all.csv", "id,label,data set\n" + "".join(rows))
    assert counts(list_images(root)) == {(c, split): 1 for c in "ab" for split in ("train", "val")}


def test_two_columns_that_may_be_the_class_are_asked_about(make):
    root = make(*(f"{name}.jpg" for name in HASHES))
    rows = [f"{name},{'ab'[i % 2]},{'xy'[i // 2]}\n" for i, name in enumerate(HASHES)]
    write(root, "labels.csv", "id,species,breed\n" + "".join(rows))
    with pytest.raises(UndecidedError, match="column “species” or “breed”") as asked:
        list_images(root)
    assert {reading.name: set(reading.counts) for reading in asked.value.readings} == {
        "table species": {"a", "b"},
        "table breed": {"x", "y"},
    }
    assert list_images(root, reading="table breed").classes == ("x", "y")


def test_a_table_that_contradicts_file_names_is_asked_about_and_one_that_agrees_is_not(make):
    root = make(*many("owl.{}.jpg", "fox.{}.jpg", count=2))
    write(root, "labels.csv", "file,label\nowl.1.jpg,1\nowl.2.jpg,1\nfox.1.jpg,2\nfox.2.jpg,2\n")
    assert list_images(root).classes == ("fox", "owl")
    write(root, "labels.csv", "file,label\nowl.1.jpg,1\nowl.2.jpg,2\nfox.1.jpg,1\nfox.2.jpg,2\n")
    with pytest.raises(UndecidedError, match="give different classes"):
        list_images(root)


def test_folders_that_are_parts_of_one_set_leave_the_classes_to_a_table(make):
    root = make(*(f"scans_images_part_{1 + i % 2}/{name}.jpg" for i, name in enumerate(HASHES)))
    with pytest.raises(UndecidedError, match="look like parts of one set"):
        list_images(root)
    write(
        root,
        "metadata.csv",
        "image_id,dx,dx_type\n" + "".join(f"{h},{'ab'[i // 2]},{'pq'[i % 2]}\n" for i, h in enumerate(HASHES)),
    )
    found = list_images(root)
    assert found.reading == "table dx" and found.classes == ("a", "b")


@pytest.mark.parametrize(
    "text", ["", "id,label\n", "id,label\n1,a\n2,b\n", "\0\0,\n" * 5, '"', "id,label\n" + "{0},a\n" * 4, "x" * 5]
)
def test_a_table_of_something_else_changes_nothing(make, text):
    root = make(*many("owl/x{}.jpg", "fox/x{}.jpg"))
    write(root, "table.csv", text)
    found = list_images(root)
    assert found.reading == "folders" and reasons(found) == {"table.csv": "does not have the name of an image file"}


def test_a_reading_that_the_folder_does_not_have_is_refused_with_those_it_has(make):
    root = make(*many("owl/{}.jpg", "fox/{}.jpg"))
    with pytest.raises(DatasetError, match=r"cannot be read as “table breed”\. It can be read as “folders”"):
        list_images(root, reading="table breed")
