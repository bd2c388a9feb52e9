"""A run in one line, and how it differs from other settings. Imports no torch."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cnn.fields import Spec
from cnn.model.activation_functions import ACTIVATIONS
from cnn.model.layers import NetworkError, lay_out, total_parameters
from cnn.percent import percent
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord
from cnn.store.run import Run


def summary(run: Run, epochs: Sequence[EpochRecord]) -> str:
    """Dataset, network, parameters, training, and the best accuracy of a run that has ended. epochs: of the run."""
    dataset, network = run.dataset_spec, run.network_spec
    parts = [f"{Path(run.folder).name} at {images_text(dataset)}", network_text(network)]
    with suppress(NetworkError):  # a run that failed because its network does not fit
        if run.classes:
            layers = lay_out(network, dataset.image_size, dataset.channels, len(run.classes))
            parts.append(f"{total_parameters(layers):,} parameters")
    parts.append(training_text(run.training_spec))
    judged = [(epoch.val_accuracy, -epoch.epoch) for epoch in epochs if epoch.val_accuracy is not None]
    if judged and not run.active:
        accuracy, epoch = max(judged)
        parts.append(f"best accuracy {percent(accuracy, 1)}, after epoch {-epoch}")
    return " · ".join(parts)


def images_text(spec: DatasetSpec) -> str:
    """'50 × 50 in grayscale'."""
    return f"{spec.image_size} × {spec.image_size} in {'colour' if spec.channels == 3 else 'grayscale'}"


def network_text(spec: NetworkSpec) -> str:
    """'16, 16 filters of 3 × 3, ReLU, dense 16'."""
    parts = ["no convolution"]
    if spec.filters:
        filters = ", ".join(map(str, spec.filters))
        twice = "twice " if spec.convs_per_block == 2 else ""
        parts = [f"{twice}{filters} filters of {spec.kernel_size} × {spec.kernel_size}"]
    if spec.activation != "none":
        parts.append(ACTIVATIONS[spec.activation].label)
    parts.append(f"dense {', '.join(map(str, spec.dense))}" if spec.dense else "no hidden dense layer")
    return ", ".join(parts)


def training_text(spec: TrainingSpec) -> str:
    """'Adam, rate 0.001, 10 epochs'."""
    optimizer = TrainingSpec.settings()["optimizer"].options[spec.optimizer]  # type: ignore[attr-defined]
    return f"{optimizer}, learning rate {spec.learning_rate:g}, {spec.epochs} epochs"


def differences(run: Run, folder: str, specs: Sequence[Spec]) -> list[str]:
    """The labels of the settings in which the specs and the folder of a new run differ from a run."""
    found = ["dataset"] if folder != run.folder else []
    for own in (run.dataset_spec, run.network_spec, run.training_spec):
        spec = next(spec for spec in specs if type(spec) is type(own))
        for name, described in type(own).settings().items():
            if not described.hidden and getattr(own, name) != getattr(spec, name):
                found.append(described.label.lower())
    return found
