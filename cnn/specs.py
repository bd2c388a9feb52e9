"""The user's settings: three small frozen records, validated when created, that convert to and from JSON.

Links, runs and exports all hold these records. Each field has a default and a description: label, help, range (see
cnn.fields). Widgets, links and command-line options are made from the description. This module imports nothing heavy,
so that pages can check and describe a network without loading torch.
"""

from dataclasses import dataclass

from cnn.fields import Choice, Names, Number, Spec, Switch, Text, Whole, Widths, setting

MAX_SEED = 2**31 - 1


@dataclass(frozen=True)
class DatasetSpec(Spec):
    """How a folder of images is read and split.

    image_size: side in pixels of the square the network sees.
    channels: 1 for grayscale, 3 for colour.
    max_per_class: at most this many images of each class are used.
    val_fraction: about this fraction of each class is held out, unless the folders themselves define a split.
    seed: of the random split.
    classes: the names of the classes that take part; empty: all.
    split: how the split is made: by "content", or by "order" in old runs (see cnn.data.split). Users cannot set it.
    reading: the name of the way to take classes and splits from the folder (see cnn.data.readings); "": the first that
        is certain.
    """

    image_size: int = setting(
        50,
        Whole(label="Image size", low=16, high=128, help="Every image is resized to a square of this many pixels."),
    )
    channels: int = setting(
        1,
        Choice(
            label="Channels",
            options={1: "Grayscale", 3: "Colour"},
            help="Grayscale has one number per pixel, colour has three.",
            flags={1: "--grayscale", 3: "--color"},
        ),
    )
    max_per_class: int = setting(
        2500,
        Whole(
            label="Images per class",
            low=1,
            high=1_000_000,
            step=100,
            help="At most this many images of each class are used.",
        ),
    )
    val_fraction: float = setting(
        0.2,
        Number(
            label="Held-out images",
            low=0,
            high=0.9,
            step=0.05,
            percent=True,
            help="About this share of each class is held out. The network never trains on these images, so they show "
            "whether it has learned something general or only remembers. Adding images does not move the others.",
        ),
    )
    seed: int = setting(
        0, Whole(label="Seed", low=0, high=MAX_SEED, link="split_seed", help="Another seed holds out different images.")
    )
    classes: tuple[str, ...] = setting(
        (),
        Names(
            label="Classes",
            least=2,
            group="classes",
            help="Only these classes take part, by default all of the folder.",
        ),
    )
    split: str = setting(
        "content", Choice(label="Split", options={"content": "content", "order": "order"}, hidden=True)
    )
    reading: str = setting(
        "",
        Text(
            label="Read as",
            group="reading",
            help="How the folder gives classes and splits, by the name that “scan” lists; by default the way that is "
            "certain.",
        ),
    )


SCHEDULES = {"constant": "constant", "cosine": "cosine", "one_cycle": "one cycle"}
INITIAL_WEIGHTS = {"pytorch": "PyTorch", "glorot": "Glorot", "he": "He"}
ACTIVATIONS = ("relu", "leaky_relu", "tanh", "sigmoid", "gelu", "silu", "none")


