"""The warnings for a dataset, each with the images behind it."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.data.dataset import TEST, TRAIN, VAL
from cnn.training.dataset_warnings import MOST_IMAGES, dataset_warnings


@pytest.fixture
def sound(make_dataset):
    """200 images to train on and 100 held out, without anything to warn of."""
    dataset = make_dataset(train=200, val=100)
    images = np.random.default_rng(3).integers(0, 255, dataset.images.shape, np.uint8)
    return replace(dataset, images=images, paths=tuple(f"{i}.png" for i in range(300)))


def the_warning(dataset):
    (warning,) = dataset_warnings(dataset)
    return warning.text, warning.images


def test_a_sound_dataset_gives_no_warning(sound):
    assert dataset_warnings(sound) == []


def test_the_same_image_in_training_and_held_out(sound):
    images, hashes = sound.images.copy(), list(sound.hashes)
    images[250] = np.clip(images[10].astype(int) + 3, 0, 255)  # a little brighter
    images[260], hashes[260] = images[20], hashes[20]
    images[30] = images[40]  # both to train on
    text, indices = the_warning(replace(sound, images=images, hashes=tuple(hashes)))
    assert text.startswith(
        "2 of the 100 held-out images are also among the training images, 1 exactly and 1 nearly the same."
    )
    assert indices == (10, 250, 20, 260)


def test_the_same_image_in_training_and_test(sound):
    images, splits = sound.images.copy(), sound.splits.copy()
    splits[:20] = TEST
    images[4] = images[100]
    text, indices = the_warning(replace(sound, images=images, splits=splits))
    assert text.startswith("1 of the 20 test images is also among the training images, nearly the same.")
    assert indices == (4, 100)


def test_the_same_image_under_two_labels(sound):
    images = sound.images.copy()
    images[3] = images[10]  # labels alternate
    text, indices = the_warning(replace(sound, images=images))
    assert text.startswith("2 images are in two classes") and indices == (3, 10)


def test_every_copy_of_an_image_that_is_there_many_times_counts(sound):
    """No two classes, and no held-out and training image, need to be neighbours in the list."""
    one = replace(sound, images=sound.images[:1].repeat(300, 0), hashes=sound.hashes[:1] * 300)
    both, classes, repeated = (warning.text for warning in dataset_warnings(one))
    assert both.startswith("100 of the 100 held-out images are also among the training images, as exact copies.")
    assert classes.startswith("300 images are in two classes")
    assert repeated.startswith("These 300 images are all the same.")


def test_many_copies(sound):
    hashes = tuple(sound.hashes[i // 4 * 4 if i < 200 else i] if i % 2 == 0 else sound.hashes[i] for i in range(300))
    text, indices = the_warning(replace(sound, hashes=hashes))
    assert text.startswith("These 300 images are only 250 different ones.") and indices[:4] == (0, 2, 4, 6)


def test_classes_of_very_different_sizes(sound):
    labels = np.zeros(300, np.int64)
    labels[[5, 7, 250]] = 1
    text, indices = the_warning(replace(sound, labels=labels))
    assert "297 images of “class 0”, 3 of “class 1”" in text and "right for 99\xa0%" in text and indices == (5, 7, 250)


def test_classes_of_one_image_each(sound):
    names = tuple(f"person {i}" for i in range(200))
    labels = np.minimum(np.arange(300), 199)  # 199 classes of one image, and one of 101
    text, indices = dataset_warnings(replace(sound, classes=names, labels=labels))[0]
    assert text.startswith("199 of the 200 classes have only one image") and indices == tuple(range(199))
    names, labels = names[:150], np.arange(300) // 2
    assert dataset_warnings(replace(sound, classes=names, labels=labels)) == []


def test_too_few_held_out_images_with_the_interval_of_wilson(sound):
    splits = np.full(300, TRAIN, np.uint8)
    splits[:20] = VAL
    text, indices = the_warning(replace(sound, splits=splits))
    assert "of 20, one image is 5 points. If 16 are right (80\xa0%)" in text and indices == tuple(range(20))
    assert "from 58\xa0% to 92\xa0%" in text  # statsmodels: proportion_confint(16, 20, method="wilson") = 0.584, 0.919
    assert "No images are held out" in the_warning(replace(sound, splits=np.full(300, TRAIN, np.uint8)))[0]


def test_images_of_one_colour(sound):
    images = sound.images.copy()
    images[7] = 255
    assert the_warning(replace(sound, images=images)) == (
        "1 image has the same colour everywhere: there is nothing to see.",
        (7,),
    )
    images[:250] = 0
    text, indices = the_warning(replace(sound, images=images))
    assert text.startswith("250 images have the same colour") and len(indices) == MOST_IMAGES


def test_looking_for_copies_can_be_cancelled(sound):
    def cancel(fraction):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        dataset_warnings(sound, cancel)
