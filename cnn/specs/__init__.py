"""The user's settings: three small frozen records, validated when created, that convert to and from JSON.

Links, runs and exports all hold these records. Each field has a default and a description: label, help, range (see
cnn.fields). Widgets, links and command-line options are made from the description. This package imports nothing heavy,
so that pages can check and describe a network without loading torch.
"""

from cnn.fields import Spec
from cnn.specs.dataset_spec import DatasetSpec
from cnn.specs.network_spec import ACTIVATIONS, INITIAL_WEIGHTS, NetworkSpec
from cnn.specs.presets import PRESETS, Preset
from cnn.specs.training_spec import AUGMENTATION, NOT_IN_RATE_TEST, SCHEDULES, TrainingSpec

__all__ = [
    "ACTIVATIONS",
    "AUGMENTATION",
    "GIVEN_BY_BASE",
    "INITIAL_WEIGHTS",
    "NOT_IN_RATE_TEST",
    "PRESETS",
    "SCHEDULES",
    "SPECS",
    "DatasetSpec",
    "NetworkSpec",
    "Preset",
    "TrainingSpec",
]

SPECS: tuple[type[Spec], ...] = (DatasetSpec, NetworkSpec, TrainingSpec)

# The settings that a network takes from its base, because the weights of the base fit no others.
GIVEN_BY_BASE: dict[type[Spec], tuple[str, ...]] = {
    DatasetSpec: ("image_size", "channels"),
    NetworkSpec: (
        *("filters", "convs_per_block", "kernel_size", "padding", "pooling", "activation", "batch_norm"),
        *("block_dropout", "preprocessing"),
    ),
}
