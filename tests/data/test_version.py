"""Dataset versions: saving and loading, and finding the images of a run in a changed folder."""

import gzip
import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cnn.data.dataset import VAL, read_dataset
from cnn.data.listing import DatasetError, UndecidedError
from cnn.data.version import NAME, DatasetVersion, read_version, save_version
from cnn.specs import DatasetSpec
from tests.conftest import draw_images

SPEC = DatasetSpec(image_size=16, channels=1)


@pytest.fixture
def folder(tmp_path):
    """Twelve cats of gray 1-12 and six dogs of gray 101-106."""
    for name, first, count in (("cat", 1, 12), ("dog", 101, 6)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(count):
            Image.new("L", (9, 12), first + i).save(tmp_path / "pets" / name / f"{i}.png")
    return tmp_path / "pets"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def dataset(folder, cache):
    return read_dataset(folder, SPEC, cache)


@pytest.fixture
def version(dataset):
    return DatasetVersion.of(dataset)


def values(dataset) -> list[int]:
    return dataset.images[:, 0, 0, 0].tolist()


def same_images(found, dataset) -> bool:
    """Whether these are the same images, in the same order, with the same classes and the same split."""
    return (
        values(found) == values(dataset)
        and found.images.shape == dataset.images.shape
        and found.images.dtype == np.uint8
        and found.classes == dataset.classes
        and found.hashes == dataset.hashes
        and (found.labels == dataset.labels).all()
        and found.labels.dtype == np.int64
        and (found.splits == dataset.splits).all()
        and found.splits.dtype == np.uint8
        and (found.sizes == dataset.sizes).all()
        and all(found.original(i).is_file() for i in range(len(found.paths)))
    )


# On disk


def test_a_version_survives_saving_and_loading(version, tmp_path):
    version.save(tmp_path / NAME)
    again = DatasetVersion.load(tmp_path / NAME)
    assert again == version and again.id == version.id
    assert [path.name for path in tmp_path.glob("images.json.gz*")] == [NAME]


def test_names_that_are_not_valid_text_survive_saving_and_loading(version, tmp_path):
    odd = replace(version, paths=("cat/\udcff.png", *version.paths[1:]))
    odd.save(tmp_path / NAME)
    assert DatasetVersion.load(tmp_path / NAME) == odd


def test_the_file_is_compact(version, tmp_path):
    many = replace(
        version,
        paths=tuple(f"cat/photo_{i:05}.jpg" for i in range(5000)),
        hashes=tuple(os.urandom(16).hex() for _ in range(5000)),
        labels=(0,) * 5000,
        splits=(0,) * 5000,
    )
    many.save(tmp_path / NAME)
    assert (tmp_path / NAME).stat().st_size < 5000 * 30


def test_the_id_covers_everything_in_the_version(version, cache, folder):
    others = [
        replace(version, image_size=32),
        replace(version, channels=3),
        replace(version, classes=("cat", "wolf")),
        replace(version, paths=("cat/other.png", *version.paths[1:])),
        replace(version, hashes=("0" * 32, *version.hashes[1:])),
        replace(version, labels=(1, *version.labels[1:])),
        replace(version, splits=(1 - version.splits[0], *version.splits[1:])),
    ]
    assert len({other.id for other in [version, *others]}) == 8
    assert DatasetVersion.of(read_dataset(folder, SPEC, cache)).id == version.id
    assert len(version.id) == 32 and int(version.id, 16) >= 0


def as_json(values) -> bytes:
    return gzip.compress(json.dumps(values).encode())


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: b"",
        lambda values: b"not gzip",
        lambda values: as_json(values)[:-20],
        lambda values: as_json([1, 2]),
        lambda values: as_json(values | {"more": 1}),
        lambda values: as_json({name: value for name, value in values.items() if name != "splits"}),
        lambda values: as_json(values | {"paths": values["paths"][1:]}),
        lambda values: as_json(values | {"labels": [7] * 18}),
        lambda values: as_json(values | {"splits": [9] * 18}),
        lambda values: as_json(values | {"hashes": list(range(18))}),
        lambda values: as_json(values | {"labels": "text"}),
    ],
)
def test_a_damaged_file_gives_no_version(version, tmp_path, damage):
    file = tmp_path / NAME
    version.save(file)
    file.write_bytes(damage(json.loads(gzip.decompress(file.read_bytes()))))
    assert DatasetVersion.load(file) is None


