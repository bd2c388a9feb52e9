"""Sentences about the filters of a layer."""

from collections.abc import Sequence

import numpy as np

from cnn.explain.movement import in_words
from cnn.model.layers import Layer
from cnn.model.windows import sides
from cnn.percent import percent
from pages.shared.text import count, plain

READABLE = 25  # weights of a kernel: 5 × 5; in smaller ones, nobody sees a shape


def sees_colour(layer: Layer) -> bool:
    """Whether the filters can be drawn in the colours that they respond to."""
    return layer.name == "conv1" and layer.in_shape[0] // layer.groups == 3


def describe(layer: Layer, channels: int) -> str:
    """What the tiles of a layer show, and whether a person can read them. channels: of the picture of one unit."""
    if layer.kind != "conv":
        each = "pixel" if channels == 1 else "pixel and colour"
        panes = "" if channels == 1 else " (three pictures: of the red, the green and the blue)"
        return (
            f"No convolution comes first, so each of the {count(layer.shape[0], 'unit', 'units')} has a weight of its "
            f"own for each {each}{panes}. Bright pixels under red raise the sum, under blue they lower it."
        )
    kernel = sides(layer.kernel)
    weights = layer.kernel[0] * layer.kernel[1]
    filters = count(layer.shape[0], "filter", "filters")
    if layer.name != "conv1":
        which = "map of the layer before" if layer.groups == 1 else f"map of its group, one of {layer.groups}"
        return (
            f"{filters}, each of {count(channels, 'kernel', 'kernels')} of {kernel}: one per {which}. Nobody can read "
            "these numbers: look at what the filter responds to instead."
        )
    if sees_colour(layer):
        text = f"{filters} of {kernel}, in the colours they respond to."
    else:
        text = f"{filters} of {kernel}: bright pixels under red raise the output, under blue they lower it."
    if weights < READABLE:
        text += (
            f" A filter is only {weights * channels} numbers, at best an edge, a spot or a colour: look at what it "
            "responds to instead."
        )
    return text


def movement_text(share: float) -> str:
    """How far training moved a filter: its change as a share of its norm before."""
    if not np.isfinite(share):
        return "It was zero before training."
    if share == 0:
        return f"{in_words(share)} in training."
    return f"{in_words(share)}: it moved by {percent(share)} of its size (norm)."


def origins_text(labels: np.ndarray, classes: Sequence[str]) -> str:
    """How many patches come from images of each class, most first."""
    counts = np.bincount(labels, minlength=len(classes))
    return ", ".join(f"{counts[i]} {plain(classes[i])}" for i in np.argsort(-counts, kind="stable") if counts[i])


def one_of(layer: Layer) -> str:
    """What one of the layer's units is called."""
    return "filter" if layer.kind == "conv" else "unit"


def dead_text(layer: Layer, activation: str) -> str:
    """What it means that a unit is dead: 0 for all images. activation: the name of its function, such as ReLU."""
    one, where = one_of(layer), "at every place of every image" if layer.is_spatial else "for every image"
    return (
        f"This {one} is dead: {where} its sum is negative, and {activation} turns that into 0. So no gradient comes "
        "back, and training hardly ever revives it. An image made for it may still activate it."
    )
