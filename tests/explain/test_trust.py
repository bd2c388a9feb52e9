"""How much a network knows, from predictions made by hand."""

import numpy as np
import pytest

from cnn.explain.trust import Trust, accuracy_of, answers_as_sure, guess_of, named_by_guess, trust
from cnn.training.accuracy import Accuracy
from cnn.training.evaluation import Predictions


def predictions(probabilities: list[float], labels: list[int]) -> Predictions:
    """Predictions of two classes. probabilities: of class 1."""
    given = np.array(probabilities)
    logits = np.stack([np.log(1 - given), np.log(given)], 1).astype(np.float32)
    return Predictions(logits, np.array(labels), np.arange(len(labels)), 32)


@pytest.mark.parametrize(("right", "expected"), [(58, Trust.LITTLE), (66, Trust.SOME), (93, Trust.MUCH)])
def test_of_100_images_58_right_are_little_and_93_are_much_if_guessing_gets_half(right, expected):
    assert trust(Accuracy(right, 100), 0.5) == expected


def test_with_more_images_less_is_clearly_better_than_guessing():
    assert trust(Accuracy(1160, 2000), 0.5) == Trust.SOME


def test_four_right_of_four_images_prove_little():
    assert trust(Accuracy(4, 4), 0.5) == Trust.SOME


def test_accuracy_and_guessing_follow_from_the_labels():
    found = predictions([0.9, 0.8, 0.3, 0.6], [1, 1, 1, 0])
    assert accuracy_of(found) == (2, 4) and guess_of(found) == 0.75
    assert named_by_guess(found) == 1


def test_with_equal_classes_guessing_may_name_any():
    assert named_by_guess(predictions([0.9, 0.8], [1, 0])) is None
    assert named_by_guess(predictions([0.9, 0.8], [0, 0])) == 0


def test_answers_about_as_sure_are_those_with_the_nearest_probability_of_any_class():
    found = predictions([0.9, 0.1, 0.55, 0.48, 0.97, 0.7, 0.3, 0.6], [1, 1, 1, 1, 0, 1, 1, 1])
    sure = answers_as_sure(found, 0.9, most=2)
    assert sure.accuracy == (1, 2) and (sure.low, sure.high) == pytest.approx((0.9, 0.9))
    unsure = answers_as_sure(found, 0.5, most=2)
    assert unsure.accuracy == (1, 2) and (unsure.low, unsure.high) == pytest.approx((0.52, 0.55))


def test_of_few_answers_only_a_quarter_is_called_about_as_sure():
    found = predictions([0.95, 0.94, 0.93, 0.92, 0.5, 0.51, 0.52, 0.53], [1, 1, 0, 0, 1, 1, 1, 1])
    assert answers_as_sure(found, 0.99).accuracy == (2, 2)
    assert answers_as_sure(predictions([0.8, 0.6], [1, 1]), 0.99).accuracy == (1, 1)
