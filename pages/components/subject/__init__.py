"""What a page looks into, in one line: the image, the network's answer, the run. The image is a button."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("subject", "subject/subject.css")


@dataclass(frozen=True)
class Fact:
    """A text under a small caption. mark: whether it is right or wrong. title: shown on hover. is_image: whether it
    belongs to the image, and so to the button."""

    caption: str
    text: str
    mark: Literal["", "right", "wrong"] = ""
    title: str = ""
    is_image: bool = True


def subject(
    image: np.ndarray | None, facts: Sequence[Fact], *, key: str, color: str, label: str, on_opened: Callable[[], None]
) -> None:
    """Draws the line. image: uint8 (h, w, c), c is 1 or 3; None: no thumbnail.

    color: CSS colour of the thumbnail's frame. label: of the button, before the facts. on_opened: called on a click on
    the image.
    """
    header = {
        "image": None if image is None else np.asarray(image, np.uint8),
        "facts": [asdict(fact) for fact in facts],
        "color": color,
        "label": label,
    }
    _component(key=key, data=message.encode(header), on_opened_change=on_opened)
