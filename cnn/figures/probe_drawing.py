"""The probe images as SVG: a card per image, with a curve of the probability of its true class."""

import base64
from functools import lru_cache

import numpy as np

from cnn.data.images import to_png
from cnn.figures.charts import as_text, class_color, short
from cnn.percent import probability
from cnn.store.records import Probe

CARD, GAP, PICTURE, CURVE = 112, 10, 104, 40
HEIGHT = PICTURE + CURVE + 50  # of a card


def probe_drawing(
    images: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], probes: list[Probe], per_row: int = 8
) -> str:
    """An SVG element.

    images: uint8 (n, H, W, C). labels: their true classes, int (n,). probes: of these images, oldest first. The curve
    on a card shows the probability of the true class over the steps. Below it is the current prediction, with a dot in
    the colour of the predicted class. per_row: how many cards stand in a row.
    """
    columns, rows = min(per_row, len(images)), -(-len(images) // per_row)
    width, height = columns * (CARD + GAP) - GAP, rows * (HEIGHT + GAP) - GAP
    cards = [
        f'<g transform="translate({i % per_row * (CARD + GAP)} {i // per_row * (HEIGHT + GAP)})">'
        f"{_card(i, images[i], int(labels[i]), classes, probes)}</g>"
        for i in range(len(images))
    ]
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="Predictions for some images" '
        f'font-family="inherit" fill="currentColor" style="display:block; width:100%; '
        f'max-width:{1.25 * width:.0f}px">{"".join(cards)}</svg>'
    )


def _card(i: int, image: np.ndarray, label: int, classes: tuple[str, ...], probes: list[Probe]) -> str:
    png = _png(image.tobytes(), image.shape)
    current = probes[-1].probabilities[i]
    predicted = int(np.argmax(current))
    right = predicted == label
    curve = _curve([p.step for p in probes], [p.probabilities[i][label] for p in probes], class_color(label))
    verdict = f"{'✓' if right else '✗'} {short(classes[predicted], 11)}"
    title = (
        f"True class {classes[label]}: {probability(current[label])}. "
        f"Predicted class {classes[predicted]}: {probability(current[predicted])}."
    )
    return (
        f'<g><image href="data:image/png;base64,{png}" x="{(CARD - PICTURE) / 2}" '
        f'y="0" width="{PICTURE}" height="{PICTURE}" preserveAspectRatio="none" style="image-rendering:pixelated"/>'
        f'<rect x="{(CARD - PICTURE) / 2}" y="{PICTURE}" width="{PICTURE}" height="4" fill="{class_color(label)}"/>'
        f'<g transform="translate({(CARD - PICTURE) / 2} {PICTURE + 10})">{curve}</g>'
        f'<circle cx="10" cy="{PICTURE + CURVE + 26}" r="5" fill="{class_color(predicted)}"/>'
        f'<text x="20" y="{PICTURE + CURVE + 30.5}" font-size="15" font-weight="{600 if right else 400}">'
        f"{verdict}</text>"
        f'<text x="20" y="{PICTURE + CURVE + 46.5}" font-size="14">{probability(current[predicted], 0)} sure</text>'
        f"<title>{as_text(title)}</title></g>"
    )


@lru_cache(maxsize=256)  # the images of a run stay the same, and are drawn again while it trains
def _png(pixels: bytes, shape: tuple[int, ...]) -> str:
    return base64.b64encode(to_png(np.frombuffer(pixels, np.uint8).reshape(shape))).decode()


def _curve(steps: list[int], probabilities: list[float], color: str) -> str:
    """A curve between 0 % at the bottom and 100 % at the top, with faint lines at 0, 50 and 100 %."""
    last = max(steps[-1], 1)
    points = " ".join(
        f"{PICTURE * step / last:.1f},{CURVE * (1 - probability):.1f}"
        for step, probability in zip(steps, probabilities, strict=True)
    )
    rules = "".join(
        f'<line x1="0" x2="{PICTURE}" y1="{y}" y2="{y}" stroke="currentColor" stroke-opacity="0.25"/>'
        for y in (0, CURVE / 2, CURVE)
    )
    return (
        f'{rules}<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2" stroke-linejoin="round"/>'
        f'<circle cx="{PICTURE}" cy="{CURVE * (1 - probabilities[-1]):.1f}" r="3" fill="{color}"/>'
    )
