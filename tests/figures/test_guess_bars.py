"""A guess beside what happened."""

import re
from xml.etree import ElementTree

from cnn.figures.guess_bars import Bar, guess_bars

WIDTH = 400


def drawn(*bars: Bar):
    return ElementTree.fromstring(guess_bars(bars, WIDTH))


def test_a_bar_is_as_long_as_its_value_and_the_guess_is_marked_at_its_place():
    root = drawn(Bar("Held-out", 25.0, 0, 100, guess=60.0, others=(10.0, 30.0)))
    rects = root.findall(".//{*}rect")
    assert float(rects[1].get("width")) == WIDTH / 4
    assert float(rects[2].get("x")) + 1.5 == 0.6 * WIDTH
    assert [float(dot.get("cx")) for dot in root.findall(".//{*}circle")] == [0.1 * WIDTH, 0.3 * WIDTH]
    assert "25 %" in "".join(root.itertext()) and "your guess" in "".join(root.itertext())


def test_a_negative_value_goes_to_the_left_of_the_middle():
    bar = drawn(Bar("Right edge", -4.0, -4, 4, unit="")).findall(".//{*}rect")[1]
    assert (float(bar.get("x")), float(bar.get("width"))) == (0, WIDTH / 2)


def test_it_is_spoken_and_names_are_escaped():
    root = drawn(Bar("a < b", 1.0, 0, 10, unit="kB", guess=3.0))
    assert root.get("aria-label") == "a < b: 1 kB, your guess 3 kB"
    assert not re.search("a < b", guess_bars([Bar("a < b", 1.0, 0, 10)]))
