import pytest

from cnn.store.final_test import FinalTest, final_tests, keep_test, overuse
from cnn.store.runs import RunError
from tests.conftest import execute_sql


def test_tests_are_kept_in_order_beside_the_other_facts(filled):
    execute_sql(filled, """UPDATE runs SET facts = '{"guess": 70}'""")
    first, second = keep_test(filled, "one", 10, 15, 20), keep_test(filled, "one", 20, 16, 20)
    run = filled.get("one")
    assert final_tests(run) == [first, second] and run.facts["guess"] == 70
    assert overuse([first]) == "" and "test number 2" in overuse([first, second])


def test_the_sentence_has_the_interval_of_wilson():
    # Newcombe 1998, method 3: 15 of 148 are 0.0624 to 0.1605
    assert (
        "15 of the 148 test images are right: 10.1\xa0%; on new images, 6\xa0% to 16\xa0%"
        in FinalTest(7, 15, 148, 0.0).sentence()
    )


@pytest.mark.parametrize("stored", ["5", "[5]", "[[1, 5, 4, 1.0]]", "[[1, 0, 0, 1.0]]", '[[1, "2", 4, 1.0]]', "{}"])
def test_damaged_tests_are_skipped(filled, stored):
    execute_sql(filled, "UPDATE runs SET facts = ?", f'{{"tests": {stored}}}')
    assert final_tests(filled.get("one")) == []


def test_an_unknown_run_keeps_no_test(filled):
    with pytest.raises(RunError):
        keep_test(filled, "nowhere", 1, 1, 2)
