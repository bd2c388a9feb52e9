"""A run in one line, and how it differs from other settings. Imports no torch."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from cnn.fields import Spec
from cnn.model.activation_functions import ACTIVATIONS
from cnn.model.layers import Layer, NetworkError, lay_out, total_parameters
from cnn.percent import percent
from cnn.specs import DatasetSpec, NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord
from cnn.store.run import Run
from cnn.store.varied import settings_of


def summary(run: Run, epochs: Sequence[EpochRecord]) -> str:
    """Dataset, network, parameters, training, and the best accuracy of a run that has ended. epochs: of the run."""
    dataset, network = run.dataset_spec, run.network_spec
    parts = [f"{Path(run.folder).name} at {images_text(dataset)}", network_text(network)]
    if layers := layers_of(run):  # none if the run failed because its network does not fit
        parts.append(f"{total_parameters(layers):,} parameters")
    parts.append(training_text(run.training_spec))
    if (best := best_epoch(run, epochs)) is not None:
        parts.append(f"best accuracy {percent(best.val_accuracy or 0, 1)}, after epoch {best.epoch}")
    return " · ".join(parts)


def short_summary(run: Run, epochs: Sequence[EpochRecord]) -> str:
    """'best 75.0 % · 33,506 parameters · 16, 16 filters of 3 × 3, ReLU, dense 16 · 10 epochs'. epochs: as in
    `summary`."""
    best, layers = best_epoch(run, epochs), layers_of(run)
    parts = [f"best {percent(best.val_accuracy or 0, 1)}"] if best is not None else []
    if layers:
        parts.append(f"{total_parameters(layers):,} parameters")
    return " · ".join([*parts, network_text(run.network_spec), _epochs(run.training_spec)])


def best_epoch(run: Run, epochs: Sequence[EpochRecord]) -> EpochRecord | None:
    """The epoch with the highest held-out accuracy; None until the run has ended, and without held-out images."""
    judged = [epoch for epoch in epochs if epoch.val_accuracy is not None]
    return max(judged, key=lambda epoch: epoch.val_accuracy or 0) if judged and not run.ongoing else None


def layers_of(run: Run) -> list[Layer]:
    """The layers of a run's network; none if they do not fit its images, or these are not read yet."""
    spec = run.dataset_spec
    return _laid_out(run.network_spec, spec.image_size, spec.channels, len(run.classes)) if run.classes else []


@lru_cache(maxsize=256)  # many runs have the same network
def _laid_out(network: NetworkSpec, image_size: int, channels: int, classes: int) -> list[Layer]:
    try:
        return lay_out(network, image_size, channels, classes)
    except NetworkError:
        return []


def searchable(run: Run) -> str:
    """All that one can find a run by: name, tags, note, dataset, classes, settings."""
    named = [run.id, run.name, *run.tags, run.note, Path(run.folder).name, *run.classes]
    return " ".join([*named, summary(run, []), *(f"{one.label} {one.text}" for one in settings_of(run).values())])


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
    if spec.activation != "none" and "activation" not in spec.without_effect:
        parts.append(ACTIVATIONS[spec.activation].label)
    parts.append(f"dense {', '.join(map(str, spec.dense))}" if spec.dense else "no hidden dense layer")
    return ", ".join(parts)


def training_text(spec: TrainingSpec) -> str:
    """'Adam, rate 0.001, 10 epochs'."""
    optimizer = TrainingSpec.settings()["optimizer"].options[spec.optimizer]  # type: ignore[attr-defined]
    return f"{optimizer}, learning rate {spec.learning_rate:g}, {_epochs(spec)}"


def _epochs(spec: TrainingSpec) -> str:
    return "1 epoch" if spec.epochs == 1 else f"{spec.epochs:,} epochs"


def differences(run: Run, folder: str, specs: Sequence[Spec]) -> list[str]:
    """The labels of the settings in which the specs and the folder of a new run differ from a run."""
    found = ["dataset"] if folder != run.folder else []
    for own in (run.dataset_spec, run.network_spec, run.training_spec):
        spec = next(spec for spec in specs if type(spec) is type(own))
        for name, described in type(own).settings().items():
            if described.compared and getattr(own, name) != getattr(spec, name):
                found.append(described.label.lower())
    return found
