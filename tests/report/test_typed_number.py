"""Numbers as people type them, or copy them from a page."""

import pytest

from cnn.report.typed_number import number_in


@pytest.mark.parametrize(
    "typed, number",
    [
        ("9632", 9632),
        ("9,632", 9632),
        ("1,234,567.5", 1234567.5),
        ("12 345", 12345),
        ("12\u2009345", 12345),
        ("12\u202f345", 12345),
        ("1.234.567", 1234567),
        ("25'818", 25818),
        ("1’234’567,5", 1234567.5),
        ("1.234,5", 1234.5),
        ("1.234", 1.234),
        ("-4", -4),
        ("−4", -4),
        ("– 4", -4),
        ("+3", 3),
        ("0.5", 0.5),
        (".5", 0.5),
        ("0,125", 0.125),
        ("93,4", 93.4),
        ("93.4 %", 93.4),
        ("93.4\xa0%", 93.4),
        ("120 kB", 120),
        ("1e-3", 0.001),
    ],
)
def test_a_number_may_be_typed_or_copied(typed, number):
    assert number_in(typed, "kB") == number


@pytest.mark.parametrize(
    "typed, number",
    [("25.818", 25818), ("25,818", 25818), ("1.234.567", 1234567), ("25.8", 25.8), ("0.125", 0.125)],
)
def test_a_point_before_three_digits_of_a_count_separates_thousands(typed, number):
    assert number_in(typed, "parameters", is_count=True) == number


@pytest.mark.parametrize(
    "typed", ["", "many", "12 images", "--4", "1.2.3", "1.23,4", "nan", "inf", "1e999", "%", "9,632,5", "1'2", "'123"]
)
def test_anything_else_is_no_number(typed):
    assert number_in(typed, "kB") is None


@pytest.mark.parametrize(
    "typed, unit, number",
    [
        ("12 epochs", "epochs", 12),
        ("12epochs", "epochs", 12),
        ("12\u2009Epochs", "epochs", 12),
        ("1 epoch", "epochs", 1),
        ("1 class", "classes", 1),
        ("33,506 parameters", "parameters", 33506),
        ("3 new images", "new images", 3),
    ],
)
def test_the_unit_of_the_question_may_follow_in_words(typed, unit, number):
    assert number_in(typed, unit) == number


@pytest.mark.parametrize("typed", ["12 images", "12 epochs epochs", "epochs", "epochs 12", "12 epo"])
def test_another_word_than_the_unit_makes_it_no_number(typed):
    assert number_in(typed, "epochs") is None
