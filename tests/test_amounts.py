"""What a browser reports of sliders and switches: taken if it can be, else left at its neutral place."""

import pytest

from pages.components import reports
from pages.components.amounts import Dial, _within

TURN = Dial("turn", -180, 180, 0, 5, "degrees")
SCALE = Dial("scale", 0.5, 2, 1, 0.05, "times")


@pytest.mark.parametrize(("value", "taken"), [(45, 45), (-12.5, -12.5), (200, 180), (-1e300, -180), (0, 0)])
def test_an_amount_is_held_to_its_range(value, taken):
    assert _within(TURN, {"turn": value}) == taken


@pytest.mark.parametrize("value", [None, True, "90", float("nan"), float("inf"), [90], {}])
def test_what_is_no_amount_leaves_the_dial_neutral(value):
    assert _within(SCALE, {"scale": value}) == 1
    assert _within(SCALE, {"turn": 0.7}) == 1


@pytest.mark.parametrize("sent", [None, 7, "text", [], {}, {"number": "1", "value": 3}, {"number": 1}])
def test_what_is_no_report_is_none(monkeypatch, sent):
    monkeypatch.setattr(reports.st, "session_state", {"dials": {"report": sent}})
    assert reports.last_report("dials") == (0, None)
    assert reports.last_report("others") == (0, None)


def test_a_report_has_its_number_and_its_value(monkeypatch):
    monkeypatch.setattr(reports.st, "session_state", {"dials": {"report": {"number": 3, "value": {"turn": 5}}}})
    assert reports.last_report("dials") == (3, {"turn": 5})
