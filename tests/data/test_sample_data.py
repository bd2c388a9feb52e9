"""The committed sample images are those that the script draws, complete and small enough."""

import pytest
from PIL import Image

from sample_data.draw import DATASETS, FOLDER, encoded, path

SIZE_LIMIT = 10_000_000  # bytes, all datasets together
SMALLEST, LARGEST = 40, 144  # pixels a side


def _some(dataset: str) -> list[tuple[str, int]]:
    """A few images of the dataset: the first of every class, and the last of the last class."""
    module, count = DATASETS[dataset]
    return [*((name, 0) for name in module.CLASSES), (module.CLASSES[-1], count - 1)]


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_script_reproduces_the_committed_files_byte_for_byte(dataset):
    for name, number in _some(dataset):
        committed = path(dataset, name, number).read_bytes()
        assert encoded(dataset, name, number) == committed, f"{name}_{number:03} of {dataset} has changed"


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_class_has_its_folder_and_its_count_of_images(dataset):
    module, count = DATASETS[dataset]
    expected = {path(dataset, name, number) for name in module.CLASSES for number in range(count)}
    assert set((FOLDER / dataset).rglob("*.jpg")) == expected
    assert {folder.name for folder in (FOLDER / dataset).iterdir() if folder.is_dir()} == set(module.CLASSES)


@pytest.mark.parametrize("dataset", DATASETS)
def test_images_are_in_colour_and_of_different_sizes(dataset):
    module, _ = DATASETS[dataset]
    sizes = set()
    for name in module.CLASSES:
        for number in range(20):
            with Image.open(path(dataset, name, number)) as image:
                assert image.mode == "RGB"
                assert all(SMALLEST <= side <= LARGEST for side in image.size)
                sizes.add(image.size)
    assert len(sizes) > 10


def test_no_image_occurs_twice():
    files = [path(dataset, *some) for dataset in DATASETS for some in _some(dataset)]
    assert len({file.read_bytes() for file in files}) == len(files)


def test_all_datasets_together_stay_small():
    assert sum(file.stat().st_size for dataset in DATASETS for file in (FOLDER / dataset).rglob("*.jpg")) < SIZE_LIMIT
