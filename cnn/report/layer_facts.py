"""What can be said of the layers of a student's network, and the typical mistakes in counting their parameters."""

from collections.abc import Callable, Iterator

import numpy as np

from cnn.model.layers import Layer, frozen_parameters, total_parameters
from cnn.report.case import Case

Value = float | str | tuple[str, ...]
Slip = tuple[float, str]  # a wrong number, and the mistake that leads to it


def layer(case: Case, name: str) -> Layer | None:
    """The layer with that name: “dense1”, “dense 1”, “first conv”, “last dense”, “logits”."""
    place, _, kind = name.partition(" ")
    if place in ("first", "last"):
        kinds = ("dense", "output") if kind == "dense" else (kind,)
        found = [one for one in case.layers if one.kind in kinds]
        return (found[0] if place == "first" else found[-1]) if found else None
    return next((one for one in case.layers if one.name == name.replace(" ", "")), None)


def layer_parameters(name: str) -> Callable[[Case], Value | None]:
    def value(case: Case) -> float | None:
        found = layer(case, name)
        return None if found is None else found.parameters

    return value


def layer_reckoning(name: str) -> Callable[[Case], str]:
    def reckoning(case: Case) -> str:
        found = layer(case, name)
        return "" if found is None or not found.count.parts else found.count.text

    return reckoning


def parameter_slips(name: str) -> Callable[[Case], Iterator[Slip]]:
    """Typical mistakes in counting the parameters of a layer."""

    def slips(case: Case) -> Iterator[Slip]:
        found = layer(case, name)
        if found is None or found.kind not in ("conv", "dense", "output"):
            return
        copies, parts = found.count
        weights = copies * int(np.prod(parts[0]))
        what = "filter" if found.kind == "conv" else "unit"
        if len(parts) > 1:
            yield weights, f"You counted the weights only. Each {what} has one more parameter: its bias."
            yield weights + 1, f"Each {what} has a bias of its own, not the whole layer one."
            yield 2 * weights, f"A bias belongs to a {what}, not to a weight."
        yield found.count.total / copies, f"That is one {what}. The layer has more of them."
        if found.kind == "conv":
            window = int(np.prod(found.kernel))
            for bias in (0, 1):
                yield copies * (window + bias), "A filter has a kernel for each map or colour it gets, not just one."
        else:
            maps = next((one.shape for one in reversed(case.layers) if one.is_spatial), None)
            for inputs in (maps[0], maps[1] * maps[2]) if maps else ():
                for bias in (0, 1):
                    yield (
                        copies * (inputs + bias),
                        "The number of inputs is wrong: after Flatten, every value of every map is an input.",
                    )
            pixels = int(np.prod(case.layers[0].shape))
            for bias in (0, 1):
                yield (
                    copies * (pixels + bias),
                    "This layer does not get the pixels, but what the layer before it makes.",
                )

    return slips


def _trained(case: Case) -> list[Layer]:
    """The layers with parameters that training changes."""
    return [one for one in case.layers if one.parameters and one.start != "frozen"]


def trainable(case: Case) -> int:
    return total_parameters(_trained(case))


def all_slips(case: Case) -> Iterator[Slip]:
    """Typical mistakes in counting the trainable parameters of the network."""
    counted, total = _trained(case), trainable(case)
    yield total_parameters(case.layers), "The frozen layers have parameters, too, but training does not change them."
    yield frozen_parameters(case.layers), "That is what the frozen layers have: training does not change it."
    weights = sum(one.count.copies * int(np.prod(one.count.parts[0])) for one in counted)
    yield weights, "You counted the weights only. Filters and units have biases, too."
    for left_out in counted:
        yield total - left_out.parameters, f"You left out {left_out.name}."
    for only in counted:
        yield only.parameters, f"That is {only.name} alone. Add up all layers that are trained."


def all_reckoning(case: Case) -> str:
    parts = [f"{one.parameters:,} ({one.name})" for one in _trained(case)]
    frozen = " The frozen layers do not count." if frozen_parameters(case.layers) else ""
    return f"{' + '.join(parts)} = {trainable(case):,}.{frozen}"


def largest_layer(case: Case) -> Value | None:
    if not case.layers:
        return None
    most = max(one.parameters for one in case.layers)
    names = tuple(one.name for one in case.layers if one.parameters == most)
    return names if len(names) > 1 else names[0]
