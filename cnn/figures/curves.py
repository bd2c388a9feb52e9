"""The learning curves of a run, as plain dicts for the browser to draw: loss against step, accuracy against epoch.

Each dict has
    x, y: the axis labels;
    x_range, y_range: [low, high], the least range to show; None where the data decide;
    cut: {y, text}: where to cut the y axis because a few values are far above, and a text about the highest; or None;
    percent: whether to show y (0..1) in percent;
    lines: name, x, y (two lists of the same length), color, width, opacity, and marks: "", "open" or "filled";
    best: {x, y, text} of the best epoch, which gets a star; or None;
    levels: {y, text, color} of each horizontal reference line;
    changes: {x, text} of each change during training.
"""

from math import ceil, floor, log10
from operator import attrgetter

from cnn.figures.charts import QUIET_COLOR, TEST_COLOR, TRAIN_COLOR, VAL_COLOR
from cnn.store.records import EpochRecord, StepRecord

MAX_EPOCHS = 200  # points in a line
MAX_MARKS = 50  # a line with more points has no marks
LEAST_STEPS = 500  # on the axis; of a longer run, the axis shows a part until it is full
ROOM = 0.08  # below and above the losses, as a share of their range
TICKS = 5  # about so many on the axis of the loss
FAR_ABOVE = 4.0  # a loss this many times the usual makes the axis end at half of that height


def losses(
    steps: list[StepRecord],
    epochs: list[EpochRecord],
    rates: dict[int, float],
    guess: float = 0.0,
    total_steps: int | None = None,
) -> dict:
    """The loss against the step: of each batch, smoothed, and of whole epochs.

    rates: step -> learning rate from that step on. guess: the loss of guessing; 0 leaves it out. total_steps: those
    that the run is planned to take, if that is known.
    """
    x = [record.step for record in steps]
    lines = [
        _line("batch", x, [record.loss for record in steps], QUIET_COLOR, width=1, opacity=0.55),
        _line("smoothed", x, [record.smooth for record in steps], TRAIN_COLOR, width=2.5),
        _epoch_line("training", epochs, "step", "train_loss", TRAIN_COLOR, "open"),
        _epoch_line("held-out", epochs, "step", "val_loss", VAL_COLOR, "filled"),
    ]
    return {
        "x": "step",
        "y": "loss",
        "x_range": [0, _steps_shown(x[-1] if x else 0, total_steps)],
        "y_range": _loss_range(lines, guess),
        "cut": _cut([line for line in lines if line["name"] != "smoothed"]),  # it falls slowly after a peak
        "percent": False,
        "lines": lines,
        "best": _best(epochs, "step", "val_loss", min),
        "levels": [{"y": guess, "text": "guessing", "color": QUIET_COLOR}] if guess else [],
        "changes": [{"x": step, "text": f"learning rate {rate:g}"} for step, rate in rates.items()],
    }


def accuracies(epochs: list[EpochRecord], total_epochs: int, chance: float, total_steps: int | None = None) -> dict:
    """Training and held-out accuracy against the epoch, with that of guessing (`chance`, 0..1; 0 leaves it out) for
    comparison.

    total_steps: those of all epochs, if the axis should show the same part of a long run as that of the losses.
    """
    shown = _epochs_shown(epochs, total_epochs, total_steps)
    return {
        "x": "epoch",
        "y": "accuracy",
        "x_range": [0.5, max(shown, 2) + 0.5],
        "y_range": [0, 1.02],
        "cut": None,
        "percent": True,
        "lines": [
            _epoch_line("training", epochs, "epoch", "train_accuracy", TRAIN_COLOR, "open"),
            _epoch_line("held-out", epochs, "epoch", "val_accuracy", VAL_COLOR, "filled"),
        ],
        "best": _best(epochs, "epoch", "val_accuracy", max),
        "levels": [{"y": chance, "text": "guessing", "color": QUIET_COLOR}] if chance else [],
        "changes": [],
    }


