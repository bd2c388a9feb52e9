"""What the history of a run says about its network: how good it is, how sure that is, and what would help."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from cnn.model.layers import lay_out
from cnn.percent import percent
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.store.records import EpochRecord
from cnn.store.run import FINISHED, Run
from cnn.training.accuracy import Accuracy, guessing, guessing_loss

FEW_STEPS = 300  # below, a network has rarely settled
FEW_IMAGES = 100  # of a class to train on
ONE_SIDED = 0.25  # by how much the share of answers exceeds the share of images when one class gets most answers
UNEVEN = 0.25  # the difference between the best and the worst class that is worth a word
MOSTLY_DEAD = 0.5  # of a layer's units
OVERFITTED = 1.1  # times the lowest held-out loss
MEMORISED = 0.1  # by how much the training accuracy exceeds the held-out one
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
        images = self.run.facts["val_images"]
        return Accuracy(round((self.last.val_accuracy or 0.0) * images), images)

    @cached_property
    def per_class(self) -> tuple[int, ...]:
        """The number of held-out images of each class; () in runs of older versions."""
        return tuple(self.run.facts.get("val_per_class", ()))

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
        """Whether it is clearly better than always naming the largest class."""
        return self.accuracy.is_better_than(self.guess)

    def sentences(self) -> Iterator[str]:
        """How good it is, and how sure that is."""
        accuracy = self.accuracy
        low, high = accuracy.interval
        yield (
            f"It gets {percent(accuracy.value, 1)} of the {accuracy.images:,} held-out images right (one image is "
            f"{100 / accuracy.images:.2g} points). On other images of this kind, expect {percent(low)} to "
            f"{percent(high)}."
        )
        named = "always naming the largest class" if self.is_uneven_set else "naming any one class for all of them"
        if self.knows_something:
            yield f"Guessing ({named}) would get {percent(self.guess, 1)}."
        else:
            yield f"That is not clearly better than guessing: {named} gets {percent(self.guess, 1)}."
        yield from filter(None, [self.one_sided(), self.uneven()])

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
        right = self.last.val_right
        if not right or len(right) != len(self.per_class):
            return ""
        shares = [
            (own / images, name)
            for own, images, name in zip(right, self.per_class, self.run.classes, strict=True)
            if images
        ]
        if not shares or max(shares)[0] - min(shares)[0] < UNEVEN:
            return ""
        (low, worst), (high, best) = min(shares), max(shares)
        return f"Of “{best}” it gets {percent(high)} right, of “{worst}” {percent(low)}."

    def advice(self) -> Iterator[str]:
        """What would help, most important first; nothing if nothing stands out."""
        found = [*filter(None, [self.dead(), self.overfitting(), self.too_few_steps(), self.too_few_images()])]
        yield from found or filter(None, [self.stuck()])

    def stuck(self) -> str:
        """Names what to change if the network never got clearly better than guessing; "" if it did."""
        if self.knows_something:
            return ""
        rate, usual = self.run.training_spec.learning_rate, TrainingSpec.defaults()["learning_rate"]
        if self.run.training_spec.optimizer != TrainingSpec.defaults()["optimizer"] or rate == usual:
            change = "another learning rate (*Find a learning rate* measures one), more epochs, or batch normalisation"
        elif rate > usual:
            change = f"a smaller learning rate: {usual:g} suits most networks, and it was {rate:g}"
        else:
            change = f"a larger learning rate: {usual:g} suits most networks, and it was {rate:g}"
        return f"It never got better than guessing. Try {change}."

    def dead(self) -> str:
        """Names a layer of which most units are dead; "" if there is none."""
        for layer, units_dead, units in self.last.dead:
            if units_dead >= MOSTLY_DEAD * units:
                return (
                    f"{units_dead} of {units} units of {layer} are dead: they are 0 for every held-out image, and "
                    f"training hardly ever revives them. {self._against_dead_units(layer)}"
                )
        return ""

    def _against_dead_units(self, name: str) -> str:
        """Settings, not in use yet, that leave fewer units of a layer dead (measured: docs/learning.md)."""
        data, network, training = self.run.dataset_spec, self.run.network_spec, self.run.training_spec
        layers = lay_out(network, data.image_size, data.channels, len(self.run.classes))
        layer = next((layer for layer in layers if layer.name == name), layers[-1])
        if layer.start == "frozen":
            return "They came with the base and are frozen: start from another network, or fine-tune its convolutions."
        helps = []
        if training.learning_rate > TrainingSpec.defaults()["learning_rate"]:
            helps.append(f"a smaller learning rate (it was {training.learning_rate:g})")
        if layer.is_spatial and network.preprocessing != "standardised":
            helps.append("standardised pixels")
        if not layer.is_spatial and network.dense_bias < NetworkSpec.defaults()["dense_bias"]:
            helps.append(f"an initial bias of dense units of {NetworkSpec.defaults()['dense_bias']:g}")
        if not layer.is_spatial and training.schedule == "constant":
            helps.append("a one-cycle schedule")
        return f"To have fewer of them, try {_either([*helps, 'Leaky ReLU'])}."

    @property
    def gap(self) -> float:
        """By how much the training accuracy exceeds the held-out one, -1..1."""
        return self.last.train_accuracy - (self.last.val_accuracy or 0.0)

    def overfitting(self) -> str:
        best, last = self.best, self.last
        if (last.val_loss or 0.0) < OVERFITTED * (best.val_loss or 0.0) or self.gap < MEMORISED:
            return ""
        helps = ["more images"]
        if not self.run.training_spec.augments:
            helps.append("augmentation")
        if not self.run.network_spec.dropout:
            helps.append("dropout")
        return (
            f"From epoch {best.epoch + 1} on it overfits: the held-out loss rose from {best.val_loss:.2f} to "
            f"{last.val_loss:.2f}, while the training loss fell to {last.train_loss:.2f}. What helps: "
            f"{_either(helps)}. The snapshot of epoch {best.epoch} is the best one."
        )

    @property
    def still_improves(self) -> bool:
        """Whether the held-out loss was lowest at the end, and falling."""
        if len(self.epochs) < 2 or self.best.epoch != self.last.epoch:
            return False
        before = self.epochs[max(0, len(self.epochs) - 3)]
        fallen = 1 - (self.last.val_loss or 0.0) / max(before.val_loss or 0.0, 1e-12)
        return fallen / (self.last.epoch - before.epoch) >= STILL_LEARNING

    def too_few_steps(self) -> str:
        if not self.still_improves or self.run.training_spec.epochs > self.last.epoch:
            return ""
        few = self.last.step < FEW_STEPS
        begin = f"{self.last.step} steps are few, and it" if few else "It"
        return f"{begin} was still getting better when it ended: train more epochs."

    def too_few_images(self) -> str:
        images = self.run.facts.get("train_images", 0) / max(1, len(self.run.classes))
        if images >= FEW_IMAGES or self.gap < MEMORISED:
            return ""
        helps = ["More images"] + ["augmentation"] * (not self.run.training_spec.augments)
        if not self.run.network_spec.base:
            helps.append("starting from a network that was trained on more images of the same kind")
        return (
            f"It remembers its {images:.0f} training images of each class better than it understands them. "
            f"{_either(helps)} would help."
        )


def _either(texts: Sequence[str]) -> str:
    """ "a, b or c"."""
    *others, last = texts
    return f"{', '.join(others)} or {last}" if others else last


def steps_of(images: int, batch_size: int, epochs: int) -> tuple[int, int]:
    """(the steps that training on so many images takes, the epochs that give at least FEW_STEPS steps)."""
    per_epoch = -(-images // batch_size)
    return per_epoch * epochs, -(-FEW_STEPS // per_epoch)
