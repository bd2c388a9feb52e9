"""What a user chooses about the training."""

from dataclasses import dataclass

from cnn.fields import MAX_SEED, Choice, Number, Spec, Switch, Whole, setting

SCHEDULES = {"constant": "constant", "cosine": "cosine", "one_cycle": "one cycle"}


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
            words={0: "never"},
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
    zoom: float = setting(
        0.0,
        _strength(
            "Zoom", 0.5, "Up to this share smaller, or larger by the same factor: 50 % is from half to twice the size."
        ),
    )
    brightness: float = setting(0.0, _strength("Brightness", 0.9, "Brighter or darker by up to this share of white."))
    contrast: float = setting(0.0, _strength("Contrast", 0.9, "More or less contrast, by up to this share."))
    erase: float = setting(
        0.0, _strength("Erase", 0.6, "A random square, this share of the side long, is painted over in gray.")
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


AUGMENTATION = tuple(name for name, one in TrainingSpec.settings().items() if one.group == "augmentation")

# What a test of learning rates (cnn.training.rate_finder) does not depend on.
NOT_IN_RATE_TEST = ("learning_rate", "epochs", "schedule", "patience")
