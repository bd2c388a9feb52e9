"""Experiments that start with one click. Each keeps the user's own settings, but for what it varies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cnn.specs.experiment_spec import ExperimentSpec, Specs, Variant, changed, from_preset
from cnn.specs.presets import PRESETS
from cnn.specs.training_spec import AUGMENTATION, TrainingSpec

MANY = 1_000_000  # images per class: all
PLAIN = {name: TrainingSpec.defaults()[name] for name in AUGMENTATION}
AUGMENTED = PLAIN | {"mirror": True, "shift": 0.1, "rotate": 10, "zoom": 0.1}


@dataclass(frozen=True)
class ReadyExperiment:
    """question: what it answers. variants: what it compares. seeds: how many. fixed: settings that all variants share,
    whatever the user's own. mirrors: whether variants mirror images, which some classes do not allow."""

    question: str
    variants: tuple[Variant, ...]
    seeds: int = 3
    fixed: Mapping[str, Any] | None = None
    mirrors: bool = False

    def spec(self, name: str, specs: Specs, may_mirror: bool = True) -> ExperimentSpec:
        """The experiment with a user's settings. may_mirror: whether a mirrored image keeps its class."""
        variants = self.variants
        if self.mirrors and not may_mirror:
            variants = tuple(Variant(one.label, dict(one.changes) | {"mirror": False}) for one in variants)
        dataset, network, training = changed(specs, self.fixed or {})
        network = replace(network, base="", base_step=-1, fine_tune=False)
        return ExperimentSpec(name, variants, tuple(range(self.seeds)), dataset, network, training, self.question)


def _cifar() -> tuple[Variant, ...]:
    """The series of the CIFAR-10 tutorial: more blocks, then one remedy against overfitting after the other."""
    plain = {"block_dropout": 0.0, "dropout": 0.0, "batch_norm": False, "mirror": False, "shift": 0.0}
    three = PRESETS["VGG, 3 blocks"]
    dropout = {"block_dropout": 0.2, "dropout": 0.2}
    return (
        from_preset("1 block", PRESETS["VGG, 1 block"], **plain),
        from_preset("2 blocks", PRESETS["VGG, 2 blocks"], **plain),
        from_preset("3 blocks", three, **plain),
        from_preset("3, dropout", three, **plain | dropout),
        from_preset("3, batch norm", three, **plain | {"batch_norm": True}),
        from_preset("3, augmentation", three, **plain | {"mirror": True, "shift": 0.1}),
        from_preset("3, all of these", three, **plain | dropout | {"batch_norm": True, "mirror": True, "shift": 0.1}),
    )


def _augmentation() -> tuple[Variant, ...]:
    return tuple(
        Variant(f"{count}, {'augmented' if augment else 'plain'}", {"max_per_class": most, **augment_or_not})
        for most, count in ((100, "100"), (300, "300"), (MANY, "all"))
        for augment, augment_or_not in ((False, PLAIN), (True, AUGMENTED))
    )


READY: dict[str, ReadyExperiment] = {
    "How much is luck?": ReadyExperiment(
        "The same network, ten times with other seeds: how far apart do they end?", (Variant("same settings", {}),), 10
    ),
    "With and without the ReLU": ReadyExperiment(
        "Does the ReLU after the dense layer help, which the filmed tutorial forgets?",
        (Variant("with the ReLU", {"dense_activation": True}), Variant("without", {"dense_activation": False})),
        5,
        fixed={"activation": "relu"},
    ),
    "Pixels: 0 to 1 or standardised": ReadyExperiment(
        "Does it matter how pixels become numbers?",
        (Variant("standardised", {"preprocessing": "standardised"}), Variant("0 to 1", {"preprocessing": "unit"})),
        5,
    ),
    "Learning rates": ReadyExperiment(
        "Which learning rate is too small, which too large?",
        tuple(
            Variant(f"{rate:g}", {"learning_rate": rate}) for rate in (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
        ),
    ),
    "Batch size and epochs": ReadyExperiment(
        "Which batch size and how many epochs give a good result?",
        tuple(
            Variant(f"batch {batch}, {epochs} epochs", {"batch_size": batch, "epochs": epochs})
            for batch in (8, 32, 128)
            for epochs in (5, 20)
        ),
    ),
    "Kernel size": ReadyExperiment(
        "Do larger filters help?", tuple(Variant(f"{size} × {size}", {"kernel_size": size}) for size in (3, 5, 7))
    ),
    "Number of filters": ReadyExperiment(
        "How many filters are enough?",
        tuple(Variant(f"{count} filters", {"filters": (count, count)}) for count in (4, 8, 16, 32, 64)),
    ),
    "Augmentation and number of images": ReadyExperiment(
        "When does augmentation help: with few images, or with many?", _augmentation(), mirrors=True
    ),
    "The CIFAR-10 tutorial": ReadyExperiment(
        "What do more blocks bring, and what dropout, batch norm and augmentation?", _cifar(), 1, mirrors=True
    ),
}
