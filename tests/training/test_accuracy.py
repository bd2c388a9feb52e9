import numpy as np
import pytest

from cnn.training.accuracy import Accuracy, guessing, guessing_loss, sign_test


@pytest.mark.parametrize(
    ("right", "images", "low", "high"),
    # Against the tables of Newcombe 1998, "Two-sided confidence intervals for the single proportion", method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_wilson(right, images, low, high):
    assert Accuracy(right, images).interval == pytest.approx((low, high), abs=5e-5)


def test_an_interval_stays_within_0_and_1():
    assert Accuracy(5, 5).interval[1] == 1 and Accuracy(0, 5).interval[0] == 0


def test_better_means_that_the_whole_interval_is():
    assert Accuracy(140, 200).is_better_than(0.5) and not Accuracy(110, 200).is_better_than(0.5)


def test_guessing_names_the_largest_class():
    assert guessing([10, 30, 20]) == 0.5


def test_the_loss_of_guessing_is_that_of_answering_with_the_shares_of_the_classes():
    assert guessing_loss([7, 7, 7, 7]) == pytest.approx(np.log(4))
    labels = np.repeat([0, 1], [90, 30])
    answer = np.array([0.75, 0.25])
    assert guessing_loss([90, 30, 0]) == pytest.approx(-np.log(answer[labels]).mean())


@pytest.mark.parametrize(
    ("lost", "won", "chance"),
    [(0, 0, 1), (4, 4, 1), (0, 1, 1), (0, 5, 0.0625), (8, 1, 0.0390625), (1, 9, 0.021484375), (0, 2000, 0)],
)
def test_the_sign_test_counts_how_often_a_coin_falls_as_unevenly(lost, won, chance):
    assert sign_test(lost, won) == pytest.approx(chance)  # such as 2 * (1 + 9) / 2**9 = 0.0390625
