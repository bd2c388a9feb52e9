"""A map of small images as points; pointing at one shows its image, a click or Enter chooses it."""

from collections.abc import Sequence

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("scatter", "scatter/scatter.css")


def scatter(
    points: np.ndarray,
    images: np.ndarray,
    ids: Sequence[int] | np.ndarray,
    groups: Sequence[int] | np.ndarray,
    *,
    key: str,
    label: str,
    captions: Sequence[str],
    names: Sequence[str],
    colors: Sequence[str],
    axes: tuple[str, str],
    ring: tuple[float, float] | None,
    selected: int | None,
) -> int | None:
    """Draws the map, as wide as its place; returns the id of the image that the user has just chosen, or None.

    points: float32 (n, 2). images: uint8 (n, h, w, c), c is 1 or 3. ids: the images' numbers in `selected` and the
    result. groups: of each image, an index in `names` and `colors` (CSS colours), which the legend explains.
    label: of the whole map, for screen readers. captions: a line under each image. axes: texts along x and y; may be
    empty. ring: a place to mark, which need not be that of a point. selected: the id of the point with a frame.
    """
    header = {
        "points": np.asarray(points, np.float32),
        "images": np.asarray(images, np.uint8),
        "ids": [int(i) for i in ids],
        "groups": [int(group) for group in groups],
        "label": label,
        "captions": list(captions),
        "names": list(names),
        "colors": list(colors),
        "axes": list(axes),
        "ring": ring and [float(number) for number in ring],
        "selected": selected,
    }
    state = _component(key=key, data=message.encode(header), on_chosen_change=lambda: None)
    chosen = state.get("chosen") if state else None
    return chosen if isinstance(chosen, int) else None
