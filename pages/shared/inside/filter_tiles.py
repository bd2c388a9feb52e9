"""The weights of a layer as pictures: now, before training, and their difference."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from cnn.explain.movement import movement
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.percent import percent
from cnn.store.runs import Run, RunError
from pages.components.maps import Tiles
from pages.shared import run_choice
from pages.shared.inside import model_choice
from pages.shared.inside.chooser import Network
from pages.shared.inside.filter_text import sees_colour

START = "{}, before training"
CHANGE = "{}, what changed"


def layers_with_pictures(layers: Sequence[Layer]) -> dict[str, Layer]:
    """The layers whose weights are pictures: the convolutions, or, without any, the dense layer that reads the pixels.
    Empty if the pixels are averaged first."""
    convolutions = {layer.name: layer for layer in layers if layer.kind == "conv"}
    if convolutions or not any(layer.kind == "flatten" for layer in layers):
        return convolutions
    first = next(layer for layer in layers if layer.kind in ("dense", "output"))
    return {first.name: first}


def pictures_of(model: Model, layer: Layer) -> np.ndarray:
    """float32 (units, channels, rows, columns): the weights of a convolution or a dense layer. A dense unit has a
    weight for each value of the maps, or the image, that flatten put in a row; after another layer, for each unit."""
    weights = model.weights(layer.name)
    if layer.kind == "conv":
        return weights
    before = [other for other in model.layers[: model.layers.index(layer)] if other.kind != "dropout"][-1]
    return weights.reshape(-1, *(before.in_shape if before.kind == "flatten" else (weights.shape[1], 1, 1)))


def scale_of(run: Run, layer: Layer, shared: bool) -> np.ndarray:
    """float32 (filters,): the end of each filter's colour scale, the same for all snapshots: the largest weight among
    the first, the best and the last of them. shared: one for the whole layer."""
    history = run_choice.store().history(run.id)
    snapshots = history.snapshots()
    limits = np.zeros(layer.shape[0], np.float32)
    for step in {snapshots[0].step, snapshots[-1].step, history.best_step() or 0}:
        with suppress(RunError):  # a damaged snapshot spoils no other
            weights = pictures_of(model_choice.model(run, step), layer)
            limits = np.maximum(limits, np.abs(weights).max((1, 2, 3)))
    return np.full_like(limits, limits.max()) if shared else limits


def sections_of(network: Network, layer: Layer, shown: slice, shared: bool) -> list[Tiles]:
    """The filters now, before training, and their difference, on one scale."""
    run, model = network.run, network.model
    now, limits = pictures_of(model, layer)[shown], scale_of(run, layer, shared)[shown]

    def tiles(name: str, note: str, values: np.ndarray, captions: tuple[str, ...] = ()) -> Tiles:
        labels = tuple(str(i) for i in range(shown.start, shown.stop))
        is_colour = sees_colour(layer)
        return Tiles(name, note, values, True, captions, labels, rgb=is_colour, limits=tuple(limits.tolist()))

    if network.step == 0:
        return [tiles(layer.name, "before training", now)]
    start = pictures_of(model_choice.model(run, 0), layer)[shown]
    moved = movement(now, start)
    return [
        tiles(layer.name, "now", now),
        tiles(START.format(layer.name), "random" if not run.network_spec.base else "of the base", start),
        tiles(
            CHANGE.format(layer.name),
            "and how far",
            now - start,
            tuple(percent(share) if np.isfinite(share) else "new" for share in moved),
        ),
    ]
