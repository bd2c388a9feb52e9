"""Activations: what does each layer make of this image?"""

import numpy as np
import streamlit as st

from cnn import figures
from cnn.dataset import Dataset
from cnn.explain.activations import zero_shares
from cnn.images import ImageError, read_image
from cnn.layers import Layer
from cnn.runs import Run
from cnn.snapshots import layers_of
from pages import reading, runs, state, trained
from pages.components.gallery import gallery
from pages.components.maps import Bars, Picture, Strip, Tiles, maps
from pages.words import plain, scale_choice

PER_PAGE = 40
MOST_MAPS = 64  # of a layer, before they are asked for
SIGNED_FUNCTIONS = ("leaky_relu", "tanh")


def choose_image(run: Run, dataset: Dataset | None) -> tuple[np.ndarray, str, int | None] | None:
    """The image to look at, as the network takes it, its name, and its true class if that is known; None as long as
    none is chosen."""
    sources = {"dataset": "Held out", "upload": "Upload", "camera": "Webcam"}
    if dataset is None:
        del sources["dataset"]
        st.info(
            f"{plain(run.folder)} no longer holds the images this run was trained on. Bring one of your own.",
            icon=":material/folder_off:",
        )
    controls = st.columns([3, 2, 2, 2, 2], vertical_alignment="bottom")
    first = next(iter(sources))
    source = controls[0].segmented_control(
        "Image", list(sources), key="image_source", format_func=sources.get, default=first, required=True
    )
    match source:
        case "upload":
            file = st.file_uploader("An image file", key="uploaded_image")
            return read_given(run, file) if file else None
        case "camera":
            file = st.camera_input("A photograph", key="camera_image", width=420)
            return read_given(run, file) if file else None
    return from_dataset(run, dataset, controls[1:])


def read_given(run: Run, file) -> tuple[np.ndarray, str, None] | None:
    spec = run.dataset_spec
    try:
        return read_image(file, spec.image_size, spec.channels)[0], file.name, None
    except ImageError as error:
        st.error(f"{plain(file.name)} {error}", icon=":material/broken_image:")
        return None


def from_dataset(run: Run, dataset: Dataset, controls: list) -> tuple[np.ndarray, str, int]:
    """The gallery of held-out images (or training images where none are), sorted by what the network says of them."""
    pool = dataset.val if len(dataset.val) else dataset.train
    labels = dataset.labels[pool]
    newest = runs.store().snapshots(run.id)[-1]["step"]
    shares = trained.predictions(run.id, newest, dataset, pool)
    said, of_truth = shares.argmax(1), shares[np.arange(len(pool)), labels]
    found = filtered(dataset.classes, labels, said, of_truth, controls)
    shown = pool[found]
    chosen = st.session_state.setdefault("chosen_image", {})
    current = chosen.get(run.id, int(shown[0]) if len(shown) else int(pool[0]))
    with st.container(height=222, border=False):
        if not len(shown):
            st.info("There are none of these.", icon=":material/search_off:")
        clicked = gallery(
            dataset.images[shown],
            shown,
            key=f"images_{run.id}",
            label="Images to look at",
            captions=[f"{'✓' if said[i] == labels[i] else '✗'} {dataset.classes[said[i]]}" for i in found],
            titles=[f"{dataset.paths[pool[i]]}, {of_truth[i]:.1%} sure of the truth" for i in found],
            colors=[figures.class_color(int(labels[i])) for i in found],
            selected=current,
            size=74,
        )
    index = clicked if clicked is not None and clicked < len(dataset.labels) else current
    chosen[run.id] = index
    return np.asarray(dataset.images[index]), dataset.paths[index], int(dataset.labels[index])


def filtered(
    classes: tuple[str, ...], labels: np.ndarray, said: np.ndarray, of_truth: np.ndarray, controls: list
) -> np.ndarray:
    """The places (int) of the images on the page that the controls ask for, in their order."""
    names = ["all classes", *classes]
    wanted = controls[0].selectbox("Class", range(len(names)), format_func=lambda i: names[i], key="image_class")
    which = controls[1].selectbox("Which", ["all", "wrong ones", "right ones"], key="image_verdict")
    order = controls[2].selectbox("Order", ["worst first", "best first", "as in the folder"], key="image_order")
    keep = np.full(len(labels), True)
    if wanted:
        keep &= labels == wanted - 1
    if which != "all":
        keep &= (said == labels) == (which == "right ones")
    found = np.flatnonzero(keep)
    if order != "as in the folder":
        found = found[np.argsort(of_truth[found] if order == "worst first" else -of_truth[found], kind="stable")]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = controls[3].number_input(f"Page, of {pages:,}", 1, pages, key=f"image_page_{wanted}_{which}_{order}")
    return found[(page - 1) * PER_PAGE : page * PER_PAGE]