def with_guess(accuracies: dict, guess: float) -> dict:
    """The chart of the accuracies with a line at the user's prediction (0..1)."""
    level = {"y": guess, "text": "your guess", "color": TEST_COLOR}
    return accuracies | {"levels": [*accuracies["levels"], level]}


def _steps_shown(last: int, total: int | None) -> int | None:
    """Where the axis of the steps ends: at the last planned step; in a long run first at a half, a quarter, ... of it,
    so that the axis changes seldom. None if the data decide."""
    if total is None or total <= last:
        return None
    shown = float(total)
    while shown / 2 >= max(last, LEAST_STEPS):
        shown /= 2
    return ceil(shown)


def _epochs_shown(epochs: list[EpochRecord], total: int, total_steps: int | None) -> int:
    """The last epoch on the axis: the one in which the axis of the steps ends."""
    steps = total_steps and _steps_shown(epochs[-1].step if epochs else 0, total_steps)
    return ceil(total * steps / total_steps) if steps and total_steps else total


def _loss_range(lines: list[dict], guess: float) -> list[float | None]:
    """The range of the losses and of the loss of guessing. Of single batches, the lowest and highest 5 % may lie
    outside. The lower end is rounded down, so that it moves seldom."""
    heights = [guess] if guess else []
    for line in lines:
        own = sorted(line["y"])
        if own and line["opacity"] < 1:
            own = own[int(0.05 * len(own)) : int(0.95 * len(own)) + 1]
        heights += own[:1] + own[-1:]
    if not heights or min(heights) == max(heights):
        return [0, None]
    low, high = min(heights), max(heights)
    tick = 10 ** floor(log10((high - low) / TICKS))
    low = max(0.0, tick * floor((low - ROOM * (high - low)) / tick))
    return [low, high + ROOM * (high - low)]


def _cut(lines: list[dict]) -> dict | None:
    """Where to cut the y axis so that a few steps with an enormous loss do not flatten the rest of the curve."""
    points = sorted((x, y) for line in lines for x, y in zip(line["x"], line["y"], strict=True))
    if not points:
        return None
    (_, first), *_ = points
    heights = sorted(y for _, y in points)
    usual = max(heights[int(0.95 * (len(heights) - 1))], first)
    step, highest = max(points, key=lambda point: point[1])
    if not 0 < usual * FAR_ABOVE < highest:
        return None
    return {"y": FAR_ABOVE / 2 * usual, "text": f"{highest:,.{0 if highest >= 100 else 1}f} at step {step:,}"}


def _line(name: str, x: list, y: list, color: str, width: float, opacity: float = 1.0, marks: str = "") -> dict:
    return {"name": name, "x": x, "y": y, "color": color, "width": width, "opacity": opacity, "marks": marks}


def _epoch_line(name: str, epochs: list[EpochRecord], x: str, y: str, color: str, marks: str) -> dict:
    rows = _thin([epoch for epoch in epochs if getattr(epoch, y) is not None])
    marks = marks if len(rows) <= MAX_MARKS else ""
    return _line(
        name, [getattr(row, x) for row in rows], [getattr(row, y) for row in rows], color, width=1.5, marks=marks
    )


def _thin(epochs: list[EpochRecord]) -> list[EpochRecord]:
    """About MAX_EPOCHS evenly spaced epochs, plus the newest. The spacing is a power of two, so that points stay in
    place as a run grows."""
    stride = 1
    while epochs and epochs[-1].epoch / stride > MAX_EPOCHS:
        stride *= 2
    return [epoch for epoch in epochs if epoch.epoch % stride == 0 or epoch is epochs[-1]]


def _best(epochs: list[EpochRecord], x: str, y: str, choose) -> dict | None:
    """The epoch with the best value of `y`, by `choose` (min or max); None if no epoch has a value."""
    rows = [epoch for epoch in epochs if getattr(epoch, y) is not None]
    if not rows:
        return None
    best = choose(rows, key=attrgetter(y))
    text = f"{'lowest' if choose is min else 'highest'}: epoch {best.epoch}"
    return {"x": getattr(best, x), "y": getattr(best, y), "text": text}
