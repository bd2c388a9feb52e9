"""The model that the pages show: a snapshot of a run, its activations and predictions. Cached between reruns."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.explain.activations import Origin, activations, origins
from cnn.model.model import Model
from cnn.store.kept_predictions import kept_predictions
from cnn.store.records import Snapshot
from cnn.store.runs import Run
from cnn.store.snapshots import load_model
from cnn.training.evaluation import Predictions, predict
from pages.components.rerun import rerun_every
from pages.shared import fragments, jobs, run_choice, view
from pages.shared.session import session

PLAY_EVERY = 0.6  # seconds each snapshot is shown while playing
SLIDER_WIDTH, BUTTON_WIDTH = 230, 64  # CSS pixels


def choose_snapshot(run: Run) -> int:
    """A slider over the run's snapshots and a button that plays them, side by side; returns the step of the chosen
    snapshot.

    Call it inside a function that `show` draws, in a horizontal container.
    """
    history = run_choice.store().history(run.id)
    snapshots, best = history.snapshots(), history.best_step()
    steps = [snapshot.step for snapshot in snapshots]
    names = {snapshot.step: _snapshot_name(snapshot, best) for snapshot in snapshots}
    if playing():
        chosen = view.part("step", run.id)
        next_index = steps.index(chosen.value) + 1 if chosen.value in steps else 0
        chosen.replace(steps[min(next_index, len(steps) - 1)])
        session().playing = chosen.value != steps[-1]
    chosen, step = view.among("step", steps, history.step_to_show(run.active), run.id)
    if run.active and chosen.value is None:
        view.show("step", None)  # so a link shows the newest snapshot, too
    if len(steps) == 1:
        st.caption(f"One snapshot so far: {names[step]}", width="content")
        return step
    with st.container(key="snapshot", width=SLIDER_WIDTH):
        if playing():  # not a slider: Streamlit would count each move as the user's
            st.progress(steps.index(step) / (len(steps) - 1), f"Snapshot: {names[step]}")
        else:
            st.select_slider("Snapshot", steps, **chosen.bound(), format_func=names.get, label_visibility="collapsed")
    if best is not None and best != steps[-1]:  # a button of constant width: nothing moves when it changes
        target, text, help_text = (
            (steps[-1], "Last", "The network after the last epoch.")
            if step == best
            else (best, "Best", "The network with the lowest held-out loss.")
        )
        st.button(text, help=help_text, on_click=chosen.replace, args=(target,), width=BUTTON_WIDTH)
    st.button(
        "Stop" if playing() else "Play",
        key="play",
        help="Shows the snapshots one after another, from the untrained network to the last epoch.",
        width=BUTTON_WIDTH,
        on_click=_play,
        args=(run.id, not playing()),
    )
    return step


def _play(run_id: str, on: bool) -> None:
    session().playing = on
    if on:
        view.part("step", run_id).replace(None)  # the first snapshot comes next


def playing() -> bool:
    return session().playing


def show(draw: Callable[..., None], *arguments) -> None:
    """Runs `draw` as a fragment, repeatedly while snapshots are playing. If the run is damaged, shows an error
    instead."""

    def drawn() -> None:
        run_choice.safely(draw)(*arguments)  # an error must not end playing
        if playing():
            rerun_every(PLAY_EVERY, key="next_snapshot")

    fragments.draw(drawn)


def _snapshot_name(snapshot: Snapshot, best: int | None) -> str:
    """A unique name: Streamlit identifies an option by its text. best: the step with the lowest held-out loss."""
    if snapshot.step == 0:
        return "untrained"
    if snapshot.epoch == int(snapshot.epoch):
        return f"epoch {int(snapshot.epoch):,}{' (best)' if snapshot.step == best else ''}"
    return f"step {snapshot.step:,}"


def model(run: Run, step: int) -> Model:
    """The model of a run after a step. Raises RunError if there is no such snapshot or it is damaged."""
    try:
        status = run_choice.store().snapshot_path(run.id, step).stat()
    except OSError:
        return load_model(run_choice.store(), run, step)  # raises the error
    return _model(run.id, step, (status.st_mtime_ns, status.st_size))


@st.cache_resource(max_entries=64, show_spinner=False)
def _model(run_id: str, step: int, written: tuple[int, int]) -> Model:
    """written: time and size of the file. A resumed run may repeat a step with other weights."""
    return load_model(run_choice.store(), run_choice.store().get(run_id), step)


BY_KEY: dict[str | type, Callable] = {Model: lambda model: model.key}  # how Streamlit's caches identify a model


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_KEY)
def maps_of(model: Model, image: np.ndarray) -> dict[str, np.ndarray]:
    """Every layer's output for an image (uint8, the model's input); see cnn.explain.activations."""
    return activations(model, image)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_KEY)
def origins_of(model: Model, image: np.ndarray) -> dict[str, Origin]:
    """How every layer's values are computed from the layer before; see cnn.explain.activations."""
    return origins(model, maps_of(model, image))


def predictions(
    model: Model, dataset: Dataset, indices: np.ndarray, text: str = "", kind: str = "predictions", run_id: str = ""
) -> Predictions | None:
    """The predictions for images of a dataset; None until they are computed, with the progress in their place.

    text: shown with the progress. kind: a session waits for one set of predictions of each kind. run_id: the model is a
    snapshot of this run, in whose folder the predictions are kept.
    """

    def work(progress) -> Predictions:
        def compute() -> Predictions:
            return predict(model, dataset.images, dataset.labels, indices, progress=progress)

        if not run_id:
            return compute()
        store = run_choice.store()
        return kept_predictions(store, run_id, model, dataset.fingerprint, dataset.labels, indices, compute)

    key = (kind, model.key, dataset.fingerprint, indices.tobytes())
    return jobs.result(key, work, text or f"Predicting {len(indices):,} images")
