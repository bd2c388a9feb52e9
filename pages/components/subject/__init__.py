"""What a page looks into, in one line of two buttons: the image with the network's answer, and the run."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from pages.components.common import message
from pages.components.common.modules import component

_component = component("subject", "subject/subject.css")


@dataclass(frozen=True)
class Fact:
    """A text under a small caption. sure: a probability after it, shown whole even if the text is too long. mark:
    whether it is right or wrong. title: shown on hover. is_image: whether it belongs to the button of the image, not to
    that of the run."""

    caption: str
    text: str
    sure: str = ""
    mark: Literal["", "right", "wrong"] = ""
    title: str = ""
    is_image: bool = True


def subject(
    image: np.ndarray | None,
    facts: Sequence[Fact],
    *,
    original: np.ndarray | None = None,
    key: str,
    color: str,
    labels: tuple[str, str],
    on_opened: Callable[[], None],
    on_run_opened: Callable[[], None],
) -> None:
    """Draws the line. image: uint8 (h, w, c), c is 1 or 3; None: no thumbnail.

    original: uint8 (h, w, 3), the picture from which the image was made, to be shown before it; None: only the image.
    color: CSS colour of the thumbnail's frame. labels: of the buttons of image and run, before their facts. on_opened,
    on_run_opened: called on a click on them.
    """
    header = {
        "image": None if image is None else np.asarray(image, np.uint8),
        "original": original,
        "facts": [asdict(fact) for fact in facts],
        "color": color,
        "labels": list(labels),
    }
    _component(key=key, data=message.encode(header), on_opened_change=on_opened, on_run_opened_change=on_run_opened)
