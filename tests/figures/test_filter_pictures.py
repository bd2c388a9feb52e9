import numpy as np
import pytest

from cnn.figures.filter_pictures import filter_pictures


def test_filters_of_three_channels_are_coloured_pictures_in_which_zero_is_gray():
    weights = np.zeros((1, 3, 1, 3), np.float32)
    weights[0, 0, 0, 0], weights[0, 2, 0, 2] = 2, -2
    assert filter_pictures(weights, True).tolist() == [[[[255, 128, 128], [128, 128, 128], [128, 128, 0]]]]
    assert filter_pictures(np.zeros((1, 3, 1, 1), np.float32), True).tolist() == [[[[128, 128, 128]]]]


def test_the_channels_of_other_filters_lie_side_by_side_with_gaps():
    weights = np.arange(5, dtype=np.float32).reshape(1, 5, 1, 1)
    gap = np.nan
    expected = [[0, gap, 1, gap, 2], [gap] * 5, [3, gap, 4, gap, gap]]
    np.testing.assert_array_equal(filter_pictures(weights, False), [expected])


def test_large_pictures_are_drawn_smaller_with_the_means_of_blocks():
    weights = np.random.default_rng(0).normal(size=(2, 1, 70, 130)).astype(np.float32)
    (_, picture) = filter_pictures(weights, False)
    assert picture.shape == (24, 44)
    assert picture[0, 0] == pytest.approx(weights[1, 0, :3, :3].mean(), abs=1e-6)
    assert picture[23, 43] == pytest.approx(weights[1, 0, 69:, 129:].mean(), abs=1e-6)
