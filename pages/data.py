"""Data: which images are in my folder, and what will the network see?"""

from typing import Literal

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.data.dataset import TEST, TRAIN, VAL, Dataset
from cnn.data.images import ImageError, read_image
from cnn.data.listing import DatasetError
from cnn.data.readings import OTHER_WAYS
from cnn.figures import charts
from cnn.figures.class_bars import count_bars
from cnn.figures.evidence_pictures import data_picture
from cnn.figures.input_drawing import CHANNEL_NAMES, preprocessing_drawing
from cnn.percent import percent
from cnn.report.report import Table
from cnn.specs import DatasetSpec
from pages.components.chart import chart
from pages.components.drawing import drawing
from pages.components.drop import dropped
from pages.components.gallery import gallery
from pages.components.picture import picture
from pages.shared import settings, view
from pages.shared.controls import control, controls
from pages.shared.dataset import (
    class_choice,
    dataset_choice,
    dataset_facts,
    folders,
    image_warnings,
    reading_choice,
    uploads,
)
from pages.shared.inside.gallery_choice import chosen_index, gallery_key
from pages.shared.navigation import end_page, go, lesson
from pages.shared.report import offers
from pages.shared.session import session
from pages.shared.text import count, plain

PER_PAGE = 40  # rows of 4, 5 or 8 are full, and rows of 6 or 7 leave no image alone
SAMPLE_LABELS = {"cats_dogs": "Cats and dogs"}  # where the name of the folder is not enough


def choose_dataset() -> None:
    """A tile for each sample and one for the user's own images; once images are chosen, a line of buttons."""
    names = settings.sample_names()
    if settings.folder() is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for name in names:
                sample_button(name, "content")
            open_folder("Or drop a folder or an archive (.zip, .tar) on this page.", "content")
        return
    with st.container(key="samples"):
        columns = st.columns(len(names) + 1)
    for column, sample in zip(columns, [*names, ""], strict=True):
        with column, st.container(border=True, height="stretch"):
            if not sample:
                st.markdown("**Your own images**")
                about = "A folder for each class, or an archive (.zip, .tar). Open it, or drop it on this page."
                open_folder(about, "stretch")
            else:
                picture(folders.preview(settings.SAMPLES / sample), f"Some images of {sample}", smooth=True)
                sample_button(sample, "stretch")


def sample_button(name: str, width: Literal["content", "stretch"]) -> None:
    st.button(
        SAMPLE_LABELS.get(name, name.replace("_", ", ").capitalize()),
        key=f"use_{name}",
        type="primary" if settings.current("folder") == name else "secondary",
        width=width,
        on_click=choose_folder,
        args=(name,),
    )


def open_folder(text: str, width: Literal["content", "stretch"]) -> None:
    """A button that opens the dialog, and a text that says what can be dropped."""
    own = settings.current("folder") not in ("", *settings.sample_names())
    st.button(
        "Open a folder",
        key="open_folder",
        width=width,
        type="primary" if own else "secondary",
        on_click=folders.open_dialog,
        args=("data",),
    )
    if dropped(text, key="drop"):
        folders.open_dialog("data", folders.UPLOAD)
    folders.dialog("data", choose_folder)


def choose_folder(name: str) -> None:
    settings.put(folder=name, reading="", classes=())


def draws_held_out(folder: str) -> bool:
    """Whether held-out images are drawn from a folder's images, as far as is known before they are read."""
    return session().draws_held_out.get(folder, True)


def overview(dataset: Dataset) -> DeltaGenerator:
    """What is in the dataset, in a line. Returns the place in it that says how many warnings there are."""
    n_train, n_val = len(dataset.train), len(dataset.val)
    test = int((dataset.splits == TEST).sum())
    text = f"**{len(dataset.labels):,} images** in {len(dataset.classes)} classes: "
    text += f"{n_train:,} to train on, {n_val:,} held out"
    if dataset.draws_held_out and n_val:
        text += f" ({percent(n_val / (n_train + n_val))})"
    if test:
        text += f", {test:,} test images set aside for one last test on the Train page"
    if not dataset.draws_held_out:
        text += " (as the folders split them)"
    if decided := dataset.spec.decisions:
        text += f"; your decisions change {count(len(decided), 'label', 'labels')}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="overview"):
        st.markdown(text + ".", width="content")
        st.caption(" ".join(map(plain, dataset.read_as)), width="content")
        return st.container(width="content")


