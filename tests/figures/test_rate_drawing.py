"""The drawing of a test of learning rates, read back from its SVG."""

from xml.etree import ElementTree

import numpy as np
import pytest

from cnn.figures.rate_drawing import rate_drawing

RATES = np.geomspace(1e-6, 1, 7).tolist()


def parts(losses, suggestion):
    """The points of the curve, float (n, 2), and all texts with their places: text -> x."""
    svg = ElementTree.fromstring(rate_drawing(RATES[: len(losses)], losses, suggestion))
    (curve,) = svg.iter("polyline")
    points = np.array([list(map(float, point.split(","))) for point in curve.get("points").split()])
    return points, {text.text: float(text.get("x")) for text in svg.iter("text")}


def test_the_curve_is_logarithmic_in_the_rate_and_linear_in_the_loss():
    points, texts = parts([2.0, 2.0, 1.5, 1.0, 1.25, 1.5, 2.0], 1e-3)
    assert np.diff(points[:, 0]) == pytest.approx(points[1, 0] - points[0, 0], abs=0.2)
    heights = points[:, 1]
    assert heights[0] == heights[6] and heights[3] == heights.max()  # y grows downwards
    assert heights[2] - heights[0] == pytest.approx(heights[3] - heights[2], abs=0.2)
    assert texts["0.001"] == pytest.approx(points[3, 0], abs=0.1)  # the mark of the suggestion
    assert texts["0.01"] == pytest.approx(points[4, 0], abs=0.1) and {"1", "2", "1e-06"} <= set(texts)


def test_a_curve_that_blows_up_ends_at_the_top():
    points, _ = parts([2.0, 1.5, 1.0, 1.5, 500.0, 1e9], 1e-5)
    assert len(points) == 5 and points[4, 1] == points[:, 1].min() > 0


def test_without_a_suggestion_there_is_no_mark_and_a_small_fall_looks_small():
    points, texts = parts([2.0, 2.01, 1.99, 2.0, 2.0, 2.0, 2.0], None)
    assert "0.001" not in texts
    assert np.ptp(points[:, 1]) < 10
