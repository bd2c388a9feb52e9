"""Reports of sliders and switches from a browser: valid amounts are accepted, others leave the dial neutral."""

import pytest

from pages.components.amounts import Dial, _amount
from pages.components.common import reports

TURN = Dial("turn", -180, 180, 0, 5, "°")
SCALE = Dial("scale", 0.5, 2, 1, 0.05, "×")


@pytest.mark.parametrize("value", [45, -12.5, 0, 180, -180.0])
def test_an_amount_in_the_range_is_accepted(value):
    assert _amount(TURN, {"turn": value}) == value


@pytest.mark.parametrize("value", [None, True, "1.5", float("nan"), float("inf"), 10**400, 2.01, 0.4, -1, [1.5], {}])
def test_an_invalid_amount_leaves_the_dial_neutral(value):
    assert _amount(SCALE, {"scale": value}) == 1
    assert _amount(SCALE, {"turn": 0.7}) == 1


@pytest.mark.parametrize("sent", [None, 7, "text", [], {}, {"number": "1", "value": 3}, {"number": 1}])
def test_anything_but_a_report_is_ignored(sent):
    assert reports.last_report({"report": sent}) == (0, None)
    assert reports.last_report({}) == reports.last_report(None) == (0, None)


def test_a_report_has_its_number_and_its_value():
    assert reports.last_report({"report": {"number": 3, "value": {"turn": 5}}}) == (3, {"turn": 5})
