"""What an experiment will take on this machine: runs, time and disk; and how long a waiting run will."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from cnn.data.dataset import TEST, Dataset
from cnn.data.listing import list_images
from cnn.engine.launch import START_SECONDS
from cnn.engine.queue import places
from cnn.errors import UserError
from cnn.model.layers import NetworkError, lay_out, total_parameters
from cnn.specs.experiment_spec import ExperimentSpec, Specs
from cnn.store.lengths import lengths
from cnn.store.runs import RunStore

FLOAT = 4  # bytes
FILE = 4_000  # bytes of a snapshot besides its weights

# (dataset, network, training, number of classes) -> images per second and seconds to start, or an error; None while it
# is being measured. See cnn.training.speed.
Speed = Callable[..., dict | None]


@dataclass(frozen=True)
class Foreseen:
    """runs: how many. seconds: of one run of each variant; None where it is not known (yet), or where the network
    cannot be trained. disk: bytes. at_once: how many train at the same time. problems: a sentence for each variant that
    cannot be trained."""

    runs: int
    seconds: tuple[float | None, ...]
    seeds: int
    disk: int
    at_once: int
    problems: tuple[str, ...]

    @property
    def total_seconds(self) -> float | None:
        """For all runs; None if that of a variant is not known."""
        if None in self.seconds:
            return None
        return sum(one or 0.0 for one in self.seconds) * self.seeds / min(self.at_once, self.runs)


def most_images(dataset: Dataset) -> int:
    """How many images the folder has of its largest class."""
    return max(dataset.listed or dataset.counts().values())


def images_to_use(dataset: Dataset) -> list[int]:
    """About how many images of each class runs could train on or hold out: those of the folder, whatever the limit with
    which it was read, without the share that are test images."""
    read, tests = dataset.counts(), dataset.counts(TEST)
    listed = dataset.listed or tuple(read.values())
    shares = [1 - tests[name] / max(number, 1) for name, number in read.items()]
    return [round(number * share) for number, share in zip(listed, shares, strict=True)]


def foresee(spec: ExperimentSpec, counts: Sequence[int], speed: Speed) -> Foreseen:
    """What an experiment will take.

    counts: of each class, as `images_to_use` gives them. Raises NetworkError if a network does not fit (see `misfit`).
    """
    seconds: list[float | None] = []
    disk, problems = 0, []
    for variant in spec.variants:
        specs = spec.specs(variant, spec.seeds[0])
        answer = speed(*specs, len(counts))
        if answer and "error" in answer:
            problems.append(f"{variant.label}: {answer['error']}")
        seconds.append(None if not answer or "error" in answer else _seconds(specs, counts, answer))
        disk += len(spec.seeds) * _disk(specs, counts)
    return Foreseen(spec.runs, tuple(seconds), len(spec.seeds), disk, places(), tuple(problems))


def foresee_waiting(store: RunStore, speed: Speed) -> None:
    """Foresees one of the waiting runs of which nobody knows how long they will take, and keeps the answer as a fact of
    it; nothing while the speed is being measured: call again. For whoever keeps the queue going."""
    for run_id in [run_id for run_id, seconds in lengths(store).items() if seconds is None]:
        run = store.get(run_id)
        specs = run.dataset_spec, run.network_spec, run.training_spec
        try:
            counts = _listed(run.folder, run.dataset_spec.reading, run.dataset_spec.classes)
        except (UserError, OSError):  # its trainer will say so
            continue
        answer = speed(*specs, len(counts))
        if answer is None:
            return
        if "error" not in answer:
            store.set_fact(run_id, "foreseen_seconds", _seconds(specs, counts, answer))
            return


@lru_cache(maxsize=20)
def _listed(folder: str, reading: str, classes: tuple[str, ...]) -> list[int]:
    """The number of images of each class in a folder, without test images. classes: those to use; all, if empty."""
    listing = list_images(folder, reading=reading)
    labels = [file.label for file in listing.files if file.split != "test"]
    return [labels.count(label) for label, name in enumerate(listing.classes) if name in (classes or listing.classes)]


def misfit(spec: ExperimentSpec, n_classes: int) -> str:
    """A sentence about the first variant whose network does not fit its images; "" if there is none."""
    for variant in spec.variants:
        dataset, network, _ = spec.specs(variant, spec.seeds[0])
        try:
            lay_out(network, dataset.image_size, dataset.channels, n_classes)
        except NetworkError as error:
            return f"“{variant.label}” cannot be trained. {error}"
    return ""


def _images(specs: Specs, counts: Sequence[int]) -> tuple[float, float]:
    """About how many training and held-out images a run has."""
    dataset = specs[0]
    images = sum(min(count, dataset.max_per_class) for count in counts)
    return images * (1 - dataset.val_fraction), images * dataset.val_fraction


def _seconds(specs: Specs, counts: Sequence[int], rates: dict) -> float:
    train, val = _images(specs, counts)
    epoch = train / rates["train"] + val / rates["evaluate"]
    once = (train + val) / rates["prepare"] if "prepare" in rates else 0.0
    return rates.get("start", START_SECONDS) + once + specs[2].epochs * epoch


def _disk(specs: Specs, counts: Sequence[int]) -> int:
    """Bytes of the snapshots and the checkpoint of a run: the weights at the start, after 1, 2, 4, ... steps and after
    each epoch; and once more, with what the optimiser keeps of each."""
    dataset, network, training = specs
    parameters = total_parameters(lay_out(network, dataset.image_size, dataset.channels, len(counts)))
    steps = max(1, ceil(_images(specs, counts)[0] / training.batch_size))
    snapshots = 1 + (steps - 1).bit_length() + training.epochs
    kept = {"adam": 3, "adamw": 3, "rmsprop": 2, "sgd": 2}[training.optimizer]
    return FLOAT * parameters * (snapshots + kept) + FILE * (snapshots + 1)
