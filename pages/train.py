"""Train: is the network learning? Watch a run, pause it, change its learning rate, continue it."""

import streamlit as st

from cnn.data.dataset import Dataset
from cnn.engine import launch
from cnn.errors import UserError
from cnn.figures.evidence_pictures import curves_picture
from cnn.model.layers import NetworkError
from cnn.report.report import Table
from cnn.store.base import origin
from cnn.store.run import Run
from cnn.store.run_summary import summary
from pages.components.curves import curves
from pages.components.rerun import rerun_every
from pages.server import live
from pages.shared import first_steps, fragments, run_choice, settings, view
from pages.shared.dataset import dataset_choice
from pages.shared.navigation import end_page, lesson, link_to
from pages.shared.report import offers
from pages.shared.results import last_test
from pages.shared.runs import labels
from pages.shared.session import session
from pages.shared.text import plain, unbroken
from pages.shared.training import base_choice, new_run, outcome, run_controls, run_pictures

POLL_ACTIVE = 0.48  # seconds between the browser's requests for an active run,
POLL_ENDED = 4.0  # and for one that has ended: another browser may continue it
PICTURES_EVERY = 3.0  # seconds between pictures of an active run


def watch(run_id: str) -> None:
    """The run: controls, curves and pictures. A fragment, which reruns when the state of the run changes."""
    drawn = live.phase(run_id)  # read first: if the run changes during this function, the browser asks for a rerun
    run = run_choice.store().get(run_id)
    about(run)
    if run_choice.is_own(run_id):
        run_controls.draw(run)
    listed = run_choice.listed(run)
    if session().listed.setdefault(run_id, listed) != listed:  # the sidebar and Train are out of date
        st.rerun()
    if run.ongoing or run_choice.store().history(run_id).steps(at_most=1):
        guess = view.part("guess").current() / 100
        every = POLL_ACTIVE if run.ongoing else POLL_ENDED
        status = live.with_guess(live.status(run_id), guess) | {"state": drawn}
        curves(status, key="curves", source=live.address(run_id, guess), every=every)
        offer_evidence(run)
    st.fragment(results)(run)


def offer_evidence(run: Run) -> None:
    """Offers the curves and the table of epochs for the report."""

    def picture() -> str:
        history = run_choice.store().history(run.id)
        epochs = history.epochs()
        if not history.steps(at_most=1):
            raise UserError("The curves are still empty. Add them once training has begun.")
        status = live.with_guess(live.status(run.id), view.value("guess") / 100)
        return curves_picture(status["curves"], f"{summary(run, epochs)}.")

    def numbers() -> Table:
        epochs = run_choice.store().history(run.id).epochs()
        columns = ("epoch", "step", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
        names = ("epoch", "step", "training loss", "training accuracy", "held-out loss", "held-out accuracy")
        return Table(names, tuple(tuple(getattr(epoch, column) for column in columns) for epoch in epochs))

    offers.offer("Learning curves", picture, numbers, run)


def about(run: Run) -> None:
    """What this run is, in a line, and its name."""
    with st.container(key="about_this_run"):
        text, name = st.columns([3, 1], gap="small")
    line = f"**This run:** {plain(unbroken(summary(run, run_choice.store().history(run.id).epochs())))}."
    if start := origin(run):
        line += f" {plain(start)} {base_choice.held_against_guess(run.facts.get('transfer_guess'))}"
    text.markdown(line)
    labels.popover(name, run)


def results(run: Run) -> None:
    """What the network knows, in words and in pictures. A fragment, which reruns while the run is active.

    The words stand beside the pictures, so that a message moves nothing."""
    words, pictures = st.columns([4, 5], gap="large")
    with words:
        run_choice.safely(outcome.draw)(run)
        if not run.ongoing:
            last_test.draw(run)
    with pictures:
        run_choice.safely(run_pictures.draw)(run.id)
    if run.active:
        rerun_every(PICTURES_EVERY, key="pictures")


def ready() -> Dataset:
    """The dataset of a new run; ends the page with the reason if the network cannot be trained."""
    dataset = dataset_choice.chosen()
    base_choice.ready()
    try:
        settings.layers(len(dataset.classes))
    except NetworkError as error:
        st.error(f"This network cannot be trained. {error}", icon=":material/straighten:")
        link_to("network")
        end_page()
    return dataset


def draw() -> None:
    st.title("Train", anchor=False)
    if error := session().not_started:
        session().not_started = ""
        st.error(error, icon=":material/error:")
    launch.prepare(run_choice.store())
    run = run_choice.chosen_or_example()
    top = st.container()
    with st.container(key="run_and_settings" if run else "settings"):
        left, right = st.columns([3, 11], gap="large")
    lesson("train")
    if run is not None:  # first: show the run even if the images for a new one cannot be read
        with right:
            if not run_choice.is_own(run.id):
                first_steps.about_example()
            fragments.draw(watch, run.id)
    if run is not None and settings.folder() is None:
        with left:
            st.header("New network", anchor=False)
            first_steps.choose_images(run)
        return
    with top if run is None else left:
        dataset = ready()
    with left:
        new_run.draw(dataset, run)
    if run is None:
        right.info(
            f"{len(dataset.train):,} images are ready. Make a guess, then press **Train a new network** and watch.",
            icon=":material/show_chart:",
        )
