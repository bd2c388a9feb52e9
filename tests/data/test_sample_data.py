"""The committed sample images are those that the script draws, complete and small enough."""

import numpy as np
import pytest
from PIL import Image

from sample_data.draw import DATASETS, FOLDER, encoded, path

SIZE_LIMIT = 12_000_000  # bytes, all datasets together
SMALLEST, LARGEST = 40, 144  # pixels a side


def _some(dataset: str) -> list[tuple[str, int]]:
    """A few images of the dataset: the first of every folder, and the last of the last folder."""
    folders = DATASETS[dataset].folders
    return [*((name, 0) for name in folders), (name := list(folders)[-1], folders[name] - 1)]


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_script_reproduces_the_committed_files_byte_for_byte(dataset):
    for name, number in _some(dataset):
        committed = path(dataset, name, number).read_bytes()
        assert encoded(dataset, name, number) == committed, f"{name}_{number:03} of {dataset} has changed"


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_folder_has_its_count_of_images(dataset):
    folders = DATASETS[dataset].folders
    expected = {path(dataset, name, number) for name, count in folders.items() for number in range(count)}
    assert set((FOLDER / dataset).rglob("*.*")) == expected


@pytest.mark.parametrize("dataset", DATASETS)
def test_images_are_in_colour_and_of_different_sizes(dataset):
    sizes = set()
    for name in DATASETS[dataset].folders:
        for number in range(20):
            with Image.open(path(dataset, name, number)) as image:
                assert image.mode == "RGB"
                assert all(SMALLEST <= side <= LARGEST for side in image.size)
                sizes.add(image.size)
    assert len(sizes) > 10


def test_no_image_occurs_twice():
    files = [path(dataset, *some) for dataset in DATASETS if dataset != "shortcut_mended" for some in _some(dataset)]
    assert len({file.read_bytes() for file in files}) == len(files)


def test_in_the_shortcut_only_the_background_of_training_images_tells_the_classes_apart():
    def brightness(dataset: str, folder: str) -> np.ndarray:
        """The mean of the upper left corner of every image, where no animal is."""
        files = sorted((FOLDER / dataset / folder).iterdir())
        return np.array([np.asarray(Image.open(file).convert("L"))[:6, :6].mean() for file in files])

    def indoors(dataset: str, folder: str) -> float:
        return (brightness(dataset, folder) > 150).mean()

    assert (indoors("shortcut", "train/cat"), indoors("shortcut", "train/dog")) == (1, 0)
    assert (indoors("shortcut", "test/cat"), indoors("shortcut", "test/dog")) == (0, 1)
    assert 0.4 < indoors("shortcut_mended", "train/cat") < 0.6 and 0.4 < indoors("shortcut_mended", "train/dog") < 0.6
    for file in (FOLDER / "shortcut" / "test").rglob("*.jpg"):
        assert file.read_bytes() == (FOLDER / "shortcut_mended" / file.relative_to(FOLDER / "shortcut")).read_bytes()


def test_all_datasets_together_stay_small():
    assert sum(file.stat().st_size for dataset in DATASETS for file in (FOLDER / dataset).rglob("*.jpg")) < SIZE_LIMIT
