"""Published sets: the same images in every format, their own test images, and what is wrong with damaged ones."""

import gzip
import shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cnn.data.dataset import TEST, TRAIN, VAL, read_dataset
from cnn.data.images import read_image
from cnn.data.listing import DatasetError, UndecidedError, folder_readings, list_images
from cnn.data.version import NAME, DatasetVersion, read_version, save_version
from cnn.errors import Cancelled
from cnn.specs import DatasetSpec
from tests import published
from tests.published import cifar_10, digits, idx, write_archive, write_binary, write_idx, write_npz, write_pickles

GRAY = DatasetSpec(image_size=16, channels=1)
COLOUR = DatasetSpec(image_size=16, channels=3)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def mnist_folders(tmp_path, made) -> list:
    return [
        write_idx(tmp_path / "a" / "MNIST" / "raw", made).parent.parent,
        write_idx(tmp_path / "b" / "mnist", made, packed=True).parent,
        write_npz(tmp_path / "c" / "datasets" / "mnist.npz", made),
    ]


def cifar_folders(tmp_path, made) -> list:
    pickles = write_pickles(tmp_path / "a" / "cifar-10-batches-py", made)
    binary = write_binary(tmp_path / "b" / "cifar-10-batches-bin", made)
    return [
        pickles.parent,
        binary.parent,
        write_pickles(tmp_path / "c" / "cifar-10-batches-py-target" / "cifar-10-batches-py", made, published.python_3),
        write_archive(tmp_path / "d" / "cifar-10-python.tar.gz", pickles),
        write_archive(tmp_path / "e" / "cifar-10-binary.tar.gz", binary),
    ]


# What a set gives


def test_mnist_is_the_same_dataset_in_every_format(tmp_path, cache):
    made = digits()
    datasets = [read_dataset(folder, GRAY, cache) for folder in mnist_folders(tmp_path, made)]
    assert len({DatasetVersion.of(dataset).id for dataset in datasets}) == 1
    assert all((dataset.images == datasets[0].images).all() for dataset in datasets)
    assert datasets[0].classes == tuple("0123456789") and datasets[0].val_is_test


def test_cifar_is_the_same_dataset_in_every_format(tmp_path, cache):
    datasets = [read_dataset(folder, COLOUR, cache) for folder in cifar_folders(tmp_path, cifar_10())]
    assert len({DatasetVersion.of(dataset).id for dataset in datasets}) == 1
    assert all((dataset.images == datasets[0].images).all() for dataset in datasets)
    assert datasets[0].classes == published.NAMES


@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_is_what_a_png_of_it_would_be(tmp_path, cache, channels):
    made = cifar_10()
    spec = replace(COLOUR, channels=channels)
    dataset = read_dataset(write_pickles(tmp_path / "cifar", made), spec, cache)
    images = np.concatenate([images for images, _ in made.values()])
    for i in (0, 37, len(dataset.paths) - 1):
        _, split, number = dataset.paths[i].split("/")
        picture = images[int(number) + (100 if split == "test" else 0)]
        Image.fromarray(picture).save(tmp_path / "x.png")
        assert (dataset.images[i] == read_image(tmp_path / "x.png", 16, channels)[0]).all()
        assert (read_image(dataset.original(i), None, 3)[0] == picture).all()
    assert (dataset.sizes == 32).all()


def test_labels_belong_to_their_images(tmp_path, cache):
    made = digits(train=2100, side=16)  # more than are read at once
    dataset = read_dataset(write_npz(tmp_path / "mnist.npz", made), GRAY, cache)
    for split, part in (("train", [TRAIN, VAL]), ("test", [TEST])):
        expected = Counter(zip(map(bytes, made[split][0]), made[split][1].tolist(), strict=True))
        found = np.flatnonzero(np.isin(dataset.splits, part))
        labels = dataset.labels[found].tolist()
        assert Counter(zip(map(bytes, dataset.images[found]), labels, strict=True)) == expected


def test_test_images_are_those_of_the_set_and_held_out_ones_are_drawn_from_the_rest(tmp_path, cache):
    dataset = read_dataset(write_idx(tmp_path / "mnist", digits(400, 50)), GRAY, cache)
    assert {path.split("/")[1] for i, path in enumerate(dataset.paths) if dataset.splits[i] == TEST} == {"test"}
    assert {path.split("/")[1] for i, path in enumerate(dataset.paths) if dataset.splits[i] != TEST} == {"train"}
    assert sum(dataset.counts(TEST).values()) == 50 and 50 < len(dataset.val) < 110
    assert all(dataset.counts(VAL).values())