def test_a_missing_file_gives_no_version(tmp_path):
    assert DatasetVersion.load(tmp_path / NAME) is None


# The images of a run, in a folder that has changed


def touch(folder):
    os.utime(folder / "cat/1.png", ns=(1, 1))


def add_an_image(folder):
    Image.new("L", (5, 5), 200).save(folder / "cat/00.png")


def add_a_class(folder):
    (folder / "ant").mkdir()
    Image.new("L", (5, 5), 200).save(folder / "ant/1.png")


def rename_an_image(folder):
    (folder / "cat/1.png").rename(folder / "cat/my cat.png")


def swap_two_images(folder):
    (folder / "cat/1.png").rename(folder / "cat/x.png")
    (folder / "cat/2.png").rename(folder / "cat/1.png")
    (folder / "cat/x.png").rename(folder / "cat/2.png")


def rename_a_class(folder):
    (folder / "cat").rename(folder / "zebra")


def move_to_another_class(folder):
    (folder / "cat/1.png").rename(folder / "dog/one of the cats.png")


def change_permissions(folder):
    for path in folder.rglob("*.png"):
        path.chmod(0o600)


def unpack_again(folder):
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy, copy_function=shutil.copyfile)  # new times
    shutil.rmtree(folder)
    copy.rename(folder)


def add_another_file(folder):
    (folder / "cat/notes.txt").write_text("Cats.")


def sort_into_splits(folder):
    for name in ("cat", "dog"):
        (folder / "val" / name).mkdir(parents=True)
        (folder / name / "1.png").rename(folder / "val" / name / "1.png")
        (folder / "train").mkdir(exist_ok=True)
        (folder / name).rename(folder / "train" / name)


