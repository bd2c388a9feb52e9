"""The run that the new network starts from: the choice, and what it means."""

from collections.abc import Iterator

import streamlit as st

from cnn.errors import UserError
from cnn.specs import NetworkSpec, TrainingSpec
from cnn.store.base import Base, find_base
from pages.shared import settings
from pages.shared.controls import control, controls
from pages.shared.navigation import end_page
from pages.shared.run_choice import store
from pages.shared.session import callback, session
from pages.shared.sidebar import LISTED, distinct_names
from pages.shared.text import plain

RANDOM = "random weights"


def load() -> None:
    """Looks up the base in the settings. Call it before a page is drawn: all settings depend on it."""
    remembered = session()
    remembered.base, remembered.no_base = None, ""
    if not settings.current("base"):
        return
    network = NetworkSpec(base=settings.current("base"), base_step=settings.current("base_step"))
    try:
        remembered.base = find_base(store(), network)
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
        on_change=callback(settings.put),
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
        st.button("Start with random weights", on_click=callback(settings.put), kwargs={"base": "", "base_step": -1})
        end_page()


def sentences(base: Base) -> Iterator[str]:
    """What starting from this run means for the network and its training."""
    network, training = settings.network_spec(), settings.training_spec()
    yield f"The convolutions come from **{plain(base.name)}**, as after step {base.step:,}; the dense layers are new."
    if network.fine_tune:
        yield f"All layers are trained, the convolutions with {training.base_rate:g} of the learning rate."
    elif training.augments:
        yield (
            "The convolutions are frozen. With augmentation, images differ in each epoch, so what the frozen layers "
            "make of them is computed each time."
        )
    else:
        yield (
            "The convolutions are frozen: what they make of each image is computed once, so training is quick. With "
            "augmentation it would be computed each time."
        )
