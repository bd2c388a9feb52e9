"""Networks known from tutorials and papers, each with a way to train it."""

from dataclasses import dataclass

from cnn.specs.network_spec import NetworkSpec
from cnn.specs.training_spec import TrainingSpec

DEFAULT_TRAINING = TrainingSpec()


@dataclass(frozen=True)
class Preset:
    """A network and a way to train it. about: a sentence. channels: what its images need; None: either."""

    about: str
    network_spec: NetworkSpec
    training_spec: TrainingSpec = DEFAULT_TRAINING
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
