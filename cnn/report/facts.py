"""What can be said of a student's own network: the right answers to questions, and the outcomes of guesses.

A fact has a key, such as “dense1 parameters”, which a question names. `find` gives the fact; its `value` computes the
answer from a Case. Imports no torch.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnn.data import version
from cnn.data.dataset import TEST, VAL
from cnn.data.version import DatasetVersion
from cnn.model.layers import Layer, frozen_parameters, lay_out, total_parameters
from cnn.store.records import EpochRecord
from cnn.store.run import Run
from cnn.store.runs import RunStore
from cnn.store.verdict import Verdict

Value = float | str | tuple[str, ...]
Slip = tuple[float, str]  # a wrong number, and the mistake that leads to it


@dataclass(frozen=True, eq=False)
class Case:
    """A run as the facts see it. confusion: int (classes, classes) on its held-out images, rows are the true classes;
    None until it is computed. step: of the snapshot that the pages show first; None: after the last epoch."""

    run: Run
    epochs: Sequence[EpochRecord]
    images: DatasetVersion | None = None
    confusion: np.ndarray | None = None
    step: int | None = None

    @cached_property
    def layers(self) -> list[Layer]:
        data = self.run.dataset_spec
        return lay_out(self.run.network_spec, data.image_size, data.channels, len(self.run.classes))

    @cached_property
    def per_class(self) -> tuple[int, ...]:
        """The training and held-out images of each class; () if that is not known."""
        if self.images is None:
            return ()
        labels, splits = np.array(self.images.labels), np.array(self.images.splits)
        return tuple(np.bincount(labels[splits != TEST], minlength=len(self.images.classes)).tolist())

    @property
    def held_out_per_class(self) -> tuple[int, ...]:
        if stored := tuple(self.run.facts.get("val_per_class", ())):
            return stored
        if self.images is None:
            return ()
        labels, splits = np.array(self.images.labels), np.array(self.images.splits)
        return tuple(np.bincount(labels[splits == VAL], minlength=len(self.images.classes)).tolist())

    @property
    def last(self) -> EpochRecord | None:
        return self.epochs[-1] if self.epochs else None

    @property
    def shown(self) -> EpochRecord | None:
        """The epoch whose network the pages show first: that with the lowest held-out loss, once training has ended."""
        return next((one for one in self.epochs if one.step == self.step), self.last)


def case(store: RunStore, run_id: str, confusion: np.ndarray | None = None) -> Case:
    """The case of a run. Raises RunError if there is no such run."""
    run = store.get(run_id)
    images = DatasetVersion.load(store.folder(run_id) / version.NAME)
    history = store.history(run_id)
    return Case(run, history.epochs(), images, confusion, history.step_to_show(run.active))


@dataclass(frozen=True)
class Fact:
    """key: how a question names it; “LAYER” stands for a layer. meaning: what it is. page: where it can be seen.
    where: what to look at there. value: computes it; None if the run does not have it (yet). unit, tolerance: of a
    number. slips: numbers that typical mistakes give. options: the possible answers, if the question lists none.
    """

    key: str
    meaning: str
    page: str
    where: str
    value: Callable[[Case], Value | None]
    unit: str = ""
    tolerance: float = 0.0
    slips: Callable[[Case], Iterator[Slip]] = lambda case: iter(())
    options: Callable[[Case], Sequence[str]] = lambda case: ()
    needs_confusion: bool = False
    reckoning: Callable[[Case], str] = lambda case: ""


# Layers


def layer(case: Case, name: str) -> Layer | None:
    """The layer with that name: “dense1”, “dense 1”, “first conv”, “last dense”, “logits”."""
    place, _, kind = name.partition(" ")
    if place in ("first", "last"):
        kinds = ("dense", "output") if kind == "dense" else (kind,)
        found = [one for one in case.layers if one.kind in kinds]
        return (found[0] if place == "first" else found[-1]) if found else None
    return next((one for one in case.layers if one.name == name.replace(" ", "")), None)


def _layer_parameters(name: str) -> Callable[[Case], Value | None]:
    def value(case: Case) -> float | None:
        found = layer(case, name)
        return None if found is None else found.parameters

    return value


def _layer_reckoning(name: str) -> Callable[[Case], str]:
    def reckoning(case: Case) -> str:
        found = layer(case, name)
        return "" if found is None or not found.count.parts else found.count.text

    return reckoning


def _parameter_slips(name: str) -> Callable[[Case], Iterator[Slip]]:
    """Typical mistakes in counting the parameters of a layer."""

    def slips(case: Case) -> Iterator[Slip]:
        found = layer(case, name)
        if found is None or found.kind not in ("conv", "dense", "output"):
            return
        copies, parts = found.count
        weights = copies * int(np.prod(parts[0]))
        what = "filter" if found.kind == "conv" else "unit"
        if len(parts) > 1:
            yield weights, f"You counted the weights only. Each {what} has one more parameter: its bias."
            yield weights + 1, f"Each {what} has a bias of its own, not the whole layer one."
            yield 2 * weights, f"A bias belongs to a {what}, not to a weight."
        yield found.count.total / copies, f"That is one {what}. The layer has more of them."
        if found.kind == "conv":
            window = int(np.prod(found.kernel))
            for bias in (0, 1):
                yield copies * (window + bias), "A filter has a kernel for each map or colour it gets, not just one."
        else:
            maps = next((one.shape for one in reversed(case.layers) if one.is_spatial), None)
            for inputs in (maps[0], maps[1] * maps[2]) if maps else ():
                for bias in (0, 1):
                    yield (
                        copies * (inputs + bias),
                        "The number of inputs is wrong: after Flatten, every value of every map is an input.",
                    )
            pixels = int(np.prod(case.layers[0].shape))
            for bias in (0, 1):
                yield (
                    copies * (pixels + bias),
                    "This layer does not get the pixels, but what the layer before it makes.",
                )

    return slips


def _trained(case: Case) -> list[Layer]:
    """The layers with parameters that training changes."""
    return [one for one in case.layers if one.parameters and one.start != "frozen"]


def _trainable(case: Case) -> int:
    return total_parameters(_trained(case))


def _all_slips(case: Case) -> Iterator[Slip]:
    """Typical mistakes in counting the trainable parameters of the network."""
    counted, total = _trained(case), _trainable(case)
    yield total_parameters(case.layers), "The frozen layers have parameters, too, but training does not change them."
    weights = sum(one.count.copies * int(np.prod(one.count.parts[0])) for one in counted)
    yield weights, "You counted the weights only. Filters and units have biases, too."
    for left_out in counted:
        yield total - left_out.parameters, f"You left out {left_out.name}."
    for only in counted:
        yield only.parameters, f"That is {only.name} alone. Add up all layers that are trained."


def _all_reckoning(case: Case) -> str:
    parts = [f"{one.parameters:,} ({one.name})" for one in _trained(case)]
    frozen = " The frozen layers do not count." if frozen_parameters(case.layers) else ""
    return f"{' + '.join(parts)} = {_trainable(case):,}.{frozen}"


def _largest_layer(case: Case) -> Value:
    most = max(one.parameters for one in case.layers)
    names = tuple(one.name for one in case.layers if one.parameters == most)
    return names if len(names) > 1 else names[0]


# Images


def _guess_slips(case: Case) -> Iterator[Slip]:
    yield 100 / len(case.run.classes), "That would be right if all classes had equally many images."
    yield _guessing(case) / 100, "Write it in percent."


def _guessing(case: Case) -> float:
    counts = case.held_out_per_class
    return 100 * max(counts) / sum(counts) if any(counts) else 100 / len(case.run.classes)


# Accuracy


def _accuracy(case: Case) -> float | None:
    shown = case.shown
    return None if shown is None or shown.val_accuracy is None else 100 * shown.val_accuracy


def _accuracy_slips(case: Case) -> Iterator[Slip]:
    if case.last is not None and case.shown is not None:
        if case.last.val_accuracy is not None:
            yield (
                100 * case.last.val_accuracy,
                "That is the accuracy after the last epoch. The pages show the network after epoch "
                f"{case.shown.epoch}, when the held-out loss was lowest.",
            )
        said = "That is the accuracy on the training images, which the network has seen."
        yield 100 * case.shown.train_accuracy, said
        yield 100 * case.last.train_accuracy, said
        yield (_accuracy(case) or 0) / 100, "Write it in percent."


def _train_slips(case: Case) -> Iterator[Slip]:
    if case.last is not None:
        yield _accuracy(case) or 0.0, "That is the accuracy on the held-out images."
        yield case.last.train_accuracy, "Write it in percent."


def _best_epoch(case: Case) -> float | None:
    if not case.epochs or case.last is None or case.last.val_loss is None:
        return None
    return Verdict(case.run, case.epochs).best.epoch


def _hardest_class(case: Case) -> Value | None:
    counts, shown = case.held_out_per_class, case.shown
    if shown is None or not shown.val_right or len(counts) != len(shown.val_right):
        return None
    recalls = [right / images if images else 2.0 for right, images in zip(shown.val_right, counts, strict=True)]
    lowest = min(recalls)
    return tuple(name for name, one in zip(case.run.classes, recalls, strict=True) if one == lowest)


def _pair(case: Case, truth: int, answer: int) -> str:
    return f"{case.run.classes[truth]} taken for {case.run.classes[answer]}"


def _most_confused(case: Case) -> Value | None:
    if case.confusion is None:
        return None
    mistakes = case.confusion.copy()
    np.fill_diagonal(mistakes, 0)
    if not mistakes.any():
        return None
    rows, columns = np.nonzero(mistakes == mistakes.max())
    return tuple(_pair(case, int(row), int(column)) for row, column in zip(rows, columns, strict=True))


def _pairs(case: Case) -> list[str]:
    n = range(len(case.run.classes))
    return [_pair(case, truth, answer) for truth in n for answer in n if truth != answer]


def _overfits(case: Case) -> Value | None:
    if not case.epochs or case.last is None or case.last.val_loss is None:
        return None
    return "yes" if Verdict(case.run, case.epochs).overfitting() else "no"


_TABLE = "the table of layers, column “parameters”"
FACTS = (
    Fact("parameters", "trainable parameters of the whole network", "network", _TABLE,
         _trainable, slips=_all_slips, reckoning=_all_reckoning),
    Fact("largest layer", "the layer with the most parameters", "network", _TABLE, _largest_layer,
         options=lambda case: [one.name for one in case.layers if one.parameters]),
    Fact("classes", "how many classes", "data", "the bars of the classes", lambda case: len(case.run.classes)),
    Fact("training images", "how many images it was trained on", "data", "the line below the title",
         lambda case: case.run.facts.get("train_images"),
         slips=lambda case: iter([(case.run.facts.get("train_images", 0) + case.run.facts.get("val_images", 0),
                                   "Held-out images are not trained on.")])),
    Fact("held-out images", "how many images are held out", "data", "the line below the title",
         lambda case: case.run.facts.get("val_images")),
    Fact("images per class", "training and held-out images of the smallest class", "data", "the bars of the classes",
         lambda case: min(case.per_class) if case.per_class else None),
    Fact("guessing level", "accuracy of always naming the largest class", "train", "the line “guessing” in the chart",
         _guessing, "%", 0.6, _guess_slips),
    Fact("held-out accuracy", "accuracy on the held-out images, of the network that the pages show", "results",
         "the sentence above the images", _accuracy, "%", 0.6, _accuracy_slips),
    Fact("training accuracy", "accuracy on the training images in the last epoch", "train", "the chart of the accuracy",
         lambda case: None if case.last is None else 100 * case.last.train_accuracy, "%", 0.6, _train_slips),
    Fact("epochs", "how many epochs it was trained", "train", "the charts", lambda case: len(case.epochs) or None),
    Fact("best epoch", "the epoch with the lowest held-out loss", "train", "the star in the chart of the loss",
         _best_epoch),
    Fact("batch size", "images in a batch", "train", "the settings of the run",
         lambda case: case.run.training_spec.batch_size),
    Fact("learning rate", "the learning rate it started with", "train", "the settings of the run",
         lambda case: case.run.training_spec.learning_rate, tolerance=1e-9),
    Fact("steps per epoch", "batches in an epoch", "train", "the axis of the chart of the loss",
         lambda case: -(-case.run.facts["train_images"] // case.run.training_spec.batch_size)
         if case.run.facts.get("train_images") else None),
    Fact("overfitting", "whether it overfits: yes or no", "train", "both curves of the loss", _overfits,
         options=lambda case: ("yes", "no")),
    Fact("hardest class", "the class of which the fewest held-out images are right", "results",
         "the table “Each class”, column “recall”", _hardest_class, options=lambda case: case.run.classes),
    Fact("most confused", "which class is most often taken for which", "results", "the confusion matrix",
         _most_confused, options=_pairs, needs_confusion=True),
)  # fmt: skip
_BY_KEY = {fact.key: fact for fact in FACTS}
LAYER_KEY = "LAYER parameters"
_LAYER = re.compile(r"((?:first|last) (?:conv|dense)|[a-z]+ ?\d*) parameters")


def find(key: str) -> Fact | None:
    """The fact with that key; None if there is none."""
    if key in _BY_KEY:
        return _BY_KEY[key]
    if found := _LAYER.fullmatch(key):
        name = found[1]
        return Fact(
            key,
            f"parameters of {name}",
            "network",
            _TABLE,
            _layer_parameters(name),
            slips=_parameter_slips(name),
            reckoning=_layer_reckoning(name),
        )
    return None


def is_key(key: str) -> bool:
    return find(key) is not None
