import errno
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cnn.data import cache as cache_module
from cnn.data.dataset import read_dataset
from cnn.data.listing import DatasetError
from cnn.specs import DatasetSpec
from tests.conftest import needs_any_name
from tests.gray_images import SPEC, count_decoding, save, values


def test_the_second_reading_decodes_nothing(folder, cache, monkeypatch):
    decoded = count_decoding(monkeypatch)
    first = read_dataset(folder, SPEC, cache)
    again = read_dataset(str(folder) + "/", DatasetSpec(16, 1, val_fraction=0.5, seed=3), cache)
    assert len(decoded) == 15 and again.fingerprint == first.fingerprint
    assert (again.images == first.images).all()


def change_content(folder):
    save(folder / "cat/1.png", 77)


def touch(folder):
    os.utime(folder / "cat/1.png", ns=(1, 1))


def add(folder):
    save(folder / "cat/0.png", 50)


def remove(folder):
    (folder / "cat/1.png").unlink()


def rename(folder):
    (folder / "cat/1.png").rename(folder / "dog/0.png")


@pytest.mark.parametrize("change", [change_content, touch, add, remove, rename])
def test_any_change_of_the_files_replaces_the_cached_array(folder, cache, change):
    first = read_dataset(folder, SPEC, cache)
    before = first.images.copy()
    change(folder)
    second = read_dataset(folder, SPEC, cache)
    assert second.fingerprint != first.fingerprint
    assert values(second)[0] == {change_content: 77, touch: 1, add: 50, remove: 2, rename: 2}[change]
    assert (first.images == before).all()  # what is mapped already stays as it was
    assert len(list(cache.glob("*.npy"))) == 1 and len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("paths", ["reversed", [], ["cat/1.png"], [["cat/1.png"], 0], [3], "text", None])
def test_an_outdated_index_changes_nothing(folder, cache, paths):
    first = read_dataset(folder, SPEC, cache)
    (index,) = cache.glob("*.json")
    kept = json.loads(index.read_text())
    paths = kept["paths"][::-1] if paths == "reversed" else paths
    index.write_text(json.dumps(kept | {"paths": paths, "fingerprint": "another"}))
    again = read_dataset(folder, SPEC, cache)
    assert again.paths == first.paths and again.fingerprint == first.fingerprint
    np.testing.assert_array_equal(again.images, first.images)
    np.testing.assert_array_equal(again.labels, first.labels)


def test_each_setting_has_its_own_cached_array(folder, cache, monkeypatch):
    specs = [SPEC, DatasetSpec(20, 1), DatasetSpec(16, 3), DatasetSpec(16, 1, max_per_class=3)]
    shapes = [read_dataset(folder, spec, cache).images.shape for spec in specs]
    assert shapes == [(15, 16, 16, 1), (15, 20, 20, 1), (15, 16, 16, 3), (6, 16, 16, 1)]
    decoded = count_decoding(monkeypatch)
    assert [read_dataset(folder, spec, cache).images.shape for spec in specs] == shapes and not decoded


def truncate_array(cache):
    array = next(cache.glob("*.npy"))
    os.truncate(array, array.stat().st_size - 1)


def empty_array(cache):
    os.truncate(next(cache.glob("*.npy")), 0)


def remove_array(cache):
    next(cache.glob("*.npy")).unlink()


def truncate_index(cache):
    os.truncate(next(cache.glob("*.json")), 100)


def lose_a_row(cache):
    path = next(cache.glob("*.json"))
    index = json.loads(path.read_text())
    for column in (
        index["paths"],
        index["labels"],
        index["splits"],
        index["widths"],
        index["heights"],
        index["hashes"],
    ):
        column.pop()
    path.write_text(json.dumps(index))


def lose_a_hash(cache):
    path = next(cache.glob("*.json"))
    index = json.loads(path.read_text())
    index["hashes"].pop()
    path.write_text(json.dumps(index))