@dataclass(frozen=True)
class NetworkSpec(Spec):
    """A convolutional network: blocks of (convolution, [batch norm], activation), pooling; then dense layers.

    filters: number of filters in each block.
    convs_per_block: convolutions in each block.
    dense: width of each hidden dense layer.
    activation: after each convolution; "none" leaves it out everywhere.
    dense_activation: whether the activation also follows each hidden dense layer. Without it, two dense layers in a
        row collapse into one linear map: the mistake of a well-known filmed tutorial.
    dropout: fraction of values zeroed during training, before every dense layer.
    block_dropout: the same after every block.
    global_average: whether the dense layers get the mean of each map instead of all its values.
    preprocessing: "standardised": each channel minus its mean over the training images, over its standard deviation
        there; "unit": from 0 (black) to 1 (white).
    initial_weights: how the weights are drawn before training: PyTorch's default, "glorot" (Keras's default; Glorot
        and Bengio 2010) or "he" (He et al. 2015).
    base: the id of the run whose blocks the network starts with; "": all its weights are random.
    base_step: the step of that run's snapshot; -1: the best one.
    fine_tune: whether training changes the blocks of the base, too. Otherwise they are frozen.
    dense_bias: what is added to the initial biases of hidden dense layers with ReLU.
    """

    filters: tuple[int, ...] = setting(
        (16, 16),
        Widths(
            label="Filters per block",
            least=0,
            most=4,
            count_label="Convolution blocks",
            each_label="Filters in block {}",
            group="blocks",
            help="Each block: convolution, activation, pooling.",
        ),
    )
    convs_per_block: int = setting(
        1,
        Choice(
            label="Convolutions per block",
            options={1: "1", 2: "2"},
            group="convolutions",
            help="The second one looks for patterns in what the first one found, before pooling shrinks the maps.",
        ),
    )
    kernel_size: int = setting(
        3,
        Choice(
            label="Kernel size",
            options={3: "3 × 3", 5: "5 × 5", 7: "7 × 7"},
            group="convolutions",
            help="The sides of each filter. A larger filter sees more of the image at once, and has more weights.",
        ),
    )
    padding: str = setting(
        "none",
        Choice(
            label="Padding",
            options={"none": "none", "same": "same"},
            group="convolutions",
            help="“Same” adds a border of zeros, so that maps keep their size.",
        ),
    )
    pooling: str = setting(
        "max",
        Choice(
            label="Pooling",
            options={"max": "max", "average": "average", "none": "none"},
            group="convolutions",
            help="Halves the sides of the maps: of 2 × 2 values, max keeps the largest, average the mean.",
        ),
    )
    activation: str = setting(
        "relu",
        Choice(
            label="Activation",
            options={name: name for name in ACTIVATIONS},
            drop_down=True,
            group="convolutions",
            help="The function applied to each value after a convolution. With “none”, two convolutions in a row can "
            "do no more than one with a larger filter.",
        ),
    )
    batch_norm: bool = setting(
        False,
        Switch(
            label="Batch normalisation",
            group="convolutions",
            help="Scales the values of each map to mean 0 and standard deviation 1.",
            flags={True: "--batch-norm"},
        ),
    )
    dropout: float = setting(
        0.0,
        Number(
            label="Dropout",
            low=0,
            high=0.9,
            step=0.05,
            group="dropout",
            help="During training, this share of values is set to zero before each dense layer, so that the network "
            "does not rely on any single value.",
        ),
    )
    dense: tuple[int, ...] = setting(
        (16,),
        Widths(
            label="Dense widths",
            least=0,
            most=3,
            count_label="Hidden dense layers",
            each_label="Width of dense layer {}",
            group="dense",
            help="Layers of units between the maps and the classes. Each unit adds up all values before it, each times "
            "its own weight.",
        ),
    )
    dense_activation: bool = setting(
        True,
        Switch(
            label="Activation after dense layers",
            group="dense activation",
            help="Two dense layers without an activation in between can do no more than one: the product of two "
            "matrices is again a matrix. A well-known filmed tutorial forgets the activation. In so small a network "
            "that does no harm: without it we measured the same accuracy or a little more. Switch it off and compare.",
            flags={False: "--no-dense-activation"},
        ),
    )
    global_average: bool = setting(
        False,
        Switch(
            label="Global average pooling",
            group="global average",
            help="The dense layers get one value per map, its mean, instead of all its values: what was found, not "
            "where. That needs far fewer parameters.",
            flags={True: "--global-average"},
        ),
    )
    block_dropout: float = setting(
        0.0,
        Number(
            label="Dropout after each block",
            low=0,
            high=0.9,
            step=0.05,
            group="dropout",
            help="During training, this fraction of the values of all maps is set to zero after each block.",
        ),
    )
    preprocessing: str = setting(
        "standardised",
        Choice(
            label="Pixels",
            options={"standardised": "standardised", "unit": "0 to 1"},
            group="input",
            help="Standardised: minus the mean of all training images, divided by their standard deviation, so that "
            "the numbers lie around 0. From 0 to 1, as in the tutorial, all inputs are positive; about two of the 16 "
            "first filters then died when we measured it.",
        ),
    )
    initial_weights: str = setting(
        "pytorch",
        Choice(
            label="Initial weights",
            options=INITIAL_WEIGHTS,
            group="initial weights",
            help="How large the first, random weights are. PyTorch draws the smallest; Glorot is the default of Keras; "
            "He is meant for ReLU.",
        ),
    )
    dense_bias: float = setting(
        2.0,
        Number(
            label="Initial bias of dense units",
            low=0,
            high=4,
            step=0.5,
            group="initial weights",
            help="Of hidden dense units with ReLU. Adam's first steps change all weights of such a unit in the same "
            "direction, and its inputs are all positive. From a bias of 0, six to eight of 16 units fell below 0 for "
            "every image within the first two steps when we measured it, and stayed dead; from 2, about two at most.",
        ),
    )
    base: str = setting(
        "",
        Text(
            label="Base",
            pattern=r"[^/\\:\0]{0,80}",
            expected="the id of a run",
            metavar="RUN",
            group="base",
            help="Another run: the new network starts with its convolutions, and has new dense layers.",
        ),
    )
    base_step: int = setting(
        -1,
        Whole(
            label="Step of the base",
            low=-1,
            high=10**12,
            group="base",
            help="The snapshot of the base to start from; -1: the best one.",
        ),
    )
    fine_tune: bool = setting(
        False,
        Switch(
            label="Fine-tune the convolutions",
            group="base",
            help="Training changes the convolutions of the base, too, with a smaller learning rate. Otherwise they are "
            "frozen: they stay as they are.",
            flags={True: "--fine-tune"},
        ),
    )


