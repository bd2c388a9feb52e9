"""What does a filter respond to? The patches that activate it most, and an image made to activate it."""

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.explain.ascent import STEPS, ascend
from cnn.explain.patches import Patches, best_patches
from cnn.figures import charts
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.store import results
from cnn.store.runs import Run
from pages.components.gallery import gallery
from pages.components.picture import picture
from pages.shared import jobs, run_choice, view

BEST = 12
SHOWN_SIZE = 64  # pixels a side: every patch is scaled to it
SHOWN_STAGES = (0, 4, 16, STEPS)  # the steps of gradient ascent that are shown

Stage = tuple[int, np.ndarray, float]  # step, image, activation


def show(run: Run, model: Model, layer: Layer, dataset: Dataset, filter_index: int) -> None:
    """The patches of one filter beside the image made for it."""
    st.header(f"What does filter {filter_index} of {layer.name} respond to?", anchor=False)
    left, right = st.columns([5, 2], gap="large")
    with left:
        found = patches_of(run, model, layer, dataset)
        if found is not None:
            strongest(dataset, found, filter_index)
    with right:
        imagined(model, layer, filter_index)


def patches_of(run: Run, model: Model, layer: Layer, dataset: Dataset) -> Patches | None:
    """The patches of the whole dataset that activate each filter of the layer most. They are saved in the run's
    folder."""
    key = results.key(model, layer.name, dataset.fingerprint, BEST)
    path = run_choice.store().folder(run.id) / f"patches-{key}.npz"

    def work(progress) -> Patches:
        saved = results.load(path)
        if saved is not None:
            return Patches(**saved)
        all_images = np.arange(len(dataset.labels))
        found = best_patches(model, layer.name, dataset.images, all_images, BEST, progress)
        results.save(path, found._asdict())
        return found

    text = f"Looking through {len(dataset.labels):,} images for the patches that activate {layer.name} most"
    return jobs.result(("patches", path.name), work, text)


def strongest(dataset: Dataset, found: Patches, filter_index: int) -> None:
    values, images = found.values[filter_index], found.images[filter_index]
    active = values != 0  # ReLU gives 0 where a filter does not respond; other activations can respond below 0
    if not active.any():
        st.info("No image of the dataset activates this filter: it is dead.", icon=":material/do_not_disturb_on:")
        return
    images, boxes, values = images[active], found.boxes[filter_index][active], values[active]
    labels = dataset.labels[images]
    gallery(
        np.stack([cut(dataset.images[i], box) for i, box in zip(images, boxes, strict=True)]),
        images,
        key="best_patches",
        label="Patches that activate the filter most",
        captions=[f"{value:.2f}" for value in values],
        titles=[f"{dataset.paths[i]}, {dataset.classes[label]}" for i, label in zip(images, labels, strict=True)],
        colors=[charts.class_color(int(label)) for label in labels],
        selected=None,
        size=84,
    )
    counts = np.bincount(labels, minlength=len(dataset.classes))
    origins = ", ".join(
        f"{counts[i]} of “{dataset.classes[i]}”" for i in np.argsort(-counts, kind="stable") if counts[i]
    )
    top, left, bottom, right = boxes[0]
    st.caption(
        f"The patches of {right - left} × {bottom - top} pixels with the highest activation (the number below each). "
        f"They come from: {origins}."
    )


def cut(image: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The part of an image inside a box (top, left, bottom, right), scaled to SHOWN_SIZE."""
    top, left, bottom, right = box
    part = image[top:bottom, left:right]
    rows = np.arange(SHOWN_SIZE) * part.shape[0] // SHOWN_SIZE
    columns = np.arange(SHOWN_SIZE) * part.shape[1] // SHOWN_SIZE
    return part[rows][:, columns]


def imagined(model: Model, layer: Layer, filter_index: int) -> None:
    """The image made by gradient ascent, and its stages."""
    switch = view.part("imagine")
    st.toggle(
        "Make an image for it",
        **switch.bound(),
        help="Starts from noise and changes the pixels step by step so that the activation grows (gradient ascent).",
    )
    if not switch.value:
        return

    def work(progress) -> list[Stage]:
        stages = []
        for stage in ascend(model, layer.name, filter_index):
            progress(stage[0] / STEPS, stage)
            if stage[0] in SHOWN_STAGES:
                stages.append(stage)
        return stages

    key = ("imagined", model.key, layer.name, filter_index)
    stages = jobs.result(key, work, "Gradient ascent from noise", preview=shown)
    if stages is None:
        return
    draw_stage(stages[-1])
    for column, (done, image, activation) in zip(st.columns(len(stages)), stages, strict=True):
        with column:
            picture(image, f"The image after {done} steps")
            st.caption(f"{activation:.2f}", text_alignment="center")


def draw_stage(stage: Stage) -> None:
    image, caption = shown(stage)
    picture(image, "An image that activates the filter")
    st.caption(caption)


def shown(stage: Stage) -> tuple[np.ndarray, str]:
    """The image of a stage and its caption."""
    done, image, activation = stage
    return image, f"After {done} steps: activation {activation:.2f}"
