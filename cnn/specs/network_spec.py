"""What a user chooses about the network."""

from dataclasses import dataclass

from cnn.fields import Choice, Number, Spec, Switch, Text, Whole, Widths, setting

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
    dense_bias: is added to the initial biases of hidden dense layers with ReLU.
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
            help="Two dense layers without an activation between them compute no more than a single one: two matrices "
            "multiplied are one matrix. A well-known filmed tutorial forgets the activation. In so small a network "
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
        3.0,
        Number(
            label="Initial bias of dense units",
            low=0,
            high=4,
            step=0.5,
            group="dense bias",
            help="Hidden dense units with ReLU begin with this bias. Adam's first steps change all weights of a unit "
            "in the same direction, and its inputs are all positive. So it may fall below 0 for all images: then it is "
            "dead. When we measured it, six to eight of 16 units were dead with a bias of 0, and about two at most "
            "with 3.",
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
            words={-1: "none"},
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

    @property
    def without_effect(self) -> frozenset[str]:
        found: set[str] = set()
        if not self.filters:
            found |= {"convs_per_block", "kernel_size", "padding", "pooling", "batch_norm", "block_dropout"}
        if not self.dense or self.activation == "none":
            found.add("dense_activation")
        dense_is_active = self.dense_activation and "dense_activation" not in found
        if not dense_is_active or self.activation != "relu":
            found.add("dense_bias")
        if not self.filters and not (self.dense and self.dense_activation):
            found.add("activation")
        if not self.base:
            found |= {"base_step", "fine_tune"}
        return frozenset(found)