def test_a_limit_takes_the_first_of_each_class_and_reads_no_others(tmp_path, cache):
    dataset = read_dataset(write_idx(tmp_path / "mnist", digits(400, 100)), replace(GRAY, max_per_class=10), cache)
    numbers = sorted(int(path[-5:]) for path in dataset.paths if "train" in path)
    assert set(dataset.counts().values()) == {10} and numbers == list(range(80))  # 8 of 10 are training images


def test_chosen_classes(tmp_path, cache):
    folder = write_pickles(tmp_path / "cifar", cifar_10())
    dataset = read_dataset(folder, replace(COLOUR, classes=("truck", "cat", "dog")), cache)
    assert dataset.classes == ("cat", "dog", "truck") and dataset.offered == published.NAMES
    assert dataset.counts() == {"cat": 13, "dog": 13, "truck": 13}


def test_cifar_100_has_the_fine_labels_and_the_coarse_ones_as_another_reading(tmp_path, cache):
    names = [f"thing {i:02d}" for i in range(100)]
    images = np.random.default_rng(1).integers(0, 256, (200, 32, 32, 3)).astype(np.uint8)
    fine, coarse = np.arange(200) % 100, np.arange(200) % 20
    python, binary = tmp_path / "a" / "cifar-100-python", tmp_path / "b" / "cifar-100-binary"
    for folder in (python, binary):
        folder.mkdir(parents=True)
    values = {"data": published.planar(images), "fine_labels": fine.tolist(), "coarse_labels": coarse.tolist()}
    columns = np.column_stack([coarse, fine]).astype(np.uint8)
    for name in ("train", "test"):
        (python / name).write_bytes(published.python_2(values))
        (binary / f"{name}.bin").write_bytes(np.hstack([columns, published.planar(images)]).tobytes())
    kinds = [f"kind {i:02d}" for i in range(20)]
    (python / "meta").write_bytes(published.python_2({"fine_label_names": names, "coarse_label_names": kinds}))
    (binary / "fine_label_names.txt").write_text("\n".join(names))
    (binary / "coarse_label_names.txt").write_text("\n".join(kinds))
    datasets = [read_dataset(folder.parent, COLOUR, cache) for folder in (python, binary)]
    assert len({DatasetVersion.of(dataset).id for dataset in datasets}) == 1
    assert datasets[0].reading == "CIFAR-100" and datasets[0].classes == tuple(names)
    packed = published.write_archive(tmp_path / "c" / "cifar-100-python.tar.gz", python)
    for folder in (python, binary, packed):
        assert [one.name for one in folder_readings(folder)] == ["CIFAR-100", "CIFAR-100 coarse"]
        found = read_dataset(folder, replace(COLOUR, reading="CIFAR-100 coarse"), cache)
        assert found.classes == tuple(kinds) and found.counts() == dict.fromkeys(kinds, 20)
        rows = [int(path.rpartition("/")[2]) for path in found.paths]
        assert (found.labels == coarse[rows]).all()
        assert (found.images[0] == read_dataset(folder, COLOUR, cache).images[0]).all()


def test_cifar_100_without_coarse_labels_has_one_reading(tmp_path):
    images = np.zeros((4, 32, 32, 3), np.uint8)
    for name in ("train", "test"):
        values = {"data": published.planar(images), "fine_labels": [0, 1, 0, 1]}
        (tmp_path / name).write_bytes(published.python_2(values))
    assert [one.name for one in folder_readings(tmp_path)] == ["CIFAR-100"]


def test_which_of_the_sets_like_mnist(tmp_path):
    made = digits()
    assert list_images(write_idx(tmp_path / "fashion-mnist", made, packed=True)).reading == "Fashion-MNIST"
    assert "Ankle boot" in list_images(tmp_path / "fashion-mnist").classes
    made["train"][1][:10] = (9, 0, 0, 3, 0, 2, 7, 2, 5, 5)  # as Fashion-MNIST begins
    assert list_images(write_idx(tmp_path / "mnist", made)).reading == "Fashion-MNIST"
    letters = list_images(write_idx(tmp_path / "KMNIST" / "raw", digits(classes=12)))
    assert letters.reading == "KMNIST" and letters.classes == tuple(map(str, range(12)))


def test_classes_without_images_are_left_out(tmp_path):
    found = list_images(write_idx(tmp_path / "mnist", digits(classes=3)))
    assert found.classes == ("0", "1", "2")


# Several sets, or a set beside images


def test_a_folder_of_several_sets_is_asked_about(tmp_path, cache):
    root = write_npz(tmp_path / "mnist.npz", digits())
    write_archive(root / "cifar-10-batches-py.tar.gz", write_pickles(tmp_path.parent / "cifar", cifar_10()))
    with pytest.raises(UndecidedError, match="“CIFAR-10” and “MNIST”"):
        list_images(root)
    assert {one.name: sum(one.counts.values()) for one in folder_readings(root)} == {"MNIST": 60, "CIFAR-10": 130}
    assert read_dataset(root, replace(COLOUR, reading="CIFAR-10"), cache).classes == published.NAMES


