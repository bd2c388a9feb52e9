"""A confusion matrix as a PNG, for documents: black on white, in the colours of the page."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

MARGIN, TITLE = 16, 26  # pixels
MOST_NUMBERED = 40  # classes whose cells have room for a number
MOST_LETTERS = 18  # of the name of a class
RIGHT, WRONG = np.array([49, 51, 63]), np.array([221, 51, 51])


def confusion_png(names: Sequence[str], counts: np.ndarray) -> bytes:
    """A row for each true class, a column for each answer. counts: int64 (classes, classes). Shades are as on the page:
    right answers against the largest of them, mistakes against the largest mistake."""
    size = len(names)
    side = max(6, min(72, 1200 // size))
    font = ImageFont.load_default(max(7, min(15, side - 2)))
    small = ImageFont.load_default(max(7, min(15, side / (1.1 + 0.55 * len(str(counts.max(initial=0)))))))
    texts = [name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…" for name in names]
    widest = round(max(font.getlength(text) for text in texts)) + 10
    left, top = MARGIN + TITLE + widest, MARGIN + TITLE + widest
    picture = Image.new("RGB", (left + size * side + MARGIN, top + size * side + MARGIN), "white")
    draw = ImageDraw.Draw(picture)
    _names(picture, draw, texts, font, (left, top), side)
    is_right = np.eye(size, dtype=bool)
    largest = {True: counts[is_right].max(initial=0), False: counts[~is_right].max(initial=0)}
    for row, column in np.ndindex(size, size):
        count, right = int(counts[row, column]), row == column
        shade = (0.35 if right else 0.55) * (count / largest[right] if largest[right] else 0)
        color = tuple(np.rint(255 + shade * ((RIGHT if right else WRONG) - 255)).astype(int).tolist())
        x, y = left + column * side, top + row * side
        draw.rectangle((x, y, x + side, y + side), fill=color, outline="#d5d6d8" if size <= MOST_NUMBERED else None)
        if count and size <= MOST_NUMBERED:
            draw.text((x + side / 2, y + side / 2), f"{count}", fill="black", font=small, anchor="mm")
    draw.rectangle((left, top, left + size * side, top + size * side), outline="#8c96a3")
    encoded = BytesIO()
    picture.save(encoded, "PNG")
    return encoded.getvalue()


def _names(
    picture: Image.Image, draw: ImageDraw.ImageDraw, texts: list[str], font, corner: tuple[int, int], side: int
) -> None:
    """The names of the classes at both sides, and what the sides are."""
    left, top = corner
    across = len(texts) * side
    title = ImageFont.load_default(14)
    draw.text((left + across / 2, MARGIN), "answer of the network", fill="#5f7186", font=title, anchor="ma")
    _upright(picture, "true class", title, (MARGIN, top + across // 2), "#5f7186", centred=True)
    for i, text in enumerate(texts):
        draw.text((left - 6, top + (i + 0.5) * side), text, fill="black", font=font, anchor="rm")
        _upright(picture, text, font, (round(left + (i + 0.5) * side - font.size / 2), top - 6), "black")


def _upright(picture: Image.Image, text: str, font, place: tuple[int, int], color: str, centred: bool = False) -> None:
    """Text that is read from below. place: its left side, and its lower end or its middle."""
    length, height = round(font.getlength(text)) + 2, round(font.size * 1.3)
    turned = Image.new("L", (length, height))
    ImageDraw.Draw(turned).text((0, height / 2), text, fill=255, font=font, anchor="lm")
    turned = turned.transpose(Image.Transpose.ROTATE_90)
    x, y = place
    picture.paste(color, (x, y - (length // 2 if centred else length)), turned)
