"""A trained network whose answer and maps follow the sliders that change its image."""

from pathlib import Path

import numpy as np
import streamlit as st

from cnn.data import version
from cnn.data.images import ImageError, read_image
from cnn.data.version import DatasetVersion
from cnn.explain.image_changes import change_all
from cnn.figures import charts
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.percent import percent
from cnn.store.runs import Run
from pages.components.amounts import amounts, reported_amounts
from pages.components.gallery import chosen_in, gallery
from pages.components.maps import Bars, Picture, Tiles, maps
from pages.shared import fragments, run_choice, view
from pages.shared.inside import model_choice
from pages.shared.inside.changing import DIALS, as_text, from_text, prepare_soon
from pages.shared.inside.gallery_choice import gallery_key
from pages.shared.session import widget

SLIDERS = ("rotate", "shift right", "brightness", "erase")
SHOWN_LAYERS, SHOWN_MAPS, COLUMNS = 2, 16, 4


@st.cache_data(show_spinner=False)
def some_images(run_id: str, folder: str) -> list[np.ndarray]:
    """The images that were watched during the training of a run, uint8 (H, W, C) each; those that still exist."""
    run, found = run_choice.store().get(run_id), []
    listed = DatasetVersion.load(run_choice.store().folder(run_id) / version.NAME)
    if listed is None:
        return []
    spec = run.dataset_spec
    for index in run.probe_images:
        try:
            path = Path(folder, listed.paths[index])
            found.append(read_image(path, spec.image_size, spec.channels, run.decoding)[0])
        except (OSError, ImageError, IndexError):
            continue
    return found


def choose_picture(images: list[np.ndarray]) -> int:
    """A row of images; returns the index of the chosen one."""
    kept = view.part("picture")
    picked = chosen_in(widget(gallery_key(kept)))
    if picked is not None and kept.moved(picked):
        kept.value = picked
    index = kept.value if kept.value in range(len(images)) else 0
    view.show("picture", index)
    nothing = [""] * len(images)
    gallery(
        np.stack(images),
        range(len(images)),
        key=gallery_key(kept),
        label="Images to show to the network",
        captions=nothing,
        titles=[f"Image {i + 1}: the network has never seen it" for i in range(len(images))],
        colors=["transparent"] * len(images),
        selected=index,
        size=44,
    )
    return index


def map_layers(model: Model) -> list[Layer]:
    """The layers whose maps are shown: the first ones after an activation, else after a convolution."""
    for kind in ("activation", "conv"):
        if found := [layer for layer in model.layers if layer.is_spatial and layer.kind == kind]:
            return found[:SHOWN_LAYERS]
    return []


def layer_tiles(layer: Layer, output: np.ndarray, name: str) -> Tiles:
    count, height, width = output.shape
    shown = output[:SHOWN_MAPS, None]
    return Tiles(name, f"{count} maps of {height} × {width}", shown, layer.signed, labels=("",) * len(shown))


def try_out(model: Model, images: list[np.ndarray]) -> None:
    """The image, what the layers make of it, and the answer. A fragment, which reruns each time a slider moves."""
    kept = view.part("amounts", "start")
    key = view.component_key("start dials", kept)
    moved, dials = widget(key), [dial for dial in DIALS if dial.name in SLIDERS]
    chosen = reported_amounts(dials, from_text(kept.value), moved)
    kept.value = as_text(chosen)
    view.show("amounts", kept.value, "")
    sliders = st.container()
    image, *layers, answer = st.columns([265, *[257] * SHOWN_LAYERS, 221], gap="small")
    with answer, st.container(key="first_on_phone"):
        bars = st.container()
        index = choose_picture(images)
    changed = change_all(images[index], chosen)
    values = model_choice.maps_of(model, changed)
    with image:
        maps([Picture("The image", "", changed)], key="start_image", shared_scale=True, reports=False)
    for number, (column, layer) in enumerate(zip(layers, map_layers(model), strict=False), 1):
        with column:
            tiles = layer_tiles(layer, values[layer.name], f"Layer {number}")
            maps([tiles], key=f"start_layer_{number}", shared_scale=False, tile_size=50, columns=COLUMNS, reports=False)
    with bars:
        colors = tuple(charts.class_color(i) for i in range(len(model.classes)))
        percent = 100 * values["probabilities"]
        classes = Bars("Its answer", "", percent, model.classes, False, colors, "%")
        maps([classes], key="start_answer", shared_scale=True, reports=False)
    with sliders:
        amounts(dials, chosen, moved, key=key)


def about(run: Run) -> None:
    """What the network is, and how good it is."""
    history = run_choice.store().history(run.id)
    best = history.best_step()
    right = [epoch.val_accuracy for epoch in history.epochs() if epoch.step == best and epoch.val_accuracy is not None]
    known = f" It is right for {percent(right[0])} of the images it has never seen." if right else ""
    kinds = " from ".join(f"{name}s" for name in run.classes[:2])
    st.markdown(f"This example has learned to tell drawn {kinds}.{known} **Move a slider, or take another image.**")


def draw(run: Run) -> None:
    about(run)
    images = some_images(run.id, run.folder)
    if not images:
        st.error(f"The images of the example are missing from {run.folder}.", icon=":material/folder_off:")
        return
    prepare_soon()
    step = run_choice.store().history(run.id).step_to_show(run.active)
    fragments.draw(try_out, model_choice.model(run, step or 0), images)
