"""Experiments: which change helps, and is it more than luck? Many runs, trained from a queue, then compared."""

from collections.abc import Iterator, Sequence

import streamlit as st

from cnn.duration import duration_text
from cnn.engine import queue
from cnn.engine.giving_way import RULE
from cnn.store import experiments
from cnn.store.run import Run
from pages.components.rerun import rerun_every
from pages.shared import first_steps, fragments, run_choice, settings
from pages.shared.compare import experiment_plan, experiment_results
from pages.shared.compare.compared_runs import names_of
from pages.shared.dataset import dataset_choice
from pages.shared.navigation import lesson
from pages.shared.session import session

QUEUE_EVERY = 1.5  # seconds between drawings while runs wait
QUEUE_HEIGHT = 196  # CSS pixels at most: half a row says that there are more


def waiting_runs() -> None:
    """The whole queue, with those runs that belong to no experiment. A fragment, which reruns while runs wait."""
    if error := session().not_started:
        session().not_started = ""
        st.error(error, icon=":material/error:")
    queued = run_choice.queued()
    if not queued:
        return
    names = names_of(queued)
    listed = {run.id: f"{place}. {names[run.id]}" for place, run in enumerate(queued, 1)}
    with st.expander(f"The queue: {len(queued)} waiting", icon=":material/format_list_numbered:", key="queue"):
        rows = [{"run": listed[run.id], "starts": start} for run, start in zip(queued, _starts(queued), strict=True)]
        st.dataframe(rows, hide_index=True, height=min(38 + 35 * len(rows), QUEUE_HEIGHT), placeholder="")
        kept = session().waiting_run
        if kept.current() not in listed:  # it waits no more
            kept.replace(queued[0].id)
        st.selectbox("Waiting run", **kept.bound_choice(listed))
        picked = kept.value
        with st.container(horizontal=True):
            _on_waiting("Start now", "fast_forward", run_choice.start_now, picked)
            _on_waiting("To the front", "vertical_align_top", run_choice.move_to_front, picked)
            _on_waiting("Take off the queue", "close", run_choice.take_off, picked)
        st.caption(RULE)
    rerun_every(QUEUE_EVERY, key="waiting runs")


def _starts(queued: Sequence[Run]) -> Iterator[str]:
    """When each waiting run starts, in words."""
    store = run_choice.store()
    expected = queue.starts_in(store)
    for run in queued:
        seconds = expected.get(run.id)
        if way_given := queue.way_given(store, run):
            yield f"after {way_given[0].exact_name}, for which it is paused"
        else:
            yield "when its turn comes" if seconds is None else f"in about {duration_text(seconds)}"


def _on_waiting(label: str, icon: str, action, run_id: str) -> None:
    st.button(label, key=f"waiting {icon}", icon=f":material/{icon}:", on_click=action, args=(run_id,))


def draw() -> None:
    st.title("Experiments", anchor=False)
    found = {one.id: one for one in experiments.all_experiments(run_choice.store()) if one.spec.compares}
    with st.container(key="run_and_settings" if found else "settings"):  # on a small screen, results come first
        left, right = st.columns([4, 9], gap="large")
    with right:
        if not found:
            experiment_plan.draw_ready()
            st.info(
                "Choose what to find out, make a guess, and start: the runs train one after another, and their "
                "results appear here.",
                icon=":material/science:",
            )
        else:
            session().deleted_experiment = False
            shown = experiment_results.choose(found)
            fragments.draw(experiment_results.draw, shown.id, [run.id for run in run_choice.queued()])
        fragments.draw(waiting_runs)
    lesson("experiments")
    with left:
        if settings.folder() is None:
            first_steps.choose_images(run_choice.chosen())
        else:
            experiment_plan.draw(dataset_choice.chosen())
