import json

import numpy as np
import plotly.graph_objects as go
import pytest

from cnn.figures import charts

FIGURES = {
    "sizes": lambda: charts.sizes(np.array([[10, 20], [10, 20], [300, 5]]), 50),
    "sizes of many kinds": lambda: charts.sizes(np.random.default_rng(0).integers(1, 4000, (3000, 2)), 50),
    "calibration": lambda: charts.calibration(np.array([np.nan, 0.8]), np.array([np.nan, 0.5]), np.array([0, 4])),
    "histogram": lambda: charts.histogram(np.random.default_rng(0).normal(size=500).astype(np.float32), "weight"),
    "histogram of zeros": lambda: charts.histogram(np.zeros(9), "weight"),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_a_figure_is_plain_data_that_plotly_accepts(make):
    figure = make()
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    go.Figure(figure)


@pytest.mark.parametrize("length", range(1, 24))
def test_a_long_name_keeps_its_beginning_and_its_end(length):
    name = "Tomato___Bacterial_spot"
    cut = charts.cut(name, length)
    begin, _, end = cut.partition("…")
    assert len(cut) == length and name.startswith(begin) and name.endswith(end)


def test_classes_keep_their_colours():
    assert charts.class_color(0) != charts.class_color(1)
    assert len({charts.class_color(i) for i in range(10)}) == 10 and charts.class_color(12) == charts.class_color(2)


def test_a_histogram_counts_every_value_in_bins_around_zero():
    values = np.array([-1.0, -0.5, 0.0, 0.01, 0.5, 2.0])
    (bars,) = charts.histogram(values, "weight", bins=5)["data"]
    assert bars["x"] == pytest.approx([-1.6, -0.8, 0, 0.8, 1.6]) and bars["y"] == [0, 2, 2, 1, 1]
    assert (bars["marker"]["cmin"], bars["marker"]["cmax"]) == (-2, 2)


def test_each_size_has_a_dot_up_to_a_maximum_number():
    (dots,) = charts.sizes(np.array([[10, 20], [10, 20], [300, 5]]), 50)["data"]
    assert list(zip(dots["x"], dots["y"], dots["customdata"], strict=True)) == [(10, 20, 2), (300, 5, 1)]
    (dots,) = charts.sizes(np.random.default_rng(0).integers(1, 4000, (3000, 2)), 50)["data"]
    assert len(dots["x"]) <= 400 and sum(dots["customdata"]) == 3000


def test_widths_and_heights_have_one_scale_so_that_the_input_of_the_network_is_a_square():
    assert charts.sizes(np.array([[300, 5]]), 50)["layout"]["yaxis"]["scaleanchor"] == "x"


def test_a_calibration_has_a_dot_for_each_bin_with_images():
    (dots,) = charts.calibration(np.array([0.3, np.nan, 0.9]), np.array([0.5, np.nan, 0.6]), np.array([2, 0, 8]))[
        "data"
    ]
    assert list(zip(dots["x"], dots["y"], dots["customdata"], strict=True)) == [(30, 50, 2), (90, 60, 8)]
    assert dots["marker"]["size"][0] < dots["marker"]["size"][1]
