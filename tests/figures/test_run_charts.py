"""Charts of many runs, and the colours of runs."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from cnn.figures.charts import CLASS_COLORS, QUIET_COLOR, RUN_COLORS, TRAIN_COLOR, VAL_COLOR, run_color, run_dash
from cnn.figures.run_charts import accuracy_over, importances, parallel_axes
from cnn.figures.smoothing import smoothed
from cnn.specs import NetworkSpec
from cnn.store.varied import varied
from cnn.training.importance import Importance

# Colours without one kind of cones: Machado et al. 2009, "A physiologically-based model for simulation of color
# vision deficiency", for linear RGB.
VISION = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deuteranopia": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9690]]),
}
# Ottosson 2020, "A perceptual color space for image processing": Oklab.
CONES = np.array([[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]])
OKLAB = np.array([[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]])


def linear(color: str) -> np.ndarray:
    values = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def distance(one: str, other: str, vision: str = "all cones") -> float:
    """In Oklab: 0.02 is about the least that one sees."""
    places = [OKLAB @ np.cbrt(CONES @ np.clip(VISION[vision] @ linear(color), 0, 1)) for color in (one, other)]
    return float(np.linalg.norm(places[0] - places[1]))


def contrast(one: str, other: str) -> float:
    """By WCAG 2."""
    low, high = sorted(float(np.dot([0.2126, 0.7152, 0.0722], linear(color))) + 0.05 for color in (one, other))
    return high / low


@pytest.mark.parametrize("theme", RUN_COLORS)
def test_runs_have_colours_of_their_own_that_anyone_can_tell_apart(theme):
    colors = RUN_COLORS[theme]
    for vision, (one, other) in itertools.product(VISION, itertools.combinations(colors, 2)):
        assert distance(one, other, vision) > (0.2 if vision == "all cones" else 0.15)
    for color, taken in itertools.product(colors, (*CLASS_COLORS, TRAIN_COLOR, VAL_COLOR, QUIET_COLOR)):
        assert distance(color, taken) > 0.06
    background = {"light": "#ffffff", "dark": "#11161d"}[theme]
    assert min(contrast(color, background) for color in colors) > 3.5  # lines need 3 (WCAG 2.2, 1.4.11)


def test_once_all_colours_are_used_the_dash_changes():
    number = len(RUN_COLORS["light"])
    shown = {(run_color(i, "light"), run_dash(i)) for i in range(4 * number)}
    assert len(shown) == 4 * number and run_dash(0) == ()


def test_a_smoothed_curve_is_the_weighted_mean_of_what_was():
    values = np.array([1.0, 3.0, 2.0])
    assert smoothed(values, 0) == pytest.approx(values)
    weights = [0.25, 0.5, 1.0]
    assert smoothed(values, 0.5) == pytest.approx([1, (0.5 + 3) / 1.5, np.average(values, weights=weights)])
    assert smoothed(np.full(5, 0.3), 0.9) == pytest.approx(0.3)


@pytest.fixture
def settings(store, create_run):
    run = store.get(create_run())
    runs = [
        replace(
            run, training_spec=replace(run.training_spec, learning_rate=rate), network_spec=NetworkSpec(filters=own)
        )
        for rate, own in ((0.1, (4,)), (0.001, (8,)), (0.1, (8,)), (0.001, (8,)))
    ]
    return {one.name: one for one in varied(runs)}


ACCURACIES = (0.5, 0.7, 0.6, 0.9)
PERCENT = [100 * one for one in ACCURACIES]
NAMES = ("a", "<b>", "c", "d")


def test_means_and_spreads_belong_to_their_values(settings):
    figure = accuracy_over(settings["learning_rate"], ACCURACIES, NAMES, "#000000")
    points, means = figure["data"]
    assert (points["x"], points["y"]) == ([0.1, 0.001, 0.1, 0.001], PERCENT)
    assert "&lt;b&gt;" in points["text"]
    assert means["x"] == [0.001, 0.1] and means["y"] == pytest.approx([80, 55])
    assert means["error_y"]["array"] == pytest.approx([np.std([70, 90], ddof=1), np.std([50, 60], ddof=1)])
    assert figure["layout"]["xaxis"]["type"] == "log"


def test_settings_that_are_no_numbers_have_an_axis_of_texts(settings):
    figure = accuracy_over(settings["filters"], ACCURACIES, NAMES, "#000000")
    assert figure["data"][1]["x"] == ["4", "8"] and figure["layout"]["xaxis"]["type"] == "category"
    assert figure["data"][1]["error_y"]["array"][0] == 0  # one run has no spread


def test_each_run_is_a_line_through_its_values(settings):
    axes = {one.name: one for one in parallel_axes(list(settings.values()), ACCURACIES)}
    rate, accuracy = axes["learning rate"], axes["accuracy"]
    assert [rate.ticks[place] for place in rate.values] == ["0.1", "0.001", "0.1", "0.001"]
    assert accuracy.values.tolist() == list(ACCURACIES) and [accuracy.low, accuracy.high] == [0.5, 0.9]
    *_, narrow = parallel_axes(list(settings.values()), (0.47, 0.49, 0.5, 0.56))
    assert list(narrow.ticks.values()) == ["47.5 %", "50 %", "52.5 %", "55 %"]
    assert accuracy.ticks == {0.5: "50 %", 0.6: "60 %", 0.7: "70 %", 0.8: "80 %", 0.9: "90 %"}
    assert all(axis.low < value < axis.high for axis in axes.values() if axis is not accuracy for value in axis.values)


def test_the_most_important_setting_is_on_top_and_only_clear_ones_have_colour():
    figure = importances(["rate", "filters"], [Importance(0.8, 0.1, 0.01), Importance(0.2, 0.1, 0.5)], "#123456")
    bars, luck = figure["data"]
    assert bars["y"][-1] == "rate" and bars["x"] == [20, 80] and luck["x"] == [10, 10]
    assert bars["marker"]["color"] == [QUIET_COLOR, "#123456"]
