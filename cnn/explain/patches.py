"""The patches of the dataset that activate a unit most, and those that lower it most. (A dense unit sees whole images.)

Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks", https://arxiv.org/abs/1311.2901
"""

from typing import NamedTuple

import numpy as np
import torch

from cnn.explain.cut import has_activation, slice_of, split
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.training.batches import Report, batches


class Patches(NamedTuple):
    """For each unit, the n images with the most extreme value, that one first (ties: the earlier image); each image
    once.

    values: float32 (units, n). images: int64 (units, n), their indices. rows, columns: int64 (units, n), the value's
    position in the map, 0 for dense units. boxes: int64 (units, n, 4), the value's receptive field: top, left, bottom,
    right, as in image[top:bottom, left:right].
    """

    values: np.ndarray
    images: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    boxes: np.ndarray


@torch.no_grad()
def extreme_patches(
    model: Model,
    layer: str,
    images: np.ndarray,
    indices: np.ndarray,
    n: int = 9,
    progress: Report | None = None,
) -> tuple[Patches, Patches]:
    """Searches the images (uint8 (N, H, W, C)) at `indices` for (the highest values, the lowest values); fewer than n
    images give fewer patches.

    layer: the name of a convolution or a dense layer. The highest values are those of its outputs, after the activation
    function if one follows; 0 after a ReLU means that the unit is not active. The lowest are taken before that
    function: ReLU turns all negative numbers into 0, so its zeros do not show which patch is lowest.
    """
    head, _ = split(model.network, layer)
    before = slice_of(head, 0, -1) if has_activation(head) else head
    after = slice_of(head, len(before))
    source = next(one for one in model.layers if one.name == layer)
    highest, lowest = _Extremes(source, n), _Extremes(source, n)
    for part, batch in batches(model, images, indices, progress=progress):
        # Forward to the sums, and keep the most extreme values.
        sums = before(batch)
        highest.add(part, after(sums))
        lowest.add(part, -sums)
    most, least = highest.patches(model), lowest.patches(model)
    return most, least._replace(values=-least.values)


class _Extremes:
    """The largest values so far, for each unit: value, image, and position in the map (row * width + column)."""

    def __init__(self, source: Layer, n: int):
        units = source.shape[0]
        self.source, self.n = source, n
        self.values, self.images = np.empty((units, 0), np.float32), np.empty((units, 0), int)
        self.positions = np.empty((units, 0), int)

    def add(self, part: np.ndarray, outputs: torch.Tensor) -> None:
        """part: int64 (images,), the images' indices. outputs: float32 (images, units, rows, columns) or (images,
        units)."""
        # The largest value of each map, and its position.
        best, position = outputs.reshape(*outputs.shape[:2], -1).max(2)
        # Add them to the largest so far, and keep the n largest of all.
        values = np.concatenate([self.values, best.T.numpy()], 1)
        images = np.concatenate([self.images, np.broadcast_to(part, (len(values), len(part)))], 1)
        positions = np.concatenate([self.positions, position.T.numpy()], 1)
        order = np.argsort(-values, axis=1, kind="stable")[:, : self.n]
        self.values, self.images, self.positions = (
            np.take_along_axis(array, order, 1) for array in (values, images, positions)
        )

    def patches(self, model: Model) -> Patches:
        rows, columns = np.divmod(self.positions, self.source.shape[-1])
        boxes = receptive_box(self.source, rows, columns, model.image_sides)
        return Patches(self.values, self.images, rows, columns, boxes)


def receptive_box(layer: Layer, row: np.ndarray, column: np.ndarray, image_sides: tuple[int, int]) -> np.ndarray:
    """int64 (..., 4): the receptive field of a value of the layer, as top, left, bottom, right, cut at the
    image's border; bottom and right are exclusive. row, column: int, or arrays of int. image_sides: (height, width)."""
    field = np.array(layer.receptive_field)
    start = np.array(layer.offset) - (field - 1) / 2 + np.array(layer.jump) * np.stack([row, column], -1)
    box = np.concatenate([start, start + field], -1)
    return box.clip(0, np.tile(image_sides, 2)).astype(int)
