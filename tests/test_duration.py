import pytest

from cnn.duration import duration_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (12.2, "12 s"),
        (60, "1:00 min"),
        (59.7, "1:00 min"),
        (200.4, "3:20 min"),
        (3599.4, "59:59 min"),
        (3599.9, "1:00:00 h"),
        (3600, "1:00:00 h"),
        (90061, "25:01:01 h"),
    ],
)
def test_a_time_has_the_units_that_fit_it(seconds, text):
    assert duration_text(seconds) == text