def _strength(label: str, high: float, help_text: str) -> Number:
    return Number(label=label, low=0, high=high, step=0.05, percent=True, group="augmentation", help=help_text)


@dataclass(frozen=True)
class TrainingSpec(Spec):
    """How a network is trained.

    seed: determines the initial weights, the order of the images, dropout and augmentation.
    schedule: how the learning rate changes from step to step (see cnn.training.schedule).
    patience: training stops once the held-out loss has not fallen for this many epochs; 0: never.
    label_smoothing: share of the target that is spread over all classes.
    base_rate: the share of the learning rate for layers that are fine-tuned.
    The other fields are strengths of augmentation (see cnn.training.augmentation); 0 or off: none.
    """

    epochs: int = setting(
        10, Whole(label="Epochs", low=1, high=10_000, help="How often the network sees every training image.")
    )
    batch_size: int = setting(
        32, Whole(label="Batch size", low=1, high=4096, help="Images per step; each step changes the weights once.")
    )
    learning_rate: float = setting(
        0.001,
        Number(
            label="Learning rate",
            low=1e-7,
            high=10,
            step=1e-7,
            marks=(1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0),
            help="How much one step changes the weights.",
        ),
    )
    optimizer: str = setting(
        "adam",
        Choice(
            label="Optimiser",
            options={"adam": "Adam", "adamw": "AdamW", "sgd": "SGD, momentum", "rmsprop": "RMSprop"},
            drop_down=True,
            help="How a step follows from the gradient. AdamW is Adam with weight decay that does not pass through "
            "Adam's own scaling.",
        ),
    )
    weight_decay: float = setting(
        0.0,
        Number(
            label="Weight decay",
            low=0,
            high=1,
            step=0.0001,
            group="more",
            help="Each step also makes every weight a little smaller, so that none becomes large without need.",
        ),
    )
    seed: int = setting(
        0,
        Whole(
            label="Seed",
            low=0,
            high=MAX_SEED,
            group="more",
            help="The same seed and settings give the same network, number for number.",
        ),
    )
    schedule: str = setting(
        "constant",
        Choice(
            label="Schedule",
            options=SCHEDULES,
            drop_down=True,
            group="more",
            help="How the learning rate changes during training. Cosine: a short warm-up, then down to 0 along a "
            "cosine. One cycle: up during the first third, then down to almost 0.",
        ),
    )
    patience: int = setting(
        0,
        Whole(
            label="Stop early after",
            low=0,
            high=100,
            group="more",
            help="Training stops when the held-out loss has not fallen for this many epochs. 0: it never stops early.",
        ),
    )
    label_smoothing: float = setting(
        0.0,
        Number(
            label="Label smoothing",
            low=0,
            high=0.5,
            step=0.05,
            group="more",
            help="With 0.1, the network is trained towards 90 % for the right class and 10 % spread over all classes, "
            "which keeps it from being too sure. The curves show the loss without smoothing.",
        ),
    )
    mirror: bool = setting(
        False,
        Switch(
            label="Mirror",
            group="augmentation",
            help="Mirrors a random half of the images left to right, another half in each epoch. Leave it off where "
            "that changes the class: a mirrored cat is a cat, but a mirrored 3 is no 3.",
            flags={True: "--mirror"},
        ),
    )
    shift: float = setting(0.0, _strength("Shift", 0.5, "Up to this share of the side, in both directions."))
    rotate: int = setting(
        0, Whole(label="Rotate", low=0, high=180, group="augmentation", help="Up to this many degrees, either way.")
    )
    zoom: float = setting(0.0, _strength("Zoom", 0.5, "Larger or smaller by up to this share."))
    brightness: float = setting(0.0, _strength("Brightness", 0.9, "Brighter or darker by up to this share of white."))
    contrast: float = setting(0.0, _strength("Contrast", 0.9, "More or less contrast, by up to this share."))
    erase: float = setting(
        0.0, _strength("Erase", 0.6, "A random square, this share of the side long, is painted over in grey.")
    )
    base_rate: float = setting(
        0.1,
        Number(
            label="Their share of the learning rate",
            low=0.01,
            high=1,
            step=0.01,
            group="base",
            help="Convolutions that are fine-tuned learn more slowly than the new layers, whose first, random answers "
            "would otherwise spoil them.",
        ),
    )

    @property
    def augments(self) -> bool:
        """Whether augmentation changes the training images."""
        return any(getattr(self, name) for name in AUGMENTATION)


