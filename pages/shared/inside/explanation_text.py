"""Sentences about explanations: what they are worth, what they have in common with the user's mark, and their test."""

from cnn.explain.cover_test import ROUNDING, CoverTest
from cnn.explain.pointing import Overlap
from cnn.explain.trust import Alike, Trust
from cnn.percent import percent, probability
from cnn.training.accuracy import Accuracy

ALIKE = 0.2  # an overlap this close to that of any place is not called more or less


def worth(trust: Trust, accuracy: Accuracy, guess: float, largest: str) -> str:
    """How far to believe explanations of a network. guess: the accuracy of guessing. largest: the class that it always
    names, escaped; "" if any class would do."""
    low, high = accuracy.interval
    knows = {
        Trust.LITTLE: "This network knows little: explanations of it mean little.",
        Trust.SOME: "This network knows something, but read its explanations with doubt.",
        Trust.MUCH: "This network knows these images well.",
    }[trust]
    guessing = f"guessing (always naming {largest})" if largest else "guessing"
    return (
        f"**{knows}** It gets {percent(accuracy.value)} of {accuracy.images:,} held-out images right (on others, "
        f"expect {percent(low)} to {percent(high)}); {guessing} gets {percent(guess)}."
    )


def answer(name: str, sure: float, is_right: bool | None, alike: Alike | None) -> str:
    """What the network says about the image. name: of the class, escaped. sure: its probability. is_right: None if
    nobody knows. alike: the held-out answers about as sure; None if there are none."""
    verdict = {None: "", True: "rightly ", False: "wrongly "}[is_right]
    says = f"It {verdict}calls this image {name}, with a probability of {probability(sure)}."
    if alike is None:
        return says
    low, high = probability(alike.low, 0), probability(alike.high, 0)
    between = high if low == high else f"{low} to {high}"
    right, images = alike.accuracy
    return f"{says} Of the {images} held-out answers about as sure ({between}), {right} are right."


def overlap_text(method: str, found: Overlap | None) -> str:
    """How much of what a method points at lies in the mark, compared with a mark of the same size at a random
    place. None: it points at nothing."""
    if found is None:
        return f"{method[:1].upper()}{method[1:]} points at nothing."
    if abs(found.times - 1) <= ALIKE:
        compared = "about as much as by chance"
    else:
        compared = f"{'only ' if found.times < 1 else ''}{found.times:.1f} times as much as by chance"
    return (
        f"{share_text(found.inside)} of what {method} points at lies in your mark ({share_text(found.area)} of the "
        f"image): {compared}."
    )


def share_text(share: float) -> str:
    """'38 %', or '0.4 %' below 1 %."""
    return percent(share, 1) if 0 < share < 0.01 else percent(share)


def outcome(name: str, area: float, found: CoverTest) -> str:
    """The outcome of a cover test. name: of the class, escaped. area: the covered share of the image."""
    probabilities = (found.whole, found.covered, found.elsewhere.mean(), found.elsewhere.min(), found.elsewhere.max())
    whole, covered, mean, low, high = (probability(one, 0) for one in probabilities)
    return (
        f"Covering this {share_text(area)} of the image takes {name} from {whole} to {covered}; the same shape at "
        f"{len(found.elsewhere)} random places takes it to {mean} on average ({low} to {high}). {verdict_of(found)}"
    )


def verdict_of(found: CoverTest) -> str:
    """Whether the explanation found something, in a sentence."""
    places = len(found.elsewhere)
    if found.fall <= ROUNDING:
        return "**That lowers nothing: the explanation fails the test.**"
    if found.as_good == places:
        return "**All of them lower it as much: the explanation fails the test.**"
    if found.could_be_chance:
        lower = "lowers" if found.as_good == 1 else "lower"
        return f"**{found.as_good} of {places} {lower} it as much: this could be chance.**"
    by_chance = f"by chance, in {percent(found.chance)} of tries"
    return f"**None lowers it as much ({by_chance}): the explanation passes the test.**"


def short_outcome(found: CoverTest) -> str:
    """The outcome beside those of other methods."""
    if found.fall <= ROUNDING or found.as_good == len(found.elsewhere):
        verdict = "fails the test"
    else:
        verdict = "could be chance" if found.could_be_chance else "passes the test"
    whole, covered, mean = (probability(one, 0) for one in (found.whole, found.covered, found.elsewhere.mean()))
    return f"Covered: {whole} → {covered}, random places {mean} ({verdict})."
