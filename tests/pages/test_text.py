import pytest

from pages.shared.text import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.44, "0.4 s"),
        (12.2, "12 s"),
        (60, "1:00 min"),
        (200.9, "3:20 min"),
        (3599.9, "59:59 min"),
        (3600, "1:00:00 h"),
        (90061, "25:01:01 h"),
    ],
)
def test_a_duration_has_two_units_at_most_below_an_hour(seconds, text):
    assert duration(seconds) == text
