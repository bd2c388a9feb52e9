import json

import numpy as np
import plotly.graph_objects as go
import pytest

from cnn import figures

STEPS = [{"step": n, "epoch": 1, "loss": 1 / n, "smooth": 1.1 / n} for n in range(1, 6)]
EPOCHS = [
    {"epoch": n, "step": 5 * n, "train_loss": 1 / n, "val_loss": loss, "train_accuracy": 0.8, "val_accuracy": accuracy}
    for n, loss, accuracy in ((1, 0.9, 0.5), (2, 0.4, 0.7), (3, 0.6, 0.9))
]
NOT_VALIDATED = [row | {"val_loss": None, "val_accuracy": None} for row in EPOCHS]
EVIL = "<script>alert(1)</script>"

FIGURES = {
    "counts": lambda: figures.class_counts({"training": {"cat": 3, "dog": 4}, "validation": {"cat": 1, "dog": 0}}),
    "counts of one split": lambda: figures.class_counts({"test": {EVIL: 3, "a\nb\t\x01": 4, "x" * 500: 1}}),
    "sizes": lambda: figures.sizes(np.array([[10, 20], [10, 20], [300, 5]]), 50),
    "sizes of many kinds": lambda: figures.sizes(np.random.default_rng(0).integers(1, 4000, (3000, 2)), 50),
    "histogram": lambda: figures.histogram(np.random.default_rng(0).normal(size=500).astype(np.float32), "weight"),
    "histogram of zeros": lambda: figures.histogram(np.zeros(9), "weight"),
    "losses": lambda: figures.losses(STEPS, EPOCHS, {3: 0.1}),
    "losses at first": lambda: figures.losses([], [], {}),
    "losses without validation": lambda: figures.losses(STEPS, NOT_VALIDATED, {}),
    "accuracies": lambda: figures.accuracies(EPOCHS, 3, chance=0.5),
    "accuracies at first": lambda: figures.accuracies([], 10_000, chance=0.1),
    "accuracies without validation": lambda: figures.accuracies(NOT_VALIDATED, 3, chance=0.5),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_a_figure_is_plain_data_that_plotly_accepts(make):
    figure = make()
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    go.Figure(figure)


def named(figure: dict, beginning: str) -> dict:
    (trace,) = [trace for trace in figure["data"] if trace.get("name", "").startswith(beginning)]
    return trace


def stars(figure: dict) -> list[tuple]:
    found = [trace for trace in figure["data"] if trace.get("marker", {}).get("symbol") == "star"]
    return [(*trace["text"], *trace["x"], *trace["y"]) for trace in found]


def test_the_best_epoch_is_the_one_with_the_least_validation_loss_or_the_highest_accuracy():
    assert stars(figures.losses(STEPS, EPOCHS, {})) == [("lowest: epoch 2", 10, 0.4)]
    assert stars(figures.accuracies(EPOCHS, 3, 0.5)) == [("highest: epoch 3", 3, 0.9)]


def test_of_many_epochs_the_charts_mark_some_that_stay_where_they_are_and_the_newest_but_the_best_of_all():
    def marked(n_epochs: int) -> dict:
        epochs = [EPOCHS[0] | {"epoch": n, "step": 5 * n, "val_accuracy": float(n == 77)} for n in range(1, n_epochs)]
        return figures.accuracies(epochs, 10_000, 0.5)

    at = named(marked(1234), "validation")["x"]
    assert 100 <= len(at) <= 201 and at[-1] == 1233 and len(set(np.diff(at[:-1]))) == 1
    assert set(at[:-1]) <= set(named(marked(1300), "validation")["x"])
    assert stars(marked(1234)) == [("highest: epoch 77", 77, 1.0)]


def test_without_validation_no_epoch_is_the_best():
    for figure in (figures.losses(STEPS, NOT_VALIDATED, {}), figures.accuracies(NOT_VALIDATED, 3, 0.5)):
        assert stars(figure) == []


def test_the_curves_show_the_numbers_of_the_run():
    figure = figures.losses(STEPS, EPOCHS, {3: 0.1})
    assert named(figure, "batch")["x"] == [1, 2, 3, 4, 5]
    assert named(figure, "batch")["y"] == [row["loss"] for row in STEPS]
    assert named(figure, "smoothed")["y"] == [row["smooth"] for row in STEPS]
    assert named(figure, "training")["x"] == [5, 10, 15] and named(figure, "validation")["y"] == [0.9, 0.4, 0.6]
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [3]
    assert figure["layout"]["annotations"][0]["text"] == "learning rate 0.1"
    guess = figures.accuracies(EPOCHS, 3, chance=0.25)["layout"]["shapes"][0]
    assert (guess["y0"], guess["y1"]) == (0.25, 0.25)


def test_class_names_are_shown_as_text_and_not_as_markup():
    figure = figures.class_counts({"training": {EVIL: 3, "a & b": 1}})
    assert "<script" not in json.dumps(figure) and "&lt;script" in json.dumps(figure)
    assert figure["layout"]["yaxis"]["ticktext"][1] == "a &amp; b"


def test_a_long_class_name_is_cut_on_the_axis_but_whole_on_hover():
    figure = figures.class_counts({"training": {"x" * 60: 3, "dog": 1}})
    assert figure["layout"]["yaxis"]["ticktext"] == ["x" * 23 + "…", "dog"]
    assert figure["data"][0]["customdata"][0] == "x" * 60 and figure["data"][0]["x"] == [3, 1]


def test_classes_keep_their_colours():
    assert figures.class_color(0) != figures.class_color(1)
    assert len({figures.class_color(i) for i in range(10)}) == 10 and figures.class_color(12) == figures.class_color(2)


def test_a_histogram_counts_every_value_in_bins_around_zero():
    values = np.array([-1.0, -0.5, 0.0, 0.01, 0.5, 2.0])
    (bars,) = figures.histogram(values, "weight", bins=5)["data"]
    assert bars["x"] == pytest.approx([-1.6, -0.8, 0, 0.8, 1.6]) and bars["y"] == [0, 2, 2, 1, 1]
    assert (bars["marker"]["cmin"], bars["marker"]["cmax"]) == (-2, 2)


def test_sizes_have_a_dot_each_and_few_dots_in_all():
    (dots,) = figures.sizes(np.array([[10, 20], [10, 20], [300, 5]]), 50)["data"]
    assert list(zip(dots["x"], dots["y"], dots["customdata"], strict=True)) == [(10, 20, 2), (300, 5, 1)]
    (dots,) = figures.sizes(np.random.default_rng(0).integers(1, 4000, (3000, 2)), 50)["data"]
    assert len(dots["x"]) <= 400 and sum(dots["customdata"]) == 3000
