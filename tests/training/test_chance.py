import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import fisher_exact

from cnn.training.chance import fisher_test


@given(some.tuples(*[some.integers(0, 60)] * 4))
def test_chance_is_that_of_scipy(counts):
    a, rest_a, b, rest_b = counts
    expected = fisher_exact([[a, rest_a], [b, rest_b]]).pvalue
    assert fisher_test(a, a + rest_a, b, b + rest_b) == pytest.approx(expected, rel=1e-5, abs=1e-12)


def test_the_lady_tasting_tea():
    # Fisher 1935: all eight cups right has the chance 1 / 70; both ways, 2 / 70
    assert fisher_test(4, 4, 0, 4) == pytest.approx(2 / 70)
