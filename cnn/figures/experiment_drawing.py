"""The picture of an experiment: for each variant a dot for every seed, and mean and spread."""

from collections.abc import Sequence

from cnn.figures.charts import QUIET_COLOR, VAL_COLOR, chart_axis, chart_layout, short
from cnn.training.experiment_outcome import Result

ROW, FRAME = 27, 84  # CSS pixels: each variant, and the axis with its margins
LEAST_HEIGHT = 170
AROUND = 0.04  # share of the range that stays free on each side
LEAST_RANGE = 2  # per cent on the axis, so that tiny differences do not fill it


def experiment_chart(results: Sequence[Result], guess: float | None = None) -> dict:
    """A Plotly figure: accuracy against the variants, the first at the top. guess: the accuracy of guessing, 0..1,
    which gets a dotted line; None if it is not known, or far from the dots."""
    labels = [short(result.label, 34) for result in results]
    dots_x, dots_y, seeds = [], [], []
    for label, result in zip(labels, results, strict=True):
        for seed, accuracy in sorted(result.accuracies.items()):
            dots_x.append(100 * accuracy)
            dots_y.append(label)
            seeds.append(seed)
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "one run",
        "x": dots_x,
        "y": dots_y,
        "customdata": seeds,
        "marker": {"color": VAL_COLOR, "size": 10, "opacity": 0.85, "line": {"width": 0}},
        "hovertemplate": "seed %{customdata}: %{x:.1f} %<extra></extra>",
    }
    done = [(label, result) for label, result in zip(labels, results, strict=True) if result.accuracies]
    means = {
        "type": "scatter",
        "mode": "markers",
        "name": "mean ± standard deviation",
        "x": [100 * result.mean for _, result in done],
        "y": [label for label, _ in done],
        "error_x": {
            "type": "data",
            "array": [100 * (result.spread or 0.0) for _, result in done],
            "color": QUIET_COLOR,
            "thickness": 2,
            "width": 7,
        },
        "marker": {"symbol": "line-ns-open", "size": 20, "color": QUIET_COLOR, "line": {"width": 3}},
        "hovertemplate": "mean %{x:.1f} %<extra></extra>",
    }
    spreads = [100 * (result.mean + side * (result.spread or 0.0)) for _, result in done for side in (-1, 1)]
    low, high = _range([*dots_x, *spreads])
    shapes, mark = [], None if guess is None else 100 * guess
    if mark is not None and dots_x and mark < high:
        low = max(0.0, min(low, mark - 50 * AROUND)) if low - mark < high - low else low
        shapes = [
            {
                "type": "line",
                "x0": mark,
                "x1": mark,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"dash": "dot", "width": 1.5, "color": QUIET_COLOR},
                "layer": "below",
            }
        ]
    return {
        "data": [means, dots],
        "layout": chart_layout(
            max(LEAST_HEIGHT, FRAME + ROW * len(labels)),
            shapes=shapes,
            xaxis=chart_axis("held-out accuracy, last epoch", range=[low, high], ticksuffix=" %"),
            # All variants from the start, in their order, so that nothing jumps when results come.
            yaxis=chart_axis(
                "", type="category", categoryorder="array", categoryarray=labels[::-1], range=[-0.6, len(labels) - 0.4]
            ),
        ),
    }


def _range(accuracies: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis, in per cent, as the accuracies and the ends of their spreads."""
    if not accuracies:
        return 0.0, 100.0
    low, high = min(accuracies), max(accuracies)
    room = max(AROUND * (high - low), (LEAST_RANGE - (high - low)) / 2, 0.5)
    return max(0.0, low - room), min(100.5, high + room)
