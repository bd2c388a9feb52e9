"""Attribution methods: how much does each pixel contribute to a class's logit?

Each method is in its own file, as a function and a `Method` that describes it; `cnn.explain.methods` lists them. The
function takes a model, an image (uint8 (H, W, C)) and a target, the index of a class (IndexError or AssertionError if
there is none), and returns an `Attribution`. All methods explain the logit, not the probability: a probability also
rises when other classes fall, and hardly changes where the network is sure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch

from cnn.model.model import Model
from cnn.training.batches import Report

Chosen = Mapping[str, Any]  # name of an option -> its value: int, float or str


class Attribution(NamedTuple):
    """values: float32 (H, W), one for each pixel of the image.

    signed: whether values can be negative (these pixels lower the logit); drawn with a diverging colour scale.
    error: for integrated gradients, the difference between the values' sum and its exact value; else 0.
    """

    values: np.ndarray
    signed: bool
    error: float = 0.0


class Paper(NamedTuple):
    """The authors and the year of a paper, and its address."""

    citation: str
    address: str


@dataclass(frozen=True)
class Option:
    """An option of a method.

    name: the function's argument, and the option on the command line.
    label: of the control on a page. what: the help text on the command line, with the default.
    kind, unit: the type of the values (int, float or str), and their unit.
    values: (model, the options chosen so far) -> the values a page offers, in order: a range or a few values.
    default: (model, the options chosen so far) -> one of them.
    names: value -> its name for users, if the number says too little.
    """

    name: str
    label: str
    what: str
    kind: type
    unit: str
    values: Callable[[Model, Chosen], Sequence]
    default: Callable[[Model, Chosen], Any]
    names: Mapping[Any, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Method:
    """An attribution method, as the Explain page and the command line show it.

    name: its spelling everywhere. attribute: the function; takes the options by name, and `progress` if it is slow.
    question: the question it answers. misleads: when its answer misleads.
    note: the text under its picture; nothing: the text under a blank picture. {patch} stands for the value of the
    option `patch`.
    needs: a kind of layer that the network must have; "" for any network.
    doing: the text while a slow method computes in the background; "" for a fast method.
    """

    name: str
    attribute: Callable[..., Attribution]
    question: str
    misleads: str
    note: str
    nothing: str
    paper: Paper
    options: tuple[Option, ...] = ()
    needs: str = ""
    doing: str = ""

    @property
    def slug(self) -> str:
        """The name in links and on the command line."""
        return self.name.lower().replace(" ", "-")

    def applies_to(self, model: Model) -> bool:
        return not self.needs or any(layer.kind == self.needs for layer in model.layers)

    @property
    def slow(self) -> bool:
        return bool(self.doing)

    def run(
        self, model: Model, image: np.ndarray, target: int, options: Chosen, progress: Report | None = None
    ) -> Attribution:
        """The attribution for a class. options: missing ones take their defaults."""
        reporting = {"progress": progress} if self.slow else {}
        return self.attribute(model, image, target, **self.completed(model, options), **reporting)

    def completed(self, model: Model, given: Chosen) -> dict[str, Any]:
        """All options of the method: the given ones, and the defaults of the others."""
        chosen: dict[str, Any] = {}
        for option in self.options:
            chosen[option.name] = given[option.name] if option.name in given else option.default(model, chosen)
        return chosen


def logits_of_pixels(
    model: Model, total: int = 1, progress: Report | None = None
) -> Callable[[torch.Tensor], torch.Tensor]:
    """The model as a function from pixels (0..1, float32 (N, C, H, W)) to logits; it includes the preprocessing.

    So gradients are with respect to pixels, and a black image is 0. After each call, the function reports to
    `progress` which fraction of `total` images it has done.
    """
    network, seen = model.network.eval(), 0

    def logits(pixels: torch.Tensor) -> torch.Tensor:
        nonlocal seen
        found = network(model.preprocessing.standardize(pixels))
        seen += len(pixels)
        if progress:
            progress(min(1.0, seen / total))
        return found

    return logits
