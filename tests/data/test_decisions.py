"""Decisions about labels, applied when a dataset is read."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cnn.data.dataset import read_dataset
from cnn.data.listing import DatasetError
from cnn.data.version import read_version, save_version
from cnn.fields import UserError
from cnn.specs import DatasetSpec

SPEC = DatasetSpec(image_size=16, channels=1)


@pytest.fixture
def folder(tmp_path):
    """Six cats of gray 1-6, six dogs of gray 101-106; “cat/copy.png” is also “dog/copy.png”."""
    for name, start in (("cat", 0), ("dog", 100)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(1, 7):
            Image.new("L", (16, 16), start + i).save(tmp_path / "pets" / name / f"{i}.png")
        Image.new("L", (16, 16), 50).save(tmp_path / "pets" / name / "copy.png")
    return tmp_path / "pets"


@pytest.fixture
def read(folder, tmp_path):
    def read(*decisions, at=folder, **changes):
        return read_dataset(at, replace(SPEC, decisions=decisions, **changes), tmp_path / "cache")

    return read


def labels_of(dataset) -> dict[str, str]:
    return {path: dataset.classes[label] for path, label in zip(dataset.paths, dataset.labels.tolist(), strict=True)}


def grays(dataset) -> dict[str, int]:
    return dict(zip(dataset.paths, np.asarray(dataset.images)[:, 0, 0, 0].tolist(), strict=True))


def content(dataset, path: str) -> str:
    return dataset.hashes[dataset.paths.index(path)]


def test_a_label_is_changed_and_nothing_else(read):
    plain = read()
    changed = read((content(plain, "cat/3.png"), "cat", "dog"))
    assert labels_of(changed) == labels_of(plain) | {"cat/3.png": "dog"}
    assert changed.paths == plain.paths and grays(changed) == grays(plain)
    assert (changed.splits == plain.splits).all()


def test_an_image_is_left_out_and_the_others_stay(read):
    plain = read()
    fewer = read((content(plain, "dog/2.png"), "dog", ""))
    expected = labels_of(plain)
    del expected["dog/2.png"]
    assert labels_of(fewer) == expected
    assert grays(fewer) == {path: gray for path, gray in grays(plain).items() if path != "dog/2.png"}
    splits = dict(zip(plain.paths, plain.splits, strict=True))
    assert all(splits[path] == split for path, split in zip(fewer.paths, fewer.splits, strict=True))
    assert len(fewer.sizes) == len(fewer.hashes) == len(plain.paths) - 1


def test_a_picture_in_two_classes_is_left_out_of_one(read):
    plain = read()
    found = labels_of(read((content(plain, "cat/copy.png"), "cat", "")))
    assert "cat/copy.png" not in found and found["dog/copy.png"] == "dog"


def test_decisions_hold_wherever_the_folder_lies_and_whatever_the_files_are_called(read, folder):
    decision = content(read(), "cat/3.png"), "cat", "dog"
    moved = folder.rename(folder.parent / "moved")
    (moved / "cat/3.png").rename(moved / "cat/renamed.png")
    assert labels_of(read(decision, at=moved))["cat/renamed.png"] == "dog"


def test_only_decisions_that_change_something_count(read):
    """So the fingerprint of a dataset does not depend on decisions about others."""
    plain = read()
    of_others = ("0" * 32, "cat", "dog"), (content(plain, "cat/3.png"), "horse", "dog")
    same = read(*of_others, (content(plain, "cat/2.png"), "cat", "cat"))
    assert same.fingerprint == plain.fingerprint and same.spec == plain.spec
    decision = content(plain, "cat/3.png"), "cat", "dog"
    changed = read(decision, *of_others)
    assert changed.spec.decisions == (decision,)
    assert changed.fingerprint not in (plain.fingerprint, read((*decision[:2], "")).fingerprint)
    assert changed.fingerprint == read(decision).fingerprint


def test_an_image_of_a_class_that_takes_no_part_is_left_out(read):
    found = labels_of(read((content(read(), "cat/3.png"), "cat", "horse")))
    assert "cat/3.png" not in found


def test_leaving_out_a_whole_class_is_refused(read):
    plain = read()
    everything = [(one, "cat", "") for one, label in zip(plain.hashes, plain.labels, strict=True) if label == 0]
    with pytest.raises(DatasetError, match="fewer than two classes"):
        read(*everything)


def test_a_run_keeps_the_decisions_that_it_began_with(read, folder, tmp_path):
    """Also if files are added, and if another decision is made later about its images."""
    plain = read()
    decisions = (content(plain, "cat/3.png"), "cat", "dog"), (content(plain, "dog/2.png"), "dog", "")
    file = tmp_path / "images.json.gz"
    own = save_version(file, read(*decisions))
    Image.new("L", (16, 16), 7).save(folder / "cat/new.png")
    again = read_version(file, own.fingerprint, folder, own.spec, tmp_path / "cache")
    assert labels_of(again) == labels_of(own) and grays(again) == grays(own)
    assert (again.splits == own.splits).all()
    assert (again.fingerprint, again.spec) == (own.fingerprint, own.spec)


def test_a_run_from_before_the_decisions_keeps_its_labels(read, folder, tmp_path):
    file = tmp_path / "images.json.gz"
    own = save_version(file, read())
    again = read_version(file, own.fingerprint, folder, own.spec, tmp_path / "cache")
    assert labels_of(again) == labels_of(own) and labels_of(own)["cat/3.png"] == "cat"


def test_a_spec_keeps_its_decisions_in_a_file():
    spec = DatasetSpec(decisions=[["b" * 32, "cat", "dog"], ["a" * 32, "dog", ""], ["b" * 32, "cat", ""]])
    assert spec.decisions == (("a" * 32, "dog", ""), ("b" * 32, "cat", ""))  # sorted, the last for each image
    assert DatasetSpec.from_dict(spec.to_dict()) == spec
    with pytest.raises(UserError, match="list of decisions"):
        DatasetSpec(decisions=[["a" * 32, "cat"]])
