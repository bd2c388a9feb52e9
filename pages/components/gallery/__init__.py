"""A grid of small images; the user chooses one by pointer or keyboard."""

from collections.abc import Callable, Sequence

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("gallery", "gallery/gallery.css")


def gallery(
    images: np.ndarray,
    ids: Sequence[int] | np.ndarray,
    *,
    key: str,
    label: str,
    captions: Sequence[str],
    titles: Sequence[str],
    colors: Sequence[str],
    selected: int | None,
    size: int = 64,
    on_chosen: Callable[[], None] = lambda: None,
) -> int | None:
    """Draws the images; returns the id of the last chosen one, which may no longer be in the grid.

    `chosen_in` returns the same id before the gallery is drawn, so this run can already frame the chosen image.

    images: uint8 (n, h, w, c), c is 1 or 3. ids: their numbers in `selected` and the result.
    label: of the whole grid, for screen readers. captions: texts of at most two lines below the images. titles: longer
    ones on hover.
    colors: CSS colour of the line under each image. selected: the id of the framed image.
    size: width of an image on the page, in CSS pixels; its height follows from the shape of the images.
    on_chosen: called after a choice, before the page is drawn.
    """
    header = {
        "images": np.asarray(images, np.uint8),
        "ids": [int(i) for i in ids],
        "label": label,
        "captions": list(captions),
        "titles": list(titles),
        "colors": list(colors),
        "selected": selected,
        "size": size,
    }
    return chosen_in(_component(key=key, data=message.encode(header), on_chosen_change=on_chosen))


def chosen_in(state: dict | None) -> int | None:
    """The id of the last chosen image in a gallery's state; None if none was chosen."""
    chosen = state.get("chosen") if state else None
    return chosen if isinstance(chosen, int) else None
