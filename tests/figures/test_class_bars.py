from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.figures.charts import TRAIN_COLOR, VAL_COLOR
from cnn.figures.class_bars import accuracy_bars, count_bars
from cnn.percent import NO_BREAK_SPACE

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


class Read(HTMLParser):
    """The rows of bars as a browser reads them: the label of each, its texts, and the width and colour of its parts."""

    def __init__(self, markup: str):
        super().__init__()
        self.rows, self.tags = [], set()
        self.feed(markup)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        attributes = dict(attributes)
        if attributes.get("role") == "listitem":
            self.rows.append({"says": attributes["aria-label"], "words": [], "parts": []})
        elif tag == "i" and self.rows:
            style = dict(part.split(":") for part in attributes["style"].split(";"))
            self.rows[-1]["parts"].append((float(style["width"].rstrip("%")), style["background"]))

    def handle_data(self, data):
        if self.rows:
            self.rows[-1]["words"].append(data)


def test_bars_are_proportional_to_the_number_of_images_and_divided_by_split():
    counts = {"training": {"cat": 300, "dog": 100}, "held-out": {"cat": 100, "dog": 0}}
    cat, dog = Read(count_bars(counts)).rows
    assert cat["parts"] == [(75.0, TRAIN_COLOR), (25.0, VAL_COLOR)] and cat["words"] == ["cat", "400"]
    assert dog["parts"] == [(25.0, TRAIN_COLOR), (0.0, VAL_COLOR)]
    assert dog["says"] == "dog: 100 training, 0 held-out"


def test_classes_without_any_image_are_listed():
    (row,) = Read(count_bars({"training": {"cat": 0}})).rows
    assert row["parts"] == [(0.0, TRAIN_COLOR)] and row["words"] == ["cat", "0"]


def test_accuracies_are_shown_before_and_after():
    cat, dog = Read(accuracy_bars(("cat", "dog"), np.array([0.5, np.nan]), np.array([0.755, np.nan]))).rows
    assert [width for width, _ in cat["parts"]] == pytest.approx([50, 75.5]) and cat["words"] == [
        "cat",
        "76\xa0%",
    ]
    assert cat["says"] == "cat: 50.0\xa0% right before, 75.5\xa0% right after"
    assert dog["parts"] == [] and dog["words"] == ["dog", "no images"]


@given(NAMES)
def test_a_class_may_have_any_name(name):
    read = Read(count_bars({"training": {name: 3}}))
    assert read.tags == {"style", "div", "span", "i"}
    said = "".join(c if c.isprintable() or c == NO_BREAK_SPACE else "\N{MIDDLE DOT}" for c in name)
    assert "".join(read.rows[0]["words"]) == f"{said}3" and read.rows[0]["says"] == f"{said}: 3 training"
