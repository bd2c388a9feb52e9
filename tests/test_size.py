import pytest

from cnn.size import size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 kB"),
        (360, "0.4 kB"),
        (9_949, "9.9 kB"),
        (9_960, "10 kB"),
        (35_000, "35 kB"),
        (999_400, "999 kB"),
        (999_600, "1 MB"),
        (35e6, "35 MB"),
        (1.23e9, "1.2 GB"),
        (12.3e12, "12,300 GB"),
    ],
)
def test_a_size_has_the_unit_in_which_it_has_few_digits(size, text):
    assert size_text(size) == text
