"""Learning curves as one sketches them on a blackboard: shapes without numbers, for questions about what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn.figures.charts import TRAIN_COLOR, VAL_COLOR, as_text

PANEL, HEIGHT, GAP = 140, 96, 20  # pixels
TOP, BOTTOM = 20, 18  # of a panel, for its letter and for the axis


@dataclass(frozen=True)
class Sketch:
    """training, held_out: heights at equal distances, from 0 (bottom) to 1 (top). what: “accuracy” or “loss”."""

    letter: str
    what: str
    training: Sequence[float]
    held_out: Sequence[float]


def sketched_curves(sketches: Sequence[Sketch], panel: int = PANEL) -> str:
    """An SVG element with a panel for each sketch, `panel` pixels wide, in the text colour of the page. The training
    curve is solid, the held-out curve dashed."""
    width = len(sketches) * (panel + GAP) - GAP
    panels = "".join(_panel(one, i * (panel + GAP), panel) for i, one in enumerate(sketches))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + BOTTOM}" role="img" '
        f'aria-label="Sketches of learning curves: training solid, held-out dashed" fill="currentColor" '
        f'style="display:block; width:100%; max-width:{width}px; font:12px var(--st-font, sans-serif)">{panels}</svg>'
    )


def _panel(sketch: Sketch, left: float, width: int) -> str:
    bottom = TOP + HEIGHT
    return (
        f'<text x="{left}" y="13" font-weight="600">{as_text(sketch.letter)}</text>'
        f'<text x="{left + width}" y="13" text-anchor="end" fill-opacity="0.75">{as_text(sketch.what)}</text>'
        f'<path d="M{left} {TOP}V{bottom}H{left + width}" fill="none" stroke="currentColor" stroke-opacity="0.4"/>'
        f'<text x="{left + width}" y="{bottom + 14}" text-anchor="end" fill-opacity="0.75">epochs</text>'
        + _line(sketch.training, left, width, TRAIN_COLOR, "")
        + _line(sketch.held_out, left, width, VAL_COLOR, ' stroke-dasharray="5 4"')
    )


def _line(heights: Sequence[float], left: float, width: int, color: str, dash: str) -> str:
    steps = len(heights) - 1
    points = " ".join(
        f"{left + width * i / steps:.1f},{TOP + HEIGHT * (1 - height):.1f}" for i, height in enumerate(heights)
    )
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2.5"{dash}/>'
