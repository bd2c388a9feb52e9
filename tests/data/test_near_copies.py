"""Copies of images: equal files, and images that were saved again, resized or brightened."""

import io
import time

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from cnn.data.near_copies import blank, find_copies


def photo(seed: int) -> Image.Image:
    """A smooth random picture of 200 x 150, different for every seed."""
    coarse = np.random.default_rng(seed).integers(40, 200, (6, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize((200, 150), Image.Resampling.BICUBIC)


def saved_again(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    return Image.open(file)


CHANGES = {
    "saved again": saved_again,
    "smaller": lambda image: image.resize((90, 70)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "less contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.8),
}


def pixels(images: list[Image.Image], channels: int = 3) -> np.ndarray:
    mode = "L" if channels == 1 else "RGB"
    return np.stack([np.array(image.convert(mode).resize((50, 50))).reshape(50, 50, channels) for image in images])


def names(count: int) -> list[str]:
    return [f"{i:032x}" for i in range(count)]


def pairs_of(copies) -> list[tuple[int, int]]:
    return [tuple(pair) for pair in copies.pairs.tolist()]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_changed_image_is_found_and_no_other(change, channels):
    originals = [photo(seed) for seed in range(30)]
    images = pixels(originals + [change(image) for image in originals[:10]], channels)
    copies = find_copies(images, names(40))
    assert pairs_of(copies) == [(i, 30 + i) for i in range(10)] and not copies.exact.any()


def test_files_of_equal_content_are_exact_copies_whatever_they_show():
    images = pixels([photo(seed) for seed in range(6)])
    hashes = names(6)
    hashes[4] = hashes[1]
    copies = find_copies(images, hashes)
    assert pairs_of(copies) == [(1, 4)] and copies.exact.tolist() == [True]


def test_blank_images_are_found_and_are_no_copies_of_each_other():
    images = pixels([photo(seed) for seed in range(4)])
    images[1], images[3] = 0, (10, 10, 10)
    images[2] = (10, 20, 30)
    assert blank(images).tolist() == [1, 2, 3]
    assert pairs_of(find_copies(images, names(4))) == []


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_images(count):
    images = pixels([photo(seed) for seed in range(2)])[:count]
    assert pairs_of(find_copies(images, names(count))) == [] and blank(images).tolist() == []


def test_a_film_of_thousands_of_nearly_equal_images_takes_no_square_of_the_time():
    images = np.repeat(pixels([photo(0)], 1), 5000, axis=0)
    started = time.monotonic()
    copies = find_copies(images, names(5000))
    assert 5000 <= len(copies.pairs) <= 25_000 and time.monotonic() - started < 30
    assert len(np.unique(copies.pairs)) == 5000
