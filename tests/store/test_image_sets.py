"""Named sets of new images: kept, labelled, exported, imported and deleted."""

import shutil

import numpy as np
import pytest

from cnn.data.archive import unpack
from cnn.data.images import to_png
from cnn.store.disk import stored_runs
from cnn.store.image_sets import (
    ImageSetError,
    add,
    as_archive,
    delete_set,
    find_set,
    image_sets,
    set_labels,
)
from cnn.store.runs import RunError


@pytest.fixture
def folder(tmp_path):
    """Five images: two cats, of which one file is called like the dog, and one without a class; and a copy of it."""

    def draw(path: str, value: int) -> None:
        file = tmp_path / "phone" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(to_png(np.full((8, 6, 3), value, np.uint8)))

    for value, path in enumerate(["cat/1.png", "cat/2.png", "T-shirt%2Ftop/1.PNG", "loose.png"]):
        draw(path, value)
    draw("copy.png", 3)
    return tmp_path / "phone"


def content(one) -> dict[str, tuple[str, bytes]]:
    return {file.name: (label, file.read_bytes()) for file, label in zip(one.files, one.labels, strict=True)}


def test_a_set_keeps_the_files_and_their_classes_under_different_names(store, folder):
    cat = (folder / "cat/1.png").read_bytes()
    made, copies = add(store, "from: my phone?", folder, ["cat", "dog"])
    assert copies == 1 and not folder.exists()
    assert made.name == "from_ my phone" and image_sets(store) == [made] == [find_set(store, made.name)]
    assert content(made)["1.png"] == ("cat", cat)
    assert {name: label for name, (label, _) in content(made).items()} == {
        "1.png": "cat",
        "2.png": "cat",
        "1-2.PNG": "T-shirt/top",
        "copy.png": "",
    }
    assert stored_runs(store) == []  # its folder is not taken for a run


def test_more_images_join_a_set_and_another_of_the_same_name_is_a_new_one(store, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "again")
    first, _ = add(store, "pets", folder)
    (tmp_path / "again" / "new.png").write_bytes(to_png(np.full((8, 8, 3), 99, np.uint8)))
    second, copies = add(store, "pets", tmp_path / "again")
    assert copies == 5 and len(second.files) == len(first.files) + 1 and image_sets(store) == [second]


def test_a_class_given_by_a_click_moves_no_other_image_and_keeps_the_fingerprint(store, folder):
    made, _ = add(store, "pets", folder)
    relabelled = set_labels(made, ["copy.png", "2.png"], "dog/wolf")
    labels = {name: label for name, (label, _) in content(relabelled).items()}
    assert labels == {"1.png": "cat", "2.png": "dog/wolf", "1-2.PNG": "T-shirt/top", "copy.png": "dog/wolf"}
    assert relabelled.fingerprint == made.fingerprint
    assert set(set_labels(relabelled, list(labels), "").labels) == {""}
    with pytest.raises(ImageSetError, match="no longer in the set"):
        set_labels(made, ["nothing.png"], "cat")


def test_a_set_can_be_given_to_others_as_a_file(store, folder, tmp_path):
    made, _ = add(store, "pets", folder)
    expected = content(made)
    (tmp_path / "pets.zip").write_bytes(as_archive(made))
    arrived = unpack(tmp_path / "pets.zip", tmp_path / "arrived", needs_classes=False).folder
    assert delete_set(store, "pets") == made.size and image_sets(store) == []
    imported, _ = add(store, "pets", arrived)
    assert content(imported) == expected
    with pytest.raises(RunError, match="already been deleted"):
        delete_set(store, "other")


def test_nothing_comes_from_a_folder_without_images(store, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageSetError, match="no images"):
        add(store, "none", tmp_path / "empty")
    assert image_sets(store) == []
