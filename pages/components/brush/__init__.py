"""An image to paint on; the brush reports to Python while it moves."""

import base64
import binascii
import hashlib
from typing import Any, NamedTuple

import numpy as np

from pages.components.common import message, reports
from pages.components.common.modules import component

_component = component("brush", "brush/brush.css")
GRAYS = {"black": 0, "dark gray": 64, "gray": 128, "light gray": 192, "white": 255}
COLORS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (213, 50, 40),
    "yellow": (240, 200, 40),
    "green": (40, 150, 70),
    "blue": (40, 90, 200),
}
MARK = {"mark": (255, 205, 0)}
MARK_OPACITY = 0.55


class Painting(NamedTuple):
    """The painting on an image (see `cnn.explain.image_changes.paint`): now, and when the brush was last lifted."""

    now: np.ndarray
    lifted: np.ndarray


def painting_on(image: np.ndarray, kept: dict[str, np.ndarray], state: dict | None) -> Painting:
    """This session's painting on the image, uint8 (h, w, c), c is 1 or 3.

    kept: label of an image -> its painting, for the whole session; updated here. state: the component's state in
    Streamlit.
    """
    h, w, c = image.shape
    label = _label(image)
    now = kept.setdefault(label, np.zeros((h, w, c + 1), np.uint8))
    _, report = reports.last_report(state)
    match report:  # it may be of the image that was shown before
        case {"image": str(painted), "down": bool(is_down)} if painted in kept:
            reported = reported_painting(report, painted, kept[painted].shape)
            if reported is not None and not is_down:
                kept[painted] = reported
            if reported is not None and painted == label:
                now = reported
    return Painting(now, kept[label])


def brush(
    image: np.ndarray, painting: Painting, name: str, state: dict | None, *, key: str, marks: bool = False
) -> None:
    """Draws the image to paint on, under a heading; call it after everything that depends on the painting.

    marks: the brush marks places, instead of painting: it has one colour (the image must have three channels), through
    which the image stays visible, and Python hears of a stroke when the brush is lifted.
    """
    channels = image.shape[2]
    mean = [round(value) for value in image.reshape(-1, channels).mean(0)]
    painted = GRAYS if channels == 1 else COLORS
    colors: dict[str, Any] = {**MARK} if marks else {**painted, "erase": mean}
    number, _ = reports.last_report(state)
    header = {
        "label": _label(image),
        "name": name,
        "image": np.asarray(image, np.uint8),
        "painting": painting.now,
        "colors": {color_name: np.ravel(color).tolist() for color_name, color in colors.items()},
        "opacity": MARK_OPACITY if marks else 1,
        "live": not marks,
        "answered": number,
    }
    _component(key=key, data=message.encode(header), on_report_change=lambda: None)


def _label(image: np.ndarray) -> str:
    return f"{hashlib.sha256(image.tobytes()).hexdigest()} {image.shape}"


def reported_painting(report: object, image: str, shape: tuple[int, ...]) -> np.ndarray | None:
    """The painting, uint8 (shape), in a browser's report; None if there is none, or if it is for another image."""
    match report:
        case {"image": str(label), "painting": str(text), "down": bool()} if label == image:
            try:
                raw = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                return None
            return np.frombuffer(raw, np.uint8).reshape(shape) if len(raw) == np.prod(shape) else None
    return None
