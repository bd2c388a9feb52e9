"""The kinds of layers. Plain data and arithmetic, no torch.

A network is a sequence of the records below (Conv, Pool, ...); `cnn.model.layers.stack` gives them names and shapes.
The PyTorch module, the code to copy, costs, receptive fields, the memory estimate, the drawing and the explanations in
the browser all come from these records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from cnn.model.activation_functions import ACTIVATIONS, ActivationFunction
from cnn.model.layer_kind import Kind, Shape, check_least, make_pairs, sides_of
from cnn.model.parameter_count import Count
from cnn.model.torch_module import TorchModule
from cnn.model.windows import Pair, Window, pair, shortest, sides
from cnn.percent import percent


@dataclass(frozen=True)
class Input(Kind):
    """The image, which comes before the sequence."""

    kind = "input"
    is_numbered = False
    keeps_sign = True
    label = "image"
    sentence = "The image: the network's input."

    def reason(self, given: Shape) -> str:
        channels = "its three channels, red, green and blue" if given[0] == 3 else "each of its channels"
        return f"It has a number for each pixel{'' if given[0] == 1 else f' in {channels}'}."


@dataclass(frozen=True)
class Conv(Kind):
    """A convolution. Sides are (rows, columns), or one number for both; padding and dilation as in `Window`.

    groups: the maps are divided into this many groups, and each filter reads one group.
    """

    filters: int
    kernel: int | Pair
    stride: int | Pair = 1
    padding: int | Pair = 0
    dilation: int | Pair = 1
    groups: int = 1
    bias: bool = True

    kind = "conv"
    takes = "maps"
    keeps_input = True
    numbers: ClassVar[Mapping[str, str]] = {"weight": "weight", "bias": "bias"}
    sentence = "Each filter slides over its input and makes a map that shows where it finds its pattern."

    def __post_init__(self):
        make_pairs(self, "kernel", "stride", "padding", "dilation")
        check_least(self, 1, "filters", "groups", "kernel", "stride", "dilation")
        check_least(self, 0, "padding")
        # With more padding, a filter could read padding only.
        window = self.window(())
        if any(padding >= reach for padding, reach in zip(window.padding, window.reach, strict=True)):
            raise ValueError(f"The padding of {sides(window.padding)} must be smaller than the {self.label}.")

    @property
    def label(self) -> str:
        return f"{sides(pair(self.kernel))} filters"

    @property
    def _reader(self) -> str:
        reach = self.window(()).reach
        return f"{self.label} are" if reach == self.kernel else f"{self.label}, spread over {sides(reach)}, are"

    def window(self, given: Shape) -> Window:
        return Window(pair(self.kernel), pair(self.stride), pair(self.padding), pair(self.dilation))

    def maps(self, given: Shape) -> int:
        return self.filters

    def reason(self, given: Shape) -> str:
        texts = ["The filter has the same weights at every place, so it finds its pattern wherever it is."]
        if self.groups > 1:
            texts.append(f"Each filter reads {given[0] // self.groups} of the {given[0]} maps ({self.groups} groups).")
        if pair(self.stride) != (1, 1):
            texts.append(f"The stride is {sides(pair(self.stride))}: it skips places, which makes the maps smaller.")
        if pair(self.dilation) != (1, 1):
            texts.append(f"Its weights are spread over {sides(self.window(given).reach)} values (dilation).")
        return " ".join(texts)

    def count(self, given: Shape) -> Count:
        weights = (*pair(self.kernel), given[0] // self.groups)
        return Count(self.filters, (weights, (1,)) if self.bias else (weights,))

    def multiply_adds(self, given: Shape) -> int:
        weights, *_ = self.count(given).parts
        return prod(self.shape(given)) * prod(weights)

    def misfit(self, given: Shape) -> str:
        if len(given) == 3 and (given[0] % self.groups or self.filters % self.groups):
            return f"{given[0]} maps and {self.filters} filters cannot both be divided into {self.groups} groups."
        return super().misfit(given)

    def module(self, given: Shape) -> TorchModule:
        usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True}
        chosen = {name: shortest(getattr(self, name)) for name in usual}
        options = {name: value for name, value in chosen.items() if value != usual[name]}
        return TorchModule("Conv2d", (given[0], self.filters, shortest(self.kernel)), options)


@dataclass(frozen=True)
class Pool(Kind):
    """Pooling. function: max or average. stride: None for the sides of the window: windows do not overlap."""

    function: str = "max"
    kernel: int | Pair = 2
    stride: int | Pair | None = None

    kind = "pool"
    takes = "maps"
    keeps_sign = True
    keeps_input = True

    def __post_init__(self):
        if self.function not in ("max", "average"):
            raise ValueError(f"Pooling must be max or average, not {self.function!r}.")
        if self.stride is None:
            object.__setattr__(self, "stride", self.kernel)
        make_pairs(self, "kernel", "stride")
        check_least(self, 1, "kernel", "stride")

    @property
    def label(self) -> str:
        return f"{self.function} pooling"

    @property
    def sentence(self) -> str:
        what = "the largest value" if self.function == "max" else "the mean"
        return f"It keeps {what} of each window of {sides(pair(self.kernel))}."

    def reason(self, given: Shape) -> str:
        return "Fewer numbers go on, and small shifts of the image matter less."

    @property
    def _reader(self) -> str:
        return f"{sides(pair(self.kernel))} window is"

    def window(self, given: Shape) -> Window:
        return Window(pair(self.kernel), pair(self.kernel if self.stride is None else self.stride))

    def extra_values(self, given: Shape) -> int:
        # An int64 each: the index of the largest value.
        return 2 * prod(self.shape(given)) if self.function == "max" else 0

    def module(self, given: Shape) -> TorchModule:
        name = {"max": "MaxPool2d", "average": "AvgPool2d"}[self.function]
        options = {} if self.stride == self.kernel else {"stride": shortest(self.stride)}
        return TorchModule(name, (shortest(self.kernel),), options)


@dataclass(frozen=True)
class GlobalAverage(Kind):
    """Global average pooling (Lin et al. 2013, "Network in network", https://arxiv.org/abs/1312.4400)."""

    kind = "pool"
    takes = "maps"
    function = "average"
    keeps_sign = True
    keeps_input = True
    label = "global average"
    sentence = "It keeps one value of each map, its mean: how strongly the filter responds, but not where."

    def reason(self, given: Shape) -> str:
        return "The dense layers then need few weights, and shifts of the image matter less."

    def window(self, given: Shape) -> Window:
        return Window(sides_of(given))

    def module(self, given: Shape) -> TorchModule:
        return TorchModule("AdaptiveAvgPool2d", (1,))


@dataclass(frozen=True)
class Norm(Kind):
    """Batch normalisation of each map or value (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167)."""

    kind = "norm"
    keeps_shape = True
    keeps_input = True
    numbers: ClassVar[Mapping[str, str]] = {
        **{"mean": "running_mean", "var": "running_var", "eps": "eps"},
        **{"gamma": "weight", "beta": "bias"},
    }
    label = "batch norm"
    sentence = "Batch norm scales values to mean 0 and standard deviation 1, then applies a learned scale and shift."

    def reason(self, given: Shape) -> str:
        return "So the next layer gets numbers of about the same size throughout training."

    def count(self, given: Shape) -> Count:
        return Count(given[0], ((1,), (1,)))  # a scale and a shift

    def module(self, given: Shape) -> TorchModule:
        return TorchModule("BatchNorm2d" if len(given) == 3 else "BatchNorm1d", (given[0],))


@dataclass(frozen=True)
class Activation(Kind):
    """An activation function, applied to each value. function: a name in ACTIVATIONS."""

    function: str

    kind = "activation"
    keeps_shape = True

    def __post_init__(self):
        if self.function not in ACTIVATIONS:
            raise ValueError(f"An activation must be one of {', '.join(ACTIVATIONS)}, not {self.function!r}.")

    @property
    def described(self) -> ActivationFunction:
        return ACTIVATIONS[self.function]

    @property
    def name(self) -> str:
        return self.function

    @property
    def label(self) -> str:
        return self.described.label

    @property
    def sentence(self) -> str:
        return self.described.sentence

    def reason(self, given: Shape) -> str:
        return "Without such a function in between, two layers with weights can do no more than one."

    @property
    def keeps_input(self) -> bool:
        return self.described.keeps == "input"

    @property
    def keeps_output(self) -> bool:
        return self.described.keeps == "output"

    def signed(self, before: bool) -> bool:
        return self.described.signed

    def module(self, given: Shape) -> TorchModule:
        return self.described.module


@dataclass(frozen=True)
class Dropout(Kind):
    """Dropout (Srivastava et al. 2014). rate: the fraction of values set to zero during training."""

    rate: float

    kind = "dropout"
    keeps_shape = True
    keeps_sign = True

    def __post_init__(self):
        if not 0 <= self.rate < 1:
            raise ValueError(f"Dropout must be a share from 0 to below 1, not {self.rate!r}.")

    @property
    def sentence(self) -> str:
        return f"In training it sets a random {percent(self.rate)} of the values to zero; later it does nothing."

    def reason(self, given: Shape) -> str:
        return "So the network learns not to rely on any single value."

    def extra_values(self, given: Shape) -> int:
        return prod(given)  # the factor of each value

    def module(self, given: Shape) -> TorchModule:
        return TorchModule("Dropout", (self.rate,))


@dataclass(frozen=True)
class Flatten(Kind):
    """The values of all maps in one row, map after map."""

    kind = "flatten"
    takes = "maps"
    is_numbered = False
    is_view = True
    keeps_sign = True
    sentence = "It puts the values of all maps in one row."

    def reason(self, given: Shape) -> str:
        return "A dense layer takes values in a row. From here on, each place in the image has its own weights."

    def shape(self, given: Shape) -> Shape:
        return (prod(given),)

    def module(self, given: Shape) -> TorchModule:
        return TorchModule("Flatten")


@dataclass(frozen=True)
class Dense(Kind):
    """A dense (fully connected) layer of `width` units; each takes all values."""

    width: int
    bias: bool = True

    kind = "dense"
    takes = "values"
    keeps_input = True
    numbers: ClassVar[Mapping[str, str]] = {"bias": "bias"}  # and the largest products of its many weights
    sentence = "Each unit adds up all input values, each times its own weight."

    def __post_init__(self):
        check_least(self, 1, "width")

    def shape(self, given: Shape) -> Shape:
        return (self.width,)

    def reason(self, given: Shape) -> str:
        return "It combines what the layers before it found anywhere in the image."

    def count(self, given: Shape) -> Count:
        return Count(self.width, ((given[0],), (1,)) if self.bias else ((given[0],),))

    def multiply_adds(self, given: Shape) -> int:
        return given[0] * self.width

    def module(self, given: Shape) -> TorchModule:
        return TorchModule("Linear", (given[0], self.width), {} if self.bias else {"bias": False})