SPECS: tuple[type[Spec], ...] = (DatasetSpec, NetworkSpec, TrainingSpec)
AUGMENTATION = tuple(name for name, one in TrainingSpec.settings().items() if one.group == "augmentation")

# The settings that a network takes from its base, because the weights of the base fit no others.
GIVEN_BY_BASE: dict[type[Spec], tuple[str, ...]] = {
    DatasetSpec: ("image_size", "channels"),
    NetworkSpec: (
        *("filters", "convs_per_block", "kernel_size", "padding", "pooling", "activation", "batch_norm"),
        *("block_dropout", "preprocessing"),
    ),
}

# What a test of learning rates (cnn.training.rate_finder) does not depend on.
NOT_IN_RATE_TEST = ("learning_rate", "epochs", "schedule", "patience")


@dataclass(frozen=True)
class Preset:
    """A network and a way to train it. about: a sentence. channels: what its images need; None: either."""

    about: str
    network_spec: NetworkSpec
    training_spec: TrainingSpec = TrainingSpec()
    channels: int | None = None


def _cifar_tutorial(*filters: int) -> Preset:
    """A network of the CIFAR-10 tutorial, with its dropout and augmentation."""
    network = NetworkSpec(
        filters=filters,
        convs_per_block=2,
        padding="same",
        initial_weights="he",
        dense_bias=0,
        block_dropout=0.2,
        dense=(128,),
        dropout=0.2,
    )
    training = TrainingSpec(epochs=20, batch_size=64, optimizer="sgd", mirror=True, shift=0.1)
    blocks = f"{len(filters)} block{'s' if len(filters) > 1 else ''}"
    return Preset(f"The CIFAR-10 tutorial's network of {blocks}, with dropout and augmentation.", network, training, 3)


PRESETS = {
    "Assignment": Preset("Two blocks of 16 filters: small, quick, and good enough to look inside.", NetworkSpec()),
    "Filmed tutorial": Preset(
        "Many filters, pixels from 0 to 1, and no activation after the dense layer.",
        NetworkSpec(
            filters=(256, 256),
            dense=(64,),
            dense_activation=False,
            preprocessing="unit",
            initial_weights="glorot",
            dense_bias=0,
        ),
    ),
    # LeCun et al. 1998, "Gradient-based learning applied to document recognition": 5x5, tanh, average pooling.
    "LeNet-5": Preset(
        "The network that read cheques in the 1990s.",
        NetworkSpec(filters=(6, 16), kernel_size=5, pooling="average", activation="tanh", dense=(120, 84)),
    ),
    # Wang et al. 2020, "CNN Explainer": two blocks of two 3x3 convolutions with ten filters, no hidden dense layer.
    "TinyVGG": Preset(
        "The network that CNN Explainer shows.", NetworkSpec(filters=(10, 10), convs_per_block=2, dense=())
    ),
    "Good practice": Preset(
        "Colour, batch normalisation, dropout, augmentation and a rate schedule: slower, and much better.",
        NetworkSpec(filters=(16, 32, 64), padding="same", batch_norm=True, dropout=0.3, dense=(64,), dense_bias=0),
        TrainingSpec(
            epochs=40,
            learning_rate=0.003,
            optimizer="adamw",
            schedule="one_cycle",
            weight_decay=0.01,
            mirror=True,
            shift=0.1,
            rotate=10,
            zoom=0.15,
            brightness=0.1,
            contrast=0.2,
        ),
        3,
    ),
    "VGG, 1 block": _cifar_tutorial(32),
    "VGG, 2 blocks": _cifar_tutorial(32, 64),
    "VGG, 3 blocks": _cifar_tutorial(32, 64, 128),
    "Fully connected": Preset(
        "No convolution: every unit reads all pixels, wherever they are.",
        NetworkSpec(filters=(), dense=(128, 64), dense_bias=0),
    ),
    "Filters you can see": Preset(
        "Large first filters in colour; a high learning rate and weight decay make edges and bars of many of them.",
        NetworkSpec(filters=(16, 32), kernel_size=7, padding="same", batch_norm=True, dense=(32,), dense_bias=0),
        TrainingSpec(epochs=30, learning_rate=0.01, optimizer="adamw", schedule="one_cycle", weight_decay=1),
        3,
    ),
}
