"""The loss against a rising learning rate, as SVG, with a mark at the suggested rate."""

from collections.abc import Sequence
from math import log10

from cnn.figures.charts import QUIET_COLOR, TRAIN_COLOR

WIDTH, HEIGHT, LARGEST_WIDTH = 180, 150, 240
LEFT, RIGHT, TOP, BOTTOM = 30, 6, 18, 36  # room around the curve, for the numbers and the names of the axes
LABELLED = (1e-6, 1e-4, 1e-2, 1.0)
LEAST_SPAN = 0.2  # of the first loss: smaller falls are mostly noise, and must not look like a success


def rate_drawing(rates: Sequence[float], losses: Sequence[float], suggestion: float | None) -> str:
    """An SVG element, as wide as its column, up to 240 pixels.

    rates: rising, at least one; the axis is logarithmic and goes from 1e-6 to 1. losses: at each rate. The y axis ends
    half a fall above the first loss: the curve leaves it where the loss blows up.
    """
    first = losses[0]
    span = max(first - min(losses), LEAST_SPAN * first)
    low, high = first - span, first + span / 2

    def x(rate: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (log10(rate) + 6) / 6

    def y(loss: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - min(loss, high)) / (high - low)

    points = []
    for rate, loss in zip(rates, losses, strict=True):
        points.append(f"{x(rate):.1f},{y(loss):.1f}")
        if loss > high:
            break
    curve = f'<polyline points="{" ".join(points)}" fill="none" stroke="{TRAIN_COLOR}" stroke-width="2"/>'
    about = f"The loss while the learning rate rises from {rates[0]:g} to {rates[-1]:.1g}"
    mark = ""
    if suggestion is not None:
        about += f"; suggested is {suggestion:g}"
        at = x(suggestion)
        mark = (
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="currentColor" '
            f'stroke-width="1.5" stroke-dasharray="4 3"/><text x="{at:.1f}" y="{TOP - 5}" text-anchor="middle" '
            f'font-weight="600">{suggestion:g}</text>'
        )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{about}" font-family="inherit" font-size="12" '
        f'fill="currentColor" style="display:block; width:100%; max-width:{LARGEST_WIDTH}px">'
        f"{_axes(low, first, x, y)}{curve}{mark}</svg>"
    )


def _axes(low: float, first: float, x, y) -> str:
    """The numbers of both axes and their names. x, y: a value -> its place."""
    end = WIDTH - RIGHT
    rules = "".join(
        f'<line x1="{LEFT}" x2="{end}" y1="{y(loss):.1f}" y2="{y(loss):.1f}" stroke="{QUIET_COLOR}" '
        f'stroke-opacity="0.5"/><text x="{LEFT - 4}" y="{y(loss) + 2:.1f}" text-anchor="end">{loss:.2g}</text>'
        for loss in (low, first)
    )
    ticks = "".join(
        f'<text x="{x(rate):.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{rate:g}</text>' for rate in LABELLED
    )
    return (
        f'{rules}{ticks}<text x="{LEFT - 4}" y="{TOP - 5}" text-anchor="end">loss</text>'
        f'<text x="{(LEFT + end) / 2}" y="{HEIGHT - 4}" text-anchor="middle">learning rate</text>'
    )
