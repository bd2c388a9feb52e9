"""The networks of a lesson: starts them with everything preset, shows how far they are, and measures them."""

import random
from collections.abc import Mapping

import streamlit as st

from cnn.engine import queue
from cnn.errors import UserError
from cnn.store.run import FINISHED, Run
from cnn.store.runs import RunError
from pages.components.rerun import rerun_every
from pages.shared import jobs, run_choice, settings
from pages.shared.lessons import lesson_answers
from pages.shared.lessons.lesson_answers import Lesson
from pages.shared.session import session

SEEDS = range(100, 1000)  # other ones than those of the benchmark, so that every training is new
LOOK_EVERY = 0.7  # seconds


def start(lesson: Lesson) -> None:
    """Trains the networks of a lesson with a seed of their own. If that fails, the session's `not_started` says why."""
    from cnn.lessons import from_runs  # loads torch
    from cnn.lessons.demonstrations import DEMONSTRATIONS

    store, demonstration = run_choice.store(), DEMONSTRATIONS[lesson.name]
    try:
        name = f"Lesson {lesson.number}"
        made = from_runs.create(store, str(settings.SAMPLES), name, demonstration, random.choice(SEEDS))
        lesson_answers.save(lesson, lesson_answers.RUNS, ",".join(made.values()))
        for run_id in made.values():
            queue.start(store, run_id, session().id)
    except UserError as error:
        session().not_started = str(error)


def found(lesson: Lesson) -> list[Run] | None:
    """The runs of a lesson; None if one was deleted."""
    try:
        return [run_choice.store().get(run_id) for run_id in lesson_answers.runs(lesson)]
    except RunError:
        return None


def watch(run_ids: tuple[str, ...]) -> None:
    """How far the networks are. A fragment, which reruns until all have ended; then the page reruns."""
    runs = [run_choice.store().get(run_id) for run_id in run_ids]
    for run in runs:
        epochs = run_choice.store().history(run.id).epochs(at_most=1)
        done, of = (epochs[-1].epoch if epochs else 0), run.training_spec.epochs
        state = f"epoch {done} of {of}" if run.active else "waits for its turn" if run.ongoing else run.status
        st.progress(min(1.0, done / of), f"{run.name}: {state}")
    if any(run.ongoing for run in runs):
        rerun_every(LOOK_EVERY, key="lesson_runs")
    else:
        st.rerun()


def outcome(lesson: Lesson, runs: list[Run]) -> Mapping[str, float] | None:
    """What is measured of the trained networks. None until then, with the progress in its place; or with an error and a
    button to train again."""
    from cnn.lessons import from_runs
    from cnn.lessons.demonstrations import DEMONSTRATIONS

    demonstration = DEMONSTRATIONS[lesson.name]
    if demonstration.trainings and (not runs or any(run.status != FINISHED for run in runs)):
        reasons = " ".join(run.message for run in runs if run.message)
        st.warning(f"The training did not reach its end. {reasons}", icon=":material/power_off:")
        again(lesson)
        return None
    named = dict(zip(demonstration.trainings, (run.id for run in runs), strict=True))
    store, key = run_choice.store(), ("lesson", lesson.name, *named.values())
    measured = jobs.result(
        key, lambda progress: from_runs.measure(store, demonstration, named), "Asking the trained networks"
    )
    if jobs.has_failed(key):  # such as when the images are no longer where they were
        again(lesson)
    return measured


def again(lesson: Lesson) -> None:
    st.button(
        "Train again",
        key="lesson_again",
        icon=":material/refresh:",
        on_click=start,
        args=(lesson,),
        help="With another seed: the numbers will differ a little.",
    )
