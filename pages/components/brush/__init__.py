"""An image to paint on by hand, pixel by pixel, with a brush that Python follows while it moves."""

import base64
import binascii
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.components.common import reports

_ASSETS = Path(__file__).parent
_SCRIPTS = ("../common/make.js", "painting.js", "brush.js")  # a file may use only names from files before it
_component = st.components.v2.component(
    "cnn_brush",
    css=(_ASSETS / "brush.css").read_text("utf-8"),
    js="\n".join([reports.SCRIPT, *((_ASSETS / name).read_text("utf-8") for name in _SCRIPTS)]),
)
GRAYS = {"black": 0, "dark gray": 64, "gray": 128, "light gray": 192, "white": 255}
COLORS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (213, 50, 40),
    "yellow": (240, 200, 40),
    "green": (40, 150, 70),
    "blue": (40, 90, 200),
}


class Painting(NamedTuple):
    """What is painted on an image, for `cnn.explain.image_changes.paint`: now, and when the brush was last lifted."""

    now: np.ndarray
    lifted: np.ndarray


def painting_on(image: np.ndarray, kept: dict[str, np.ndarray], state: dict | None) -> Painting:
    """What was painted in this session on the image, uint8 (h, w, c), c is 1 or 3. kept: each painting of the session,
    by its image; what is new goes there. state: what Streamlit keeps for the component."""
    h, w, c = image.shape
    label, nothing = _label(image), np.zeros((h, w, c + 1), np.uint8)
    _, reported = reports.last_report(state)
    now = painting_reported(reported, label, nothing.shape)
    if now is None:
        now = kept.get(label, nothing)
    elif not reported["down"]:
        kept[label] = now
    return Painting(now, kept.get(label, nothing))


def brush(image: np.ndarray, painting: Painting, name: str, state: dict | None, *, key: str) -> None:
    """Draws the image to paint on, under a heading; to be called after all that is drawn from the painting."""
    channels = image.shape[2]
    colors = GRAYS if channels == 1 else COLORS
    mean = [round(value) for value in image.reshape(-1, channels).mean(0)]
    number, _ = reports.last_report(state)
    header = {
        "image": _label(image),
        "name": name,
        "shape": image.shape,
        "colors": {**{named: np.ravel(color).tolist() for named, color in colors.items()}, "erase": mean},
        "answered": number,
    }
    text = json.dumps(header).encode()
    arrays = np.ascontiguousarray(image, np.uint8).tobytes() + painting.now.tobytes()
    _component(key=key, data=len(text).to_bytes(4, "little") + text + arrays, on_report_change=lambda: None)


def _label(image: np.ndarray) -> str:
    return f"{hashlib.sha256(image.tobytes()).hexdigest()} {image.shape}"


def painting_reported(report: object, image: str, shape: tuple[int, ...]) -> np.ndarray | None:
    """The painting uint8 (shape) in what a browser sent; None if it is none, or one of another image."""
    match report:
        case {"image": str(label), "painting": str(text), "down": bool()} if label == image:
            try:
                raw = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                return None
            return np.frombuffer(raw, np.uint8).reshape(shape) if len(raw) == np.prod(shape) else None
    return None