def verdict(run: Run, shares: np.ndarray, name: str, truth: int | None) -> None:
    """What the network says, in a line: its answer and what it would say next."""
    order = np.argsort(-shares)[:3]
    said = " · ".join(f"{plain(run.classes[i])} {shares[i]:.1%}" for i in order[1:])
    mark = "" if truth is None else (" ✓" if order[0] == truth else f" ✗, it is **{plain(run.classes[truth])}**")
    st.markdown(f"### {plain(run.classes[order[0]])} {shares[order[0]]:.1%}{mark}")
    st.caption(f"{plain(name)} · then {said}")


def sections(run: Run, values: dict[str, np.ndarray], step: int, image: np.ndarray, most: int) -> list:
    """Every layer's output in forward order, as what the component draws. most: maps of a layer to draw."""
    channels = "colour" if image.shape[2] == 3 else "grayscale"
    drawn = [Picture("input", f"{image.shape[1]} × {image.shape[0]}, {channels}: what the network gets", image)]
    signed, filters = False, np.empty(0)
    for layer in layers_of(run)[1:]:
        if layer.kind == "dropout":  # it does nothing in a network that is not being trained
            continue
        if layer.kind == "conv":
            filters = trained.weights(run.id, step, layer.name)
        signed = is_signed(layer, signed)
        output = values[layer.name]
        if layer.is_spatial:
            drawn.append(map_tiles(layer, output, filters, signed, most))
        elif layer.kind == "flatten":
            drawn.append(Strip(layer.name, f"the maps before it in one row of {len(output):,} values", output, signed))
        elif layer.kind == "output":
            drawn.append(class_bars(run, layer.name, "a score for each class", output))
        else:
            labels = tuple(str(i) for i in range(len(output)))
            zeros = f"{(output == 0).mean():.0%} zeros" if layer.kind == "activation" and not signed else ""
            drawn.append(Bars(layer.name, f"{len(output)} values", output, labels, signed, caption=zeros))
    percent = 100 * values["probabilities"]
    drawn.append(class_bars(run, "probabilities", "softmax: the scores as shares of one", percent, "%"))
    return drawn


def is_signed(layer: Layer, before: bool) -> bool:
    """Whether the layer's output may be negative, given that of the layer before."""
    if layer.kind == "activation":
        return layer.function in SIGNED_FUNCTIONS
    return before if layer.kind in ("pool", "flatten") else True


def map_tiles(layer: Layer, output: np.ndarray, filters: np.ndarray, signed: bool, most: int) -> Tiles:
    count, height, width = output.shape
    shown = output[:most]
    note = (
        f"{count} maps of {height} × {width}, each value sees {layer.receptive_field} × {layer.receptive_field} pixels"
    )
    if most < count:
        note += f" (the first {most} are shown)"
    zeros = zero_shares(shown)
    counts_zeros = not signed
    return Tiles(
        name=layer.name,
        note=note,
        values=shown[:, None],
        signed=signed,
        captions=tuple(f"{share:.0%} zeros" for share in zeros) if counts_zeros else (),
        dim=tuple(bool(share == 1) for share in zeros) if counts_zeros else (),
        beside=filters[:most] if layer.kind == "conv" else None,
        beside_rgb=layer.name == "conv1" and filters.shape[1] == 3,
        geometry=(layer.offset, layer.jump, layer.receptive_field),
    )


def class_bars(run: Run, name: str, note: str, values: np.ndarray, unit: str = "") -> Bars:
    colors = tuple(figures.class_color(i) for i in range(len(run.classes)))
    return Bars(name, note, values, run.classes, signed=not unit, colors=colors, unit=unit)


def look(run: Run, image: np.ndarray, name: str, truth: int | None) -> None:
    """The image through the network at one snapshot. A fragment: moving its controls leaves the gallery alone."""
    said, snapshot, scale = st.columns([5, 7, 3], vertical_alignment="bottom")
    with snapshot:
        step = trained.choose_snapshot(run)
    with scale:
        shared = scale_choice("One scale per", "layer", "map", key="maps_scale")
    values = trained.maps_of(run.id, step, image)
    with said:
        verdict(run, values["probabilities"], name, truth)
    most = max(layer.shape[0] for layer in layers_of(run) if layer.is_spatial)
    if most > MOST_MAPS and not st.toggle(f"All {most} maps of a layer, not only the first {MOST_MAPS}"):
        most = MOST_MAPS
    maps(sections(run, values, step, image, most), key="layers", shared_scale=shared, tile_size=84)


state.need_frame()
st.title("Activations", anchor=False)
run = runs.chosen_with_weights()
dataset = reading.of_run(run)
chosen = choose_image(run, dataset)
if chosen is not None:
    st.fragment(look, run_every=trained.PLAY_EVERY if trained.playing() else None)(run, *chosen)
with st.expander("Why / try this", icon=":material/lightbulb:"):
    st.markdown(
        "Each map shows where its filter found what it looks for. Point at a value: the frame on the image is all that "
        "this value has seen. Maps that are all zeros are marked: their filter is dead for this image.\n\n"
        "Choose *wrong ones*. Before you look deeper: what do you think misled the network?"
    )
