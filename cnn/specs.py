"""The user's settings: three small frozen records, validated when created, that convert to and from JSON.

Links, runs and exports all hold these records. Each field has a default and a description: label, help, range (see
cnn.fields). Widgets, links and command-line options are made from the description. This module imports nothing heavy,
so that pages can check and describe a network without loading torch.
"""

from dataclasses import dataclass

from cnn.fields import Choice, Number, Spec, Switch, Whole, Widths, setting

MAX_SEED = 2**31 - 1


@dataclass(frozen=True)
class DatasetSpec(Spec):
    """How a folder of images is read and split.

    image_size: side in pixels of the square the network sees.
    channels: 1 for grayscale, 3 for colour.
    max_per_class: at most this many images of each class are used.
    val_fraction: about this fraction of each class is held out, unless the folders themselves define a split.
    seed: of the random split.
    split: how the split is made: by "content", or by "order" in old runs (see cnn.data.split). Users cannot set it.
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
    split: str = setting(
        "content", Choice(label="Split", options={"content": "content", "order": "order"}, hidden=True)
    )


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
    global_average: whether the dense layers get the mean of each map instead of all its values.
    """

    filters: tuple[int, ...] = setting(
        (16, 16),
        Widths(
            label="Filters per block",
            least=1,
            most=4,
            count_label="Convolution blocks",
            each_label="Filters in block {}",
            group="blocks",
            help="Each block: convolution, activation, pooling.",
        ),
    )
    convs_per_block: int = setting(
        1, Choice(label="Convolutions per block", options={1: "1", 2: "2"}, group="convolutions")
    )
    kernel_size: int = setting(
        3, Choice(label="Kernel size", options={3: "3 × 3", 5: "5 × 5", 7: "7 × 7"}, group="convolutions")
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
        Choice(label="Pooling", options={"max": "max", "average": "average", "none": "none"}, group="convolutions"),
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
        ),
    )
    dense_activation: bool = setting(
        True,
        Switch(
            label="Activation after dense layers",
            group="dense activation",
            help="Two dense layers without an activation in between can do no more than one: the product of two "
            "matrices is again a matrix. A well-known filmed tutorial forgets the activation; its network still "
            "learns, but less than its layers could. Switch it off and compare.",
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


PRESETS = {
    "Assignment": NetworkSpec(),
    "Tutorial as filmed": NetworkSpec(filters=(256, 256), dense=(64,), dense_activation=False),
    # LeCun et al. 1998, "Gradient-based learning applied to document recognition": 5x5, tanh, average pooling.
    "LeNet-5": NetworkSpec(filters=(6, 16), kernel_size=5, pooling="average", activation="tanh", dense=(120, 84)),
    # Wang et al. 2020, "CNN Explainer": two blocks of two 3x3 convolutions with ten filters, no hidden dense layer.
    "TinyVGG": NetworkSpec(filters=(10, 10), convs_per_block=2, dense=()),
}


@dataclass(frozen=True)
class TrainingSpec(Spec):
    """How a network is trained. `seed` determines the initial weights, the order of the images and dropout."""

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
            options={"adam": "Adam", "sgd": "SGD, momentum", "rmsprop": "RMSprop"},
            drop_down=True,
        ),
    )
    weight_decay: float = setting(0.0, Number(label="Weight decay", low=0, high=1, step=0.0001, group="more"))
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


SPECS: tuple[type[Spec], ...] = (DatasetSpec, NetworkSpec, TrainingSpec)
