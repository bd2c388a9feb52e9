"""What a run's network makes of some images, and its first filters, while it trains and afterwards."""

import numpy as np
import streamlit as st

from cnn.figures.probe_drawing import probe_drawing
from cnn.store.records import Probe
from cnn.store.run import Run
from cnn.store.runs import RunError
from pages.components.drawing import drawing
from pages.components.maps import Tiles, maps
from pages.shared import run_choice
from pages.shared.dataset import dataset_choice, lost_images
from pages.shared.text import count

PER_ROW = {0: 4, 700: 8}  # least width in pixels -> images in a row


def draw(run_id: str) -> None:
    """The predictions for some images, and the filters of the first convolution, at the newest step."""
    run = run_choice.store().get(run_id)
    _predictions(run)
    newest = run_choice.store().history(run_id).live()
    if newest.filters is not None and newest.progress is not None:
        _first_filters(newest.filters, newest.progress.step)


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
    known = dataset.fingerprint, len(probes), str(probes[-1])
    drawing(_drawings(run.id, known, run.classes, images, labels, probes), key="probes")


@st.cache_resource(max_entries=16, show_spinner=False)
def _drawings(
    run_id: str,
    known: tuple[str, int, str],
    _classes: tuple[str, ...],
    _images: np.ndarray,
    _labels: np.ndarray,
    _probes: list[Probe],
) -> dict[int, str]:
    """Width -> the drawing of these probes; made once for all who watch the run. known: the images, how many probes
    there are, and the newest one, in full: a run that goes on at an earlier step may come to another."""
    return {width: probe_drawing(_images, _labels, _classes, _probes, per_row) for width, per_row in PER_ROW.items()}


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
