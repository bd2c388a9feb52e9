"""Where an attribution points, against sums by hand."""

import numpy as np
import pytest

from cnn.explain.attribution import Attribution
from cnn.explain.pointing import overlap, raising, strongest

VALUES = np.array([[4, 0, 1], [2, 2, 1]], np.float32)


def test_of_a_signed_attribution_only_what_raises_the_score_counts():
    assert raising(Attribution(np.array([[-3.0, 2.0]], np.float32), signed=True)).tolist() == [[0, 2]]


def test_the_strongest_pixels_are_the_largest_and_ties_go_in_reading_order():
    assert strongest(VALUES, 0.5).astype(int).tolist() == [[1, 0, 0], [1, 1, 0]]
    assert strongest(VALUES, 0.35).astype(int).tolist() == [[1, 0, 0], [1, 0, 0]]
    assert strongest(VALUES, 0.01).sum() == 1


def test_pixels_without_a_value_are_never_among_the_strongest():
    assert strongest(VALUES, 1).sum() == 5
    assert not strongest(-VALUES, 1).any()


def test_the_overlap_is_the_share_of_the_sum_in_the_mark():
    mark = np.array([[True, True, False], [False, False, False]])
    found = overlap(VALUES, mark)
    assert found == pytest.approx((4 / 10, 2 / 6))
    assert found.times == pytest.approx(1.2)


def test_without_a_mark_or_without_values_there_is_no_overlap():
    assert overlap(VALUES, np.zeros((2, 3), bool)) is None
    assert overlap(0 * VALUES, np.ones((2, 3), bool)) is None
