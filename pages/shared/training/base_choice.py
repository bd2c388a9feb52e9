"""The run that the new network starts from: the choice, and what it means."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from cnn.errors import UserError
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.store.base import Base
from pages.shared import settings, view
from pages.shared.controls import control, controls
from pages.shared.navigation import end_page
from pages.shared.run_choice import store
from pages.shared.runs.sidebar import LISTED, distinct_names
from pages.shared.session import session
from pages.shared.text import plain

RANDOM = "random weights"
MEASURED = "one is better, one is worse"  # the outcome of the experiments in `guess_and_see`: docs/learning.md


def load() -> None:
    """Looks up the base in the settings. Call it before a page is drawn: all settings depend on it."""
    remembered = session()
    remembered.base, remembered.no_base = None, ""
    if not settings.current("base"):
        return
    network = NetworkSpec(base=settings.current("base"), base_step=settings.current("base_step"))
    try:
        remembered.base = store().find_base(network)
    except UserError as error:
        remembered.no_base = str(error)


def choose() -> Base | None:
    """The controls of the base; returns it."""
    base = session().base
    names = {"": RANDOM} | distinct_names([run for run in store().newest(LISTED) if _can_be_base(run)])
    names.setdefault(settings.current("base"), settings.current("base"))  # an older or deleted run
    st.selectbox(
        "Start from",
        **settings.versioned("base").bound_choice(names),
        on_change=settings.put,
        kwargs={"base_step": -1},
        help="A run: the new network starts with its convolutions, and has new dense layers. You need a trained run.",
    )
    if base is None:
        return None
    st.selectbox("Snapshot of the base", **settings.versioned("base_step").bound_choice(_snapshots(base)))
    control("fine_tune")
    if settings.current("fine_tune"):
        controls(TrainingSpec, "base")
    return base


def _can_be_base(run) -> bool:
    """Whether the run has convolutions, and has read its images: then it has weights, or soon will."""
    return bool(run.network_spec.filters and run.classes)


def _snapshots(base: Base) -> dict[int, str]:
    """Step -> name, for a list."""
    names = {-1: "the best"}
    for snapshot in store().history(base.run.id).snapshots():
        if snapshot.epoch == int(snapshot.epoch) or snapshot.step == base.step:
            names[snapshot.step] = f"step {snapshot.step:,}, epoch {snapshot.epoch:g}" if snapshot.step else "untrained"
    return names


def ready() -> None:
    """Ends the page, with the reason, if the chosen base cannot be used."""
    if error := session().no_base:
        st.error(error, icon=":material/link_off:")
        st.button("Start with random weights", on_click=settings.put, kwargs={"base": "", "base_step": -1})
        end_page()


def sentences(base: Base) -> Iterator[str]:
    """What starting from this run means for the network."""
    yield (
        f"The convolutions come from **{plain(base.name)}**, as after step {base.step:,}, with the settings in gray: "
        "the weights fit no others. The dense layers are new."
    )
    yield training_sentence()
    if not settings.network_spec().fine_tune and not settings.training_spec().augments:
        yield "With augmentation it would be computed each time."


def training_sentence() -> str:
    """What starting from the base means for training."""
    training = settings.training_spec()
    if settings.network_spec().fine_tune:
        return f"All layers are trained, the convolutions with {training.base_rate:g} of the learning rate."
    if training.augments:
        return "The convolutions are frozen. With augmentation, what they make of an image is computed each time."
    return "The convolutions are frozen: what they make of an image is computed once."


def guess_and_see() -> None:
    """A guess whether a base helps, and then what was measured (docs/learning.md)."""
    st.markdown(
        "**Transfer learning**: filters learned on many images of one kind may serve for few images of another. Two "
        "experiments, each with 50 images of each class to train on. One starts from 5,000 small photographs of cats "
        "and dogs and learns other photographs of cats and dogs. The other starts from drawn shapes and learns drawn "
        "cats and dogs. The convolutions are frozen. How do they compare with random weights?"
    )
    guess = view.part("transfer")
    st.selectbox("What is your guess?", **guess.bound_choice(view.options("transfer") | {"": "choose one"}))
    if guess.current():
        st.markdown(
            "| held-out accuracy, mean of 5 seeds | random weights | frozen convolutions |\n|---|---:|---:|\n"
            "| photographs, after photographs | 56.7 % | 59.6 % |\n"
            "| the same with *Good practice* | 66.3 % | 71.3 % |\n"
            "| drawn cats and dogs, after shapes | 85.7 % | 63.9 % |\n\n"
            f"{held_against_guess(guess.current())}\n\n"
            "Photographs helped photographs; shapes harmed. Without augmentation, training with frozen convolutions "
            "took an eighth to a sixth of the time."
        )


def held_against_guess(guess: Any) -> str:
    """What was measured, against a guess of `guess_and_see`; "" if it is none of its answers."""
    if not guess or guess not in view.options("transfer").values():
        return ""
    start = f"In two experiments with a base, you guessed that {guess}"
    return f"{start}. You were right." if guess == MEASURED else f"{start}. In fact {MEASURED}."
