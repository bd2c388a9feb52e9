"""NetworkSpec -> the list of its layers, with shapes and costs. Plain arithmetic, no torch.

Everything else that describes a network (the module, the drawing, the table, the copied code, the estimates)
is made from this one list.
"""

from dataclasses import dataclass, replace
from math import prod

from cnn.errors import UserError
from cnn.specs import NetworkSpec


class NetworkError(UserError):
    """The network does not fit its input; the message says which layer fails and what would fix it."""


@dataclass(frozen=True)
class Layer:
    """One layer and what it makes of an image.

    kind: input, conv, norm, activation, pool, flatten, dropout, dense or output.
    in_shape, shape: (channels, height, width), or (values,) once flattened.
    function: the activation (relu, ...), the pooling (max, average), or "".
    kernel, padding: in pixels of the layer's own input; 0 where they mean nothing.
    multiply_adds: for one image, forward.
    receptive_field: side, in input pixels, of the square that one value depends on (not cut at the border).
    jump: input pixels between the centres of two neighbouring values.
    offset: input coordinate of the centre of value 0 (the centre of input pixel 0 is at 0).
    """

    name: str
    kind: str
    in_shape: tuple[int, ...]
    shape: tuple[int, ...]
    function: str = ""
    kernel: int = 0
    padding: int = 0
    parameters: int = 0
    multiply_adds: int = 0
    receptive_field: int = 1
    jump: int = 1
    offset: float = 0.0
    rate: float = 0.0  # of dropout

    @property
    def is_spatial(self) -> bool:
        return len(self.shape) == 3

    @property
    def shape_text(self) -> str:
        """'16 × 48 × 48', or '1,936' for a flat layer."""
        return " × ".join(f"{n:,}" for n in self.shape)


def lay_out(spec: NetworkSpec, image_size: int, channels: int, n_classes: int) -> list[Layer]:
    """The layers of `spec` for square images of image_size pixels, input first, output ("logits") last.

    Convolutions are named conv1, conv2, ... through the whole network, and so is every other kind.
    Raises NetworkError when a filter or pooling window is larger than the map it gets; the message names
    the layer and only such changes as do make the network fit.
    """
    try:
        return _stack(spec, image_size, channels, n_classes)
    except NetworkError as error:
        fixes = _fixes(spec, image_size, channels, n_classes)
        raise NetworkError(f"{error} What would fit: {'; '.join(fixes)}.") from None


def _stack(spec: NetworkSpec, image_size: int, channels: int, n_classes: int) -> list[Layer]:
    shape = (channels, image_size, image_size)
    layers = [Layer("input", "input", shape, shape)]
    for filters in spec.filters:
        for _ in range(spec.convs_per_block):
            layers.append(_conv(spec, layers, filters))
            if spec.batch_norm:
                layers.append(_same_shape(layers, "norm", f"norm{_next(layers, 'norm')}", parameters=2 * filters))
            layers.append(_activation(spec, layers))
        if spec.pooling != "none":
            layers.append(_pool(spec, layers))
    layers.append(_flat(layers, "flatten", "flatten", prod(layers[-1].shape)))
    for width in spec.dense:
        if spec.dropout:
            layers.append(_dropout(spec, layers))
        layers.append(_dense(layers, "dense", f"dense{_next(layers, 'dense')}", width))
        if spec.dense_activation:
            layers.append(_activation(spec, layers))
    if spec.dropout:
        layers.append(_dropout(spec, layers))
    layers.append(_dense(layers, "output", "logits", n_classes))
    return layers


def _next(layers: list[Layer], kind: str) -> int:
    return 1 + sum(layer.kind == kind for layer in layers)


