"""The picture of an experiment: what its axis has room for."""

from statistics import fmean, stdev

from cnn.figures.experiment_drawing import experiment_chart
from cnn.training.experiment_outcome import Result


def test_the_axis_has_room_for_all_runs_and_for_their_spread():
    accuracies = [0.815, 0.899, 0.843]
    low, high = experiment_chart([Result("wide", dict(enumerate(accuracies)), runs=3)])["layout"]["xaxis"]["range"]
    mean, spread = fmean(accuracies), stdev(accuracies)
    assert low < 100 * min(mean - spread, *accuracies) and 100 * max(mean + spread, *accuracies) < high


def test_the_axis_does_not_go_below_zero():
    assert experiment_chart([Result("bad", {0: 0.0, 1: 0.1}, runs=2)])["layout"]["xaxis"]["range"][0] == 0
