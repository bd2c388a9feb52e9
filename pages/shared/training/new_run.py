"""The settings of a new run on the Train page, what is likely to spoil it, and the button that starts it."""

from pathlib import Path

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.figures.image_row import image_row
from cnn.specs import TrainingSpec
from cnn.store.run import Run
from cnn.store.run_summary import differences, network_text
from cnn.store.verdict import FEW_STEPS, steps_of
from pages.components.drawing import drawing
from pages.shared import run_choice, settings, view
from pages.shared.controls import control
from pages.shared.dataset import dataset_facts
from pages.shared.session import session
from pages.shared.text import count, plain, unbroken
from pages.shared.training import base_choice, rate_choice

SHOWN = 2  # settings named as different
MORE_WIDTH = 940  # CSS pixels of the settings that are rarely changed
EXAMPLES = 5  # epochs for which the page shows how an image is augmented


def draw(dataset: Dataset, run: Run | None) -> None:
    """run: the one that the page shows, if any. While it trains or waits, no new one can start."""
    st.header("New network", anchor=False)
    network = unbroken(network_text(settings.network_spec()))
    with st.container(key="new_network_text"):
        st.caption(f"{plain(Path(dataset.folder).name)} · {network}")
    ongoing = run is not None and run.ongoing
    st.button(
        "Train a new network",
        key="train",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=ongoing,
        on_click=run_choice.start_new,
        help="This run has not ended: stop it first, or choose another run." if ongoing else None,
    )
    if run is not None:
        with st.container(key="new_network_compared", gap=None):
            compare(run)
    guess = view.part("guess").bound()
    st.number_input(
        "Your guess, %",
        1,
        100,
        guess["value"] or None,
        key=guess["key"],
        placeholder="1 to 100",
        help="What percentage of the held-out images will it get right in the end? The chart shows your guess.",
    )
    for name in settings.names_of(TrainingSpec):
        control(name)
        if name == "learning_rate":
            rate_choice.draw(dataset)
    with st.popover(
        "More settings", icon=":material/tune:", width="stretch", key="more_settings", on_change="rerun"
    ) as popover:
        more_settings(dataset, popover.open)
    if base := session().base:
        st.caption(f"Starts from **{plain(base.name)}**. {base_choice.training_sentence()}")
    steps_ahead(dataset)  # last: what comes and goes moves no setting


def compare(run: Run) -> None:
    """Whether the settings are those of the run that the page shows; if not, a button that takes them from it."""
    found = differences(run, str(settings.folder()), settings.specs())
    if not found:
        st.caption("The settings of the run shown here.")
        return
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    st.caption(f":material/call_split: Not the run shown here: other {', '.join(found[:SHOWN])}{more}.")
    if Path(run.folder).is_dir():
        label = "Use the run's settings"
        st.button(label, type="tertiary", icon=":material/replay:", on_click=settings.use_run, args=(run,))


def steps_ahead(dataset: Dataset) -> None:
    """How many steps the training will take, and what is likely to spoil it, with a button that changes that."""
    spec = settings.training_spec()
    test = dataset_facts.mirroring(dataset) if spec.mirror else None
    if test is not None and test.changes_classes:
        st.caption(f":material/warning: *Mirror* is on, but changes the classes. {plain(test.sentence)}")
        st.button("Switch mirroring off", on_click=settings.put, kwargs={"mirror": False}, width="stretch")
    steps, better = steps_of(len(dataset.train), spec.batch_size, spec.epochs)
    if steps >= FEW_STEPS:
        st.caption(f"{steps:,} steps: each changes the weights once.")
        return
    st.caption(f":material/warning: Only {count(steps, 'step', 'steps')}: too few for most networks.")
    st.button(f"Use {better} epochs", on_click=settings.put, kwargs={"epochs": better}, width="stretch")


def more_settings(dataset: Dataset, is_open: bool | None) -> None:
    """Augmentation, with an example while this is open, and rarely changed settings."""
    with st.container(width=MORE_WIDTH, key="more_settings_body"):
        example, augment, others = st.columns([5, 9, 6], gap="medium")
    with example:
        st.markdown("**A training image**")
        if is_open:
            augmented_image(dataset)
            st.caption(about_mirroring(dataset))
    with augment:
        st.markdown("**Augmentation** of the training images")
        in_columns(settings.names_of(TrainingSpec, "augmentation"), 3)
    with others:
        st.markdown("**Optimisation**")
        in_columns(settings.names_of(TrainingSpec, "more"), 2)


def in_columns(names: list[str], columns: int) -> None:
    """The widgets of settings, side by side: a window has more room in width than in height."""
    rows = -(-len(names) // columns)
    for at, column in enumerate(st.columns(columns, gap="medium")):
        with column:
            for name in names[at * rows : (at + 1) * rows]:
                control(name)


def augmented_image(dataset: Dataset) -> None:
    """A training image, and what augmentation makes of it."""
    from cnn.training.augmentation import augmented  # here, because it loads torch

    index = int(dataset.train[0])
    image = np.asarray(dataset.images[index])
    examples = augmented(image, settings.training_spec(), (index, len(dataset.labels)), EXAMPLES)
    drawing(image_row([image, *examples], "A training image, and how it is changed", per_row=6), key="augmented")
    st.caption("Then what the network gets of it in epochs 1 to 5. Held-out images never change.")


def about_mirroring(dataset: Dataset) -> str:
    """Whether to mirror the images, and what was measured."""
    test = dataset_facts.mirroring(dataset)
    if test is None:
        return ""
    if test.changes_classes:
        return f":material/warning: Leave *Mirror* off here: it would change the classes. {plain(test.sentence)}"
    return f"*Mirror* changes no class, as far as a quick test can tell. {plain(test.sentence)}"
