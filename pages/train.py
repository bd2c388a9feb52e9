"""Train: is the network learning? Watch a run, pause it, change its learning rate, continue it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.engine import launch
from cnn.fields import Number
from cnn.figures.image_row import image_row
from cnn.figures.probe_drawing import probe_drawing
from cnn.figures.rate_drawing import rate_drawing
from cnn.model.layers import NetworkError
from cnn.specs import NOT_IN_RATE_TEST, SCHEDULES, TrainingSpec
from cnn.store.base import origin
from cnn.store.runs import Run, RunError
from cnn.store.verdict import FEW_STEPS, Verdict, steps_of
from pages.components.curves import curves
from pages.components.drawing import drawing
from pages.components.maps import Tiles, maps
from pages.components.rerun import rerun_every
from pages.server import live
from pages.server.turns import turns
from pages.shared import (
    base_choice,
    dataset_choice,
    dataset_facts,
    jobs,
    labels,
    last_test,
    lost_images,
    run_choice,
    settings,
    view,
)
from pages.shared.controls import control, controls, marks_slider
from pages.shared.navigation import end_page, lesson, link_to
from pages.shared.session import session, widget
from pages.shared.text import count, duration, plain

if TYPE_CHECKING:  # it loads torch
    from cnn.training.rate_finder import RangeTest

EXAMPLES = 5  # epochs for which the page shows how an image is augmented
POLL_ACTIVE = 0.48  # seconds between the browser's requests for an active run,
POLL_ENDED = 4.0  # and for one that has ended: another browser may continue it
PICTURES_EVERY = 3.0  # seconds between pictures of an active run
REACTION_TIME = 1.0  # seconds to wait for the trainer to react to a button before redrawing


def training_controls(dataset: Dataset, active: bool) -> None:
    for name in settings.names_of(TrainingSpec):
        control(name)
        if name == "learning_rate":
            rate_finder(dataset)
    steps_ahead(dataset)
    if base := session().base:
        st.caption(f"Starts from **{plain(base.name)}**. {base_choice.training_sentence()}")
    with st.popover(
        "More settings", icon=":material/tune:", width="stretch", key="more_settings", on_change="rerun"
    ) as popover:
        more_settings(dataset, popover.open)
    st.slider(
        "Your guess",
        0,
        100,
        **view.part("guess").bound(),
        format="%d %%",
        help="What percentage of the held-out images will it get right in the end? The chart shows your guess.",
    )
    st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=active,
        on_click=run_choice.start_new,
        help="This run is still training: stop it first, or choose another run." if active else None,
    )


def rate_finder(dataset: Dataset) -> None:
    """Suggests a learning rate after a click: the loss while the rate rises, the reason, and a button to use it."""
    network, spec = settings.network_spec(), settings.training_spec()
    runs, base = run_choice.store(), session().base
    defaults = {name: TrainingSpec.defaults()[name] for name in NOT_IN_RATE_TEST}
    key = ("learning rate", dataset.fingerprint, dataset.spec, network, replace(spec, **defaults))
    st.button(
        "Find a learning rate",
        icon=":material/query_stats:",
        width="stretch",
        help="Trains a copy of the new network for about a hundred steps, each with a larger learning rate, and "
        "suggests the one at which the loss falls fastest.",
        on_click=test_rates,
        args=(key,),
    )
    if session().tested_rates != key:
        return

    def work(progress) -> "RangeTest":
        from cnn.store.snapshots import load_model  # here, because they load torch
        from cnn.training.rate_finder import find_rate_of

        start = load_model(runs, base.run, base.step) if base else None
        return find_rate_of(network, dataset, spec, progress=progress, base=start)

    found = jobs.result(key, work, "Trying learning rates")
    if found is None:
        return
    if found.rates:
        drawing(rate_drawing(found.rates, found.losses, found.suggestion), key="rates")
    st.caption(found.reason)
    if found.suggestion is not None:
        st.button(
            f"Use {found.suggestion:g}",
            on_click=settings.put,
            kwargs={"learning_rate": found.suggestion},
            disabled=spec.learning_rate == found.suggestion,
            width="stretch",
        )


def test_rates(key: tuple) -> None:
    session().tested_rates = key
    jobs.forget_failed(key[0])


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
    with st.container(width=680):
        augment, others = st.columns([3, 2], gap="large")
    with augment:
        st.markdown("**Augmentation** of the training images")
        if is_open:
            augmented_image(dataset)
            st.caption(about_mirroring(dataset))
        sliders = settings.names_of(TrainingSpec, "augmentation")
        for column, names in zip(st.columns(2, gap="medium"), (sliders[:4], sliders[4:]), strict=True):
            with column:
                for name in names:
                    control(name)
    with others:
        st.markdown("**Optimisation**")
        controls(TrainingSpec, "more")


def augmented_image(dataset: Dataset) -> None:
    """A training image, and what augmentation makes of it."""
    from cnn.training.augmentation import augmented  # here, because it loads torch

    index = int(dataset.train[0])
    image = np.asarray(dataset.images[index])
    examples = augmented(image, settings.training_spec(), (index, len(dataset.labels)), EXAMPLES)
    drawing(image_row([image, *examples], "A training image, and how it is changed", per_row=6), key="augmented")
    st.caption("A training image, then what the network gets of it in epochs 1 to 5. Held-out images never change.")


def about_mirroring(dataset: Dataset) -> str:
    """Whether to mirror the images, and what was measured."""
    test = dataset_facts.mirroring(dataset)
    if test is None:
        return ""
    if test.changes_classes:
        return f":material/warning: Leave *Mirror* off here: it would change the classes. {plain(test.sentence)}"
    return f"*Mirror* changes no class, as far as a quick test can tell. {plain(test.sentence)}"


def watch(run_id: str) -> None:
    """The run: controls, curves and pictures. A fragment, which reruns when the state of the run changes."""
    drawn = live.phase(run_id)  # read first: if the run changes during this function, the browser asks for a rerun
    run = run_choice.store().get(run_id)
    run_controls(run)
    listed = run_choice.listed(run)
    if session().listed.setdefault(run_id, listed) != listed:  # the sidebar and Train are out of date
        st.rerun()
    outcome(run)
    if start := origin(run):
        guess = base_choice.held_against_guess(run.facts.get("transfer_guess"))
        st.caption(f":material/call_split: {plain(start)} {guess}")
    if not run.active:
        last_test.draw(run)
    if not run.active and not run_choice.store().history(run_id).steps(at_most=1):
        return
    guess = view.part("guess").current() / 100
    every = POLL_ACTIVE if run.active else POLL_ENDED
    status = live.status(run_id, guess) | {"state": drawn}
    curves(status, key="curves", source=live.address(run_id, guess), every=every)
    st.fragment(pictures)(run)


def run_controls(run: Run) -> None:
    buttons = st.container(horizontal=True, vertical_alignment="bottom")
    if run.active:
        paused = run.status == "paused"
        buttons.button(
            "Resume" if paused else "Pause",
            key="pause",
            icon=":material/play_arrow:" if paused else ":material/pause:",
            shortcut="p",
            on_click=ask,
            args=(run, "" if paused else "pause"),
        )
        buttons.button("Stop", key="stop", icon=":material/stop:", on_click=ask, args=(run, "stop"))
        change_rate(buttons, run)
        labels.popover(buttons, run)
        return
    if lost_images.is_lost(run):
        find_images(run)
        labels.popover(buttons, run)
        return
    if run.status in ("stopped", "interrupted", "failed"):
        buttons.button(
            "Continue",
            key="continue",
            type="primary",
            icon=":material/play_arrow:",
            on_click=run_choice.continue_run,
            args=(run.id,),
        )
    more = buttons.number_input("More epochs", 1, 1000, 5, key="more_epochs", width=130)
    buttons.button(
        f"Train {more} more epochs",
        key="more",
        icon=":material/fast_forward:",
        on_click=lambda: run_choice.continue_run(run.id, widget("more_epochs")),
    )
    change_rate(buttons, run)
    labels.popover(buttons, run)
    if run.status == "finished" and run.training_spec.schedule != "constant":
        schedule = SCHEDULES[run.training_spec.schedule]
        st.caption(f"More epochs stretch the {schedule} schedule over all epochs, so the learning rate rises again.")


def find_images(run: Run) -> None:
    """Asks where the images of a run are whose folder is gone. Once they are found, the run can continue."""
    _, is_being_read = dataset_choice.of_run_in_place(run)
    if not lost_images.is_lost(run_choice.store().get(run.id)):
        st.rerun()
    if not is_being_read:  # images found in memory do not help: a trainer reads them from the folder
        lost_images.ask(run, "The run needs them to continue.")


def ask(run: Run, request: str) -> None:
    """Asks the trainer to stop, pause or continue, and waits a moment for it to react."""
    run_choice.store().request(run.id, request)
    deadline = time.monotonic() + REACTION_TIME
    with turns.lent():
        while run_choice.store().get(run.id).status == run.status and time.monotonic() < deadline:
            time.sleep(0.02)


def change_rate(container, run: Run) -> None:
    rate = run_choice.store().history(run.id).chosen_rate(run.training_spec)
    key = session().changing_rate.key
    with container.popover(f"Learning rate {rate:g}", icon=":material/speed:", key=key, on_change="rerun"):
        # Pass the value: in a popover that has never been open, a slider ignores the session state.
        described = settings.described("learning_rate")
        marks = described.marks if isinstance(described, Number) else ()
        rates = {*marks, widget("new_rate", rate)}
        bound = {"key": "new_rate", "value": rate}
        marks_slider("New learning rate", rates, bound, "It applies from the next step on.")
        st.button("Use this rate", key="use_rate", type="primary", on_click=use_rate, args=(run.id,))


def use_rate(run_id: str) -> None:
    run_choice.store().request_rate(run_id, widget("new_rate"))
    session().changing_rate.replace(None)  # a new popover is closed, so it does not hide the curves


def outcome(run: Run) -> None:
    """How the run ended; nothing while it is active."""
    match run.status:
        case "finished":
            if run.message:
                st.error(run.message, icon=":material/error:")
            finished(run)
        case "stopped":
            progress = run_choice.store().history(run.id).live().progress
            step = progress.step if progress else 0
            if run.message:
                st.error(run.message, icon=":material/error:")
            st.info(f"Stopped after step {step:,}. Everything up to that step is kept.", icon=":material/stop:")
        case "interrupted":
            advice = (
                "You can continue it. If this soon happens again, the run probably needs too much memory: train a new "
                "run with a smaller batch size, fewer filters or smaller images."
            )
            st.warning(f"{run.message} {advice}", icon=":material/power_off:")
        case "failed":
            st.error(run.message, icon=":material/error:")


def finished(run: Run) -> None:
    epochs = run_choice.store().history(run.id).epochs()
    seconds = duration(sum(epoch.seconds for epoch in epochs))
    if not epochs or epochs[-1].val_accuracy is None:
        st.success(
            f"Finished in {seconds}. No images were held out, so its accuracy on new images is unknown.",
            icon=":material/check:",
        )
        return
    verdict = Verdict(run, epochs)
    early = f" after epoch {epochs[-1].epoch}, because the held-out loss no longer fell" if verdict.ended_early else ""
    text = " ".join([f"Finished in {seconds}{early}.", *verdict.sentences(), *held_against_guess(verdict)])
    if verdict.knows_something and not verdict.one_sided():
        st.success(text, icon=":material/check:")
    else:
        st.warning(text, icon=":material/casino:")
    if advice := list(verdict.advice()):
        listed = advice[0] if len(advice) == 1 else "\n".join(f"- {sentence}" for sentence in advice)
        st.info(listed, icon=":material/lightbulb:")


def held_against_guess(verdict: Verdict) -> Iterator[str]:
    """How far the user's guess was from the outcome, if there was a guess."""
    if guess := verdict.run.facts.get("guess"):
        off = 100 * verdict.accuracy.value - guess
        yield f"You guessed {guess} %: {abs(off):.0f} points too {'low' if off > 0 else 'high'}."


