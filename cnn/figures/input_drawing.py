"""What a network starts from, as SVG: the numbers it gets for pixels, and how large its first weights are."""

import base64
from collections.abc import Sequence
from math import sqrt

import numpy as np

from cnn.data.images import to_png
from cnn.figures.charts import QUIET_COLOR, TRAIN_COLOR
from cnn.model.layers import Layer

WIDTH, HEIGHT, BASE = 240, 92, 66  # of the drawing; where the bars stand
CHANNEL_COLORS = ("#c0392b", "#1e8449", "#2166ac")  # red, green, blue
CHANNEL_NAMES = ("red", "green", "blue")
RANGE = (-2.6, 2.6)  # of the axis
# From the lowest to the highest number, as in pages/components/common/color.js.
DIVERGING = ("#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582", "#d6604d", "#b2182b")
SHOWN, SHOWN_SIDE, PANE = 320, 100, 62  # width of the drawing of an image; the side of the image, and of one channel


def pixel_drawing(counts: np.ndarray, mean: Sequence[float], spread: Sequence[float]) -> str:
    """An SVG element: how often each number occurs in what the network gets, (pixel - mean) / spread.

    counts: int64 (channels, 256), as `cnn.data.pixels.pixel_counts` gives them. mean, spread: one for each channel, for
    pixels from 0 to 1.
    """
    colors = CHANNEL_COLORS if len(counts) == 3 else (TRAIN_COLOR,)
    tallest = max(_heights(counts).max(), 1e-9)
    lines = []
    for own, color, shift, scale in zip(_heights(counts), colors, mean, spread, strict=True):
        numbers = (np.linspace(0, 1, len(own)) - shift) / scale
        points = " ".join(
            f"{_x(number):.1f},{BASE - (BASE - 8) * height / tallest:.1f}"
            for number, height in zip(numbers, own, strict=True)
            if RANGE[0] <= number <= RANGE[1]
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
    marks = "".join(
        f'<path d="M{_x(number):.1f} {BASE} v5" stroke="currentColor" opacity="0.5"/>'
        f'<text x="{_x(number):.1f}" y="{BASE + 18}" text-anchor="middle">{text}</text>'
        for number, text in ((-2, "−2"), (-1, "−1"), (0, "0"), (1, "1"), (2, "2"))
    )
    zero = f'<path d="M{_x(0):.1f} 4 V{BASE}" stroke="currentColor" opacity="0.35" stroke-dasharray="3 3"/>'
    ground = f'<path d="M0 {BASE} H{WIDTH}" stroke="currentColor" opacity="0.35"/>'
    return _svg("The numbers that the network gets for pixels", HEIGHT, zero + ground + "".join(lines) + marks)


def preprocessing_drawing(image: np.ndarray, mean: Sequence[float], spread: Sequence[float]) -> str:
    """An SVG element: an image, and the numbers that the network gets for its pixels, (pixel - mean) / spread, each
    with its scale. Numbers of both signs are drawn in blue and red, others in black to white.

    image: uint8 (H, W, C). mean, spread: one for each channel, for pixels from 0 to 1.
    """
    channels, signed = image.shape[2], any(mean)
    lows, highs = ([(end - own) / scale for own, scale in zip(mean, spread, strict=True)] for end in (0, 1))
    limit = max(map(abs, (*lows, *highs)))
    side = SHOWN_SIDE if channels == 1 else PANE
    left, top = SHOWN - channels * (side + 4) + 4, SHOWN_SIDE - side
    parts = [_image(image, 0, 0, SHOWN_SIDE), _scale(0, SHOWN_SIDE, False, ("0", "", "255"))]
    for c in range(channels):
        numbers = (image[..., c] / 255 - mean[c]) / spread[c]
        x = left + c * (side + 4)
        parts.append(_image(_colored(numbers, signed, limit), x, top, side))
        if channels > 1:
            parts.append(f'<text x="{x + side / 2}" y="{top - 6}" text-anchor="middle">{CHANNEL_NAMES[c]}</text>')
    ends = (f"−{limit:.1f}", "0", f"{limit:.1f}") if signed else ("0", "", f"{limit:g}")
    parts.append(_scale(left, SHOWN - left, signed, ends))
    start, end = SHOWN_SIDE + 8, left - 8
    parts.append(f'<path d="M{start} 70 H{end} m-6 -5 l6 5 l-6 5" fill="none" stroke="currentColor" opacity="0.6"/>')
    return _svg("An image, and the numbers that the network gets for it", SHOWN_SIDE + 36, "".join(parts), SHOWN)


def _colored(numbers: np.ndarray, signed: bool, limit: float) -> np.ndarray:
    """uint8 (..., 3): the colours of numbers from -limit to limit if signed, otherwise grays from 0 to limit."""
    if not signed:
        return np.repeat((255 * numbers / limit).round().astype(np.uint8)[..., None], 3, -1)
    stops = [[int(color[at : at + 2], 16) for color in DIVERGING] for at in (1, 3, 5)]
    places = np.linspace(-limit, limit, len(DIVERGING))
    return np.stack([np.interp(numbers, places, stop) for stop in stops], -1).round().astype(np.uint8)


def _scale(x: float, width: float, signed: bool, texts: tuple[str, str, str]) -> str:
    """A strip of all colours below an image, and what its left end, middle and right end stand for."""
    strip = _colored(np.linspace(-1 if signed else 0, 1, 128)[None], signed, 1)
    marks = "".join(
        f'<text x="{x + share * width}" y="{SHOWN_SIDE + 30}" text-anchor="{anchor}">{text}</text>'
        for share, anchor, text in zip((0, 0.5, 1), ("start", "middle", "end"), texts, strict=True)
    )
    return _image(strip, x, SHOWN_SIDE + 6, width, 8) + marks


def _image(pixels: np.ndarray, x: float, y: float, width: float, height: float = 0) -> str:
    """uint8 (H, W, 1 or 3) as an element; square unless a height is given."""
    return (
        f'<image href="data:image/png;base64,{base64.b64encode(to_png(pixels)).decode()}" x="{x}" y="{y}" '
        f'width="{width}" height="{height or width}" preserveAspectRatio="none" style="image-rendering:pixelated"/>'
    )


def _heights(counts: np.ndarray) -> np.ndarray:
    """float64 (channels, 32): the share of every eight neighbouring values, so that single values make no spikes."""
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return shares.reshape(len(counts), 32, 8).sum(2)


def _x(number: float) -> float:
    return WIDTH * (number - RANGE[0]) / (RANGE[1] - RANGE[0])


def initial_spread(layer: Layer, initial_weights: str) -> float:
    """The standard deviation of a layer's weights before training. layer: a convolution or a dense layer."""
    if layer.kind == "conv":
        window = layer.kernel[0] * layer.kernel[1]
        reads, feeds = layer.in_shape[0] // layer.groups * window, layer.shape[0] // layer.groups * window
    else:
        reads, feeds = layer.in_shape[0], layer.shape[0]
    match initial_weights:
        case "pytorch":  # uniform from -1/sqrt(reads)
            return 1 / sqrt(3 * reads)
        case "glorot":
            return sqrt(2 / (reads + feeds))
        case "he":
            return sqrt(2 / reads)
    raise ValueError(f"Unknown initial weights {initial_weights!r}.")


def weights_drawing(layers: Sequence[Layer], chosen: str, options: Sequence[str]) -> str:
    """An SVG element: a row for each layer that starts with random weights, with a dot for their spread under each of
    the options; the chosen one is filled."""
    weighted = [layer for layer in layers if layer.kind in ("conv", "dense", "output") and layer.start == "new"]
    spreads = [[initial_spread(layer, option) for option in options] for layer in weighted]
    most = max(map(max, spreads))
    rows = []
    for row, (layer, own) in enumerate(zip(weighted, spreads, strict=True)):
        y = 12 + 18 * row
        dots = "".join(
            f'<circle cx="{64 + 130 * spread / most:.1f}" cy="{y}" r="4.5" stroke="{QUIET_COLOR}" '
            f'fill="{TRAIN_COLOR if option == chosen else "none"}"/>'
            for option, spread in sorted(zip(options, own, strict=True), key=lambda one: one[0] == chosen)
        )
        value = own[list(options).index(chosen)]
        rows.append(
            f'<text x="0" y="{y + 4}">{layer.name}</text><path d="M64 {y} h130" stroke="currentColor" opacity="0.2"/>'
            f'{dots}<text x="{WIDTH}" y="{y + 4}" text-anchor="end">± {value:.2f}</text>'
        )
    return _svg("How large the weights of each layer are before training", 18 * len(weighted) + 6, "".join(rows))


def _svg(label: str, height: float, content: str, width: float = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}" font-family="inherit" font-size="12" '
        f'fill="currentColor" style="display:block; width:100%; max-width:{1.4 * width:.0f}px">{content}</svg>'
    )
