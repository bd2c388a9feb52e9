"""How far filters moved, against values by hand."""

import numpy as np
import pytest

from cnn.explain.movement import in_words, movement, norms


def test_a_movement_is_the_norm_of_the_change_as_a_share_of_the_norm_before():
    start = np.array([[[[3.0, 4.0]]], [[[0.0, 2.0]]], [[[1.0, 0.0]]]])
    now = np.array([[[[3.0, 3.0]]], [[[0.0, 2.0]]], [[[0.0, 1.0]]]])
    assert norms(start) == pytest.approx([5, 2, 1])
    assert movement(now, start) == pytest.approx([0.2, 0, 2**0.5])


def test_a_filter_that_was_zero_moved_infinitely_unless_it_still_is():
    zero = np.zeros((2, 1, 1, 1))
    assert movement(np.array([0.0, 0.1]).reshape(zero.shape), zero).tolist() == [0, np.inf]


def test_more_movement_has_other_words():
    assert len({in_words(share) for share in (0, 0.05, 0.3, 0.7, 1.5)}) == 5
