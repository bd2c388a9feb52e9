"""The learning curves of a run, as plain dicts for whoever draws them: the loss by step, the accuracy by epoch.

Each holds
    x, y: what its axes show;
    x_range, y_range: from where to where at least, with None where the data tell;
    cut: where y ends although a few values lie far above, with text that tells how far; or None;
    percent: whether y, 0..1, is told in percent;
    lines: name, x, y (two lists of the same length), color, width, opacity, and marks: "", "open" or "filled";
    best: a point worth a star, with x, y and text; or None;
    levels: heights to compare with, each with y, text and color;
    changes: places where something was changed, each with x and text.
"""

from operator import attrgetter

from cnn.figures.charts import QUIET_COLOR, TEST_COLOR, TRAIN_COLOR, VAL_COLOR
from cnn.store.history import EpochRecord, StepRecord

MOST_EPOCHS = 200  # in a line,
MOST_MARKS = 50  # with a mark each
FAR_ABOVE = 4.0  # times what losses usually are: then the axis is cut, at half of that


def losses(steps: list[StepRecord], epochs: list[EpochRecord], rates: dict[int, float]) -> dict:
    """The loss against the step: of each batch, smoothed, and of whole epochs.

    rates: step -> learning rate from there on.
    """
    at = [record.step for record in steps]
    lines = [
        _line("batch", at, [record.loss for record in steps], QUIET_COLOR, width=1, opacity=0.55),
        _line("smoothed", at, [record.smooth for record in steps], TRAIN_COLOR, width=2.5),
        _of_epochs("training", epochs, "step", "train_loss", TRAIN_COLOR, "open"),
        _of_epochs("validation", epochs, "step", "val_loss", VAL_COLOR, "filled"),
    ]
    return {
        "x": "step",
        "y": "loss",
        "x_range": [0, None],
        "y_range": [0, None],
        "cut": _cut(lines),
        "percent": False,
        "lines": lines,
        "best": _best(epochs, "step", "val_loss", min),
        "levels": [],
        "changes": [{"x": step, "text": f"learning rate {rate:g}"} for step, rate in rates.items()],
    }


def accuracies(epochs: list[EpochRecord], total_epochs: int, chance: float, guess: float = 0.0) -> dict:
    """Training and validation accuracy against the epoch, beside what guessing would reach.

    guess: what the user expected, 0..1; left out if it is 0.
    """
    levels = [{"y": chance, "text": "guessing", "color": QUIET_COLOR}]
    if guess:
        levels.append({"y": guess, "text": "your guess", "color": TEST_COLOR})
    return {
        "x": "epoch",
        "y": "accuracy",
        "x_range": [0.5, max(total_epochs, 2) + 0.5],
        "y_range": [0, 1.02],
        "cut": None,
        "percent": True,
        "lines": [
            _of_epochs("training", epochs, "epoch", "train_accuracy", TRAIN_COLOR, "open"),
            _of_epochs("validation", epochs, "epoch", "val_accuracy", VAL_COLOR, "filled"),
        ],
        "best": _best(epochs, "epoch", "val_accuracy", max),
        "levels": levels,
        "changes": [],
    }


def _cut(lines: list[dict]) -> dict | None:
    """Where to cut the axis so that a few steps with an enormous loss do not make a flat line of all others."""
    points = sorted((x, y) for line in lines for x, y in zip(line["x"], line["y"], strict=True))
    if not points:
        return None
    (_, at_first), *_ = points
    heights = sorted(y for _, y in points)
    usual = max(heights[int(0.95 * (len(heights) - 1))], at_first)
    step, highest = max(points, key=lambda point: point[1])
    if not 0 < usual * FAR_ABOVE < highest:
        return None
    return {"y": FAR_ABOVE / 2 * usual, "text": f"{highest:,.{0 if highest >= 100 else 1}f} at step {step:,}"}


def _line(name: str, x: list, y: list, color: str, width: float, opacity: float = 1.0, marks: str = "") -> dict:
    return {"name": name, "x": x, "y": y, "color": color, "width": width, "opacity": opacity, "marks": marks}


def _of_epochs(name: str, epochs: list[EpochRecord], x: str, y: str, color: str, marks: str) -> dict:
    rows = _spread([epoch for epoch in epochs if getattr(epoch, y) is not None])
    marks = marks if len(rows) <= MOST_MARKS else ""
    return _line(
        name, [getattr(row, x) for row in rows], [getattr(row, y) for row in rows], color, width=1.5, marks=marks
    )


def _spread(epochs: list[EpochRecord]) -> list[EpochRecord]:
    """Evenly spread epochs, about MOST_EPOCHS and the newest. The distance between them is a power of two, so that
    points stay where they are as a run grows."""
    stride = 1
    while epochs and epochs[-1].epoch / stride > MOST_EPOCHS:
        stride *= 2
    return [epoch for epoch in epochs if epoch.epoch % stride == 0 or epoch is epochs[-1]]


def _best(epochs: list[EpochRecord], x: str, y: str, choose) -> dict | None:
    """The best validated epoch, if there is one."""
    rows = [epoch for epoch in epochs if getattr(epoch, y) is not None]
    if not rows:
        return None
    best = choose(rows, key=attrgetter(y))
    text = f"{'lowest' if choose is min else 'highest'}: epoch {best.epoch}"
    return {"x": getattr(best, x), "y": getattr(best, y), "text": text}