def test_copies_of_one_set_are_one_set(tmp_path):
    made = digits()
    for folder in mnist_folders(tmp_path, made):
        assert folder.is_relative_to(tmp_path)
    assert [one.name for one in folder_readings(tmp_path)] == ["MNIST"]


def test_different_sets_of_one_name_have_two_names(tmp_path):
    write_idx(tmp_path / "a" / "mnist", digits())
    write_idx(tmp_path / "b" / "mnist", digits(50))
    assert len({one.name for one in folder_readings(tmp_path)}) == 2


def test_a_set_beside_class_folders_is_asked_about(tmp_path):
    write_npz(tmp_path / "mnist.npz", digits())
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        Image.new("L", (9, 9)).save(tmp_path / name / "1.png")
    with pytest.raises(UndecidedError, match="“MNIST” and other images"):
        list_images(tmp_path)


def test_other_arrays_are_no_set(tmp_path):
    np.savez(tmp_path / "weights.npz", w=np.zeros(3))
    (tmp_path / "train").write_text("some notes")
    with pytest.raises(DatasetError, match="no images"):
        list_images(tmp_path)


# Runs


def test_a_run_finds_its_images_in_another_format_and_beside_another_set(tmp_path, cache):
    made, spec = digits(), replace(GRAY, max_per_class=3)
    first = write_idx(tmp_path / "first" / "mnist", made).parent
    begun = save_version(tmp_path / NAME, read_dataset(first, spec, cache))
    second = write_npz(tmp_path / "second" / "mnist.npz", made)
    write_pickles(second / "cifar-10-batches-py", cifar_10())
    found = read_version(tmp_path / NAME, begun.fingerprint, second, spec, cache)
    assert (found.images == begun.images).all() and (found.splits == begun.splits).all()
    assert found.paths == begun.paths and read_image(found.original(0), None, 1)[1] == (9, 9)


def test_a_run_whose_set_is_gone(tmp_path, cache):
    folder = write_idx(tmp_path / "sets" / "mnist", digits()).parent
    begun = save_version(tmp_path / NAME, read_dataset(folder, GRAY, cache))
    shutil.rmtree(folder / "mnist")
    write_npz(folder / "mnist.npz", digits(50))
    with pytest.raises(DatasetError, match=r"of the 60 images of this run have changed.*MNIST/train/00000"):
        read_version(tmp_path / NAME, begun.fingerprint, folder, GRAY, cache)


def test_progress_and_cancelling(tmp_path, cache):
    folder, seen = write_idx(tmp_path / "mnist", digits()), []
    read_dataset(folder, GRAY, cache, seen.append)
    assert (seen[-1].done, seen[-1].total) == (60, 60)
    with pytest.raises(Cancelled):
        read_dataset(folder, replace(GRAY, image_size=17), cache, cancelled=lambda: True)


# Damage


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"train-images-idx3-ubyte": idx(np.zeros((40, 9, 9), np.uint8))[:-1]}, "“train-images.*its end is missing"),
        ({"train-labels-idx1-ubyte": idx(np.zeros(40, np.uint8))[:-1]}, "“train-labels.*its end is missing"),
        ({"train-images-idx3-ubyte": idx(np.zeros((39, 9, 9), np.uint8))}, "39 images, but .* has 40 labels"),
        ({"train-images-idx3-ubyte": b"\0\0\x0d\x03" + bytes(4000)}, "begins with the number 2051, not 3331"),
        ({"train-images-idx3-ubyte": b""}, "its end is missing"),
        ({"train-labels-idx1-ubyte": idx(np.full(40, 200, np.uint8))}, "label 200, but MNIST has 10 classes"),
        ({"train-labels-idx1-ubyte": idx(np.zeros(40, np.uint8))}, "fewer than two classes"),
        ({"train-labels-idx1-ubyte": None}, "no file of labels beside it"),
        ({"train-images-idx3-ubyte": None, "train-labels-idx1-ubyte": None}, "no training images beside it"),
        ({"t10k-images-idx3-ubyte": idx(np.zeros((20, 8, 9), np.uint8))}, "9 × 8 pixels"),
        ({"train-images-idx3-ubyte": b"\0\0\x08\x03" + b"\xff" * 12}, "images, but"),
        ({"train-labels-idx1-ubyte": b"\0\0\x08\x01" + b"\xff" * 4}, "too much for a published set"),
    ],
)
def test_damaged_idx_files(tmp_path, files, sentence):
    folder = write_idx(tmp_path / "mnist", digits())
    for name, data in files.items():
        if data is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(data)
    with pytest.raises(DatasetError, match=sentence) as found:
        list_images(folder)
    assert str(found.value).endswith(".")


