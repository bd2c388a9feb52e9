"""Values drawn over an image, several pictures side by side. Hover shows the values at a pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("overlays", "overlays/overlays.css")


@dataclass(frozen=True, eq=False)
class Overlay:
    """values: float32 (h, w), one per pixel of the image. signed: diverging colour scale about zero, else sequential
    from zero. text: a sentence or two about the method. source: the name of the paper and its web address."""

    name: str
    note: str
    values: np.ndarray
    signed: bool
    text: str = ""
    source: tuple[str, str] = ("", "")


def overlays(image: np.ndarray, pictures: Sequence[Overlay], *, key: str, size: int = 300) -> None:
    """Draws the pictures side by side, each over the image, uint8 (h, w, c), c is 1 or 3, and one slider for the
    strength of all. A pixel is the more opaque the larger its value; at zero, the image is unchanged. The name of a
    single picture is not drawn.

    size: the largest width of a picture, in CSS pixels.
    """
    pictures_data = [
        {
            "name": picture.name,
            "note": picture.note,
            "values": np.asarray(picture.values, np.float32),
            "signed": picture.signed,
            "text": picture.text,
            "source": picture.source,
        }
        for picture in pictures
    ]
    header = {"image": np.asarray(image, np.uint8), "pictures": pictures_data, "size": size}
    _component(key=key, data=message.encode(header))
