"""A network with everything needed to use it: its layers, its classes and its preprocessing."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import torch
from torch import nn

from cnn.data.decoding import STANDARD, Decoding
from cnn.data.pixels import mean_and_spread, pixel_counts
from cnn.errors import UserError
from cnn.model.layers import Layer

Images = np.ndarray | torch.Tensor  # uint8 (N, H, W, C); a tensor where they are kept on a GPU


@dataclass(frozen=True)
class Preprocessing:
    """How pixels become the network's input: (pixel / 255 - mean) / spread, channel by channel.

    mean, spread: one number for each channel, or one for all of them; a spread is larger than 0. The defaults give
    numbers from 0 (black) to 1 (white).
    """

    mean: tuple[float, ...] = (0.0,)
    spread: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        for name in ("mean", "spread"):
            object.__setattr__(self, name, _numbers(name, getattr(self, name)))
        if min(self.spread) <= 0:
            raise UserError(f"The spread of pixels must be larger than 0, not {min(self.spread):g}.")

    def to_dict(self) -> dict[str, list[float]]:
        """The record as plain JSON values."""
        return {"mean": list(self.mean), "spread": list(self.spread)}

    @classmethod
    def from_dict(cls, values: Mapping) -> "Preprocessing":
        """The record from the dict of `to_dict`; missing values take their defaults. Raises UserError."""
        if unknown := sorted(set(values) - {field.name for field in fields(cls)}):
            raise UserError(f"Unknown preprocessing {unknown[0]!r}; known are mean and spread.")
        return cls(**values)

    @classmethod
    def standardised(cls, images: np.ndarray, chosen: np.ndarray) -> "Preprocessing":
        """The preprocessing that gives the pixels of the images at `chosen` (int64 indices) mean 0 and standard
        deviation 1 in each channel. images: uint8 (N, H, W, C). A channel of one value only is not divided."""
        mean, spread = mean_and_spread(pixel_counts(images, chosen))
        return cls(tuple(mean), tuple(spread))

    def batch(self, images: Images, device: str | torch.device = "cpu") -> torch.Tensor:
        """uint8 images (N, H, W, C) -> the network's input, float32 (N, C, H, W), on `device`."""
        return self.standardize_(unit_pixels(images, device))

    def standardize(self, pixels: torch.Tensor) -> torch.Tensor:
        """Pixels (N, C, H, W) from 0 to 1 -> the numbers a network takes. Gradients pass through it."""
        if self == PLAIN:
            return pixels
        mean, spread = (self._image(numbers, pixels) for numbers in (self.mean, self.spread))
        return (pixels - mean) / spread

    def standardize_(self, pixels: torch.Tensor) -> torch.Tensor:
        """The same in place, for pixels that nothing else uses."""
        if self == PLAIN:
            return pixels
        mean, spread = (self._image(numbers, pixels) for numbers in (self.mean, self.spread))
        return pixels.sub_(mean).div_(spread)

    def _image(self, numbers: tuple[float, ...], pixels: torch.Tensor) -> torch.Tensor:
        """The numbers of the channels for computing with `pixels`: (C, 1, 1), or an image with the number of its
        channel in every pixel, (1, C, H, W). PyTorch computes four times as fast with such an image if the channels of
        a pixel lie together."""
        each = pixels.new_tensor(numbers)[:, None, None]
        if pixels.is_contiguous():
            return each
        return each.expand(1, *pixels.shape[1:]).contiguous(memory_format=torch.channels_last)


def _numbers(name: str, values: Sequence[float]) -> tuple[float, ...]:
    numbers = tuple(values) if isinstance(values, list | tuple) else ()
    if not numbers or not all(type(n) in (int, float) and math.isfinite(n) for n in numbers):
        raise UserError(f"The {name} of pixels must be a list of numbers, one for each channel, not {values!r}.")
    return tuple(map(float, numbers))


PLAIN = Preprocessing()


def unit_pixels(images: Images, device: str | torch.device = "cpu") -> torch.Tensor:
    """uint8 images (N, H, W, C) -> float32 (N, C, H, W) from 0 (black) to 1 (white), on `device`."""
    if isinstance(images, np.ndarray):
        images = torch.from_numpy(images if images.flags.writeable else images.copy())  # PyTorch warns of a mapped file
    pixels = images.to(device)
    # Seen as (N, C, H, W) the array already has the channels-last order that the network wants.
    return pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last).div_(255)


@dataclass(frozen=True, eq=False)
class Model:
    """A network to look into, to predict with and to export.

    layers: as `cnn.model.layers.lay_out` describes them, input first.
    network: takes float32 (N, C, H, W) and gives float32 logits (N, classes); its modules carry the layers' names.
    classes: their names, in the order of the logits.
    preprocessing: how pixels become the numbers that the network takes.
    decoding: how files become pixels.

    `dataclasses.replace(model, network=...)` is the same model with a changed network.
    """

    layers: Sequence[Layer]
    network: nn.Sequential
    classes: tuple[str, ...]
    preprocessing: Preprocessing = PLAIN
    decoding: Decoding = STANDARD

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "classes", tuple(self.classes))

    @property
    def channels(self) -> int:
        """1 for grayscale images, 3 for colour."""
        return self.layers[0].shape[0]

    @property
    def image_sides(self) -> tuple[int, int]:
        """(height, width) in pixels of the images it takes."""
        _, height, width = self.layers[0].shape
        return height, width

    @property
    def image_size(self) -> int:
        """The side in pixels of the square images it takes."""
        return self.layers[0].shape[1]

    def batch(self, images: Images, device: str | torch.device = "cpu") -> torch.Tensor:
        """uint8 images (N, H, W, C) -> the float32 (N, C, H, W) that the network takes, on `device`."""
        return self.preprocessing.batch(images, device)

    def weights(self, layer: str) -> np.ndarray:
        """A copy of a layer's weights: of a convolution, float32 (filters, input channels, height, width)."""
        weight = self.network.get_parameter(f"{layer}.weight").detach().cpu()
        return weight.clone(memory_format=torch.contiguous_format).numpy()

    @cached_property
    def key(self) -> str:
        """32 hex digits, for results that are kept: models that differ in anything have different keys, but for how
        files become pixels (`decoding`). Computed once, so do not ask for it while the network is being trained.
        """
        described = [repr(self.network), repr(self.layers), self.classes, self.preprocessing.to_dict()]
        digest = hashlib.sha256(json.dumps(described).encode())
        for name, value in self.network.state_dict().items():
            digest.update(name.encode())
            digest.update(value.cpu().contiguous().numpy())
        return digest.hexdigest()[:32]
