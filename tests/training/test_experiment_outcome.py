from math import inf, isclose

import pytest

from cnn.training.experiment_outcome import Outcome, Result, difference, t_95


def result(label: str, *accuracies: float, first: int = 0) -> Result:
    return Result(label, dict(enumerate(accuracies, first)), len(accuracies))


@pytest.mark.parametrize(
    "freedom, tabled", [(1, 12.706), (4, 2.776), (10, 2.228), (11, 2.201), (30, 2.042), (120, 1.980)]
)
def test_the_points_of_students_t_are_those_of_the_tables(freedom, tabled):
    assert abs(t_95(freedom) - tabled) < 0.001


def test_mean_and_spread_are_over_seeds():
    found = result("a", 0.90, 0.92, 0.94)
    assert isclose(found.mean, 0.92) and isclose(found.spread, 0.02) and found.text == "a: 92.0\xa0% ± 2.0"
    assert result("a", 0.5).spread is None and result("a", 0.5).text == "a: 50.0\xa0%"


def test_differences_are_paired_by_seed():
    # By hand: differences 0.01, 0.03, 0.02: mean 0.02, standard deviation 0.01; 4.3027 * 0.01 / sqrt(3) = 0.02484.
    one, other = result("a", 0.91, 0.63, 0.82), result("b", 0.90, 0.60, 0.80)
    found = difference(one, other)
    assert isclose(found.mean, 0.02) and found.seeds == 3
    assert abs(found.low - (0.02 - 0.02484)) < 1e-5 and abs(found.high - (0.02 + 0.02484)) < 1e-5


def test_only_seeds_that_both_have_are_compared():
    found = difference(result("a", 0.5, 0.6, 0.7), result("b", 0.4, 0.4, first=1))
    assert found.seeds == 2 and isclose(found.mean, 0.25)
    assert difference(result("a", 0.5), result("b", 0.5, first=1)) is None
    assert difference(result("a", 0.5), result("b", 0.4)).low == -inf


def test_a_difference_that_seeds_agree_on_is_called_more_than_chance_and_another_is_not():
    clear = Outcome((result("with", 0.90, 0.91, 0.92), result("without", 0.80, 0.811, 0.82)))
    assert clear.sentences()[0] == "with: 91.0\xa0% ± 1.0; without: 81.0\xa0% ± 1.0."
    assert "Over 3 seeds, “with” is 9.97 points".replace("9.97", "10.0") in clear.sentences()[1]
    assert "more than chance" in clear.sentences()[1]
    unclear = Outcome((result("with", 0.90, 0.91, 0.92), result("without", 0.94, 0.88, 0.93)))
    assert "“without” is 0.7 points better" in unclear.sentences()[1]
    assert "could be chance" in unclear.sentences()[1] and "−" in unclear.sentences()[1]


def test_of_many_the_best_is_named_with_those_that_could_be_as_good():
    many = Outcome((result("a", 0.9, 0.8, 0.85), result("b", 0.91, 0.8, 0.85), result("c", 0.1, 0.0, 0.06)))
    assert many.best.label == "b"
    sentence = many.sentences()[1]
    assert "“b” is best" in sentence and "could be chance for: a." in sentence
    assert "more than chance would explain: c." in sentence


def test_while_runs_are_missing_variants_are_compared_on_the_seeds_that_both_have():
    """The means say the opposite: the second seed was an unlucky one, and only the first variant has it."""
    going_on = Outcome((result("with", 0.9, 0.5), result("without", 0.8)))
    assert going_on.best.label == "with" and "“with” is 10.0 points better" in going_on.sentences()[1]
    three = Outcome((*going_on.results, result("other", 0.85, 0.4)))
    assert three.best.label == "with"
    assert [round(found.mean, 3) for _, found in three.against_best()] == [0.1, 0.075]
    assert Outcome((result("a", 0.5), result("b", 0.6, first=1))).best.label == "b"  # no seed in common


def test_the_best_leads_with_the_one_closest_behind_it_and_a_seed_that_both_have():
    a, b, c = result("a", 0.9, 0.8, 0.85), result("b", 0.95, 0.85, first=1), result("c", 0.1, 0.0, 0.06)
    assert Outcome((c, a, b)).leaders == (b, a, 1)
    assert Outcome((result("a", 0.5), result("b", 0.6, first=1))).leaders is None
    assert Outcome((a, Result("b", {}, 3))).leaders is None and Outcome(()).leaders is None


def test_few_seeds_and_no_results_are_said():
    assert Outcome((Result("a", {}, 3),)).sentences() == ["No run has finished yet."]
    both = Outcome((result("a", 0.5), result("b", 0.4))).sentences()[1]
    assert "With one seed" in both and "could be chance" in both and "add seeds" in both
    assert len(Outcome((result("a", 0.5), Result("b", {}, 3))).sentences()) == 1


def test_luck_is_the_spread_of_the_same_settings():
    (sentence,) = Outcome((result("same", 0.90, 0.92, 0.94),)).sentences()
    assert "90.0 to 94.0\xa0% with 3 seeds: 92.0\xa0% ± 2.0" in sentence and "less than 5.7 points" in sentence
