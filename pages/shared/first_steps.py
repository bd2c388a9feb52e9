"""What a page offers while there is no dataset or no trained network of the user's own."""

import logging
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.store import example
from cnn.store.database import StoreError
from cnn.store.run import Run
from pages.shared import settings
from pages.shared.navigation import go
from pages.shared.session import session
from pages.shared.text import plain

SAMPLES = "cats_dogs"  # the dataset of the example: the user can do the same, and compare
log = logging.getLogger(__name__)


def train_own() -> None:
    """Goes to the Train page; chooses the samples if no dataset is chosen."""
    if settings.folder() is None:
        settings.put(folder=SAMPLES)
    settings.put(run="")
    go("train")


def use_samples() -> None:
    settings.put(folder=SAMPLES, reading="", classes=())


def use_own_images() -> None:
    """Goes to the Data page, and opens the dialog there."""
    session().folder_dialog = "data", ""
    go("data")


def choose_images(run: Run | None) -> None:
    """Buttons for a page that needs images: those of the run that is chosen, the samples, or the user's own."""
    st.markdown("**Which images should the network learn?**")
    has_images = run is not None and run.id != example.ID and Path(run.folder).is_dir()
    with st.container(horizontal=True):
        if run is not None and has_images:
            st.button(
                "Those of the chosen run",
                key="use_run",
                type="primary",
                icon=":material/replay:",
                help=f"{plain(Path(run.folder).name)}, with all its settings: train it again, or with a change.",
                on_click=settings.use_run,
                args=(run,),
            )
        kind: Literal["primary", "secondary"] = "secondary" if has_images else "primary"
        st.button("Cats and dogs", key="use_samples", type=kind, icon=":material/pets:", on_click=use_samples)
        st.button("My own images", key="use_own_images", icon=":material/folder_open:", on_click=use_own_images)


def about_example(why: str = "") -> None:
    """Says that the page shows the example, and how to train a network of one's own. why: it is not the user's run."""
    text = f":material/school: {why}This is the **example**, trained on drawn cats and dogs."
    with _beside_title():
        if session().page == "train" and settings.folder() is not None:
            st.markdown(f"{text} Press *Train a new network*, and yours appears here.", width="content")
            return
        st.markdown(text, width="content")
        if why:
            return
        st.button("Train your own", "train_own", type="tertiary", icon=":material/play_arrow:", on_click=train_own)


def about_other_run(text: str) -> None:
    """Says which run the page shows, if it is not the chosen one."""
    with _beside_title():
        st.markdown(text, width="content")


def _beside_title() -> DeltaGenerator:
    return st.container(key="shown_run", horizontal=True, vertical_alignment="center", gap="small")


def no_network() -> None:
    """What to do if there is no trained network at all, not even the example, because it was deleted."""
    st.markdown("**There is no trained network yet.** Train one, or look at the example.")
    with st.container(horizontal=True):
        st.button("Train your own", key="train_own", type="primary", icon=":material/play_arrow:", on_click=train_own)
        example_button()


def no_example() -> None:
    st.markdown("**The example was deleted.** Add it again to look inside a trained network.")
    example_button()


def example_button() -> None:
    """A button that adds the example to the store; or why that failed."""
    if error := session().no_example:
        session().no_example = ""
        st.error(error, icon=":material/error:")
    st.button("Add the example", key="add_example", icon=":material/school:", on_click=_add_example)


def _add_example() -> None:
    from pages.shared.run_choice import store

    try:
        example.add(store())
    except StoreError as error:
        session().no_example = str(error)
