import hashlib
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cnn.data import readers as readers_module
from cnn.data.dataset import TEST, TRAIN, VAL, read_dataset
from cnn.data.listing import DatasetError
from cnn.data.progress import Progress
from cnn.data.split import held_out_by_content, held_out_by_order
from cnn.errors import Cancelled
from cnn.specs import DatasetSpec
from tests.gray_images import SPEC, count_decoding, save, values


def test_on_windows_images_do_not_look_changed_because_an_open_file_has_another_time(folder, cache, monkeypatch):
    status_of = os.fstat

    def fstat(file: int):  # its "ctime" is the time of the last change; that of a path the time of creation
        status = status_of(file)
        names = [name for name in dir(status) if name.startswith("st_")]
        values = {name: getattr(status, name) for name in names}
        return SimpleNamespace(**values | {"st_ctime_ns": status.st_ctime_ns + 5_000_000})

    monkeypatch.setattr(os, "fstat", fstat)
    monkeypatch.setattr(sys, "platform", "win32")
    dataset = read_dataset(folder, SPEC, cache)
    assert values(dataset) == [*range(1, 11), *range(101, 106)] and dataset.skipped == ()


def test_every_row_has_its_file_class_and_size(folder, cache):
    dataset = read_dataset(folder, SPEC, cache)
    assert dataset.images.shape == (15, 16, 16, 1) and dataset.images.dtype == np.uint8
    assert isinstance(dataset.images, np.memmap)
    assert values(dataset) == [*range(1, 11), *range(101, 106)]
    assert dataset.paths[9:11] == ("cat/10.png", "dog/1.png") and dataset.original(9) == folder / "cat/10.png"
    assert dataset.labels.tolist() == [0] * 10 + [1] * 5 and dataset.labels.dtype == np.int64
    assert dataset.sizes[2].tolist() == [3, 6] and dataset.sizes.dtype == np.int32
    assert dataset.classes == ("cat", "dog") and dataset.counts() == {"cat": 10, "dog": 5}
    assert (dataset.folder, dataset.spec, dataset.layout, dataset.skipped) == (str(folder), SPEC, "folders", ())


def test_each_image_has_the_hash_of_its_files_content_read_or_cached(folder, cache):
    shutil.copy(folder / "cat/1.png", folder / "dog/9.png")
    for _ in range(2):
        dataset = read_dataset(folder, SPEC, cache)
        expected = [hashlib.blake2b((folder / path).read_bytes(), digest_size=16).hexdigest() for path in dataset.paths]
        assert list(dataset.hashes) == expected
    assert dataset.hashes[0] == dataset.hashes[-1] and len(set(dataset.hashes)) == 15


def test_colour_images_have_three_channels(folder, cache):
    Image.new("RGB", (9, 9), (10, 20, 30)).save(folder / "cat/1.png")
    dataset = read_dataset(folder, DatasetSpec(image_size=16, channels=3), cache)
    assert dataset.images.shape == (15, 16, 16, 3) and dataset.images[0, 5, 5].tolist() == [10, 20, 30]


def test_the_split_follows_from_the_content_and_the_seed(folder, cache):
    dataset = read_dataset(folder, SPEC, cache)
    assert sorted([*dataset.train, *dataset.val]) == list(range(15)) and dataset.val.dtype == np.int64
    assert (np.diff(dataset.train) > 0).all() and (np.diff(dataset.val) > 0).all()
    assert ((dataset.splits == VAL) == held_out_by_content(dataset.labels, dataset.hashes, 0.2, 0)).all()
    assert (read_dataset(folder, SPEC, cache).splits == dataset.splits).all()
    others = [read_dataset(folder, DatasetSpec(16, 1, seed=seed), cache).splits for seed in range(1, 6)]
    assert any((other != dataset.splits).any() for other in others)


def test_new_images_and_new_names_move_no_image_to_the_other_side(folder, cache):
    def sides(dataset):
        return dict(zip(dataset.hashes, dataset.splits.tolist(), strict=True))

    spec = DatasetSpec(16, 1, val_fraction=0.5)
    before = sides(read_dataset(folder, spec, cache))
    save(folder / "cat/0.png", 90)
    (folder / "dog/3.png").rename(folder / "dog/zz.png")
    folder.rename(folder.parent / "moved")
    after = sides(read_dataset(folder.parent / "moved", spec, cache))
    assert len(after) == 16 and after.items() >= before.items()


def test_the_split_of_older_runs_follows_from_the_order(folder, cache):
    dataset = read_dataset(folder, DatasetSpec(16, 1, split="order"), cache)
    assert dataset.counts(VAL) == {"cat": 2, "dog": 1} and dataset.counts(TRAIN) == {"cat": 8, "dog": 4}
    assert ((dataset.splits == VAL) == held_out_by_order(dataset.labels, 0.2, 0)).all()


def test_a_given_split_is_kept_and_the_limit_applies_in_proportion(tmp_path, cache):
    for split, count in {"train": 60, "val": 30, "test": 10}.items():
        for i in range(count):
            for name in ("cat", "dog"):
                save(tmp_path / f"images/{split}/{name}/{i}.png", i)
    dataset = read_dataset(tmp_path / "images", DatasetSpec(16, 1, max_per_class=10), cache)
    assert dataset.layout == "split folders"
    assert [dataset.counts(split)["dog"] for split in (TRAIN, VAL, TEST)] == [6, 3, 1]
    dataset = read_dataset(tmp_path / "images", DatasetSpec(16, 1, max_per_class=1), cache)
    assert [dataset.counts(split)["dog"] for split in (TRAIN, VAL, TEST)] == [1, 0, 0]