def older_version(cache):
    """The index as it was before it had hashes: a row for each image."""
    path = next(cache.glob("*.json"))
    index = json.loads(path.read_text())
    columns = [index.pop(name) for name in ("paths", "labels", "splits", "widths", "heights")]
    del index["version"], index["hashes"]
    path.write_text(json.dumps(index | {"rows": list(zip(*columns, strict=True))}))


def other_json(cache):
    next(cache.glob("*.json")).write_text("[1, 2]")


DAMAGES = [truncate_array, empty_array, remove_array, truncate_index, lose_a_row, lose_a_hash, other_json]


@pytest.mark.parametrize("damage", [*DAMAGES, older_version])
def test_a_damaged_or_older_cache_is_replaced(folder, cache, damage):
    first = read_dataset(folder, SPEC, cache)
    damage(cache)
    dataset = read_dataset(folder, SPEC, cache)
    assert values(dataset) == [*range(1, 11), *range(101, 106)]
    assert (dataset.paths, dataset.hashes, dataset.fingerprint) == (first.paths, first.hashes, first.fingerprint)
    assert len(list(cache.glob("*.json"))) == 1 and len(list(cache.glob("*.npy"))) in (1, 2)


def test_old_temporary_files_are_removed_and_new_ones_are_not(folder, cache):
    cache.mkdir()
    (cache / "crashed.npy.part").touch()
    os.utime(cache / "crashed.npy.part", (1, 1))
    (cache / "at work.npy.part").touch()
    read_dataset(folder, SPEC, cache)
    assert [path.name for path in cache.glob("*.part")] == ["at work.npy.part"]


def test_a_full_disk_is_explained(folder, cache, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache_module, "_write_header", full)
    with pytest.raises(DatasetError, match="disk is full"):
        read_dataset(folder, SPEC, cache)
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_explained(folder, cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(DatasetError, match="cannot be saved in"):
        read_dataset(folder, SPEC, cache)


def test_several_readers_at_once_get_the_same(folder, cache):
    results = []
    threads = [threading.Thread(target=lambda: results.append(read_dataset(folder, SPEC, cache))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [values(dataset) for dataset in results] == [[*range(1, 11), *range(101, 106)]] * 6


def test_readers_never_see_a_mix_of_versions(tmp_path):
    """One thread writes ever new versions of 1 to 20 images, all of the version's gray; another one reads."""
    cache, shape = tmp_path, (4, 4, 1)

    def write():
        for version in range(1, 200):
            rows = [cache_module.Row(f"{version}", 0, None, 4, 4, "hash")] * (version % 20 + 1)
            decoded = ((row, np.full(shape, version, dtype=np.uint8)) for row in rows)
            cache_module.write_cache(cache, "key", "same", shape, decoded, [], "/images")

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        while not writer.done():
            if found := cache_module.open_cache(cache, "key", cache_module.read_index(cache, "key"), "same", shape):
                assert {str(value) for value in np.unique(found.images)} == set(found.paths)
                assert len(found.images) == len(found.paths) == int(found.paths[0]) % 20 + 1
        writer.result()


def test_the_array_is_a_file_that_numpy_can_load(folder, cache):
    dataset = read_dataset(folder, SPEC, cache)
    assert (np.load(next(cache.glob("*.npy"))) == dataset.images).all()


@needs_any_name
def test_names_that_are_not_utf8_survive_the_cache(tmp_path, cache):
    root = os.fsencode(tmp_path / "images")
    for i, name in enumerate([b"caf\xe9", b"dog"]):
        os.makedirs(os.path.join(root, name))
        save(tmp_path / "new.png", 10 * (i + 1))
        os.rename(tmp_path / "new.png", os.path.join(root, name, b"\xff.png"))
    for _ in range(2):
        dataset = read_dataset(tmp_path / "images", SPEC, cache)
        assert dataset.classes == ("caf\\xe9", "dog") and values(dataset) == [10, 20]
        assert dataset.original(0).exists()
