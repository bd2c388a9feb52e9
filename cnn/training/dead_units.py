"""Dead units: those that are 0 for every image. No gradient reaches their weights, so training hardly ever revives
them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from cnn.model.layers import Layer


@contextmanager
def count_dead(network: nn.Sequential, layers: Sequence[Layer]) -> Iterator[dict[str, tuple[int, int]]]:
    """Watches the network while the block sends images through it. Its dict has, for each ReLU layer, (units that were
    0 for all images so far, all units), where a unit is a map or a value.

    network: may be one of `cnn.model.fast.pool_first`. There a map counts as dead if nothing of it passes the pooling.
    """
    silent: dict[str, torch.Tensor] = {}  # the numbers of the units that have been 0 so far
    counted: dict[str, tuple[int, int]] = {}

    def watch(name: str):
        def look(module: nn.Module, given, output: torch.Tensor) -> None:
            units = output.shape[1]
            left = silent.get(name)
            if left is None:
                left, seen = torch.arange(units, device=output.device), output
            elif len(left):  # most units give something for the first few images, and need no further look
                seen = output[:, left]
            else:
                return
            fired = (seen.amax((0, 2, 3)) if seen.ndim == 4 else seen.amax(0)) > 0
            silent[name] = left[~fired]
            counted[name] = (len(silent[name]), units)

        return look

    modules = dict(network.named_children())
    names = [layer.name for layer in layers if layer.function == "relu" and layer.name in modules]
    handles = [modules[name].register_forward_hook(watch(name)) for name in names]
    try:
        yield counted
    finally:
        for handle in handles:
            handle.remove()
