"""The layers of a network: names, shapes, costs and receptive fields. No torch.

The module, the drawing, the table, the code to copy and the estimates are all made from this list. `stack` makes it
from any sequence of kinds; `lay_out` makes it from a NetworkSpec.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnn.errors import UserError
from cnn.model.kinds import Activation, Conv, Dense, Dropout, Flatten, GlobalAverage, Input, Norm, Pool
from cnn.model.layer_kind import Kind, Shape, shape_text, sides_of
from cnn.model.parameter_count import Count
from cnn.model.torch_module import TorchModule
from cnn.model.windows import Field, Pair, Window
from cnn.specs import NetworkSpec


class NetworkError(UserError):
    """The network does not fit its input; the message says which layer fails and what would fix it."""


@dataclass(frozen=True)
class Layer:
    """One layer of a network for images of a given size. Pairs are (rows, columns).

    kind: input, conv, norm, activation, pool, flatten, dropout, dense or output (the last dense layer).
    record: its entry in the sequence.
    in_shape, shape: (channels, height, width), or (values,) once flattened.
    kernel, stride, padding, dilation: of the window that slides over the input; kernel is (0, 0) without a window.
    groups: of a convolution, else 1. bias: whether it has one.
    parameters: how many numbers training changes. multiply_adds: for one image, forward pass.
    receptive_field: the sides of the rectangle of input pixels that one value depends on (not cut at the image's
        border). A value after flatten can depend on the whole image.
    jump: input pixels between the centres of the receptive fields of two neighbouring values.
    offset: the centre of the first value's receptive field in input pixels (the centre of the first pixel is 0).
    signed: whether a value can be negative.
    start: how its weights start, and whether training changes them: "new" (random, trained), "frozen" (those of another
        run, kept) or "fine-tuned" (those of another run, trained).
    """

    name: str
    kind: str
    record: Kind
    in_shape: Shape
    shape: Shape
    kernel: Pair = (0, 0)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    bias: bool = False
    parameters: int = 0
    multiply_adds: int = 0
    receptive_field: Pair = (1, 1)
    jump: Pair = (1, 1)
    offset: tuple[float, float] = (0.0, 0.0)
    signed: bool = False
    start: str = "new"

    @property
    def description(self) -> str:
        """Two sentences or more for students: what it does, and what that is good for."""
        reason = self.record.reason(self.in_shape)
        if self.kind == "output":
            reason = "There is one unit for each class. Its value is the logit of the class: the largest one wins."
        return f"{self.record.sentence} {reason}"

    @property
    def count(self) -> Count:
        """How its parameters are counted."""
        return self.record.count(self.in_shape)

    @property
    def function(self) -> str:
        """The activation (relu, ...), the pooling (max, average), or ""."""
        return self.record.function

    @property
    def module(self) -> TorchModule:
        return self.record.module(self.in_shape)

    @property
    def is_spatial(self) -> bool:
        return len(self.shape) == 3

    @property
    def shape_text(self) -> str:
        """'16 × 48 × 48', or '1,936' for a flat layer."""
        return shape_text(self.shape)


def stack(sequence: Sequence[Kind], in_shape: Shape, signed: bool = False) -> list[Layer]:
    """The layers of a sequence for images of in_shape (channels, height, width), the input first.

    signed: whether the network gets numbers below 0 for some pixels.
    Names are kind and number: conv1, conv2, ..., relu1, tanh2, ...; the last dense layer is "logits". Raises
    NetworkError if a layer does not fit its input, or if the network ends in maps.
    """
    image = Input()
    layers = [Layer("input", image.kind, image, in_shape, in_shape, signed=signed)]
    last_dense = max((i for i, record in enumerate(sequence) if record.kind == Dense.kind), default=None)
    for i, record in enumerate(sequence):
        layers.append(_next_layer(record, layers, is_output=i == last_dense))
    if layers[-1].is_spatial:
        raise NetworkError(
            f"The network does not fit: it ends in maps of {layers[-1].shape_text}, and must end in one value for each "
            "class. Flatten them."
        )
    return layers


def _next_layer(record: Kind, layers: list[Layer], is_output: bool) -> Layer:
    before, image = layers[-1], layers[0]
    number = 1 + sum(layer.kind == record.kind for layer in layers)
    name = "logits" if is_output else f"{record.name}{number if record.is_numbered else ''}"
    if misfit := record.misfit(before.shape):
        raise NetworkError(f"{name} does not fit: {misfit}")
    shape, window = record.shape(before.shape), record.window(before.shape)
    # The receptive field: the same as before, larger after a window, the whole image in flat layers.
    field = Field(before.receptive_field, before.jump, before.offset)
    if len(shape) == 1:
        rows, columns = sides_of(image.shape)
        field = Field((rows, columns), offset=((rows - 1) / 2, (columns - 1) / 2))
    elif window:
        field = field.through(window)
    return Layer(
        name,
        "output" if is_output else record.kind,
        record,
        before.shape,
        shape,
        *(window or Window((0, 0))),
        groups=getattr(record, "groups", 1),
        bias=getattr(record, "bias", False),
        parameters=record.parameters(before.shape),
        multiply_adds=record.multiply_adds(before.shape),
        receptive_field=field.size,
        jump=field.jump,
        offset=field.offset,
        signed=record.signed(before.signed),
    )


def total_parameters(layers: Sequence[Layer]) -> int:
    return sum(layer.parameters for layer in layers)


def frozen_parameters(layers: Sequence[Layer]) -> int:
    """How many of the parameters training does not change."""
    return sum(layer.parameters for layer in layers if layer.start == "frozen")


def frozen_end(layers: Sequence[Layer]) -> int:
    """How many layers, the input first, give the same for an image throughout training: the frozen ones, and those
    after them that have no parameters and no dropout. 0 if no layer is frozen."""
    last = max((i for i, layer in enumerate(layers) if layer.start == "frozen"), default=None)
    if last is None:
        return 0
    same = (GlobalAverage, Flatten)
    return next(i for i in range(last + 1, len(layers)) if not isinstance(layers[i].record, same))


def sequence_of(spec: NetworkSpec, n_classes: int) -> list[Kind]:
    """The sequence for a NetworkSpec: blocks of convolutions and pooling, then dense layers."""
    sequence: list[Kind] = []
    activation = [] if spec.activation == "none" else [Activation(spec.activation)]
    padding = spec.kernel_size // 2 if spec.padding == "same" else 0
    for filters in spec.filters:
        for _ in range(spec.convs_per_block):
            sequence.append(Conv(filters, spec.kernel_size, padding=padding))
            if spec.batch_norm:
                sequence.append(Norm())
            sequence += activation
        if spec.pooling != "none":
            sequence.append(Pool(spec.pooling))
        if spec.block_dropout:
            sequence.append(Dropout(spec.block_dropout))
    if spec.global_average:
        sequence.append(GlobalAverage())
    sequence.append(Flatten())
    for width in spec.dense:
        if spec.dropout:
            sequence.append(Dropout(spec.dropout))
        sequence.append(Dense(width))
        if spec.dense_activation:
            sequence += activation
    if spec.dropout:
        sequence.append(Dropout(spec.dropout))
    sequence.append(Dense(n_classes))
    return sequence


def lay_out(spec: NetworkSpec, image_size: int, channels: int, n_classes: int) -> list[Layer]:
    """The layers of `spec` for square images of image_size pixels, input first, output ("logits") last.

    Raises NetworkError when a filter or pooling window is larger than the map it gets; the message names the layer, and
    changes that make the network fit.
    """
    sequence, in_shape = sequence_of(spec, n_classes), (channels, image_size, image_size)
    try:
        layers = stack(sequence, in_shape, signed=spec.preprocessing == "standardised")
    except NetworkError as error:
        fixes = _fixes(spec, image_size, channels, n_classes)
        raise NetworkError(f"{error} What would fit: {'; '.join(fixes)}.") from None
    return _with_base(layers, "fine-tuned" if spec.fine_tune else "frozen") if spec.base else layers


def _with_base(layers: list[Layer], start: str) -> list[Layer]:
    """The layers, with those of the base's blocks marked: they start with the weights of another run."""
    end = next(i for i, layer in enumerate(layers) if isinstance(layer.record, GlobalAverage | Flatten))
    return [layers[0], *(replace(layer, start=start) for layer in layers[1:end]), *layers[end:]]


