"""Changes to a trained network: units that are switched off, and kernels that are replaced."""

import re
from dataclasses import dataclass, field

import numpy as np

from cnn.explain.ablation import with_filter, without
from cnn.explain.cut import layers_of_units
from cnn.explain.kernels import classic, classics_for
from cnn.model.model import Model

BY_HAND = "by hand"


@dataclass
class Changes:
    """All changes to the network. off: layer -> its units that are switched off. put: (convolution, filter) ->
    the name of its new kernel, and its new weights (channels, rows, columns)."""

    off: dict[str, tuple[int, ...]] = field(default_factory=dict)
    put: dict[tuple[str, int], tuple[str, np.ndarray]] = field(default_factory=dict)

    @property
    def key(self) -> tuple:
        """Identifies the changes: equal changes have equal keys."""
        off = sorted((layer, units) for layer, units in self.off.items() if units)
        return *off, *sorted((edited, weights.tobytes()) for edited, (_, weights) in self.put.items())

    def apply(self, model: Model) -> Model:
        for (layer, filter_index), (_, weights) in self.put.items():
            model = with_filter(model, layer, filter_index, weights)
        return without(model, self.off) if self.key else model

    def __str__(self) -> str:
        off = [f"{layer} without {', '.join(map(str, units))}" for layer, units in self.off.items() if units]
        put = [f"{layer} filter {filter_index}: {name}" for (layer, filter_index), (name, _) in self.put.items()]
        return " · ".join(off + put)


def as_text(changes: Changes) -> str:
    """The changes as a text for the address, such as "conv1.0:off,conv1.3:blur". Kernels edited by hand are too
    long."""
    off = [f"{layer}.{i}:off" for layer, units in sorted(changes.off.items()) for i in units]
    put = [f"{layer}.{i}:{name}" for (layer, i), (name, _) in sorted(changes.put.items()) if name != BY_HAND]
    return ",".join(off + put)


def from_text(text: str, model: Model) -> Changes:
    """The changes in such a text that are possible in this network."""
    changes, layers = Changes(), layers_of_units(model.layers)
    for name, number, what in re.findall(r"(\w+)\.(\d{1,6}):([^,]+)", text):
        layer, unit = layers.get(name), int(number)
        if layer is None or unit >= layer.shape[0]:
            continue
        if what == "off":
            changes.off[name] = (*changes.off.get(name, ()), unit)
        elif what in classics_for(layer.kernel):
            changes.put[name, unit] = what, classic(what, layer.kernel[0], model.weights(name).shape[1])
    return changes
