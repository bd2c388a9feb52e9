"""What the history of a run says about its network: how good it is, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from cnn.percent import percent
from cnn.store.records import EpochRecord
from cnn.store.run import FINISHED, Run
from cnn.training.accuracy import Accuracy, guessing, guessing_loss

FEW_STEPS = 300  # below, a network has rarely settled
ONE_SIDED = 0.25  # by how much the share of answers exceeds the share of images when one class gets most answers
UNEVEN = 0.25  # the difference between the best and the worst class that is worth a word
FEWEST = 5  # held-out images of a class; with fewer, nothing is said about it
STILL_LEARNING = 0.02  # by how much of it the held-out loss still falls per epoch


@dataclass(frozen=True)
class Verdict:
    """epochs: those of the run so far, at least one. Only for runs with held-out images."""

    run: Run
    epochs: Sequence[EpochRecord]

    @property
    def last(self) -> EpochRecord:
        return self.epochs[-1]

    @property
    def best(self) -> EpochRecord:
        """The epoch with the lowest held-out loss; the first of several."""
        return min(self.epochs, key=lambda epoch: epoch.val_loss or 0.0)

    @property
    def accuracy(self) -> Accuracy:
        """On the held-out images, after the last epoch."""
        return self._after(self.last)

    @cached_property
    def per_class(self) -> tuple[int, ...]:
        """The number of held-out images of each class; () in runs of older versions."""
        return tuple(self.run.facts.get("val_per_class", ()))

    @property
    def copies(self) -> int:
        """How many held-out images are exact copies of training images."""
        return self.run.facts.get("val_copies", 0)

    @property
    def guess(self) -> float:
        """The accuracy of always naming the largest class, 0..1."""
        return guessing(self.per_class) if any(self.per_class) else 1 / len(self.run.classes)

    @property
    def guess_loss(self) -> float:
        """The loss of always answering with the shares of the classes."""
        return guessing_loss(self.per_class if any(self.per_class) else [1] * len(self.run.classes))

    @property
    def ended_early(self) -> bool:
        """Whether training stopped because the held-out loss no longer fell."""
        patience = self.run.training_spec.patience
        return self.run.status == FINISHED and patience > 0 and self.last.epoch < self.run.training_spec.epochs

    @property
    def knows_something(self) -> bool:
        """Whether it is clearly better than always naming the largest class, copies of training images set aside."""
        return self._beats_guessing(self.accuracy)

    def sentences(self) -> Iterator[str]:
        """How good it is, and how sure that is."""
        accuracy = self.accuracy
        low, high = accuracy.interval
        yield (
            f"It gets {percent(accuracy.value, 1)} of the {accuracy.images:,} held-out images right (one image is "
            f"{100 / accuracy.images:.2g} points)."
        )
        if self.copies:
            yield f"It knows {self.copies:,} of them from training. On other images, expect less."
        else:
            yield f"On other images of this kind, expect {percent(low)} to {percent(high)}."
        if self.knows_something:
            yield f"Guessing ({self._guessing()}) would get {percent(self.guess, 1)}."
        elif accuracy.is_better_than(self.guess):
            yield "So these images do not show whether it is better than guessing."
        else:
            yield f"That is not clearly better than guessing: {self._guessing()} gets {percent(self.guess, 1)}."
        yield from filter(None, [self.one_sided(), self.uneven()])

    def _guessing(self) -> str:
        """What the best guesser does who sees no image."""
        if not self.is_uneven_set:
            return "naming any one class for all of them"
        return f"always naming “{self.run.classes[self.per_class.index(max(self.per_class))]}”"

    @property
    def is_uneven_set(self) -> bool:
        return len(set(self.per_class)) > 1

    def one_sided(self) -> str:
        """Says that one class gets most answers; "" if none does."""
        answers = self.last.val_predicted
        if not self.per_class or len(answers) != len(self.per_class):
            return ""
        images = sum(self.per_class)
        excess, label = max(
            ((count - own) / images, label)
            for label, (count, own) in enumerate(zip(answers, self.per_class, strict=True))
        )
        if excess < ONE_SIDED:
            return ""
        return f"It calls {percent(answers[label] / images)} of all held-out images “{self.run.classes[label]}”."

    def uneven(self) -> str:
        """Says how different the classes are; "" if they are not."""
        right, answers = self.last.val_right, self.last.val_predicted
        if not right or len(right) != len(self.per_class) or max(answers, default=0) == sum(self.per_class):
            return ""  # if one class gets all answers, that has been said
        shares = [
            (own / images, images, name)
            for own, images, name in zip(right, self.per_class, self.run.classes, strict=True)
            if images >= FEWEST
        ]
        if not shares or max(shares)[0] - min(shares)[0] < UNEVEN:
            return ""
        (low, few, worst), (high, many, best) = min(shares), max(shares)
        return (
            f"Of the {many:,} held-out images of “{best}” it gets {percent(high)} right, of the {few:,} of “{worst}” "
            f"{percent(low)}."
        )

    @property
    def learned_something(self) -> bool:
        """As `knows_something`, or it did when its held-out loss was lowest."""
        return self.knows_something or self._beats_guessing(self._after(self.best))

    def _after(self, epoch: EpochRecord) -> Accuracy:
        images = self.run.facts["val_images"]
        return Accuracy(round((epoch.val_accuracy or 0.0) * images), images)

    def _beats_guessing(self, accuracy: Accuracy) -> bool:
        """Clearly, on the images that are no copies; all copies are taken as known."""
        others = accuracy.images - self.copies
        return others > 0 and Accuracy(max(0, accuracy.right - self.copies), others).is_better_than(self.guess)

    @property
    def trained_per_class(self) -> tuple[int, ...]:
        """The number of training images of each class; of runs of older versions, their mean."""
        classes = max(1, len(self.run.classes))
        mean = round(self.run.facts.get("train_images", 0) / classes)
        return tuple(self.run.facts.get("train_per_class", ())) or (mean,) * classes

    @property
    def gap(self) -> float:
        """By how much the training accuracy exceeds the held-out one, -1..1."""
        return self.last.train_accuracy - (self.last.val_accuracy or 0.0)

    @property
    def still_improves(self) -> bool:
        """Whether the held-out loss was lowest at the end, and falling."""
        if len(self.epochs) < 2 or self.best.epoch != self.last.epoch:
            return False
        before = self.epochs[max(0, len(self.epochs) - 3)]
        fallen = 1 - (self.last.val_loss or 0.0) / max(before.val_loss or 0.0, 1e-12)
        return fallen / (self.last.epoch - before.epoch) >= STILL_LEARNING


def steps_of(images: int, batch_size: int, epochs: int) -> tuple[int, int]:
    """(the steps that training on so many images takes, the epochs that give at least FEW_STEPS steps)."""
    per_epoch = -(-images // batch_size)
    return per_epoch * epochs, -(-FEW_STEPS // per_epoch)
