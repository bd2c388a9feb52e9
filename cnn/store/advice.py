"""What would help after a run, as far as its history shows."""

from collections.abc import Callable, Iterator, Sequence

from cnn.model.layers import lay_out
from cnn.percent import percent
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.store.verdict import FEW_STEPS, Verdict

FEW_IMAGES = 100  # of a class to train on, or held out
UNEQUAL = 3  # the largest class has this many times as many training images as the smallest
FEW_TO_JUDGE_UNITS = 20  # held-out images; with fewer, a unit that is 0 for all of them may well be alive
MOSTLY_DEAD = 0.5  # of a layer's units
STRONG_DROPOUT, STRONG_DECAY = 0.6, 0.1  # from here on, they may keep a network from learning
OVERFITTED = 1.1  # times the lowest held-out loss
MEMORISED, BY_HEART = 0.1, 0.25  # by how much the training accuracy exceeds the held-out one
FAR = 10  # times the usual learning rate, or a fraction of it: the first thing to change if nothing is learned
TOO_HIGH = 100  # times the usual learning rate: units die whatever else one does
FIND_RATE = "another learning rate (*Find a learning rate* measures one)"


def advice(verdict: Verdict) -> Iterator[str]:
    """What would help, most important first; nothing if nothing stands out."""
    rules: list[Callable[[Verdict], str]] = [known_images, dead]
    if verdict.learned_something:
        rules += [overfitting, too_few_steps, too_few_images]
    else:
        rules += [only_remembers, too_few_steps]
    found = [*filter(None, (rule(verdict) for rule in rules))]
    yield from found or filter(None, [stuck(verdict)])


def known_images(verdict: Verdict) -> str:
    """Says that held-out images are copies of training images, if that hides how good the network is; "" otherwise."""
    if not verdict.copies or verdict.knows_something:
        return ""
    return "Held-out images should be new to the network: delete the copies, which *Data* shows, and train again."


def only_remembers(verdict: Verdict) -> str:
    """Says what may be the reason if it is right about training images only; "" otherwise."""
    if verdict.gap < (BY_HEART if verdict.last.step < FEW_STEPS else MEMORISED):
        return ""
    augmentation = "" if verdict.run.training_spec.augments else ", or augmentation"
    unsure = verdict.accuracy.images < FEW_IMAGES
    few = f" And {verdict.accuracy.images} held-out images are too few to be sure." if unsure else ""
    return (
        f"It gets {percent(verdict.last.train_accuracy)} of its training images right, but that does not clearly help "
        f"with others. Perhaps it needs more than {_fewest(verdict)}{augmentation}. Perhaps the images do not show "
        f"what class they belong to, or labels are wrong: look at some on *Data*.{few}"
    )


def stuck(verdict: Verdict) -> str:
    """Names what to change if the network is not clearly better than guessing; "" if it is."""
    if verdict.knows_something:
        return ""
    training, network = verdict.run.training_spec, verdict.run.network_spec
    rate, usual = training.learning_rate, TrainingSpec.defaults()["learning_rate"]
    changes = []
    if training.optimizer == "sgd":
        changes.append(FIND_RATE)
    elif rate != usual:
        side = "smaller" if rate > usual else "larger"
        change = f"a {side} learning rate ({usual:g} suits most networks, and it was {rate:g})"
        if max(rate, usual) >= FAR * min(rate, usual):
            return f"To get better than guessing, try {change}."
        changes.append(change)
    if training.optimizer != "adamw" and training.weight_decay >= STRONG_DECAY:
        changes.append(f"less weight decay (it was {training.weight_decay:g})")
    if (dropout := max(network.dropout, network.block_dropout)) >= STRONG_DROPOUT:
        changes.append(f"less dropout (it was {dropout:g})")
    if verdict.last.step < FEW_STEPS:
        more = "more patience" if verdict.ended_early else "more epochs"
        smaller = " or smaller batches" if training.batch_size > TrainingSpec.defaults()["batch_size"] else ""
        changes.append(f"{more}{smaller} ({_steps(verdict)} few)")
    if max(verdict.trained_per_class) >= UNEQUAL * min(verdict.trained_per_class):
        changes.append(f"more images of the smaller classes (it has {_fewest(verdict)})")
    if not changes:
        changes = [FIND_RATE, "more epochs"]
        changes += ["batch normalisation"] * (not network.batch_norm)
    return f"To get better than guessing, try {_either(changes)}."


