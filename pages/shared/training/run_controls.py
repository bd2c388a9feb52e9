"""What one can do with a run: pause, stop or continue it, change its learning rate, name it, find its images."""

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.fields import Number
from cnn.specs import SCHEDULES
from cnn.store import waiting
from cnn.store.run import Run
from pages.server.turns import turns
from pages.shared import run_choice, settings
from pages.shared.controls import marks_slider
from pages.shared.dataset import dataset_choice, lost_images
from pages.shared.session import session, widget
from pages.shared.text import count

REACTION_TIME = 1.0  # seconds to wait for the trainer to react to a button before redrawing


def draw(run: Run) -> None:
    buttons = st.container(horizontal=True, vertical_alignment="bottom")
    if run.status == "queued":
        _queued(buttons, run)
        return
    if run.active:
        paused = run.status == "paused"
        buttons.button(
            "Resume" if paused else "Pause",
            key="pause",
            icon=":material/play_arrow:" if paused else ":material/pause:",
            shortcut="p",
            on_click=_ask,
            args=(run, "" if paused else "pause"),
        )
        buttons.button("Stop", key="stop", icon=":material/stop:", on_click=_ask, args=(run, "stop"))
        _change_rate(buttons, run)
        return
    if lost_images.is_lost(run):
        _find_images(run)
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
    more = buttons.number_input("More epochs", 1, 1000, 5, key="more_epochs", width=110, label_visibility="collapsed")
    buttons.button(
        f"Train {count(more, 'more epoch', 'more epochs')}",
        key="more",
        icon=":material/fast_forward:",
        on_click=lambda: run_choice.continue_run(run.id, widget("more_epochs")),
        help=_about_more_epochs(run),
    )
    _change_rate(buttons, run)


def _queued(buttons: DeltaGenerator, run: Run) -> None:
    """What one can do with a run that waits."""
    buttons.button(
        "Start now",
        key="start_now",
        icon=":material/fast_forward:",
        on_click=run_choice.start_now,
        args=(run.id,),
        help="The training that has longest to go is paused at a checkpoint, and goes on afterwards exactly where it "
        "was.",
    )
    buttons.button(
        "Take off the queue",
        key="take_off",
        icon=":material/close:",
        on_click=run_choice.take_off,
        args=(run.id,),
    )


def _about_more_epochs(run: Run) -> str | None:
    if run.status != "finished" or run.training_spec.schedule == "constant":
        return None
    schedule = SCHEDULES[run.training_spec.schedule]
    return f"More epochs stretch the {schedule} schedule over all epochs, so the learning rate rises again."


def _find_images(run: Run) -> None:
    """Asks where the images of a run are whose folder is gone. Once they are found, the run can continue."""
    _, is_being_read = dataset_choice.of_run_in_place(run)
    if not lost_images.is_lost(run_choice.store().get(run.id)):
        st.rerun()
    if not is_being_read:  # images found in memory do not help: a trainer reads them from the folder
        lost_images.ask(run, "The run needs them to continue.")


def _ask(run: Run, request: str) -> None:
    """Asks the trainer to stop, pause or continue, and waits a moment for it to react."""
    if request == "stop":
        waiting.stop(run_choice.store(), run.id)
    else:
        run_choice.store().request(run.id, request)
    deadline = time.monotonic() + REACTION_TIME
    with turns.lent():
        while run_choice.store().get(run.id).status == run.status and time.monotonic() < deadline:
            time.sleep(0.02)


def _change_rate(container: DeltaGenerator, run: Run) -> None:
    """A slider for the learning rate of the run: in the line of its buttons, so that it covers no curve."""
    store, kept = run_choice.store(), session().rate
    _, requested = store.requests(run.id)
    rate = requested or store.history(run.id).chosen_rate(run.training_spec)
    if kept.current() != rate:  # of another run, or changed in another window
        kept.replace(rate)
    described = settings.described("learning_rate")
    marks = described.marks if isinstance(described, Number) else ()
    with container, st.container(width=230):
        bound = kept.bound() | {"on_change": _use_rate, "args": (run.id,)}
        marks_slider("Learning rate from the next step on", marks, bound, "")


def _use_rate(run_id: str) -> None:
    run_choice.store().request_rate(run_id, session().rate.current())
