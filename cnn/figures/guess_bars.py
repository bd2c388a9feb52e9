"""A guess held against what happened: one bar for each number, as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from cnn.figures.charts import VAL_COLOR, as_text

ROW, TEXT, WORDS = 44, 13, 58  # pixels
GUESS_COLOR, DOT_COLOR = "#e08a00", "#7d8894"


@dataclass(frozen=True)
class Bar:
    """label: what was measured. value: how much; None: not yet. low, high: the ends of its scale, with 0 in between or
    at an end. unit: such as "%". guess: what the user guessed, or None. others: the same measured with other seeds."""

    label: str
    value: float | None
    low: float
    high: float
    unit: str = "%"
    guess: float | None = None
    others: Sequence[float] = ()


def guess_bars(bars: Sequence[Bar], width: int = 560) -> str:
    """An SVG element, at most `width` pixels wide, with a bar per row, in the text colour of the page: a small dot for
    each of the others, and a line for the guess."""
    rows = "".join(_row(bar, 4 + i * ROW, width) for i, bar in enumerate(bars))
    height = 4 + ROW * len(bars)
    spoken = as_text("; ".join(map(_spoken, bars))).replace('"', "&quot;")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{spoken}" '
        f'style="display:block; width:100%; max-width:{width}px; font:{TEXT}px var(--st-font, sans-serif)" '
        f'fill="currentColor">{rows}</svg>'
    )


def _row(bar: Bar, top: float, width: int) -> str:
    def x(value: float) -> float:
        return width * (min(max(value, bar.low), bar.high) - bar.low) / (bar.high - bar.low)

    parts = [f'<text x="0" y="{top + 12}">{as_text(bar.label)}</text>']
    if bar.value is not None:
        number = _number(bar.value, bar.unit)
        parts.append(f'<text x="{width}" y="{top + 12}" text-anchor="end" font-weight="600">{number}</text>')
    parts.append(f'<rect x="0" y="{top + 18}" width="{width}" height="12" rx="2" fill-opacity="0.09"/>')
    if bar.value is not None:
        start, end = sorted((x(0), x(bar.value)))
        parts.append(
            f'<rect x="{start:.1f}" y="{top + 18}" width="{max(end - start, 1.5):.1f}" height="12" rx="2" '
            f'fill="{VAL_COLOR}"/>'
        )
        parts += [
            f'<circle cx="{x(other):.1f}" cy="{top + 35}" r="2.5" fill="{DOT_COLOR}"/>'
            for other in bar.others
            if isfinite(other)
        ]
    if bar.guess is not None:
        at = x(bar.guess)
        anchor = "start" if at < width / 2 else "end"
        beside = at + (5 if at < width / 2 else -5)
        color = "#ffffff" if bar.value is not None and _covers(x(0), x(bar.value), beside, anchor) else "currentColor"
        parts.append(f'<rect x="{at - 1.5:.1f}" y="{top + 14}" width="3" height="20" fill="{GUESS_COLOR}"/>')
        place = f'x="{beside:.1f}" y="{top + 28}" text-anchor="{anchor}"'
        parts.append(f'<text {place} font-size="11" fill="{color}">your guess</text>')
    return "".join(parts)


def _covers(start: float, end: float, beside: float, anchor: str) -> bool:
    """Whether the bar from start to end is below the words “your guess”, which begin or end at `beside`."""
    first, last = (beside, beside + WORDS) if anchor == "start" else (beside - WORDS, beside)
    return min(start, end) <= first and last <= max(start, end)


def _number(value: float, unit: str) -> str:
    size = abs(value)
    text = f"{value:,.0f}" if size >= 100 or value == round(value) else f"{value:.1f}" if size >= 10 else f"{value:.2g}"
    return f"{text} {unit}".strip().replace("-", "−")


def _spoken(bar: Bar) -> str:
    value = "" if bar.value is None else f": {_number(bar.value, bar.unit)}"
    guess = "" if bar.guess is None else f", your guess {_number(bar.guess, bar.unit)}"
    return f"{bar.label}{value}{guess}"