def dead(verdict: Verdict) -> str:
    """Names a layer of which most units are dead; "" if there is none, or too few images to tell."""
    if verdict.accuracy.images < FEW_TO_JUDGE_UNITS:
        return ""
    for layer, units_dead, units in verdict.last.dead:
        if units_dead >= MOSTLY_DEAD * units:
            return (
                f"{units_dead} of {units} units of {layer} are dead: they are 0 for every held-out image, and "
                f"training hardly ever revives them. {_against_dead_units(verdict, layer)}"
            )
    return ""


def _against_dead_units(verdict: Verdict, name: str) -> str:
    """Settings, not in use yet, that leave fewer units of a layer dead (measured: docs/learning.md)."""
    data, network, training = verdict.run.dataset_spec, verdict.run.network_spec, verdict.run.training_spec
    layers = lay_out(network, data.image_size, data.channels, len(verdict.run.classes))
    layer = next((layer for layer in layers if layer.name == name), layers[-1])
    if layer.start == "frozen":
        return "They came with the base and are frozen: start from another network, or fine-tune its convolutions."
    helps, times = [], training.learning_rate / TrainingSpec.defaults()["learning_rate"]
    if times > 1:
        helps.append(f"a smaller learning rate (it was {training.learning_rate:g})")
    if times >= TOO_HIGH and training.optimizer != "sgd":
        return f"Try {helps[0]}."
    if layer.is_spatial and network.preprocessing != "standardised":
        helps.append("standardised pixels")
    if not layer.is_spatial and network.dense_bias < NetworkSpec.defaults()["dense_bias"]:
        helps.append(f"an initial bias of dense units of {NetworkSpec.defaults()['dense_bias']:g}")
    if not layer.is_spatial and training.schedule == "constant":
        helps.append("a one-cycle schedule")
    return f"To have fewer of them, try {_either([*helps, 'Leaky ReLU'])}."


def overfitting(verdict: Verdict) -> str:
    """Says since when it overfits, and what helps; "" if it does not."""
    best, last = verdict.best, verdict.last
    if (last.val_loss or 0.0) < OVERFITTED * (best.val_loss or 0.0) or verdict.gap < MEMORISED:
        return ""
    helps = ["more images"]
    if not verdict.run.training_spec.augments:
        helps.append("augmentation")
    if not (verdict.run.network_spec.dropout or verdict.run.network_spec.block_dropout):
        helps.append("dropout")
    return (
        f"From epoch {best.epoch + 1} on it overfits: the held-out loss rose from {best.val_loss:.2f} to "
        f"{last.val_loss:.2f}, while the training loss fell to {last.train_loss:.2f}. What helps: "
        f"{_either(helps)}. The snapshot of epoch {best.epoch} has the lowest held-out loss."
    )


def too_few_steps(verdict: Verdict) -> str:
    """Says that training ended too early; "" otherwise."""
    if not verdict.still_improves or verdict.run.training_spec.epochs > verdict.last.epoch:
        return ""
    begin = f"{_steps(verdict)} few, and it" if verdict.last.step < FEW_STEPS else "It"
    return f"{begin} was still getting better when it ended: train more epochs."


def _fewest(verdict: Verdict) -> str:
    """The training images of the smallest class, in words."""
    fewest, most = min(verdict.trained_per_class), max(verdict.trained_per_class)
    images = "1 training image" if fewest == 1 else f"{fewest:,} training images"
    if most < UNEQUAL * fewest:
        return f"{images} of each class"
    return f"{images} of “{verdict.run.classes[verdict.trained_per_class.index(fewest)]}”"


def _steps(verdict: Verdict) -> str:
    return "1 step is" if verdict.last.step == 1 else f"{verdict.last.step:,} steps are"


def too_few_images(verdict: Verdict) -> str:
    """Says that it remembers its few images, and what helps; "" otherwise."""
    if min(verdict.trained_per_class) >= FEW_IMAGES or verdict.gap < MEMORISED:
        return ""
    helps = ["More images"] + ["augmentation"] * (not verdict.run.training_spec.augments)
    if not verdict.run.network_spec.base:
        helps.append("starting from a network that was trained on more images of the same kind")
    return f"It remembers its {_fewest(verdict)} better than it understands them. {_either(helps)} would help."


def _either(texts: Sequence[str]) -> str:
    """ "a, b or c"."""
    *others, last = texts
    return f"{', '.join(others)} or {last}" if others else last
