"""The frozen layers of a network: training never changes them, so their output for an image is computed only once."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from cnn.model.fast import pool_first
from cnn.model.layers import Layer, frozen_end
from cnn.model.memory_needed import EVALUATED_VALUES, kept_outputs
from cnn.model.model import Images, Model
from cnn.training.batches import Report, batches


def split_frozen(network: nn.Sequential, layers: Sequence[Layer]) -> tuple[nn.Sequential, nn.Sequential]:
    """The part of a network that gives the same for an image throughout training (see `frozen_end`), and the rest. They
    share the network's modules. Without frozen layers the first part is empty, and the second is the network itself."""
    end, named = max(0, frozen_end(layers) - 1), list(network.named_children())  # the input has no module
    if not end:
        return nn.Sequential(), network
    return nn.Sequential(OrderedDict(named[:end])), nn.Sequential(OrderedDict(named[end:]))


class FrozenPart:
    """The frozen part of a model, in evaluation mode, and its outputs.

    network: takes float32 (N, C, H, W) and gives float32 (N, ...). images: uint8 (N, H, W, C). kept: int64, the indices
    of the images whose output is computed once. If that would take too much memory (see `kept_outputs`), none is kept.
    """

    def __init__(self, model: Model, network: nn.Sequential, images: Images, kept: np.ndarray, device: str = "cpu"):
        self.network = pool_first(network.requires_grad_(False)).eval()
        self.model, self.images, self.device = replace(model, network=self.network), images, device
        self.kept = kept if kept_outputs(model.layers, len(kept)) else kept[:0]
        self.rows: np.ndarray | None = None  # index of an image -> its row in `outputs`; -1: not kept
        self.outputs = torch.empty(0, device=device)

    @torch.no_grad()
    def prepare(self, progress: Report | None = None) -> None:
        """Computes the outputs that are kept, unless that is done.

        Always in the same batches: a sum may depend in its last digit on how many images are computed together.
        """
        if self.rows is not None:
            return
        shape = self.model.layers[frozen_end(self.model.layers) - 1].shape
        self.outputs = torch.empty((len(self.kept), *shape), device=self.device)
        given, done = (self.model, self.images, self.kept, self.device, progress, EVALUATED_VALUES), 0
        for part, pixels in batches(*given):
            self.outputs[done : done + len(part)] = self.network(pixels)
            done += len(part)
        self.rows = np.full(len(self.images), -1)
        self.rows[self.kept] = np.arange(len(self.kept))

    def of(self, chosen: np.ndarray) -> torch.Tensor:
        """The output for the images `chosen` (int64 indices), not augmented."""
        self.prepare()
        assert self.rows is not None
        rows = self.rows[chosen]
        if len(rows) and rows.min() >= 0:
            return self.outputs[torch.from_numpy(rows).to(self.device)]
        return self.compute(self.model.batch(self.images[chosen], self.device))

    @torch.no_grad()
    def compute(self, pixels: torch.Tensor) -> torch.Tensor:
        """The output for pixels as the network takes them: float32 (N, C, H, W)."""
        return self.network(pixels)
