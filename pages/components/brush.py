"""An image to paint on by hand, pixel by pixel, with a brush that Python follows while it moves."""

import base64
import binascii
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.components import reports

_ASSETS = Path(__file__).parent / "brush_assets"
_component = st.components.v2.component(
    "cnn_brush",
    css=(_ASSETS / "brush.css").read_text("utf-8"),
    js="\n".join([reports.SCRIPT, *((_ASSETS / name).read_text("utf-8") for name in ("painting.js", "brush.js"))]),
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
    """What is painted on an image, as `cnn.explain.changes.paint` takes it: now, and when the brush was last lifted."""

    now: np.ndarray
    lifted: np.ndarray


def brush(image: np.ndarray, name: str, *, key: str) -> Painting:
    """Draws the image (uint8 (h, w, c), c is 1 or 3) under a heading, with what was painted on it in this session."""
    h, w, c = image.shape
    label = f"{hashlib.sha256(image.tobytes()).hexdigest()} {image.shape}"
    kept = st.session_state.setdefault("paintings", {})  # image -> painting
    nothing = np.zeros((h, w, c + 1), np.uint8)
    number, told = reports.last_report(key)
    now = painting_told(told, label, nothing.shape)
    if now is None:
        now = kept.get(label, nothing)
    elif not told["down"]:
        kept[label] = now
    mean = [round(value) for value in image.reshape(-1, c).mean(0)]
    colors = GRAYS if c == 1 else COLORS
    header = {
        "image": label,
        "name": name,
        "shape": image.shape,
        "colors": {**{named: np.ravel(color).tolist() for named, color in colors.items()}, "erase": mean},
        "answered": number,
    }
    text = json.dumps(header).encode()
    message = len(text).to_bytes(4, "little") + text + np.ascontiguousarray(image, np.uint8).tobytes() + now.tobytes()
    _component(key=key, data=message, on_report_change=lambda: None)
    return Painting(now, kept.get(label, nothing))


def painting_told(told: object, image: str, shape: tuple[int, ...]) -> np.ndarray | None:
    """The painting uint8 (shape) in what a browser sent; None if it is none, or one of another image."""
    match told:
        case {"image": str(label), "painting": str(text), "down": bool()} if label == image:
            try:
                raw = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                return None
            return np.frombuffer(raw, np.uint8).reshape(shape) if len(raw) == np.prod(shape) else None
    return None
