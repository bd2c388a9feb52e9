"""What does a filter respond to? The patches that activate it most and least, and an image made to activate it."""

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.explain.ascent import STEPS, ascend
from cnn.explain.movement import movement
from cnn.explain.patches import Patches, extreme_patches
from cnn.figures import charts
from cnn.figures.filter_pictures import filter_pictures
from cnn.figures.patch_drawing import in_its_image
from cnn.figures.shades import shaded
from cnn.model.activation_functions import ACTIVATIONS
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.percent import with_minus
from cnn.store import results
from cnn.store.runs import Run
from pages.components.gallery import gallery
from pages.components.picture import picture
from pages.shared import jobs, run_choice
from pages.shared.inside import model_choice
from pages.shared.inside.chooser import Network
from pages.shared.inside.filter_text import dead_text, movement_text, one_of, origins_text
from pages.shared.inside.filter_tiles import pictures_of

KEPT = 12  # patches
STRONGEST, WEAKEST = 6, 3  # of them are shown
WIDTH = 114  # CSS pixels of a patch beside its image
WHOLE = 56  # ... of an image that is seen as a whole
SHOWN_STAGES = (0, 4, 16, STEPS)  # the steps of gradient ascent that are shown

Stage = tuple[int, np.ndarray, float]  # step, image, activation


def show(network: Network, layer: Layer, dataset: Dataset, filter_index: int) -> None:
    """The answer to a click on a filter: how far it moved, its patches, and the image made for it."""
    run, model = network.run, network.model
    st.header(f"What does {one_of(layer)} {filter_index} of {layer.name} respond to?", anchor=False)
    weights = pictures_of(model, layer)
    if network.step == 0:
        st.caption(f"This is the {one_of(layer)} before training.")
    else:
        moved = movement(weights, pictures_of(model_choice.model(run, 0), layer))
        st.caption(movement_text(float(moved[filter_index])))
    left, right = st.columns([7, 2] if layer.is_spatial else [5, 3], gap="small")
    with left:
        found = patches_of(run, model, layer, dataset)
        if found is not None:
            strongest(dataset, found[0], layer, filter_index, activation_after(model, layer))
            weakest(dataset, found[1], layer, filter_index, activation_after(model, layer))
    with right, st.container(key="made_for_it"):
        if not layer.is_spatial:
            enlarged_weights(weights[filter_index])
        imagined(model, layer, filter_index)


def enlarged_weights(weights: np.ndarray) -> None:
    """The weights of a unit that sees the whole image, float32 (channels, rows, columns), on a scale of their own."""
    st.markdown("**Its weights**")
    (drawn,) = filter_pictures(weights[None], False)
    picture(shaded(drawn, True), "The weights of the unit: red is positive, blue is negative")


def activation_after(model: Model, layer: Layer) -> str:
    """The name of the activation function that follows a layer; "" if none does."""
    for other in model.layers[model.layers.index(layer) + 1 :]:
        if other.kind == "activation":
            return ACTIVATIONS[other.function].label
        if other.kind != "norm":
            break
    return ""


def patches_of(run: Run, model: Model, layer: Layer, dataset: Dataset) -> tuple[Patches, Patches] | None:
    """The patches of the whole dataset with the highest and with the lowest values, for each filter of the layer. They
    are saved in the run's folder."""
    key = results.key(model, layer.name, dataset.fingerprint, KEPT, "both ends")
    path = run_choice.store().folder(run.id) / f"patches-{key}.npz"

    def work(progress) -> tuple[Patches, Patches]:
        saved = results.load(path)
        if saved is not None:
            first, last = (Patches(*(saved[f"{end}_{name}"] for name in Patches._fields)) for end in ("most", "least"))
            return first, last
        all_images = np.arange(len(dataset.labels))
        most, least = extreme_patches(model, layer.name, dataset.images, all_images, KEPT, progress)
        ends = {"most": most, "least": least}
        results.save(path, {f"{end}_{name}": array for end in ends for name, array in ends[end]._asdict().items()})
        return most, least

    text = f"Looking through {len(dataset.labels):,} images for the patches that activate {layer.name} most and least"
    return jobs.result(("patches", path.name), work, text)


def strongest(dataset: Dataset, found: Patches, layer: Layer, filter_index: int, activation: str) -> None:
    """activation: the name of the function after the filter."""
    values = found.values[filter_index]
    active = np.flatnonzero(values != 0)  # ReLU gives 0 where a filter does not respond; others can respond below 0
    if not len(active):
        st.info(dead_text(layer, activation or "the activation function"), icon=":material/do_not_disturb_on:")
        return
    top, left, bottom, right = found.boxes[filter_index][0]
    labels = dataset.labels[found.images[filter_index][active]]
    what = f"patches of {right - left} × {bottom - top} pixels" if layer.is_spatial else "images"
    st.markdown(f"**Most:** {what} ({origins_text(labels, dataset.classes)})")
    draw_patches(dataset, found, filter_index, active[:STRONGEST], "best_patches", f"{seen_by(layer)} most")


def weakest(dataset: Dataset, found: Patches, layer: Layer, filter_index: int, activation: str) -> None:
    st.markdown(f"**Least:** the lowest sums{f' before {activation}' if activation else ''}")
    places = np.arange(min(WEAKEST, found.values.shape[1]))
    draw_patches(dataset, found, filter_index, places, "worst_patches", f"{seen_by(layer)} least")


def seen_by(layer: Layer) -> str:
    return f"{'Patches' if layer.is_spatial else 'Images'} that activate the {one_of(layer)}"


def draw_patches(dataset: Dataset, found: Patches, filter_index: int, places: np.ndarray, key: str, label: str) -> None:
    """A gallery of some patches of a filter, each beside the image it comes from. places: int64, which of them."""
    images, boxes = found.images[filter_index][places], found.boxes[filter_index][places]
    values, labels = found.values[filter_index][places], dataset.labels[images]
    pictures = [np.asarray(dataset.images[i]) for i in images]
    are_whole = all((box == (0, 0, *image.shape[:2])).all() for image, box in zip(pictures, boxes, strict=True))
    if not are_whole:
        pictures = [in_its_image(image, box) for image, box in zip(pictures, boxes, strict=True)]
    gallery(
        np.stack(pictures),
        images,
        key=key,
        label=label,
        captions=[
            f"{with_minus(f'{value:.2f}')} · {dataset.classes[label]}"
            for value, label in zip(values, labels, strict=True)
        ],
        titles=[dataset.paths[i] if are_whole else f"{dataset.paths[i]}, the framed patch is enlarged" for i in images],
        colors=[charts.class_color(int(label)) for label in labels],
        selected=None,
        size=WHOLE if are_whole else WIDTH,
    )


def imagined(model: Model, layer: Layer, filter_index: int) -> None:
    """The image made by gradient ascent, and its stages."""
    st.markdown(
        "**Made for it**",
        help="Starts from noise and changes the pixels step by step so that the activation grows (gradient ascent).",
    )

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
    early = stages[1:-1]
    with st.container(key="side_by_side"):
        columns = st.columns(len(early))
    for column, (done, image, _) in zip(columns, early, strict=True):
        with column:
            picture(image, f"The image after {done} steps")
    st.caption(f"After {' and '.join(str(done) for done, *_ in early)} steps")


def draw_stage(stage: Stage) -> None:
    image, caption = shown(stage)
    picture(image, "An image that activates the filter")
    st.caption(caption)


def shown(stage: Stage) -> tuple[np.ndarray, str]:
    """The image of a stage and its caption."""
    done, image, activation = stage
    return image, f"After {done} steps: activation {with_minus(f'{activation:.2f}')}"
