"""Bars for each class, as HTML that takes its text colour from the page: there at once for a hundred classes, too."""

from collections.abc import Iterable

import numpy as np

from cnn.figures.charts import QUIET_COLOR, TEST_COLOR, TRAIN_COLOR, VAL_COLOR, as_text

_SPLIT_COLORS = {"training": TRAIN_COLOR, "held-out": VAL_COLOR, "test": TEST_COLOR}
_STYLE = """<style>
.bars { display: grid; grid-template-columns: fit-content(40%) 1fr max-content; gap: 0.3rem 0.6rem; align-items: center;
  font-size: 0.875rem; line-height: 1.25; font-variant-numeric: tabular-nums }
.bars > [role=listitem] { display: contents }
.legend { grid-column: 1 / -1; display: flex; gap: 1rem; padding-bottom: 0.2rem }
.legend i { display: inline-block; width: 0.75em; height: 0.75em; margin-right: 0.4em; border-radius: 2px }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.track { background: color-mix(in srgb, currentColor 9%, transparent); border-radius: 2px; overflow: hidden }
.track i { display: block; height: 0.55rem }
.stacked { display: flex }
.stacked i { height: 1.1rem }
.value { text-align: right }
</style>"""


def count_bars(counts: dict[str, dict[str, int]]) -> str:
    """Images per class, a part of each bar for each split. counts: split name (training, held-out or test) -> class
    name -> images."""
    totals = {name: sum(of_class[name] for of_class in counts.values()) for name in next(iter(counts.values()))}
    most = max(totals.values(), default=0) or 1
    rows = []
    for name, total in totals.items():
        parts = [(of_class[name] / most, _SPLIT_COLORS[split]) for split, of_class in counts.items()]
        said = ", ".join(f"{of_class[name]:,} {split}" for split, of_class in counts.items())
        rows.append(_row(name, parts, f"{total:,}", said, "track stacked"))
    return _bars([(split, _SPLIT_COLORS[split]) for split in counts], rows)


def accuracy_bars(classes: tuple[str, ...], before: np.ndarray, after: np.ndarray) -> str:
    """The accuracy on each class, before a change above after it: float (classes,), 0..1, NaN without images."""
    rows = []
    for name, *shares in zip(classes, before, after, strict=True):
        if np.isnan(shares).any():
            rows.append(_row(name, [], "no images", "no images", "track"))
            continue
        parts = list(zip(shares, (QUIET_COLOR, TRAIN_COLOR), strict=True))
        said = f"{shares[0]:.1%} right before, {shares[1]:.1%} after"
        rows.append(_row(name, parts, f"{shares[1]:.0%}", said, "track"))
    return _bars([("before", QUIET_COLOR), ("after", TRAIN_COLOR)], rows)


def _row(name: str, parts: Iterable[tuple[float, str]], value: str, said: str, track: str) -> str:
    """parts: share of the whole length (0..1) and colour of each. said: in words what they mean."""
    whole = as_text(f"{name}: {said}").replace('"', "&quot;")
    lines = "".join(f'<i style="width:{100 * share:.2f}%;background:{color}"></i>' for share, color in parts)
    return (
        f'<div role="listitem" aria-label="{whole}"><span class="name" title="{whole}">{as_text(name)}</span>'
        f'<span class="{track}" title="{whole}">{lines}</span><span class="value" title="{whole}">{value}</span></div>'
    )


def _bars(legend: list[tuple[str, str]], rows: list[str]) -> str:
    names = "".join(f'<span><i style="background:{color}"></i>{name}</span>' for name, color in legend)
    return f'{_STYLE}<div class="bars" role="list"><div class="legend">{names}</div>{"".join(rows)}</div>'