def so_far(run: Run) -> None:
    """Warnings during training."""
    epochs = run_choice.store().history(run.id).epochs(at_most=1)
    if run.active and epochs and epochs[-1].val_accuracy is not None:
        verdict = Verdict(run, epochs)
        for sentence in filter(None, [verdict.one_sided(), verdict.dead()]):
            st.caption(f":material/warning: After epoch {epochs[-1].epoch}: {sentence}")


def pictures(run: Run) -> None:
    """Predictions and first filters at the current step. A fragment, which reruns while the run is active."""
    run_choice.safely(newest_pictures)(run.id)
    if run.active:
        rerun_every(PICTURES_EVERY, key="pictures")


def newest_pictures(run_id: str) -> None:
    """The predictions for some images, and the filters of the first convolution."""
    run = run_choice.store().get(run_id)
    so_far(run)
    predictions(run)
    newest = run_choice.store().history(run_id).live()
    if newest.filters is not None and newest.progress is not None:
        first_filters(newest.filters, newest.progress.step)


def predictions(run: Run) -> None:
    probes = run_choice.store().history(run.id).probes()
    if not probes or not run.probe_images:
        return
    if np.shape([probe.probabilities for probe in probes])[1:] != (len(run.probe_images), len(run.classes)):
        raise RunError(f"Run {run.id} is damaged: its probes do not match its images and classes")
    if lost_images.is_lost(run) and not run.active:  # `find_images` asks for them
        return
    dataset, is_being_read = dataset_choice.of_run_in_place(run)
    if dataset is None and not is_being_read and not run.active:
        lost_images.ask(run, "The run needs them to continue.")
    if dataset is None or max(run.probe_images) >= len(dataset.labels):  # the latter if the run was edited by hand
        return
    chosen = list(run.probe_images)
    kind, images, labels = dataset.examples[0], np.asarray(dataset.images[chosen]), dataset.labels[chosen]
    st.markdown(f"**A few {kind} images**: the probability of the right class, from the first step to now")
    drawing(probe_drawing(images, labels, run.classes, probes), key="probes")


def first_filters(filters: np.ndarray, step: int) -> None:
    n, channels, size, _ = filters.shape
    tiles = Tiles(
        name="conv1",
        note=f"{count(n, 'filter', 'filters')} of {size} × {size}, as after step {step:,}",
        values=filters,
        signed=True,
        rgb=channels == 3,
    )
    maps([tiles], key="live_filters", shared_scale=True, tile_size=56)


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
    run = run_choice.chosen()
    top = st.container()
    left, right = st.columns([1, 4], gap="large")
    lesson("train")
    if run is not None:  # first: show the run even if the images for a new one cannot be read
        with right:
            st.fragment(run_choice.safely(watch))(run.id)
    with top if run is None else left:
        dataset = ready()
    with left:
        training_controls(dataset, active=run is not None and run.active)
    if run is None:
        right.info(
            f"{len(dataset.train):,} images are ready. Make a guess, then press **Train** and watch.",
            icon=":material/show_chart:",
        )
