"""Two networks on the same images, against values by SciPy and by hand."""

import numpy as np
import pytest
from scipy import stats

from cnn.training.evaluation import Predictions
from cnn.training.paired import FEWEST, chance_text, pair, paired_chance, unpaired_chance


def answers(right: str, sure: float = 2.0) -> Predictions:
    """Predictions for images of class 0: '+' is right, '-' is wrong."""
    logits = np.array([[sure, 0] if one == "+" else [0, sure] for one in right], np.float32)
    return Predictions(logits, np.zeros(len(right), np.int64), np.arange(len(right)), 4)


def names(*hashes: str) -> list[str]:
    return list(hashes)


def test_only_images_that_both_have_are_paired_each_once():
    first, second = answers("++--"), answers("-+++")
    found = pair(first, names("a", "b", "c", "a"), second, names("x", "c", "a", "b"))
    assert found.first.indices.tolist() == [0, 1, 2] and found.second.indices.tolist() == [2, 3, 1]
    assert found.left_out == (0, 1) and found.both == 2
    assert (found.only_first.tolist(), found.only_second.tolist()) == ([], [2])


def test_the_images_on_which_one_network_is_surest_come_first():
    first, second = answers("+++"), answers("---")
    second.logits[:] = [[0, 1], [0, 3], [0, 2]]
    found = pair(first, names("a", "b", "c"), second, names("a", "b", "c"))
    assert found.only_first.tolist() == [1, 2, 0]


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (7, 7), (1, 9), (20, 8), (3, 0), (130, 170)])
def test_the_chance_is_that_of_an_exact_binomial_test(won, lost):
    first, second = answers("+" * won + "-" * lost + "++--"), answers("-" * won + "+" * lost + "++--")
    hashes = [str(i) for i in range(won + lost + 4)]
    chance = pair(first, hashes, second, hashes).chance
    assert chance == pytest.approx(stats.binomtest(won, won + lost).pvalue if won + lost else 1.0)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("+-+-", "+-+-", "exactly the same images"),
        ("+++-", "---+", "nobody can tell"),
        ("+" * 6 + "-" * 4, "-" * 6 + "+" * 4, "it may well be luck"),
        ("-" + "+" * 12, "+" + "-" * 12, "differ as much in 0.3\xa0% of cases: Wide is very likely better"),
    ],
)
def test_the_sentence_says_what_the_images_show(first, second, sentence):
    hashes = [str(i) for i in range(len(first))]
    assert sentence in pair(answers(first), hashes, answers(second), hashes).sentence("Wide", "Narrow")


def test_with_fewer_images_no_split_speaks_against_luck():
    assert stats.binomtest(FEWEST - 1, FEWEST - 1).pvalue > 0.05 > stats.binomtest(FEWEST, FEWEST).pvalue


def distance(first, second, axis=0):
    return abs(np.mean(first, axis) - np.mean(second, axis))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0.87, 0.88, 0.89), (0.93, 0.94, 0.96)),
        ((0.9, 0.8, 0.85, 0.7), (0.82, 0.84)),
        ((0.5, 0.5), (0.5, 0.5)),
        ((0.81, 0.84, 0.79, 0.9, 0.88), (0.83, 0.8, 0.86, 0.85, 0.92)),
    ],
)
def test_permutation_tests_agree_with_scipy(first, second):
    every = {"n_resamples": np.inf, "vectorized": True, "alternative": "greater"}
    expected = stats.permutation_test((first, second), distance, **every)
    assert unpaired_chance(first, second) == pytest.approx(expected.pvalue)
    if len(first) == len(second):
        expected = stats.permutation_test((first, second), distance, permutation_type="samples", **every)
        assert paired_chance(np.subtract(first, second)) == pytest.approx(expected.pvalue)


def test_many_values_are_compared_with_a_random_part_of_all_orders():
    rng = np.random.default_rng(1)
    first, second = rng.normal(0, 1, 30), rng.normal(0.5, 1, 30)
    assert unpaired_chance(first, second) == pytest.approx(stats.ttest_ind(first, second).pvalue, abs=0.01)
    assert paired_chance(first - second) == pytest.approx(stats.ttest_rel(first, second).pvalue, abs=0.01)


def test_chances_in_words():
    assert chance_text(0.0004) == "in less than 0.1\xa0% of cases" and chance_text(0.034) == "in 3.4\xa0% of cases"
    assert chance_text(0.25) == "in 25\xa0% of cases" and chance_text(1.0) == "in 100\xa0% of cases"
