"""A grid of small images to choose one from, by pointer or keyboard."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

_ASSETS = Path(__file__).parent
_component = st.components.v2.component(
    "cnn_gallery",
    css=(_ASSETS / "gallery.css").read_text("utf-8"),
    js=(_ASSETS / "gallery.js").read_text("utf-8"),
)


def gallery(
    images: np.ndarray,
    ids: Sequence[int],
    *,
    key: str,
    label: str,
    captions: Sequence[str],
    titles: Sequence[str],
    colors: Sequence[str],
    selected: int | None,
    size: int = 64,
) -> int | None:
    """Draws the images and returns the id of the one that was chosen last, which may have left the grid since.

    `chosen_in` gives the same beforehand, so that the image that is framed can be the one that was just chosen.

    images: uint8 (n, h, w, c), c is 1 or 3. ids: what to call them. label: of the whole grid, for screen readers.
    captions: a short text under each. titles: a longer one on hover. colors: CSS, of the line under each image.
    selected: the id that is framed. size: of an image on the page, in CSS pixels.
    """
    header = {
        "shape": images.shape,
        "ids": [int(i) for i in ids],
        "label": label,
        "captions": list(captions),
        "titles": list(titles),
        "colors": list(colors),
        "selected": selected,
        "size": size,
    }
    text = json.dumps(header).encode()
    message = len(text).to_bytes(4, "little") + text + np.ascontiguousarray(images, np.uint8).tobytes()
    return chosen_in(_component(key=key, data=message, on_chosen_change=lambda: None))


def chosen_in(state: dict | None) -> int | None:
    """The id of the image that was chosen last, in the state that Streamlit keeps for a gallery; None if none was."""
    chosen = state.get("chosen") if state else None
    return chosen if isinstance(chosen, int) else None
