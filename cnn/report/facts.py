"""What can be said of a student's own images and network: the right answers to questions, and the outcomes of guesses.

A fact has a key, such as “dense1 parameters”, which a question names. `find` gives the fact; its `value` computes the
answer from a Case. Imports no torch.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cnn.percent import percent
from cnn.report.case import Case
from cnn.report.layer_facts import (
    Slip,
    Value,
    all_reckoning,
    all_slips,
    largest_layer,
    layer_parameters,
    layer_reckoning,
    parameter_slips,
    trainable,
)
from cnn.store.advice import overfitting
from cnn.store.verdict import Verdict

# What a fact is of: it is known once the images are chosen, once the network is designed, once a run has begun, or once
# the report shows how new images are answered.
IMAGES, NETWORK, RUN, NEW_IMAGES = "images", "network", "run", "new images"


@dataclass(frozen=True)
class Fact:
    """key: how a question names it; “LAYER” stands for a layer. meaning: what it is. page: where it can be seen.
    where: what to look at there. value: computes it; None if the run does not have it (yet). unit, tolerance: of a
    number. slips: numbers that typical mistakes give. options: the possible answers, if the question lists none.
    of: IMAGES, NETWORK, RUN or NEW_IMAGES.
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
    of: str = RUN


# Images


def _guess_slips(case: Case) -> Iterator[Slip]:
    yield 100 / len(case.run.classes), "That would be right if all classes had equally many images."
    yield _guessing(case) / 100, "Write it in percent."


def _guessing(case: Case) -> float:
    counts = case.held_out_per_class
    return 100 * max(counts) / sum(counts) if any(counts) else 100 / len(case.run.classes)


def _guess_reckoning(case: Case) -> str:
    counts = case.held_out_per_class
    if not any(counts):
        return ""
    share = percent(max(counts) / sum(counts), 1)
    return f"The largest class has {max(counts):,} of the {sum(counts):,} held-out images: {share}."


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


def _new_images_accuracy(case: Case) -> float | None:
    right, images = case.new_images or (0, 0)
    return 100 * right / images if images else None


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
    return "yes" if overfitting(Verdict(case.run, case.epochs)) else "no"


_TABLE = "the table of layers, column “parameters”"
FACTS = (
    Fact("parameters", "trainable parameters of the whole network", "network", _TABLE,
         trainable, "parameters", slips=all_slips, reckoning=all_reckoning, of=NETWORK),
    Fact("largest layer", "the layer with the most parameters", "network", _TABLE, largest_layer,
         options=lambda case: [one.name for one in case.layers if one.parameters], of=NETWORK),
    Fact("classes", "how many classes", "data", "the bars of the classes", lambda case: len(case.run.classes) or None,
         "classes", of=IMAGES),
    Fact("training images", "how many images it is trained on", "data", "the line above the images",
         lambda case: case.run.facts.get("train_images"), "images", of=IMAGES,
         slips=lambda case: iter([(case.run.facts.get("train_images", 0) + case.run.facts.get("val_images", 0),
                                   "Held-out images are not trained on.")])),
    Fact("held-out images", "how many images are held out", "data", "the line above the images",
         lambda case: case.run.facts.get("val_images"), "images", of=IMAGES),
    Fact("images per class", "training and held-out images of the smallest class", "data", "the bars of the classes",
         lambda case: min(case.per_class) if case.per_class else None, "images", of=IMAGES),
    Fact("guessing level", "accuracy of always naming the largest class", "data",
         "the bars of the classes: point at one, and it says how many of its images are held out",
         _guessing, "%", 0.6, _guess_slips, reckoning=_guess_reckoning, of=IMAGES),
    Fact("held-out accuracy", "accuracy on the held-out images, of the network that the pages show", "results",
         "the sentence above the images", _accuracy, "%", 0.6, _accuracy_slips),
    Fact("new images accuracy", "accuracy on the new images in the report", "results", "the sentence above the images",
         _new_images_accuracy, "%", 0.6, of=NEW_IMAGES),
    Fact("training accuracy", "accuracy on the training images in the last epoch", "train", "the chart of the accuracy",
         lambda case: None if case.last is None else 100 * case.last.train_accuracy, "%", 0.6, _train_slips),
    Fact("epochs", "how many epochs it was trained", "train", "the charts", lambda case: len(case.epochs) or None,
         "epochs"),
    Fact("best epoch", "the epoch with the lowest held-out loss", "train", "the star in the chart of the loss",
         _best_epoch),
    Fact("batch size", "images in a batch", "train", "the settings of the run",
         lambda case: case.run.training_spec.batch_size, "images"),
    Fact("learning rate", "the learning rate it started with", "train", "the settings of the run",
         lambda case: case.run.training_spec.learning_rate, tolerance=1e-9),
    Fact("steps per epoch", "batches in an epoch", "train", "the axis of the chart of the loss",
         lambda case: -(-case.run.facts["train_images"] // case.run.training_spec.batch_size)
         if case.run.facts.get("train_images") else None, "steps"),
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
            layer_parameters(name),
            "parameters",
            slips=parameter_slips(name),
            reckoning=layer_reckoning(name),
            of=NETWORK,
        )
    return None


def is_key(key: str) -> bool:
    return find(key) is not None
