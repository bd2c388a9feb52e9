"""What a user chooses: three small frozen records, checked when made, that go to JSON and back.

A link, a run and an export all say the same thing, because all of them are these records.
This module imports nothing heavy: pages validate and describe a network without loading torch.
"""

from dataclasses import asdict, dataclass, fields

from cnn.errors import UserError


def _whole(name: str, value, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UserError(f"{name} must be a whole number from {low:,} to {high:,}, not {value!r}.")
    return value


def _number(name: str, value, low: float, high: float) -> float:
    # NaN is in no range, and Python compares whole numbers of any size.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise UserError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}.")
    return float(value)


def _choice(name: str, value, options: tuple):
    # 1 == True in Python: a bool must not pass for a number, nor a number for a bool.
    if not any(value == option and type(value) is type(option) for option in options):
        raise UserError(f"{name} must be one of {', '.join(map(str, options))}, not {value!r}.")
    return value


def _widths(name: str, value, least: int, most: int) -> tuple[int, ...]:
    if not isinstance(value, (list, tuple)) or not least <= len(value) <= most:
        raise UserError(f"{name} must be a list of {least} to {most} whole numbers, not {value!r}.")
    return tuple(_whole(f"Each of {name}", width, 1, 256) for width in value)


class _Spec:
    def to_dict(self) -> dict:
        """The record as a dict of plain JSON values (tuples become lists)."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict):
        """The record from `to_dict`'s dict; fields left out take their defaults.

        Raises UserError, with a sentence for the user, on an unknown field or a value out of range.
        """
        if not isinstance(values, dict):
            raise UserError(f"{cls.__name__} settings must be an object with names and values, not {values!r}.")
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise UserError(f"Unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}.")
        return cls(**values)


@dataclass(frozen=True)
class DatasetSpec(_Spec):
    """How a folder of images is read and split.

    image_size: side in pixels of the square the network sees (16-128).
    channels: 1 for grayscale, 3 for colour.
    max_per_class: at most this many images of each class are used.
    val_fraction: about this share of each class is held out (0-0.9); a split given by folders wins.
    seed: of the draw.
    split: how it is drawn, "content" or, in runs from before that, "order" (see cnn.data.split). Nobody chooses it, so
        neither pages nor links have it.
    """

    image_size: int = 50
    channels: int = 1
    max_per_class: int = 2500
    val_fraction: float = 0.2
    seed: int = 0
    split: str = "content"

    def __post_init__(self):
        _whole("Image size", self.image_size, 16, 128)
        _choice("Channels", self.channels, (1, 3))
        _whole("Images per class", self.max_per_class, 1, 1_000_000)
        object.__setattr__(self, "val_fraction", _number("Validation share", self.val_fraction, 0, 0.9))
        _whole("Seed", self.seed, 0, 2**31 - 1)
        _choice("Split", self.split, ("content", "order"))


KERNEL_SIZES = (3, 5, 7)
PADDINGS = ("none", "same")
POOLINGS = ("max", "average", "none")
ACTIVATIONS = ("relu", "leaky_relu", "tanh", "sigmoid", "gelu", "silu", "none")


@dataclass(frozen=True)
class NetworkSpec(_Spec):
    """A convolutional network: blocks of (convolution, [batch norm], activation), pooling; then dense layers.

    filters: number of filters in each block, 1-4 blocks of 1-256.
    convs_per_block: convolutions in each block, 1 or 2.
    dense: width of each hidden dense layer, 0-3 layers of 1-256.
    activation: after each convolution; "none" leaves it out everywhere.
    dense_activation: whether the activation follows each hidden dense layer too. Without it two dense
        layers in a row collapse into one linear map: the mistake of a well-known filmed tutorial.
    dropout: share of values zeroed while training, before every dense layer (0-0.9).
    global_average: whether the dense layers get the mean of each map instead of all its values.
    """

    filters: tuple[int, ...] = (16, 16)
    convs_per_block: int = 1
    kernel_size: int = 3
    padding: str = "none"
    pooling: str = "max"
    activation: str = "relu"
    batch_norm: bool = False
    dropout: float = 0.0
    dense: tuple[int, ...] = (16,)
    dense_activation: bool = True
    global_average: bool = False

    def __post_init__(self):
        object.__setattr__(self, "filters", _widths("the filters per block", self.filters, 1, 4))
        _choice("Convolutions per block", self.convs_per_block, (1, 2))
        _choice("Kernel size", self.kernel_size, KERNEL_SIZES)
        _choice("Padding", self.padding, PADDINGS)
        _choice("Pooling", self.pooling, POOLINGS)
        _choice("Activation", self.activation, ACTIVATIONS)
        _choice("Batch normalisation", self.batch_norm, (True, False))
        object.__setattr__(self, "dropout", _number("Dropout", self.dropout, 0, 0.9))
        object.__setattr__(self, "dense", _widths("the dense widths", self.dense, 0, 3))
        _choice("Activation after dense layers", self.dense_activation, (True, False))
        _choice("Global average pooling", self.global_average, (True, False))


PRESETS = {
    "Assignment": NetworkSpec(),
    "Tutorial as filmed": NetworkSpec(filters=(256, 256), dense=(64,), dense_activation=False),
    # LeCun et al. 1998, "Gradient-based learning applied to document recognition": 5x5, tanh, average pooling.
    "LeNet-5": NetworkSpec(filters=(6, 16), kernel_size=5, pooling="average", activation="tanh", dense=(120, 84)),
    # Wang et al. 2020, "CNN Explainer": two blocks of two 3x3 convolutions with ten filters, no hidden dense layer.
    "TinyVGG": NetworkSpec(filters=(10, 10), convs_per_block=2, dense=()),
}

OPTIMIZERS = ("adam", "sgd", "rmsprop")


@dataclass(frozen=True)
class TrainingSpec(_Spec):
    """How a network is trained. `seed` fixes the first weights, the order of the images and dropout."""

    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 0.001
    optimizer: str = "adam"
    weight_decay: float = 0.0
    seed: int = 0

    def __post_init__(self):
        _whole("Epochs", self.epochs, 1, 10_000)
        _whole("Batch size", self.batch_size, 1, 4096)
        object.__setattr__(self, "learning_rate", _number("Learning rate", self.learning_rate, 1e-7, 10))
        _choice("Optimiser", self.optimizer, OPTIMIZERS)
        object.__setattr__(self, "weight_decay", _number("Weight decay", self.weight_decay, 0, 1))
        _whole("Seed", self.seed, 0, 2**31 - 1)
