"""Values laid over an image, several pictures side by side, with the value under the pointer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

_ASSETS = Path(__file__).parent
# The scales and the way numbers are written are those of the maps; the browser gets one module.
_SCRIPTS = ("../maps/numbers.js", "../maps/color.js", "overlays.js")
_component = st.components.v2.component(
    "cnn_overlays",
    css=(_ASSETS / "overlays.css").read_text("utf-8"),
    js="\n".join((_ASSETS / script).read_text("utf-8") for script in _SCRIPTS),
)


@dataclass(frozen=True, eq=False)
class Overlay:
    """values: float32 (h, w), one per pixel of the image. signed: diverging about zero, else sequential from zero.
    words: what it is, in a sentence or two. source: where that is from, and its address on the web."""

    name: str
    note: str
    values: np.ndarray
    signed: bool
    words: str = ""
    source: tuple[str, str] = ("", "")


def overlays(image: np.ndarray, pictures: Sequence[Overlay], *, key: str) -> None:
    """Draws the pictures beside each other, each over the image (uint8 (h, w, c), c is 1 or 3), with one slider for how
    strongly. A value is the more opaque the larger it is, so that what does not matter leaves the image as it is."""
    height, width, channels = image.shape
    header = {
        "height": height,
        "width": width,
        "channels": channels,
        "pictures": [
            {"name": p.name, "note": p.note, "signed": p.signed, "words": p.words, "source": p.source} for p in pictures
        ],
    }
    text = json.dumps(header).encode()
    text += b" " * (-(4 + len(text)) % 4)  # JSON may end in blanks, and float32 has to start at a multiple of four
    values = b"".join(np.ascontiguousarray(p.values, np.float32).tobytes() for p in pictures)
    message = len(text).to_bytes(4, "little") + text + values + np.ascontiguousarray(image, np.uint8).tobytes()
    _component(key=key, data=message)
