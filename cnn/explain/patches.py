"""What excites a filter most, of all that the dataset holds.

As in Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks", https://arxiv.org/abs/1311.2901
"""

from typing import NamedTuple

import numpy as np
import torch

from cnn.explain.cut import convolution, split
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.training.batches import Report, batches


class Patches(NamedTuple):
    """For each filter the n images that excite it most, best first; of equals the earlier one. No image comes twice.

    values: float32 (filters, n), the largest value of the filter's activation map of that image; no more than 0 from a
    ReLU means that nothing excites it. images: int64 (filters, n), their indices. rows, columns: int64 (filters, n),
    where in the map. boxes: int64 (filters, n, 4), what of the image that value sees: top, left, bottom, right, as for
    slices: image[top:bottom, left:right].
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
    """Looks through the images (uint8 (N, H, W, C)) at `indices` once; fewer than n of them give as many patches.

    layer: the name of a convolution; its maps are taken after the activation function, if one follows.
    """
    head, _ = split(model.network, layer)
    source = convolution(model.layers, layer)
    filters, _, width = source.shape
    values, found, places = np.empty((filters, 0), np.float32), np.empty((filters, 0), int), np.empty((filters, 0), int)
    for part, batch in batches(model, images, indices, progress=progress):
        best, place = head(batch).flatten(2).max(2)  # (images, filters)
        values = np.concatenate([values, best.T.numpy()], 1)
        found = np.concatenate([found, np.broadcast_to(part, (filters, len(part)))], 1)
        places = np.concatenate([places, place.T.numpy()], 1)
        kept = np.argsort(-values, axis=1, kind="stable")[:, :n]
        values, found, places = (np.take_along_axis(array, kept, 1) for array in (values, found, places))
    rows, columns = np.divmod(places, width)
    return Patches(values, found, rows, columns, receptive_box(source, rows, columns, model.image_sides))


def receptive_box(layer: Layer, row: np.ndarray, column: np.ndarray, image_sides: tuple[int, int]) -> np.ndarray:
    """int64 (..., 4): top, left, bottom, right of the pixels that a value of the layer's maps depends on, cut at the
    image's border; bottom and right are the first ones outside. row, column: whole numbers, or arrays of them.
    image_sides: (height, width)."""
    field = np.array(layer.receptive_field)
    start = np.array(layer.offset) - (field - 1) / 2 + np.array(layer.jump) * np.stack([row, column], -1)
    box = np.concatenate([start, start + field], -1)
    return box.clip(0, np.tile(image_sides, 2)).astype(int)
