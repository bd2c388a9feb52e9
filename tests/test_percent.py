"""How numbers are written for people."""

import pytest

from cnn.percent import NO_BREAK_SPACE, probability


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.9337, 1, "93.4 %"),
        (0.99871, 1, "99.9 %"),
        (0.9996, 1, "> 99.9 %"),
        (1.0, 1, "> 99.9 %"),  # what is left is too small for a float
        (0.0004, 1, "< 0.1 %"),
        (0.97, 0, "97 %"),
        (0.996, 0, "> 99 %"),
    ],
)
def test_probability_never_claims_to_be_sure(share, digits, text):
    assert probability(share, digits) == text.replace(" %", f"{NO_BREAK_SPACE}%")
