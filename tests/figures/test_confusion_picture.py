from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnn.figures.confusion_picture import MOST_NUMBERED, RIGHT, WRONG, confusion_png


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)))


def has_shade(picture: np.ndarray, color: np.ndarray, strength: float) -> bool:
    expected = np.rint(255 + strength * (color - 255)).astype(int)
    return bool((np.abs(picture.astype(int) - expected) <= 1).all(2).sum() > 100)


def test_the_largest_right_and_wrong_counts_have_the_full_shade():
    picture = opened(confusion_png(["cat", "dog"], np.array([[8, 4], [1, 2]])))
    assert has_shade(picture, RIGHT, 0.35) and has_shade(picture, RIGHT, 0.35 * 2 / 8)
    assert has_shade(picture, WRONG, 0.55) and has_shade(picture, WRONG, 0.55 / 4)
    without_mistakes = opened(confusion_png(["cat", "dog"], np.array([[8, 0], [0, 2]])))
    assert not has_shade(without_mistakes, WRONG, 0.55)


@pytest.mark.parametrize("classes", [1, MOST_NUMBERED, 100])
def test_any_number_of_classes_and_any_names_fit(classes):
    names = [f"a very long name of a class \N{SNOWMAN}\n{i}" for i in range(classes)]
    picture = opened(confusion_png(names, np.zeros((classes, classes), int)))
    assert picture.shape[0] <= 1700 and picture.shape[1] <= 1700 and (picture < 128).any()
