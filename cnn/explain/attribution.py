"""What the methods that ask "where did it look?" have in common: they give each pixel its part in a class's logit.

Each method is in the file of its name, as a function and a `Method` that describes it; `cnn.explain.methods` lists
them. A function takes a model, an image (uint8 (H, W, C)) and a target, the index of a class (IndexError or
AssertionError if there is none such). It gives an `Attribution`. All explain the logit, not the probability: a
probability also rises when other classes fall, and hardly moves where the network is sure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch

from cnn.model.model import Model
from cnn.training.batches import Report

Chosen = Mapping[str, Any]  # name of an option -> its value: int, float or str, as the option says


class Attribution(NamedTuple):
    """values: float32 (H, W), one for each pixel of the image.

    signed: whether values may be negative, speaking against the class (for a diverging scale about zero).
    error: of integrated gradients, the difference between the values' sum and what it should be; else 0.
    """

    values: np.ndarray
    signed: bool
    error: float = 0.0


class Paper(NamedTuple):
    """Who described a method and when, and the address of the paper."""

    citation: str
    address: str


@dataclass(frozen=True)
class Option:
    """What a method leaves open.

    name: of the function's argument, and of the option on the command line.
    label: of the control on a page. what: a phrase for the command line; it names the default.
    kind, unit: of the values: int, float or str; and what they count or name.
    values: (model, the options chosen so far) -> the values a page offers, in order: a range, or a few.
    default: (model, the options chosen so far) -> one of them.
    names: what people call a value that does not speak for itself.
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

    name: the one spelling. attribute: the function; it takes the options by name, and `progress` if the method is slow.
    question: what it answers. misleads: when it does.
    note: the sentence under its picture; nothing: the one under a picture that is blank. {patch} stands for the value
    of the option of that name.
    needs: the kind of layer that it looks at, without which it has no answer; "" for a method that takes any network.
    doing: what is said while a slow method computes, beside the page; "" for a method that takes no time.
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
        """The attribution for a class. options: those that are not named take their defaults."""
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
    """The model as a function of pixels from 0 to 1, float32 (N, C, H, W), whatever numbers its network takes.

    So gradients are with respect to pixels, and a black image is 0. After each call the function reports to `progress`
    which share of `total` images it has seen.
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