def class_counts(dataset: Dataset) -> None:
    """A bar for each class."""
    splits = {"training": TRAIN, "held-out": VAL} | ({"test": TEST} if TEST in dataset.splits else {})
    counts = {name: dataset.counts(split) for name, split in splits.items()}
    with st.container(height=300 if len(dataset.classes) > 8 else "content", border=False):
        drawing(count_bars(counts), key="counts")


def before_and_after(dataset: Dataset, index: int) -> None:
    """Draws the original file beside the network's input."""
    seen = dataset.images[index]
    with st.container(key="side_by_side"):
        left, middle, right = st.columns([10, 1, 10], vertical_alignment="center")
    with left:
        try:
            original, (width, height) = show_original(dataset.fingerprint, index, dataset)
            picture(original, f"The original, {width} × {height} pixels", smooth=True)
            side = {TRAIN: "training", VAL: "held out", TEST: "test"}[int(dataset.splits[index])]
            file = "As published" if dataset.published else "The file"
            st.caption(f"{file}: {width:,} × {height:,} ({side})")
        except ImageError as error:
            st.warning(f"{plain(dataset.paths[index])} {error}")
        except DatasetError as error:
            st.warning(plain(str(error)))
    middle.markdown(":material/arrow_forward:")
    with right:
        size = dataset.spec.image_size
        picture(seen, "What the network will see")
        numbers = size * size * dataset.spec.channels
        st.caption(f"The network: {size} × {size}, {numbers:,} numbers")


def preprocessing(dataset: Dataset, index: int) -> None:
    """The choice of the numbers that the network gets for pixels, and what it does to an image."""
    control("preprocessing")
    mean, spread = dataset_facts.preprocessing(dataset)
    drawing(preprocessing_drawing(np.asarray(dataset.images[index]), mean, spread), key="preprocessing_drawing")
    if settings.network_spec().preprocessing == "unit":
        st.caption("The network gets each pixel divided by 255, as in the tutorial. All its inputs are positive.")
        return
    whose = "the base’s" if session().base else "the"
    names = CHANNEL_NAMES if len(mean) > 1 else ("all pixels",)
    steps = (f"{255 * m:.0f} and {255 * s:.0f} ({name})" for name, m, s in zip(names, mean, spread, strict=True))
    st.caption(
        f"The network gets each pixel minus the mean of {whose} training images, divided by their standard deviation: "
        f"{', '.join(steps)}. So the numbers lie around 0. Held-out and new images are treated in the same way."
    )


