"""Filters and dense units as switches: each shows its weights and its output, and a click switches it off or on."""

from collections.abc import Sequence

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("switches", "switches/switches.css")


def switches(
    filters: np.ndarray,
    maps: np.ndarray,
    *,
    key: str,
    label: str,
    one: str,
    off: Sequence[int],
    order: Sequence[int] | np.ndarray,
    captions: Sequence[str] = (),
    quiet: Sequence[bool] = (),
    signed: bool = False,
) -> None:
    """Draws a switch for each unit. `switched_off` returns what the user has switched since.

    filters: float32 (n, rows, columns), drawn on one diverging scale, gaps are NaN; or uint8 (n, rows, columns, 3),
    drawn as colours. maps: float32 (n, rows, columns), each on its own scale; those of a single value on one scale.
    signed: whether they have negative values. label: of all switches, for screen readers; one: what each of them is
    called. off: the units that are off when the switches first appear. order: of the switches. captions: a line for
    each unit. quiet: whether its caption is in pale print.
    """
    data = {
        "filters": np.asarray(filters, np.uint8 if filters.dtype == np.uint8 else np.float32),
        "maps": np.asarray(maps, np.float32),
        "label": label,
        "one": one,
        "off": [int(i) for i in off],
        "order": [int(i) for i in order],
        "captions": list(captions),
        "quiet": [bool(one) for one in quiet],
        "signed": signed,
    }
    _component(key=key, data=message.encode(data), on_off_change=lambda: None)


def switched_off(state: dict | None, start: Sequence[int], count: int) -> tuple[int, ...]:
    """The units that are off, sorted. state: the component's state in Streamlit. start: those that were off at first.
    count: the number of units."""
    reported = state.get("off") if state else None
    if not isinstance(reported, list | tuple):
        return tuple(sorted(start))
    return tuple(sorted({one for one in reported if isinstance(one, int) and 0 <= one < count}))
