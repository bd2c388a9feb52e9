"""The test whether mirroring changes what images show."""

import numpy as np
import pytest

from cnn.data.dataset import read_dataset
from cnn.data.mirror_test import mirror_test
from cnn.specs import DatasetSpec
from tests.conftest import ROOT

SIDE = 20


def drawn(shape: str, count: int, seed: int) -> np.ndarray:
    """uint8 (count, SIDE, SIDE, 1): a shape of bright strokes, a little different each time."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 60, (count, SIDE, SIDE, 1), np.uint8)
    for image in images:
        top, left = random.integers(2, 5, 2)
        image[top : top + 12, left : left + 3] = 220  # all have a vertical stroke, on the left
        match shape:
            case "b":
                image[top + 7 : top + 12, left : left + 9] = 220
            case "d":  # b, mirrored
                image[top + 7 : top + 12, left : left + 9] = 220
                image[:] = image[:, ::-1]
            case "T":
                image[top : top + 3] = 220
                image[:, :] = np.maximum(image, image[:, ::-1])
            case "bar":
                image[top + 5 : top + 8] = 220
                image[:, :] = np.maximum(image, image[:, ::-1])
    return images


def result(*shapes: str, count: int = 40):
    images = np.concatenate([drawn(shape, count, seed) for seed, shape in enumerate(shapes)])
    labels = np.repeat(np.arange(len(shapes)), count)
    return mirror_test(images, labels, np.arange(len(labels)), shapes)


def test_mirrored_letters_are_other_letters():
    test = result("b", "d")
    assert test.changes_classes
    assert test.overall.as_it_is > 0.95 and test.overall.mirrored < 0.05
    assert "80 training images" in test.sentence


def test_symmetric_shapes_stay_what_they_are():
    test = result("T", "bar")
    assert not test.changes_classes
    assert test.overall.as_it_is > 0.95 and test.overall.mirrored > 0.95
    assert "(class" not in test.sentence


def test_one_class_that_changes_is_enough():
    test = result("b", "d", *["T", "bar"] * 10)
    assert test.overall.lost < 0.1 * test.overall.images
    assert test.changes_classes and test.worst in ("b", "d")
    assert f"class {test.worst}" in test.sentence


def test_chance_is_no_reason():
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 256, (300, 16, 16, 3), np.uint8), random.integers(0, 2, 300)
    test = mirror_test(images, labels, np.arange(300), ("cat", "dog"))
    assert 0.35 < test.overall.mirrored < 0.65 and not test.changes_classes


def test_only_the_chosen_images_count():
    images = np.concatenate([drawn(shape, 40, seed) for seed, shape in enumerate("bd")])
    half = np.arange(0, 80, 2)
    test = mirror_test(images, np.repeat([0, 1], 40), half, ("b", "d"))
    assert test.overall.images == 40 and list(test.classes) == ["b", "d"]
    assert mirror_test(images, np.repeat([0, 1], 40), half[:1], ("b", "d")) is None


def test_images_of_one_colour_are_tested_too():
    test = mirror_test(np.full((6, 50, 50, 1), 255, np.uint8), np.arange(6) % 2, np.arange(6), ("a", "b"))
    assert test.overall.images == 6 and not test.changes_classes


@pytest.mark.parametrize(("name", "changes"), [("digits", True), ("shapes", False), ("cats_dogs", False)])
def test_the_sample_data(tmp_path, name, changes):
    dataset = read_dataset(ROOT / "sample_data" / name, DatasetSpec(max_per_class=100), tmp_path)
    test = mirror_test(dataset.images, dataset.labels, dataset.train, dataset.classes)
    assert test.changes_classes == changes, test.sentence
