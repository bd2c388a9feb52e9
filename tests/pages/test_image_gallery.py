"""Which images the gallery shows, in which order, and what it says about each."""

from types import SimpleNamespace

import numpy as np
import pytest

from cnn.training.evaluation import Predictions
from pages.shared.inside.image_gallery import Filters, answer_in_words, matching

CLASSES = ("cat", "dog")
# By image: a cat called dog, a sure cat, an unsure dog, a dog called cat.
LOGITS = np.array([[0, 2], [3, 0], [0, 0.1], [1, 0]], np.float32)
LABELS = np.array([0, 0, 1, 1])


@pytest.fixture
def dataset():
    return SimpleNamespace(classes=CLASSES, paths=("cat/a.png", "cat/b.png", "dog/Black.png", "dog/c.png"))


@pytest.fixture
def predictions():
    return Predictions(LOGITS, LABELS, np.arange(4), 4)


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        ({}, [0, 1, 2, 3]),
        ({"name": "dog"}, [2, 3]),
        ({"which": "wrong ones"}, [0, 3]),
        ({"which": "right ones"}, [1, 2]),
        ({"find": "BLACK"}, [2]),
        ({"name": "cat", "which": "right ones", "find": "nothing"}, []),
        ({"order": "worst first"}, [0, 3, 2, 1]),
        ({"order": "best first"}, [1, 2, 3, 0]),
    ],
)
def test_the_images_that_match_are_shown_in_order(dataset, predictions, chosen, rows):
    filters = Filters("held-out", "", "all", "as in the folder", "")._replace(**chosen)
    assert matching(dataset, predictions, filters).tolist() == rows


def test_each_image_says_what_it_is_and_what_the_network_calls_it(predictions):
    said = [answer_in_words(CLASSES, predictions, row).replace("\N{NO-BREAK SPACE}", " ") for row in range(4)]
    assert said == ["cat, called dog 88 %", "cat ✓ 95 %", "dog ✓ 52 %", "dog, called cat 73 %"]


def test_a_typical_image_is_right_with_the_median_confidence(predictions):
    assert predictions.typical == 2  # of the two right ones, the lower
    wrong = Predictions(LOGITS[[0, 3]], LABELS[[0, 3]], np.arange(2), 2)
    assert wrong.typical == 1  # none is right: the median of all