@st.cache_data(max_entries=64, show_spinner=False)
def show_original(fingerprint: str, index: int, _dataset: Dataset) -> tuple[np.ndarray, tuple[int, int]]:
    """An image as it was published or filed, about 480 pixels wide, and its real size. fingerprint: of the dataset."""
    pixels, size = read_image(_dataset.original(index), None, 3, _dataset.decoding)
    step = max(1, pixels.shape[1] // 480)
    return pixels[::step, ::step], size


def browse(dataset: Dataset) -> int:
    """The grid of images; returns the index of the chosen one."""
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    kept, name = view.among("class", ["", *dataset.classes], "", "data")
    left.selectbox("Class", **kept.bound_choice({"": "All classes"} | {one: one for one in dataset.classes}))
    groups = {"all": np.arange(len(dataset.labels)), "training": dataset.train, "held-out": dataset.val}
    side = view.part("side")
    middle.selectbox("Images", **side.bound_choice({group: group for group in groups}))
    indices = groups[side.current()]
    label = dataset.classes.index(name) if name else None
    indices = mixed(indices, dataset.labels) if label is None else indices[dataset.labels[indices] == label]
    pages = max(1, -(-len(indices) // PER_PAGE))
    page = right.number_input(
        f"Page (of {pages:,})", 1, pages, key=f"browse_page_{dataset.fingerprint}_{name}_{side.value}"
    )
    shown = indices[(page - 1) * PER_PAGE : page * PER_PAGE]
    image = view.part("image", settings.current("folder"))
    index = chosen_index(dataset, image, int(shown[0]) if len(shown) else 0)
    gallery(
        dataset.images[shown],
        shown,
        key=gallery_key(image),
        label="Images of the dataset",
        captions=[dataset.classes[dataset.labels[i]] for i in shown],
        titles=[dataset.paths[i] for i in shown],
        colors=[charts.class_color(int(dataset.labels[i])) for i in shown],
        selected=index,
    )
    return index


def mixed(indices: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The indices, reordered so that the classes take turns."""
    if not len(indices):
        return indices
    order = np.concatenate([np.arange(count) for count in np.bincount(labels[indices])])
    by_class = indices[np.argsort(labels[indices], kind="stable")]
    return by_class[np.argsort(order, kind="stable")]


def other_readings(dataset: Dataset) -> None:
    with st.expander(OTHER_WAYS, icon=":material/alt_route:", key="readings_open", on_change="rerun") as ways:
        if ways.open:
            reading_choice.others(dataset)


def offer_evidence(dataset: Dataset) -> None:
    """Offers samples of each class, the counts and the sizes for the report."""
    splits = {"training": TRAIN, "held-out": VAL, "test": TEST}
    counts = {name: dataset.counts(split) for name, split in splits.items() if (dataset.splits == split).any()}
    sides = dataset.sizes
    about = (
        f"{len(dataset.labels):,} images in {len(dataset.classes)} classes. Files of {sides.min(0)[0]} × "
        f"{sides.min(0)[1]} to {sides.max(0)[0]} × {sides.max(0)[1]} pixels become {dataset.spec.image_size} × "
        f"{dataset.spec.image_size}."
    )

    def picture() -> str:
        samples = {
            name: [np.asarray(dataset.images[i]) for i in np.flatnonzero(dataset.labels == label)[:8]]
            for label, name in enumerate(dataset.classes)
        }
        return data_picture(samples, counts, about)

    def numbers() -> Table:
        columns = [dataset.classes, *([by_class[name] for name in dataset.classes] for by_class in counts.values())]
        return Table(("class", *counts), tuple(zip(*columns, strict=True)))

    offers.offer("Images of each class", picture, numbers)


def draw() -> None:
    st.title("Data", anchor=False)
    if settings.folder() is None:
        st.markdown("Choose a folder of images and see what the network will get.")
    choose_dataset()
    if settings.folder() is None:
        end_page()
    choices, images = st.columns([6, 20], gap="medium")
    with choices, st.container(key="data_settings"):
        controls(DatasetSpec)
        if draws_held_out(settings.current("folder")):
            controls(DatasetSpec, "held out")
        else:
            st.caption("The folders say which images are held out.")
        class_choice.use_all()
        st.button(
            "Read again",
            icon=":material/refresh:",
            width="stretch",
            help="After you changed files in the folder.",
            on_click=dataset_choice.forget,
        )
        st.button(
            "Find wrong labels",
            icon=":material/label_off:",
            width="stretch",
            help="Networks find labels that look wrong, and images that are nearly the same; you decide about each.",
            on_click=go,
            args=("cleaning",),
        )
    with images:
        dataset = dataset_choice.chosen()
        if draws_held_out(settings.current("folder")) != dataset.draws_held_out:
            session().draws_held_out[settings.current("folder")] = dataset.draws_held_out
            st.rerun()
        line = overview(dataset)
        if dataset.decoding.text:
            st.caption(dataset.decoding.text)
        uploads.show_notes(settings.current("folder"))
        grid, right = st.columns([11, 9], gap="medium")
    with grid:
        index = browse(dataset)
    with right:
        before_and_after(dataset, index)
        if dataset.val_is_test:
            control("test_images")
        preprocessing(dataset, index)
        class_counts(dataset)
        class_choice.choose_classes(dataset)
    offer_evidence(dataset)
    if found := image_warnings.find_warnings(dataset):
        line.markdown(f":material/warning: {count(len(found), 'warning', 'warnings')} below")
        image_warnings.show_warnings(dataset, found)
    if dataset.skipped:
        image_warnings.left_out(dataset)
    other_readings(dataset)
    with st.expander(
        "Sizes of the files", icon=":material/aspect_ratio:", key="sizes_open", on_change="rerun"
    ) as sizes:
        if sizes.open:
            st.caption("Every image is resized to the same square, so a wide image is squeezed.")
            chart(charts.sizes(dataset.sizes, dataset.spec.image_size), key="sizes")
    lesson("data")
