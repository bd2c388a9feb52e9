"""The search for suspicious labels: starts its networks, and shows how far they are."""

import streamlit as st

from cnn.data.dataset import Dataset
from cnn.engine import cleaning, experiment
from cnn.engine.foresight import images_to_use, misfit
from cnn.errors import UserError
from cnn.specs import PRESETS
from cnn.specs.experiment_spec import ExperimentSpec, changed, from_preset
from cnn.store.experiments import Experiment
from pages.components.rerun import rerun_every
from pages.shared import fragments, run_choice, settings
from pages.shared.compare import experiment_plan
from pages.shared.dataset import dataset_facts
from pages.shared.session import session
from pages.shared.text import count

EVERY = 1.5  # seconds between looks while networks train
OWN = "Your settings"
FIVE = (
    "Five networks are trained, each without a different fifth of the images. Each then classifies the images that "
    "it has not seen."
)
ONE = (
    "A network is trained without the held-out images, which the folder names. It then classifies the held-out images."
)
ABOUT = (
    "Where the answer speaks against the label, you look at the image and decide: keep the label, change it, or leave "
    "the image out. Your files stay as they are; decisions are kept apart, and can be undone."
)


def introduce(dataset: Dataset) -> None:
    st.markdown(f"**Search:** {FIVE if dataset.draws_held_out else ONE} {ABOUT}")


def draw(one: Experiment | None, dataset: Dataset) -> None:
    """The button that starts a search, and the progress of the last one."""
    label = "Search again" if one else "Search"
    with st.popover(label, icon=":material/search:", key="label_search", on_change="rerun") as popover:
        name = st.selectbox("Network", [OWN, *PRESETS], key="network of the search")
        try:
            spec = _plan(name, dataset)
        except UserError as error:
            st.warning(str(error), icon=":material/edit:")
            return
        counts = images_to_use(dataset)
        if problem := misfit(spec, len(dataset.classes)):
            st.error(problem, icon=":material/straighten:")
            return
        if not dataset.draws_held_out:
            st.caption("The folder says which images are held out, so one network judges only these.")
        if popover.open:  # it measures how fast the network trains
            fragments.draw(experiment_plan.foreseen, spec, counts)
        st.caption("The better the network, the fewer right labels it suspects.")
        st.button(
            f"Train {count(spec.runs, 'network', 'networks')}",
            type="primary",
            icon=":material/play_arrow:",
            key="start label search",
            on_click=_start,
            args=(spec, dataset.folder),
        )
    if not_started := session().not_started:
        session().not_started = ""
        st.error(not_started, icon=":material/error:")
    if one is not None:
        done = len(cleaning.finished(run_choice.store(), one))
        fragments.draw(_progress, one, done)


def _plan(name: str, dataset: Dataset) -> ExperimentSpec:
    specs = settings.specs()
    if name != OWN:
        changes = from_preset(name, PRESETS[name]).changes
        test = dataset_facts.mirroring(dataset)
        if test is not None and test.changes_classes:
            changes = {**changes, "mirror": False}
        specs = changed(specs, changes)
    return cleaning.plan(specs, dataset.draws_held_out)


def _start(spec: ExperimentSpec, folder: str) -> None:
    _act(lambda: experiment.start(run_choice.store(), folder, spec))


def _act(action) -> None:
    """If it fails, the session's `not_started` says why."""
    try:
        action()
    except UserError as error:
        session().not_started = str(error)


def _progress(one: Experiment, shown: int) -> None:
    """A fragment, which reruns while networks train. shown: how many had finished when the page was drawn."""
    store = run_choice.store()
    runs, done = experiment.runs(store, one.id).values(), len(cleaning.finished(store, one))
    ongoing = [run for run in runs if run.ongoing]
    if done != shown:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if done < one.spec.runs:
            st.caption(f"{done} of {count(one.spec.runs, 'network', 'networks')} trained.", width="content")
            if ongoing:
                action, label, icon = experiment.cancel, "Cancel", "close"
            else:
                action, label, icon = experiment.resume, "Continue", "play_arrow"
            st.button(label, icon=f":material/{icon}:", on_click=_act, args=(lambda: action(store, one.id),))
    if ongoing:
        rerun_every(EVERY, key="label search progress")
