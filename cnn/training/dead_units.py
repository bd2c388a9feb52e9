"""Dead units: those that are 0 for every image. No gradient reaches their weights, so training hardly ever revives
them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from cnn.model.layers import Layer


@contextmanager
def count_dead(network: nn.Sequential, layers: Sequence[Layer]) -> Iterator[dict[str, tuple[int, int]]]:
    """Watches the network while the block sends images through it. Its dict is filled at the end: for each ReLU layer
    (dead units, all units), where a unit is a map or a value.

    network: may be one of `cnn.model.fast.pool_first`. There a map counts as dead if nothing of it passes the pooling.
    """
    alive: dict[str, torch.Tensor] = {}
    counted: dict[str, tuple[int, int]] = {}

    def watch(name: str):
        def look(module: nn.Module, given, output: torch.Tensor) -> None:
            fired = (output.amax((0, 2, 3)) if output.ndim == 4 else output.amax(0)) > 0
            alive[name] = fired | alive[name] if name in alive else fired

        return look

    modules = dict(network.named_children())
    names = [layer.name for layer in layers if layer.function == "relu" and layer.name in modules]
    handles = [modules[name].register_forward_hook(watch(name)) for name in names]
    try:
        yield counted
    finally:
        for handle in handles:
            handle.remove()
    counted |= {name: (int((~fired).sum()), len(fired)) for name, fired in alive.items()}
