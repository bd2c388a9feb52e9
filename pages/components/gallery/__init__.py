"""A grid of small images to choose one from, by pointer or keyboard."""

from collections.abc import Sequence

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
) -> int | None:
    """Draws the images and returns the id of the one chosen last, which may have left the grid since.

    `chosen_in` returns the same id earlier, so that the image just chosen can be framed in this run.

    images: uint8 (n, h, w, c), c is 1 or 3. ids: by which `selected` and the result name them.
    label: of the whole grid, for screen readers. captions: a short text under each. titles: a longer one on hover.
    colors: CSS, of the line under each image. selected: the id that is framed.
    size: of an image on the page, in CSS pixels.
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
    return chosen_in(_component(key=key, data=message.encode(header), on_chosen_change=lambda: None))


def chosen_in(state: dict | None) -> int | None:
    """The id of the image chosen last, in the state that Streamlit keeps for a gallery; None if none was."""
    chosen = state.get("chosen") if state else None
    return chosen if isinstance(chosen, int) else None
