"""One bar per class, as HTML in the page's text colour. Fast even for a hundred classes."""

from collections.abc import Iterable

import numpy as np

from cnn.figures.charts import QUIET_COLOR, TEST_COLOR, TRAIN_COLOR, VAL_COLOR, as_text
from cnn.percent import percent

_SPLIT_COLORS = {"training": TRAIN_COLOR, "held-out": VAL_COLOR, "test": TEST_COLOR}
END = 6  # the last letters of a name, which stay: long names often begin alike
_STYLE = """<style>
.bars { display: grid; grid-template-columns: fit-content(40%) 1fr max-content; gap: 0.3rem 0.6rem; align-items: center;
  font-size: 0.875rem; line-height: 1.25; font-variant-numeric: tabular-nums }
.bars > [role=listitem] { display: contents }
.legend { grid-column: 1 / -1; display: flex; gap: 1rem; padding-bottom: 0.2rem }
.legend i { display: inline-block; width: 0.75em; height: 0.75em; margin-right: 0.4em; border-radius: 2px }
.name { display: flex; overflow: hidden; white-space: pre }
.name span { overflow: hidden; text-overflow: ellipsis }
.track { background: color-mix(in srgb, currentColor 9%, transparent); border-radius: 2px; overflow: hidden }
.track i { display: block; height: 0.55rem }
.stacked { display: flex }
.stacked i { height: 1.1rem }
.value { text-align: right }
</style>"""


def count_bars(counts: dict[str, dict[str, int]]) -> str:
    """Bars of the images per class, with one segment per split. counts: split name (training, held-out or test) ->
    class name -> images."""
    totals = {name: sum(by_class[name] for by_class in counts.values()) for name in next(iter(counts.values()))}
    most = max(totals.values(), default=0) or 1
    rows = []
    for name, total in totals.items():
        segments = [(by_class[name] / most, _SPLIT_COLORS[split]) for split, by_class in counts.items()]
        description = ", ".join(f"{by_class[name]:,} {split}" for split, by_class in counts.items())
        rows.append(_row(name, segments, f"{total:,}", description, "track stacked"))
    return _bars([(split, _SPLIT_COLORS[split]) for split in counts], rows)


def accuracy_bars(classes: tuple[str, ...], before: np.ndarray, after: np.ndarray | None) -> str:
    """Bars of the accuracy per class before and after a change. before, after: float (classes,), 0..1, or NaN for a
    class without images; after is None if nothing has changed."""
    kinds = [("before", QUIET_COLOR, before)] + ([] if after is None else [("after", VAL_COLOR, after)])
    rows = []
    for name, *accuracies in zip(classes, *(shares for *_, shares in kinds), strict=True):
        if np.isnan(accuracies).any():
            rows.append(_row(name, [], "no images", "no images", "track"))
            continue
        segments = [(share, color) for share, (_, color, _) in zip(accuracies, kinds, strict=True)]
        says = (f"{percent(share, 1)} right {kind}" for share, (kind, *_) in zip(accuracies, kinds, strict=True))
        rows.append(_row(name, segments, percent(accuracies[-1]), ", ".join(says), "track"))
    return _bars([(kind, color) for kind, color, _ in kinds], rows)


def _row(name: str, segments: Iterable[tuple[float, str]], value: str, description: str, track: str) -> str:
    """segments: (fraction of the full length, colour) of each. description: what they mean, for the tooltip."""
    title = as_text(f"{name}: {description}").replace('"', "&quot;")
    lines = "".join(f'<i style="width:{100 * length:.2f}%;background:{color}"></i>' for length, color in segments)
    return (
        f'<div role="listitem" aria-label="{title}"><span class="name" title="{title}">'
        f"<span>{as_text(name[:-END])}</span>{as_text(name[-END:])}</span>"
        f'<span class="{track}" title="{title}">{lines}</span><span class="value" title="{title}">{value}</span></div>'
    )


def _bars(legend: list[tuple[str, str]], rows: list[str]) -> str:
    names = "".join(f'<span><i style="background:{color}"></i>{name}</span>' for name, color in legend)
    return f'{_STYLE}<div class="bars" role="list"><div class="legend">{names}</div>{"".join(rows)}</div>'
