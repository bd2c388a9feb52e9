"""Sentences and tables about new images: how they were made, beside the held-out ones, what wrong ones share."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from cnn.data.image_traits import ASPECT_RATIO, BACKGROUND, BRIGHTNESS, CONTRAST, SIDE
from cnn.percent import percent
from cnn.training.accuracy import Accuracy
from cnn.training.chance import UNLIKELY, fisher_test
from cnn.training.failures import Difference, Range, Unlike
from cnn.training.new_images import NewImages
from pages.shared.text import count, plain

HIGHER = {
    BRIGHTNESS: "lighter",
    CONTRAST: "richer in contrast",
    BACKGROUND: "more uneven at the border",
    ASPECT_RATIO: "wider for their height",
    SIDE: "larger",
}
LOWER = {
    BRIGHTNESS: "darker",
    CONTRAST: "poorer in contrast",
    BACKGROUND: "more even at the border",
    ASPECT_RATIO: "narrower for their height",
    SIDE: "smaller",
}


def beside_held_out(judged: Accuracy, held_out: Accuracy, side: str) -> str:
    """The held-out accuracy beside that of test or new images, and whether the difference may be chance."""
    low, high = held_out.interval
    chance = fisher_test(judged.right, judged.images, held_out.right, held_out.images)
    text = f"Of the held-out images, **{percent(held_out.value, 1)}** are right ({percent(low)} to {percent(high)})."
    if chance >= UNLIKELY:
        return f"{text} The difference may be chance."
    easier = "harder" if judged.value < held_out.value else "easier"
    return f"{text} The {side} ones are {easier}: chance alone makes such a difference in {share(chance)} of cases."


def share(chance: float) -> str:
    return "less than 1 in 1,000" if chance < 0.001 else percent(chance, 1)


def left_out(new: NewImages, labels: Sequence[str], names: Sequence[str], known: np.ndarray) -> str:
    """Which images are not judged, and why; "" if all are. known: the places in `new.images` that are judged."""
    others = Counter(labels[row] for row in np.delete(new.rows, known))
    unlabelled = others.pop("", 0)
    parts = [f"{count(unlabelled, 'image', 'images')} without a class"] if unlabelled else []
    parts += [f"{images:,} of {plain(name)}, no class of this network" for name, images in sorted(others.items())]
    parts += [f"{plain(names[row])} {reason}" for row, reason in new.unread[:3]]
    if len(new.unread) > 3:
        parts.append(f"{len(new.unread) - 3:,} more that cannot be read")
    return f"Left out: {'; '.join(parts)}." if parts else ""


def difference(one: Difference) -> str:
    what = (HIGHER if one.is_high else LOWER)[one.name]
    return (
        f"**{one.wrong} of the {one.of_wrong} wrong images are {what} than {percent(0.95)} of the training "
        f"images**; of the {one.of_right} right ones, {one.right}."
    )


def unlike(one: Unlike) -> str:
    what = (HIGHER if one.is_high else LOWER)[one.name]
    return f"{one.outside} of the {one.images} new images are {what} than {percent(0.95)} of the training images."


def confused(confusion: np.ndarray, classes: Sequence[str]) -> str:
    """The most frequent mistake, in words; "" without mistakes."""
    mistakes = confusion - np.diag(confusion.diagonal())
    if not mistakes.any():
        return ""
    truth, answer = divmod(int(mistakes.argmax()), len(confusion))
    images = int(confusion[truth].sum())
    return (
        f"Most often, {plain(classes[truth])} is called {plain(classes[answer])}: {mistakes.max()} of {images} images."
    )


def range_rows(found: Sequence[Range]) -> list[dict]:
    """A row of the table for each property."""
    return [
        {
            "property": one.name,
            "training images": between(one),
            "right": "" if one.right is None else number(one.name, one.right),
            "wrong": "" if one.wrong is None else number(one.name, one.wrong),
        }
        for one in found
    ]


def between(found: Range) -> str:
    low, high = number(found.name, found.low), number(found.name, found.high)
    return low if low == high else f"{low} to {high}"


def number(name: str, value: float) -> str:
    if name == SIDE:
        return f"{value:,.0f} px"
    return f"{value:.2f}" if name == ASPECT_RATIO else percent(value)
