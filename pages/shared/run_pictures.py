"""What a run's network makes of some images, and its first filters, while it trains and afterwards."""

import numpy as np
import streamlit as st

from cnn.figures.probe_drawing import probe_drawing
from cnn.store.run import Run
from cnn.store.runs import RunError
from cnn.store.verdict import Verdict
from pages.components.drawing import drawing
from pages.components.maps import Tiles, maps
from pages.components.rerun import rerun_every
from pages.shared import dataset_choice, lost_images, run_choice
from pages.shared.text import count

EVERY = 3.0  # seconds between pictures of an active run


def draw(run: Run) -> None:
    """Predictions and first filters at the current step. A fragment, which reruns while the run is active."""
    run_choice.safely(_newest)(run.id)
    if run.active:
        rerun_every(EVERY, key="pictures")


def _newest(run_id: str) -> None:
    """The predictions for some images, and the filters of the first convolution."""
    run = run_choice.store().get(run_id)
    _so_far(run)
    _predictions(run)
    newest = run_choice.store().history(run_id).live()
    if newest.filters is not None and newest.progress is not None:
        _first_filters(newest.filters, newest.progress.step)


def _so_far(run: Run) -> None:
    """Warnings during training."""
    epochs = run_choice.store().history(run.id).epochs(at_most=1)
    if run.active and epochs and epochs[-1].val_accuracy is not None:
        verdict = Verdict(run, epochs)
        for sentence in filter(None, [verdict.one_sided(), verdict.dead()]):
            st.caption(f":material/warning: After epoch {epochs[-1].epoch}: {sentence}")


def _predictions(run: Run) -> None:
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


def _first_filters(filters: np.ndarray, step: int) -> None:
    n, channels, size, _ = filters.shape
    tiles = Tiles(
        name="conv1",
        note=f"{count(n, 'filter', 'filters')} of {size} × {size}, as after step {step:,}",
        values=filters,
        signed=True,
        rgb=channels == 3,
    )
    maps([tiles], key="live_filters", shared_scale=True, tile_size=56)
