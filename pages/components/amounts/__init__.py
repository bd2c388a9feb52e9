"""Amounts to set with sliders and switches, which Python gets to know while they move."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from pages.components.common import reports

_ASSETS = Path(__file__).parent
_component = st.components.v2.component(
    "cnn_amounts",
    css=(_ASSETS / "amounts.css").read_text("utf-8"),
    js="\n".join(
        [reports.SCRIPT, *((_ASSETS / name).read_text("utf-8") for name in ("../common/make.js", "amounts.js"))]
    ),
)


@dataclass(frozen=True)
class Dial:
    """An amount from low to high, in steps; neutral: where it begins. One of two places is drawn as a switch."""

    name: str
    low: float
    high: float
    neutral: float
    step: float
    unit: str = ""


def reported_amounts(dials: Sequence[Dial], start: dict[str, float], state: dict | None) -> dict[str, float]:
    """Where the dials are, by name. start: where they are as long as they have not been moved, else neutral.
    state: what Streamlit keeps for the component."""
    _, reported = reports.last_report(state)
    return {dial.name: _amount(dial, reported if isinstance(reported, dict) else start) for dial in dials}


def amounts(dials: Sequence[Dial], values: dict[str, float], state: dict | None, *, key: str) -> None:
    """Draws the dials and a button that makes all neutral; to be called after all that is drawn from their values."""
    number, _ = reports.last_report(state)
    data = {"dials": [asdict(dial) for dial in dials], "values": values, "answered": number}
    _component(key=key, data=data, on_report_change=lambda: None)


def _amount(dial: Dial, values: dict) -> float:
    """Where the dial is, or neutral if a browser has sent anything else."""
    value = values.get(dial.name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and dial.low <= value <= dial.high else dial.neutral
