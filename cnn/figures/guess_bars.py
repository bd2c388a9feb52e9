"""A guess held against what happened: one bar for each number, as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from cnn.figures.charts import VAL_COLOR, as_text
from cnn.percent import with_minus

ROW, TEXT, LETTER = 44, 13, 5.7  # pixels; of a letter beside the guess: its mean width
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
    """An SVG element, drawn for `width` pixels and at most 1.3 times as wide, with a bar per row, in the text colour of
    the page: a small dot for each of the others, and a line for the guess."""
    rows = "".join(_row(bar, 4 + i * ROW, width) for i, bar in enumerate(bars))
    height = 4 + ROW * len(bars)
    spoken = as_text("; ".join(map(_spoken, bars))).replace('"', "&quot;")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{spoken}" '
        f'style="display:block; width:100%; max-width:{1.3 * width:.0f}px; font:{TEXT}px var(--st-font, sans-serif)" '
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
        at, text = x(bar.guess), f"your guess: {_number(bar.guess, bar.unit)}"
        covered = (0.0, 0.0) if bar.value is None else tuple(sorted((x(0), x(bar.value))))
        left, color = _beside(at, LETTER * len(text), width, covered)
        parts.append(f'<rect x="{at - 1.5:.1f}" y="{top + 14}" width="3" height="20" fill="{GUESS_COLOR}"/>')
        place = f'x="{left + LETTER * len(text):.1f}" text-anchor="end"' if left < at else f'x="{left:.1f}"'
        parts.append(f'<text {place} y="{top + 28}" font-size="11" fill="{color}">{text}</text>')
    return "".join(parts)


def _beside(at: float, long: float, width: float, covered: tuple[float, ...]) -> tuple[float, str]:
    """Where the words beside the mark of the guess begin, and their colour: on the side where they stand wholly on the
    bar or wholly off it, if there is one. covered: both ends of the bar."""
    first, last = covered
    sides = sorted((at + 5, at - 5 - long), key=lambda left: abs(left + long / 2 - width / 2))
    fitting = [left for left in sides if left >= 0 and left + long <= width]
    on_bar = [left for left in fitting if first <= left and left + long <= last]
    off_bar = [left for left in fitting if left >= last or left + long <= first]
    left = (on_bar + off_bar + fitting + sides)[0]
    return left, "#ffffff" if left in on_bar else "currentColor"


def _number(value: float, unit: str) -> str:
    digits = 1 if unit else 2  # what has no unit may be small
    value = round(value, digits) + 0.0  # not −0
    text = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.{digits}f}"
    return with_minus(f"{text} {unit}".strip())


def _spoken(bar: Bar) -> str:
    value = "" if bar.value is None else f": {_number(bar.value, bar.unit)}"
    guess = "" if bar.guess is None else f", your guess {_number(bar.guess, bar.unit)}"
    return f"{bar.label}{value}{guess}"
