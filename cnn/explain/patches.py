"""The patches of the dataset that activate a filter most.

Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks", https://arxiv.org/abs/1311.2901
"""

from typing import NamedTuple

import numpy as np
import torch

from cnn.explain.cut import convolution, split
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.training.batches import Report, batches


class Patches(NamedTuple):
    """For each filter, the n images with the highest activation, best first (ties: the earlier one); each image once.

    values: float32 (filters, n), the largest value of the filter's activation map; 0 after a ReLU means that the filter
    is not active. images: int64 (filters, n), their indices. rows, columns: int64 (filters, n), the value's position in
    the map. boxes: int64 (filters, n, 4), the value's receptive field: top, left, bottom, right, as in
    image[top:bottom, left:right].
    """

    values: np.ndarray
    images: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    boxes: np.ndarray


@torch.no_grad()
def best_patches(
    model: Model,
    layer: str,
    images: np.ndarray,
    indices: np.ndarray,
    n: int = 9,
    progress: Report | None = None,
) -> Patches:
    """Searches the images (uint8 (N, H, W, C)) at `indices`; fewer than n images give fewer patches.

    layer: the name of a convolution; its maps are taken after the activation function, if one follows.
    """
    head, _ = split(model.network, layer)
    source = convolution(model.layers, layer)
    filters, _, width = source.shape
    # The best so far, for each filter: value, image, and position in the map (row * width + column).
    values, found, at = np.empty((filters, 0), np.float32), np.empty((filters, 0), int), np.empty((filters, 0), int)
    for part, batch in batches(model, images, indices, progress=progress):
        # Forward to the maps; the largest value of each map, and its position.
        best, position = head(batch).flatten(2).max(2)  # (images, filters)
        # Add them to the best so far, and keep the n best of all.
        values = np.concatenate([values, best.T.numpy()], 1)
        found = np.concatenate([found, np.broadcast_to(part, (filters, len(part)))], 1)
        at = np.concatenate([at, position.T.numpy()], 1)
        order = np.argsort(-values, axis=1, kind="stable")[:, :n]
        values, found, at = (np.take_along_axis(array, order, 1) for array in (values, found, at))
    rows, columns = np.divmod(at, width)
    return Patches(values, found, rows, columns, receptive_box(source, rows, columns, model.image_sides))


def receptive_box(layer: Layer, row: np.ndarray, column: np.ndarray, image_sides: tuple[int, int]) -> np.ndarray:
    """int64 (..., 4): the receptive field of a value in the layer's maps, as top, left, bottom, right, cut at the
    image's border; bottom and right are exclusive. row, column: int, or arrays of int. image_sides: (height, width)."""
    field = np.array(layer.receptive_field)
    start = np.array(layer.offset) - (field - 1) / 2 + np.array(layer.jump) * np.stack([row, column], -1)
    box = np.concatenate([start, start + field], -1)
    return box.clip(0, np.tile(image_sides, 2)).astype(int)
