"""Which setting mattered most, against an analysis of variance by SciPy."""

import numpy as np
import pytest
from scipy import stats

from cnn.training.importance import explained_variance, importance, spread_by_luck


def test_the_share_is_that_of_an_analysis_of_variance():
    rng = np.random.default_rng(3)
    groups, values = rng.integers(0, 4, 40), rng.normal(0, 1, 40)
    share = float(explained_variance(groups, values))
    f = stats.f_oneway(*(values[groups == group] for group in range(4))).statistic
    assert share == pytest.approx(3 * f / (3 * f + 36))  # by the definition of F with 3 and 36 degrees of freedom
    found = importance(groups.tolist(), values.tolist())
    assert found.explained == pytest.approx(share)
    assert found.by_luck == pytest.approx(3 / 39, abs=0.01)  # its expected value
    assert found.chance == pytest.approx(stats.f.sf(f, 3, 36), abs=0.03)


def test_a_setting_that_decides_everything_is_clear_and_one_that_does_nothing_is_not():
    values = [0.7, 0.71, 0.69, 0.7, 0.9, 0.91, 0.89, 0.9]
    decides = importance([0, 0, 0, 0, 1, 1, 1, 1], values)
    assert decides.explained > 0.98 and decides.is_clear
    nothing = importance([0, 1, 0, 1, 0, 1, 0, 1], values)
    assert nothing.explained < 0.1 and not nothing.is_clear


def test_a_setting_with_another_value_in_every_run_explains_everything_and_shows_nothing():
    found = importance(list(range(8)), [0.1 * i for i in range(8)])
    assert (found.explained, found.by_luck, found.chance) == (pytest.approx(1), pytest.approx(1), 1)


def test_equal_accuracies_are_explained_by_nothing():
    assert importance([0, 0, 1, 1], [0.5] * 4)[:2] == (0, 0)


def test_the_spread_by_luck_is_the_pooled_standard_deviation():
    assert spread_by_luck([[0.8], [0.9]]) is None
    assert spread_by_luck([[0.8, 0.9], [0.5]]) == pytest.approx(np.std([0.8, 0.9], ddof=1))
    groups = [[0.8, 0.9, 0.7], [0.5, 0.6, 0.52]]
    pooled = np.sqrt(np.mean([np.var(group, ddof=1) for group in groups]))
    assert spread_by_luck(groups) == pytest.approx(pooled)
