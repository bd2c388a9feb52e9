"""Sentences about explanations: what they are worth, what they have in common with the user's mark, and their test."""

from cnn.explain.cover_test import CoverTest
from cnn.explain.pointing import Overlap
from cnn.explain.trust import Trust
from cnn.training.accuracy import Accuracy

ALIKE = 0.2  # an overlap this close to that of any place is not called more or less


def worth(trust: Trust, accuracy: Accuracy, guess: float) -> str:
    """How far to believe explanations of a network. guess: the accuracy of guessing."""
    low, high = accuracy.interval
    knows = {
        Trust.LITTLE: "This network knows little: explanations of it mean little.",
        Trust.SOME: "This network knows something, and is often wrong.",
        Trust.MUCH: "This network knows these images well.",
    }[trust]
    return (
        f"**{knows}** It gets {accuracy.value:.0%} of {accuracy.images:,} held-out images right (on others, expect "
        f"{low:.0%} to {high:.0%}); guessing gets {guess:.0%}."
    )


def answer(name: str, probability: float, is_right: bool | None, as_sure: Accuracy | None) -> str:
    """What the network says about the image. name: of the class, escaped. is_right: None if nobody knows. as_sure: of
    the images with answers about as probable."""
    verdict = {None: "", True: ", rightly", False: ", wrongly"}[is_right]
    says = f"It calls this image {name}{verdict}, with a probability of {probability:.1%}"
    if as_sure is None:
        return f"{says}."
    return f"{says}; of the {as_sure.images} held-out answers that are about as sure, {as_sure.right} are right."


def overlap_text(method: str, found: Overlap | None) -> str:
    """How much of what a method points at lies in the mark. None: it points at nothing."""
    if found is None:
        return f"{_capital(method)} points at nothing."
    if abs(found.times - 1) <= ALIKE:
        compared = "about as much as in any place of that size"
    elif found.times > 1:
        compared = f"{found.times:.1f} times as much as in an average place of that size"
    else:
        compared = f"only {found.times:.1f} times as much as in an average place of that size"
    return (
        f"{found.inside:.0%} of what {method} points at lies in your mark, which covers {found.area:.0%} of the image: "
        f"{compared}."
    )


def outcome(name: str, area: float, found: CoverTest) -> str:
    """The outcome of a cover test. name: of the class, escaped. area: the covered share of the image."""
    low, high = found.elsewhere.min(), found.elsewhere.max()
    places = len(found.elsewhere)
    return (
        f"With this {area:.0%} of the image covered, the probability of {name} {_moves(found.whole, found.covered)}; "
        f"with the same shape at {places} random places, it is {found.elsewhere.mean():.0%} on average ({low:.0%} "
        f"to {high:.0%}). {verdict_of(found)}"
    )


def verdict_of(found: CoverTest) -> str:
    """Whether the explanation found something, in a sentence or two."""
    places = len(found.elsewhere)
    if found.as_good == places:
        return f"**All {places} lower it as much or more: the explanation fails this test.**"
    if found.could_be_chance:
        return f"**{found.as_good} of {places} lower it as much or more: this could be chance.**"
    of_them = "None lowers" if not found.as_good else f"Only {found.as_good} lower"
    return (
        f"**{of_them} it as much. Chance alone does that in {found.chance:.0%} of all tries: the explanation passes "
        "this test.**"
    )


def short_outcome(found: CoverTest) -> str:
    """The outcome beside those of other methods."""
    passed = "could be chance" if found.could_be_chance else "passes the test"
    return f"Covered: {found.whole:.0%} → {found.covered:.0%}, random places {found.elsewhere.mean():.0%} ({passed})."


def _moves(before: float, after: float) -> str:
    if f"{before:.0%}" == f"{after:.0%}":
        return f"stays at {before:.0%}"
    return f"{'falls' if after < before else 'rises'} from {before:.0%} to {after:.0%}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
