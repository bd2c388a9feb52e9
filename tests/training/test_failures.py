import numpy as np

from cnn.training.chance import fisher_test
from cnn.training.failures import differences, ranges, unlike_training


def test_what_wrong_images_have_in_common_is_found_and_counted():
    training = {"brightness": np.linspace(0, 1, 101), "size": np.full(101, 50.0)}
    right = np.array([True] * 10 + [False] * 8)
    judged = {"brightness": np.r_[np.full(9, 0.5), 0.99, np.full(7, 0.97), 0.5], "size": np.full(18, 50.0)}
    found = ranges(training, judged, right)
    assert found[0]._replace(low=0, high=1) == ("brightness", 0, 0.5, 1, 0.5, 0.97)
    (one,) = differences(found, judged, right)
    assert (one.name, one.is_high, one.wrong, one.of_wrong, one.right, one.of_right) == (
        "brightness",
        True,
        7,
        8,
        1,
        10,
    )
    assert one.chance == fisher_test(7, 8, 1, 10) < 0.01


def test_what_right_images_have_more_often_and_what_may_be_chance_is_not_named():
    training = {"brightness": np.linspace(0, 1, 101)}
    right = np.array([True] * 8 + [False] * 8)
    for dark in (np.r_[np.zeros(8), np.full(8, 0.5)], np.r_[np.full(8, 0.5), np.zeros(2), np.full(6, 0.5)]):
        assert differences(ranges(training, {"brightness": dark}, right), {"brightness": dark}, right) == ()
    all_right = np.full(3, True)
    (found,) = ranges(training, {"brightness": np.zeros(3)}, all_right)
    assert found.wrong is None and differences([found], {"brightness": np.zeros(3)}, all_right) == ()


def test_properties_in_which_most_images_are_unlike_the_training_images_are_counted():
    training = {"brightness": np.linspace(0, 1, 101), "size": np.linspace(10, 20, 101)}
    judged = {"brightness": np.array([0.5, 0.6, 0.99, 0.01]), "size": np.array([30, 40, 50, 15.0])}
    found = ranges(training, judged, np.array([True, False, True, False]))
    assert unlike_training(found, judged) == (("size", True, 3, 4),)
