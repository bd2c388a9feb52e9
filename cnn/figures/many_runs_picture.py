"""Many runs as a picture for a report: accuracy over a setting, all settings at once, and which of them mattered."""

from collections.abc import Mapping, Sequence

import numpy as np

from cnn.figures.charts import QUIET_COLOR, VAL_COLOR
from cnn.figures.sheet import Sheet, mixed
from cnn.percent import percent
from cnn.store.varied import Varied
from cnn.training.importance import Importance

MOST_VALUES = 12  # of a setting


def many_runs_picture(
    about: str,
    setting: Varied,
    settings: Sequence[Varied],
    accuracies: Sequence[float],
    found: Mapping[str, Importance],
) -> str:
    """setting: the one whose values are compared. accuracies: 0..1, one for each run. found: label of a setting -> how
    much it mattered; empty if there are too few runs."""
    sheet = Sheet()
    sheet.text(about)
    sheet.text(f"Mean held-out accuracy by {setting.label}", 12, bold=True)
    groups = by_value(setting, accuracies)
    texts = [
        f"{percent(float(group.mean()), 1)}, {len(group)} {'run' if len(group) == 1 else 'runs'}"
        for group in groups.values()
    ]
    means = [[float(group.mean())] for group in groups.values()]
    sheet.bars(list(groups)[:MOST_VALUES], means[:MOST_VALUES], [[VAL_COLOR]] * len(means[:MOST_VALUES]),
               texts[:MOST_VALUES], 1)  # fmt: skip
    if len(groups) > MOST_VALUES:
        sheet.text(f"The first {MOST_VALUES} of {len(groups)} values.", 11)
    sheet.text("All settings at once", 12, bold=True)
    values = np.array(accuracies, np.float64)
    ends = float(values.min()), float(values.max())
    heights = [_places(one) for one in settings] + [(values - ends[0]) / ((ends[1] - ends[0]) or 1)]
    axes = [(one.label, one.options[0].text, one.options[-1].text) for one in settings]
    order = np.argsort(values, kind="stable")  # the best run is drawn last
    colors = [mixed(QUIET_COLOR, VAL_COLOR, float(heights[-1][row])) for row in order]
    sheet.parallel([*axes, ("accuracy", percent(ends[0], 1), percent(ends[1], 1))], np.stack(heights, 1)[order], colors)
    sheet.text("A line for each run, from gray (least accurate) to full colour (most).", 11)
    if found:
        sheet.text("Which setting mattered most?", 12, bold=True)
        shares = [[one.explained] for one in found.values()]
        colors = [VAL_COLOR if one.is_clear else QUIET_COLOR for one in found.values()]
        said = [f"{percent(one.explained)}; luck {percent(one.by_luck)}" for one in found.values()]
        sheet.bars(list(found), shares, [[color] for color in colors], said, 1)
        sheet.text("Of the differences in accuracy; gray: could be luck.", 11)
    return sheet.svg()


def by_value(setting: Varied, accuracies: Sequence[float]) -> dict[str, np.ndarray]:
    """Text of a value of the setting -> the accuracies of its runs, float64, in the order of the values."""
    texts = [one.text for one in setting.values]
    return {
        one.text: np.array([own for own, text in zip(accuracies, texts, strict=True) if text == one.text])
        for one in setting.options
    }


def _places(setting: Varied) -> np.ndarray:
    """float64 (runs,): where each run's value lies between the first value, 0, and the last, 1."""
    position = {one.text: place for place, one in enumerate(setting.options)}
    return np.array([position[one.text] for one in setting.values]) / max(1, len(position) - 1)