CHANGES = [
    *(touch, add_an_image, add_a_class, rename_an_image, swap_two_images, rename_a_class, move_to_another_class),
    *(sort_into_splits, change_permissions, unpack_again, add_another_file),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_finds_its_images_in_its_order_and_its_split(folder, cache, dataset, version, change):
    change(folder)
    now = read_dataset(folder, SPEC, cache)
    found = version.select(now)
    assert same_images(found, dataset) and found.fingerprint == version.id
    assert version.missing(now) == ""


def test_a_folder_may_be_renamed(folder, cache, dataset, version):
    moved = folder.rename(folder.parent / "my pets")
    found = version.select(read_dataset(moved, SPEC, cache))
    assert same_images(found, dataset) and found.original(0) == moved / "cat/0.png"


def test_the_cached_array_is_used_if_nothing_has_changed(dataset, version):
    assert version.select(dataset).images is dataset.images


def test_one_of_two_files_with_the_same_content_is_enough(folder, cache):
    shutil.copy(folder / "cat/1.png", folder / "cat/copy.png")
    before = read_dataset(folder, SPEC, cache)
    (folder / "cat/1.png").unlink()
    found = DatasetVersion.of(before).select(read_dataset(folder, SPEC, cache))
    assert same_images(found, before)


def test_an_image_is_first_searched_at_its_own_path(folder, cache):
    for copy in ("0a.png", "zz.png"):
        shutil.copy(folder / "cat/1.png", folder / "cat" / copy)
    before = read_dataset(folder, SPEC, cache)
    touch(folder)
    add_an_image(folder)
    assert DatasetVersion.of(before).select(read_dataset(folder, SPEC, cache)).paths == before.paths


def test_missing_and_changed_images_are_counted_and_named(folder, cache, version):
    (folder / "dog/2.png").unlink()
    now = read_dataset(folder, SPEC, cache)
    assert version.select(now) is None
    assert version.missing(now) == (
        f"1 of the 18 images of this run has changed or is missing from “{folder}”: “dog/2.png”."
    )
    Image.new("L", (9, 12), 250).save(folder / "cat/10.png")
    now = read_dataset(folder, SPEC, cache)
    assert version.select(now) is None
    assert version.missing(now) == (
        f"2 of the 18 images of this run have changed or are missing from “{folder}”: “cat/10.png”, “dog/2.png”."
    )
    for i in range(6):
        (folder / f"cat/{i}.png").unlink()
    named = "“cat/0.png”, “cat/1.png”, “cat/2.png”, “cat/3.png”, “cat/4.png” and 3 more."
    assert version.missing(read_dataset(folder, SPEC, cache)).endswith(named)


def test_images_of_another_size_are_a_programming_error(folder, cache, version):
    with pytest.raises(ValueError, match="image size or channels"):
        version.select(read_dataset(folder, replace(SPEC, image_size=20), cache))


# Reading for a continued run


def reread(tmp_path, folder, cache, fingerprint, spec=SPEC):
    return read_version(tmp_path / NAME, fingerprint, folder, spec, cache)


@pytest.mark.parametrize("change", CHANGES)
def test_a_continued_run_reads_its_original_images(tmp_path, folder, cache, dataset, change):
    begun = save_version(tmp_path / NAME, dataset)
    change(folder)
    found = reread(tmp_path, folder, cache, begun.fingerprint)
    assert same_images(found, dataset) and found.fingerprint == begun.fingerprint and found.spec == SPEC


def test_images_pushed_beyond_the_limit_by_new_files_are_found(tmp_path, folder, cache):
    spec = replace(SPEC, max_per_class=6)
    begun = save_version(tmp_path / NAME, read_dataset(folder, spec, cache))
    add_an_image(folder)  # it comes first, and the sixth of before is now the seventh
    assert values(read_dataset(folder, spec, cache))[:6] == [1, 200, 2, 3, 4, 5]
    found = reread(tmp_path, folder, cache, begun.fingerprint, spec)
    assert same_images(found, begun) and found.spec == spec


def test_a_run_does_not_continue_if_an_image_is_missing(tmp_path, folder, cache, dataset):
    begun = save_version(tmp_path / NAME, dataset)
    (folder / "cat/3.png").unlink()
    with pytest.raises(DatasetError, match=r"1 of the 18 images .* “cat/3\.png”\. Put the images back, or choose"):
        reread(tmp_path, folder, cache, begun.fingerprint)


def test_a_run_from_before_versions_is_read_if_no_file_has_changed(tmp_path, folder, cache, dataset):
    touch(folder)
    with pytest.raises(DatasetError, match="are not those this run was trained on"):
        reread(tmp_path, folder, cache, dataset.fingerprint)


def test_once_a_run_from_before_versions_has_been_read_its_folder_may_change(tmp_path, folder, cache, dataset):
    found = reread(tmp_path, folder, cache, dataset.fingerprint)
    assert same_images(found, dataset) and found.fingerprint == DatasetVersion.of(dataset).id
    touch(folder)
    moved = folder.rename(folder.parent / "moved")
    assert same_images(reread(tmp_path, moved, cache, dataset.fingerprint), dataset)


def test_a_lost_version_is_recognized_by_its_id(tmp_path, folder, cache, dataset):
    begun = save_version(tmp_path / NAME, dataset)
    (tmp_path / NAME).unlink()
    touch(folder)
    assert same_images(reread(tmp_path, folder, cache, begun.fingerprint), dataset)
    (tmp_path / NAME).unlink()
    add_an_image(folder)
    with pytest.raises(DatasetError, match="are not those this run was trained on"):
        reread(tmp_path, folder, cache, begun.fingerprint)


def test_a_run_split_by_order_keeps_its_split(tmp_path, folder, cache):
    spec = replace(SPEC, split="order")
    begun = save_version(tmp_path / NAME, read_dataset(folder, spec, cache))
    add_an_image(folder)
    assert same_images(reread(tmp_path, folder, cache, begun.fingerprint, spec), begun)
    assert (begun.splits == VAL).sum() == 3


def test_a_run_keeps_images_that_its_folder_would_now_be_read_without(tmp_path, cache):
    """Earlier versions took every folder for a class, also "test", and names in two forms for two classes."""
    folder = draw_images(tmp_path / "images", classes=("test", "owl"))
    begun = save_version(tmp_path / NAME, read_dataset(folder, replace(SPEC, reading="all folders"), cache))
    with pytest.raises(UndecidedError):
        read_dataset(folder, SPEC, cache)
    again = read_version(tmp_path / NAME, begun.fingerprint, folder, SPEC, cache)
    assert (again.paths, again.classes, again.fingerprint) == (begun.paths, ("owl", "test"), begun.fingerprint)
    assert (again.labels == begun.labels).all() and (again.splits == begun.splits).all()

    more = draw_images(tmp_path / "more", classes=("a", "b", "fox"))  # now there are two classes without "test"
    (more / "fox").rename(folder / "fox")
    again = read_version(tmp_path / NAME, begun.fingerprint, folder, SPEC, cache)
    assert again.paths == begun.paths and (again.images == begun.images).all()
