"""Sliders and switches that report their values to Python while they move."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pages.components.common import reports
from pages.components.common.modules import component

_component = component("amounts", "amounts/amounts.css")


@dataclass(frozen=True)
class Dial:
    """An amount from low to high, in steps; neutral: its start value. unit: px, °, ×, or % for shares of 1.
    A dial with two values is drawn as a switch."""

    name: str
    low: float
    high: float
    neutral: float
    step: float
    unit: str = ""


def reported_amounts(dials: Sequence[Dial], start: dict[str, float], state: dict | None) -> dict[str, float]:
    """The value of each dial, by name. start: the values before the first move; a missing dial is neutral. state: the
    component's state in Streamlit."""
    _, reported = reports.last_report(state)
    return {dial.name: _amount(dial, reported if isinstance(reported, dict) else start) for dial in dials}


def amounts(dials: Sequence[Dial], values: dict[str, float], state: dict | None, *, key: str) -> None:
    """Draws the dials and a Reset button; call it after everything that depends on their values."""
    number, _ = reports.last_report(state)
    data = {"dials": [asdict(dial) for dial in dials], "values": values, "answered": number}
    _component(key=key, data=data, on_report_change=lambda: None)


def _amount(dial: Dial, values: dict) -> float:
    """The value of the dial; neutral if the browser sent something invalid."""
    value = values.get(dial.name)
    if isinstance(value, int | float) and not isinstance(value, bool) and dial.low <= value <= dial.high:
        return float(value)
    return dial.neutral
