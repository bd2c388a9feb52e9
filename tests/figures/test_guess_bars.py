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


def test_the_words_of_the_guess_stand_wholly_on_the_bar_or_beside_it():
    for value in range(0, 101, 5):
        for guess in range(0, 101, 5):
            root = drawn(Bar("Held-out", float(value), 0, 100, guess=float(guess)))
            text = root.findall(".//{*}text")[-1]
            long = 5.7 * len(text.text)
            right = float(text.get("x")) + (0 if text.get("text-anchor") == "end" else long)
            assert text.text == f"your guess: {guess} %" and right >= long and right <= WIDTH
            end = value / 100 * WIDTH
            on_bar, off_bar = right <= end, right - long >= end
            assert text.get("fill") == ("#ffffff" if on_bar else "currentColor")
            if long + 5 < guess / 100 * WIDTH < WIDTH - long - 5:  # there is room on both sides
                assert on_bar or off_bar


def test_a_negative_value_goes_to_the_left_of_the_middle():
    bar = drawn(Bar("Right edge", -4.0, -4, 4, unit="")).findall(".//{*}rect")[1]
    assert (float(bar.get("x")), float(bar.get("width"))) == (0, WIDTH / 2)


def test_a_small_fall_is_no_negative_zero():
    assert drawn(Bar("Fall", -0.04, 0, 10, unit="points")).get("aria-label") == "Fall: 0 points"


def test_it_is_spoken_and_names_are_escaped():
    root = drawn(Bar("a < b", 1.0, 0, 10, unit="kB", guess=3.0))
    assert root.get("aria-label") == "a < b: 1 kB, your guess 3 kB"
    assert not re.search("a < b", guess_bars([Bar("a < b", 1.0, 0, 10)]))