def _fixes(spec: NetworkSpec, image_size: int, channels: int, n_classes: int) -> list[str]:
    def fits(changed: NetworkSpec, size: int = image_size) -> bool:
        try:
            stack(sequence_of(changed, n_classes), (channels, size, size))
        except NetworkError:
            return False
        return True

    fixes = []
    if spec.padding == "none" and fits(replace(spec, padding="same")):
        fixes.append("padding “same”")
    smaller = [k for k in (5, 3) if k < spec.kernel_size and fits(replace(spec, kernel_size=k))]
    if smaller:
        fixes.append(f"kernel size {smaller[0]}")
    fewer = [n for n in range(len(spec.filters) - 1, 0, -1) if fits(replace(spec, filters=spec.filters[:n]))]
    if fewer:
        fixes.append(f"{fewer[0]} convolution block{'s' if fewer[0] > 1 else ''}")
    if spec.convs_per_block == 2 and fits(replace(spec, convs_per_block=1)):
        fixes.append("one convolution per block")
    if spec.pooling != "none" and fits(replace(spec, pooling="none")):
        fixes.append("no pooling")
    larger = [size for size in range(image_size + 1, 129) if fits(spec, size)]
    if larger:
        fixes.append(f"images of at least {larger[0]} × {larger[0]} pixels")
    return fixes
