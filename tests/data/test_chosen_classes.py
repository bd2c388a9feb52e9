import numpy as np
import pytest
from PIL import Image

from cnn.data.dataset import read_dataset
from cnn.data.listing import DatasetError
from cnn.data.version import read_version, save_version
from cnn.errors import UserError
from cnn.specs import DatasetSpec
from pages.shared.address import from_text, to_text


@pytest.fixture
def folder(tmp_path):
    """Four classes of five gray images: those of class k are 40 k + i."""
    for k, name in enumerate(("ant", "bee", "cat, or dog", "100%")):
        (tmp_path / "images" / name).mkdir(parents=True)
        for i in range(5):
            Image.new("L", (16, 16), 40 * k + i).save(tmp_path / "images" / name / f"{i}.png")
    return tmp_path / "images"


def read(folder, tmp_path, *classes):
    return read_dataset(folder, DatasetSpec(image_size=16, classes=classes), tmp_path / "cache")


def test_only_the_chosen_classes_are_read(folder, tmp_path):
    dataset = read(folder, tmp_path, "cat, or dog", "bee")
    assert dataset.classes == ("bee", "cat, or dog") and dataset.counts() == {"bee": 5, "cat, or dog": 5}
    values = dataset.images[:, 0, 0, 0]
    assert (np.where(dataset.labels == 0, 40, 80) == values // 40 * 40).all()
    assert set(dataset.offered) == {"ant", "bee", "cat, or dog", "100%"}
    assert not dataset.skipped


def test_choosing_no_class_is_choosing_all_and_keeps_older_fingerprints(folder, tmp_path):
    everything, some = read(folder, tmp_path), read(folder, tmp_path, "ant", "bee")
    assert len(everything.classes) == 4 and some.fingerprint != everything.fingerprint
    assert read(folder, tmp_path, "bee", "ant").fingerprint == some.fingerprint


def test_the_split_of_an_image_does_not_depend_on_which_classes_take_part(folder, tmp_path):
    everything, some = read(folder, tmp_path), read(folder, tmp_path, "ant", "bee")
    side = dict(zip(everything.paths, everything.splits, strict=True))
    assert all(side[path] == split for path, split in zip(some.paths, some.splits, strict=True))


def test_a_class_that_is_not_there_is_named_with_those_that_are(folder, tmp_path):
    with pytest.raises(DatasetError, match=r"no class “owl”.*“ant”, “bee”"):
        read(folder, tmp_path, "ant", "owl")


def test_a_run_finds_its_classes_again_in_a_folder_with_new_ones(folder, tmp_path):
    spec, file = DatasetSpec(image_size=16, classes=("ant", "bee")), tmp_path / "images.json.gz"
    first = save_version(file, read_dataset(folder, spec, tmp_path / "cache"))
    (folder / "aaa").mkdir()
    Image.new("L", (16, 16), 250).save(folder / "aaa/0.png")
    again = read_version(file, first.fingerprint, folder, spec, tmp_path / "cache")
    assert again.classes == ("ant", "bee") and (again.images == first.images).all()


def test_classes_survive_a_link():
    described = DatasetSpec.settings()["classes"]
    for classes in ((), ("a", "b"), ("cat, or dog", "100%"), ("%2C", "ü ß", "a%b,c")):
        assert from_text(to_text(classes), described) == classes


@pytest.mark.parametrize("value", ["ant", ("ant",), (1, 2), None, ("ant", "ant")])
def test_one_class_is_too_few_and_other_values_are_refused(value):
    with pytest.raises(UserError):
        DatasetSpec(classes=value)
