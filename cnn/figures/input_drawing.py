"""What a network starts from, as SVG: the numbers it gets for pixels, and how large its first weights are."""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from cnn.figures.charts import QUIET_COLOR, TRAIN_COLOR
from cnn.model.layers import Layer

WIDTH, HEIGHT, BASE = 240, 92, 66  # of the drawing; where the bars stand
CHANNEL_COLORS = ("#c0392b", "#1e8449", "#2166ac")  # red, green, blue
RANGE = (-2.6, 2.6)  # of the axis


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


def _heights(counts: np.ndarray) -> np.ndarray:
    """float64 (channels, 32): the share of each eighth value, so that single values make no spikes."""
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
    """An SVG element: a row for each layer with weights, with a dot for the spread of its weights before training under
    each of the options; the chosen one is filled."""
    weighted = [layer for layer in layers if layer.kind in ("conv", "dense", "output")]
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


def _svg(label: str, height: float, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}" font-family="inherit" font-size="12" '
        f'fill="currentColor" style="display:block; width:100%; max-width:{1.4 * WIDTH:.0f}px">{content}</svg>'
    )
