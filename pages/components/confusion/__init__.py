"""A confusion matrix; a click or Enter chooses a cell, a row, a column or all of it."""

from collections.abc import Sequence

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("confusion", "confusion/confusion.css")
ALL = -1  # in the result: any class


def confusion(
    counts: np.ndarray,
    shares: np.ndarray | None,
    *,
    key: str,
    label: str,
    names: Sequence[str],
    order: Sequence[int],
    selected: tuple[int | None, int | None],
) -> tuple[int | None, int | None] | None:
    """Draws the matrix; returns the last chosen part as (true class, answer), where None is any; None before a choice.

    counts: int (n, n), images by true class (row) and answer (column). shares: float32 (n, n), 0..1, shown instead of
    the counts. label: of the whole matrix, for screen readers. names: of the classes. order: of the classes in the
    matrix. selected: the part with a frame, as in the result.
    """
    placed = np.ix_(order, order)
    data = {
        "counts": np.asarray(counts[placed], np.uint32),
        "shares": None if shares is None else np.asarray(shares[placed], np.float32),
        "label": label,
        "names": [names[i] for i in order],
        "ids": [int(i) for i in order],
        "selected": [ALL if one is None else int(one) for one in selected],
    }
    state = _component(key=key, data=message.encode(data), on_cell_change=lambda: None)
    chosen = state.get("cell") if state else None
    if not isinstance(chosen, list | tuple) or len(chosen) != 2:
        return None
    truth, answer = (one if isinstance(one, int) and 0 <= one < len(names) else None for one in chosen)
    return truth, answer