@pytest.fixture
def tested_folder(tmp_path):
    for split, count in {"train": 60, "test": 20}.items():
        for i in range(count):
            for name in ("cat", "dog"):
                save(tmp_path / f"images/{split}/{name}/{i}.png", i + (100 if split == "test" else 0))
    return tmp_path / "images"


def test_without_a_validation_folder_training_images_are_held_out_and_test_images_kept(tested_folder, cache):
    dataset = read_dataset(tested_folder, DatasetSpec(16, 1, val_fraction=0.3), cache)
    assert [path.startswith("test/") for path in dataset.paths] == (dataset.splits == TEST).tolist()
    train = np.array([path.startswith("train/") for path in dataset.paths])
    hashes = [content for content, is_train in zip(dataset.hashes, train, strict=True) if is_train]
    expected = held_out_by_content(dataset.labels[train], hashes, 0.3, 0)
    assert expected.any() and ((dataset.splits[train] == VAL) == expected).all()
    assert dataset.val_is_test and dataset.draws_held_out


def test_test_images_can_be_held_out_instead(tested_folder, cache):
    dataset = read_dataset(tested_folder, DatasetSpec(16, 1, test_images="held_out"), cache)
    assert dataset.counts(VAL) == {"cat": 20, "dog": 20} and not dataset.counts(TEST)["cat"]
    assert [path.startswith("test/") for path in dataset.paths] == (dataset.splits == VAL).tolist()
    assert dataset.val_is_test and not dataset.draws_held_out


def test_a_broken_file_is_skipped_with_a_reason_and_replaced_by_the_next(folder, cache, monkeypatch):
    (folder / "cat/2.png").write_bytes(b"")
    (folder / "cat/3.png").write_bytes(b"<html>")
    decoded = count_decoding(monkeypatch)
    for _ in range(2):
        dataset = read_dataset(folder, DatasetSpec(16, 1, max_per_class=4), cache)
        assert values(dataset) == [1, 4, 5, 6, 101, 102, 103, 104]
        assert [(skip.path, skip.reason) for skip in dataset.skipped] == [
            ("cat/2.png", "is empty"),
            ("cat/3.png", "is not an image: it begins like an HTML page"),
        ]
    assert len(decoded) == 10  # six cats and four dogs, once


def test_classes_stay_in_order_when_broken_files_are_replaced(tmp_path, cache):
    folder = tmp_path / "images"
    for label in range(30):
        for i in range(6):
            save(folder / f"class {label}" / f"{i}.png", 8 * label + i)
        for i in range(label % 4):
            (folder / f"class {label}" / f"{i}.png").write_bytes(b"broken")
    dataset = read_dataset(folder, DatasetSpec(image_size=16, channels=1, max_per_class=3), cache)
    assert values(dataset) == [8 * label + label % 4 + i for label in range(30) for i in range(3)]
    assert len(dataset.skipped) == sum(label % 4 for label in range(30))


def test_a_class_with_only_broken_files_is_dropped(folder, cache):
    (folder / "ant").mkdir()
    (folder / "ant/1.png").write_bytes(b"")
    dataset = read_dataset(folder, SPEC, cache)
    assert dataset.classes == ("cat", "dog") and dataset.labels.tolist() == [0] * 10 + [1] * 5
    assert [skip.path for skip in dataset.skipped] == ["ant/1.png", "ant"]


def test_fewer_than_two_usable_classes_are_refused(folder, cache):
    for path in (folder / "dog").iterdir():
        path.write_bytes(b"hello")
    with pytest.raises(DatasetError, match=r"only one class, “cat”.*5 files could not be read, the first: “dog/1.png”"):
        read_dataset(folder, SPEC, cache)
    assert list(cache.iterdir()) == []


def test_progress_goes_up_to_the_number_of_images(folder, cache):
    (folder / "dog/5.png").write_bytes(b"")
    seen = []
    read_dataset(folder, SPEC, cache, progress=seen.append)
    assert (seen[0].done, seen[0].seconds_left) == (0, None)
    assert (seen[-1].done, seen[-1].total, seen[-1].seconds_left) == (14, 14, 0) and seen[-1].rate > 0
    assert Progress(done=100, total=300, seconds=2.0).rate == 50
    assert Progress(done=100, total=300, seconds=2.0).seconds_left == 4


def test_cancelling_takes_effect_at_once_and_leaves_no_files(folder, cache, monkeypatch):
    reading, release, ended = threading.Event(), threading.Event(), []

    def slow(*_) -> None:
        reading.set()
        release.wait(60)
        ended.append(True)

    monkeypatch.setattr(readers_module, "read_picture", slow)
    with pytest.raises(Cancelled):
        read_dataset(folder, SPEC, cache, cancelled=reading.is_set)
    assert not ended
    release.set()
    assert list(cache.iterdir()) == []


def test_a_file_that_changes_or_disappears_before_it_is_read_is_skipped(folder, cache, monkeypatch):
    read_file = readers_module.read_file

    def too_late(path, size):
        if path.endswith("1.png"):
            save(Path(path), 33, size=(50, 50))
        if path.endswith("2.png"):
            os.unlink(path)
        return read_file(path, size)

    monkeypatch.setattr(readers_module, "read_file", too_late)
    dataset = read_dataset(folder, SPEC, cache)
    assert Counter(skip.reason for skip in dataset.skipped) == {
        "changed while it was read": 2,
        "does not exist, or was deleted": 2,
    }
    assert dataset.counts() == {"cat": 8, "dog": 3}


def test_neither_torch_nor_streamlit_is_imported():
    program = "import sys, cnn.data.dataset; print({'torch', 'streamlit'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert result.stdout.strip() == "set()"
