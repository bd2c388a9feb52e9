"""Sheets and their axes: what stands in a report can be read, and nothing leaves the page."""

import re

import numpy as np
import pytest

from cnn.figures.evidence_pictures import chart_of, curves_picture, experiment_picture
from cnn.figures.sheet import WIDTH, Sheet
from cnn.figures.ticks import ticks


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0, 1, False, [0, 0.25, 0.5, 0.75, 1]),
        (0, 1.02, False, [0, 0.25, 0.5, 0.75, 1]),
        (1, 4, True, [1, 2, 3, 4]),
        (1, 100, True, [20, 40, 60, 80, 100]),
        (0.2, 0.9, False, [0.2, 0.4, 0.6, 0.8]),
        (5, 5, True, [5]),
    ],
)
def test_ticks_are_round_numbers_within_the_axis(low, high, whole, expected):
    assert ticks(low, high, whole, 5 if high == 100 else 4) == pytest.approx(expected)


def numbers_of(svg: str) -> list[str]:
    return re.findall(r">(\d[\d,]*)</text>", svg)


def test_the_epochs_of_a_short_run_are_told_once_each():
    x = np.arange(1.0, 5)
    svg = curves_picture([chart_of("accuracy", "epoch", True, [("run", "#123", x, x / 5)])], "")
    assert numbers_of(svg) == ["1", "2", "3", "4"]


def test_long_names_of_values_can_be_told_apart():
    names = ["activation after dense layers on", "activation after dense layers off"]
    svg = experiment_picture("", names, [[0.5], [0.25, 0.75]])
    assert all(f">{name}</text>" in svg for name in names)
    assert "50.0\xa0%, 1 run<" in svg and "50.0\xa0%, 2 runs<" in svg


def test_a_caption_goes_on_in_a_second_line_and_a_legend_in_another():
    sheet = Sheet()
    image = np.zeros((4, 4, 1), np.uint8)
    sheet.images([image, image], ["square: circle 70 %", "cat"], side=76)
    sheet.legend(["a long name of a run, with its settings"] * 4, ["#123"] * 4)
    svg = sheet.svg()
    assert ">square:</text>" in svg and ">circle 70 %</text>" in svg
    for x, text in re.findall(r'<text x="([\d.]+)"[^>]*>(a long[^<]*)</text>', svg):
        assert float(x) + 5 * len(text) < WIDTH
