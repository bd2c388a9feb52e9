"""New images with or without classes, from any folder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from cnn.data.images import to_png
from cnn.data.labelled_files import folder_of, label_of, labelled_files, labels_of
from cnn.data.listing import DatasetError

PNG = to_png(np.zeros((4, 4, 3), np.uint8))


def found(folder, *paths, known=("cat", "dog")) -> dict[str, str]:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(PNG)
    return dict(labelled_files(folder, known))


def test_folders_give_the_classes_also_one_only_and_one_that_the_network_does_not_know(tmp_path):
    assert found(tmp_path, "Cat/1.png", "cat/2.png", "horse/3.png", "4.png") == {
        "Cat/1.png": "Cat",
        "cat/2.png": "cat",
        "horse/3.png": "horse",
        "4.png": "",
    }


def test_a_folder_around_all_others_is_no_class_unless_it_is_known(tmp_path):
    assert found(tmp_path / "a", "phone/cat/1.png", "phone/bird/2.png") == {
        "phone/bird/2.png": "bird",
        "phone/cat/1.png": "cat",
    }
    assert found(tmp_path / "b", "dog/1.png", "dog/2.png") == {"dog/1.png": "dog", "dog/2.png": "dog"}
    assert found(tmp_path / "c", "trip/1.png", "trip/2.png") == {"trip/1.png": "", "trip/2.png": ""}


def test_the_innermost_known_folder_counts(tmp_path):
    assert found(tmp_path, "cat/indoor/1.png", "test/dog/2.png") == {"cat/indoor/1.png": "cat", "test/dog/2.png": "dog"}


def test_names_of_files_give_known_classes_only(tmp_path):
    names = "cat.0.png", "cat.1.png", "dog.0.png", "dog.1.png"
    assert found(tmp_path / "pets", *names) == {name: name[:3] for name in names}
    photos = "DSC_001.png", "DSC_002.png", "IMG_001.png", "IMG_002.png"
    assert found(tmp_path / "phone", *photos) == dict.fromkeys(photos, "")


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="is not a folder"):
        labelled_files(tmp_path / "nowhere")


def test_labels_are_places_among_the_classes_however_they_are_capitalised():
    assert labels_of(["DOG", "", "cat ", "horse"], ["cat", "dog"]).tolist() == [1, -1, 0, -1]


@given(
    some.text(min_size=1, max_size=30) | some.sampled_from(["T-shirt/top", "CON", "nul.x", "..", "a.", "100%", "%41"])
)
def test_any_class_has_a_folder_that_every_system_allows(label):
    folder = folder_of(label)
    assert label_of(folder) == label
    assert not set(folder) & set('/\\:*?"<>|\0\n') and folder[-1] not in ". " and folder[0] != "."