@pytest.mark.parametrize("cut", [10, 200, 2000])
def test_a_packed_file_that_is_cut_short(tmp_path, cache, cut):
    folder = write_idx(tmp_path / "mnist", digits(), packed=True)
    file = folder / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DatasetError, match=r"“train-images-idx3-ubyte\.gz” is damaged"):
        read_dataset(folder, GRAY, cache)


def test_a_packed_file_without_its_ending(tmp_path, cache):
    folder = write_idx(tmp_path / "mnist", digits(400), packed=True)
    for file in folder.iterdir():
        file.rename(file.with_suffix(""))
    assert len(read_dataset(folder, GRAY, cache).labels) == 420


def test_a_packed_file_that_is_not_packed_well(tmp_path, cache):
    folder = write_idx(tmp_path / "mnist", digits(), packed=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"<html>not found</html>"))
    with pytest.raises(DatasetError, match="is damaged"):
        list_images(folder)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x_train": np.zeros((40, 9, 9), np.float32)}, "does not hold whole numbers"),
        ({"x_train": np.zeros((40, 9, 9), np.int64)}, "images are uint8"),
        ({"x_train": np.zeros((40, 81), np.uint8)}, "images are uint8"),
        ({"x_train": np.zeros((40, 9, 9, 2), np.uint8)}, "not to be expected"),
        ({"x_train": np.zeros((39, 9, 9), np.uint8)}, "39 images, but 40 labels"),
        ({"y_train": np.zeros((40, 10), np.uint8)}, "instead of labels"),
        ({"y_train": np.arange(40) * 10**12}, "at most 1,000 classes are possible"),
        ({"y_train": np.array([{}] * 40)}, "does not hold whole numbers"),
        ({"y_train": np.arange(40) % 10 - 1}, "has the label -1"),
    ],
)
def test_damaged_npz_files(tmp_path, arrays, sentence):
    made = {"x_train": np.zeros((40, 9, 9), np.uint8), "y_train": np.arange(40) % 10}
    np.savez(tmp_path / "mnist.npz", **made | arrays)
    with pytest.raises(DatasetError, match=sentence):
        list_images(tmp_path)


def test_an_npz_that_is_cut_short(tmp_path):
    folder = write_npz(tmp_path / "mnist.npz", digits())
    (folder / "mnist.npz").write_bytes((folder / "mnist.npz").read_bytes()[:-30])
    with pytest.raises(DatasetError, match=r"“mnist\.npz” is damaged"):
        list_images(folder)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda made: made.update(labels=made["labels"][1:]), "19 labels"),
        (lambda made: made["labels"].__setitem__(3, 10), "label 10, but CIFAR-10 has 10 classes"),
        (lambda made: made["labels"].__setitem__(3, -5), "label -1"),
        (lambda made: made["labels"].__setitem__(3, "x"), "does not hold"),
        (lambda made: made.pop("labels"), "does not hold"),
        (lambda made: made.update(data=made["data"].astype(np.float32)), "f4"),
        (lambda made: made.update(data=np.asfortranarray(made["data"])), "u1"),
        (lambda made: made.update(data="text"), "does not hold"),
    ],
)
def test_cifar_pickles_with_wrong_contents(tmp_path, change, sentence):
    folder = write_pickles(tmp_path / "cifar", cifar_10())
    images, labels = cifar_10()["data_batch_2"]
    values = {"labels": labels.tolist(), "data": published.planar(images)}
    change(values)
    (folder / "data_batch_2").write_bytes(published.python_2(values))
    with pytest.raises(DatasetError, match=sentence):
        list_images(folder)


def test_binary_files_that_are_cut_short(tmp_path):
    folder = write_binary(tmp_path / "cifar", cifar_10())
    (folder / "test_batch.bin").write_bytes((folder / "test_batch.bin").read_bytes()[:-1])
    with pytest.raises(DatasetError, match=r"“test_batch\.bin”.*not 3,073 for each image"):
        list_images(folder)


@pytest.mark.parametrize("part", [0.05, 0.5, 0.99])
def test_archives_that_are_cut_short(tmp_path, part):
    folder = write_archive(tmp_path / "x" / "cifar-10.tar.gz", write_pickles(tmp_path / "cifar", cifar_10()))
    data = (folder / "cifar-10.tar.gz").read_bytes()
    (folder / "cifar-10.tar.gz").write_bytes(data[: int(part * len(data))])
    with pytest.raises(DatasetError, match=r"“cifar-10\.tar\.gz” is damaged"):
        list_images(folder)


def test_missing_batches_are_told(tmp_path):
    folder = write_pickles(tmp_path / "cifar", cifar_10())
    (folder / "data_batch_4").unlink()
    assert "Only 4 of the 5 files of training images are there." in list_images(folder).read_as