def _conv(spec: NetworkSpec, layers: list[Layer], filters: int) -> Layer:
    before, kernel = layers[-1], spec.kernel_size
    name = f"conv{_next(layers, 'conv')}"
    padding = kernel // 2 if spec.padding == "same" else 0
    channels, height, width = before.shape
    size = height + 2 * padding - kernel + 1
    if size < 1:
        raise NetworkError(
            f"{name} does not fit: its {kernel} × {kernel} filters are larger than the {height} × {width} maps it gets."
        )
    weights = filters * channels * kernel * kernel
    return Layer(
        name,
        "conv",
        before.shape,
        (filters, size, size),
        kernel=kernel,
        padding=padding,
        parameters=weights + filters,
        multiply_adds=weights * size * size,
        # Araujo et al. 2019, "Computing receptive fields of convolutional neural networks"
        receptive_field=before.receptive_field + (kernel - 1) * before.jump,
        jump=before.jump,
        offset=before.offset + ((kernel - 1) / 2 - padding) * before.jump,
    )


def _pool(spec: NetworkSpec, layers: list[Layer]) -> Layer:
    before = layers[-1]
    name = f"pool{_next(layers, 'pool')}"
    channels, height, width = before.shape
    if height < 2:
        raise NetworkError(f"{name} does not fit: its 2 × 2 window is larger than the {height} × {width} maps it gets.")
    return Layer(
        name,
        "pool",
        before.shape,
        (channels, height // 2, width // 2),
        function=spec.pooling,
        kernel=2,
        receptive_field=before.receptive_field + before.jump,
        jump=2 * before.jump,
        offset=before.offset + before.jump / 2,
    )


def _same_shape(layers: list[Layer], kind: str, name: str, **more) -> Layer:
    before = layers[-1]
    where = {"receptive_field": before.receptive_field, "jump": before.jump, "offset": before.offset}
    return Layer(name, kind, before.shape, before.shape, **where, **more)


def _activation(spec: NetworkSpec, layers: list[Layer]) -> Layer:
    name = f"{spec.activation}{_next(layers, 'activation')}"
    return _same_shape(layers, "activation", name, function=spec.activation)


def _dropout(spec: NetworkSpec, layers: list[Layer]) -> Layer:
    return _same_shape(layers, "dropout", f"dropout{_next(layers, 'dropout')}", rate=spec.dropout)


def _flat(layers: list[Layer], kind: str, name: str, width: int, **costs) -> Layer:
    # A flat value may depend on the whole image: its receptive field is the image.
    return Layer(name, kind, layers[-1].shape, (width,), receptive_field=layers[0].shape[1], **costs)


def _dense(layers: list[Layer], kind: str, name: str, width: int) -> Layer:
    inputs = layers[-1].shape[0]
    return _flat(layers, kind, name, width, parameters=(inputs + 1) * width, multiply_adds=inputs * width)


def _fixes(spec: NetworkSpec, image_size: int, channels: int, n_classes: int) -> list[str]:
    def fits(changed: NetworkSpec, size: int = image_size) -> bool:
        try:
            _stack(changed, size, channels, n_classes)
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


def total_parameters(layers: list[Layer]) -> int:
    return sum(layer.parameters for layer in layers)


def training_memory(layers: list[Layer], batch_size: int, optimizer: str) -> int:
    """Bytes that training takes beyond the program itself, estimated (from 100 MB on within a third of what was
    measured with Adam and SGD; small networks take some 15 MB more).

    float32 weights, their gradients and the optimiser's memory of them; for each image of a batch what the layers
    keep for the way back; and, where that way is widest, the gradients on both sides of a layer.
    """
    copies = {"adam": 4, "rmsprop": 3, "sgd": 3}[optimizer]
    kept = sum(_values_kept(layer) for layer in layers)
    widest = max(prod(layer.shape) for layer in layers)
    return 4 * (copies * total_parameters(layers) + batch_size * (kept + 2 * widest))


def _values_kept(layer: Layer) -> int:
    """What PyTorch keeps of one image's way through a layer, in units of a float32."""
    values = prod(layer.shape)
    match layer.kind, layer.function:
        case "conv" | "flatten", _:
            return 0  # a convolution keeps its input, which the layer before counts; flatten is a view
        case "activation", "leaky_relu":
            return 2 * values  # its input as well as its output, which the next layer needs
        case "pool", "max":
            return 3 * values  # an int64 beside each value says where it came from
    return values
