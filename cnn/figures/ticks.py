"""Round numbers for the axis of a chart."""

from math import ceil, floor, log10


def ticks(low: float, high: float, whole: bool = False, about: int = 4) -> list[float]:
    """Round numbers from low to high, about so many steps apart. whole: only whole numbers."""
    if not high > low:
        return [low]
    raw = (high - low) / about
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.95)
    if whole:
        step = max(1.0, float(ceil(step)))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(step * i, 10) for i in range(first, last + 1)]
