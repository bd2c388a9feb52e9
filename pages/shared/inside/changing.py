"""Sliders that change an image, as a part of the view."""

import re

import streamlit as st

from cnn.explain.image_changes import CURVES, FLIPS, prepare
from pages.components.amounts import Dial
from pages.server.warm import when_calm

STEPS = {"px": 1, "°": 5, "×": 0.05, "%": 0.05} | {"blur": 0.1, "noise": 0.01}  # of a unit, or of one change
DIALS = [
    *(Dial(name, c.low, c.high, c.neutral, STEPS.get(name, STEPS[c.unit]), c.unit) for name, c in CURVES.items()),
    *(Dial(name, 0, 1, 0, 1) for name in FLIPS),
]


@st.cache_resource(show_spinner=False)
def prepare_soon() -> None:
    """Loads what the changes need, once per server, after the page is drawn. Otherwise the first move takes seconds."""
    when_calm(prepare)


def as_text(chosen: dict[str, float]) -> str:
    """The amounts as a text for the address, such as "rotate:10,blur:0.5". Neutral ones are left out."""
    neutral = {dial.name: dial.neutral for dial in DIALS}
    return ",".join(f"{name}:{amount:g}" for name, amount in chosen.items() if amount != neutral[name])


def from_text(text: str) -> dict[str, float]:
    """The amounts in such a text, in range or not."""
    found = (entry.rpartition(":") for entry in text.split(","))
    return {name: float(amount) for name, _, amount in found if re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", amount)}
