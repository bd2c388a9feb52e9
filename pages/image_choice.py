"""Choosing an image to look at: held out, uploaded, or from the webcam. Shared by the pages that open a network up."""

import numpy as np
import streamlit as st

from cnn import figures
from cnn.dataset import Dataset
from cnn.images import ImageError, read_image
from cnn.runs import Run
from pages import reading, runs, trained
from pages.components.gallery import gallery
from pages.words import plain

PER_PAGE = 40


def choose_image(run: Run) -> tuple[np.ndarray, str, int | None] | None:
    """The image to look at, as the network takes it, its name, and its true class if that is known; None as long as
    none is chosen."""
    dataset = reading.of_run(run)
    sources = {"upload": "Upload", "camera": "Webcam"}
    if dataset is not None:
        sources = {"dataset": dataset.examples[0].capitalize(), **sources}
    else:
        st.info(
            f"{plain(run.folder)} no longer holds the images this run was trained on. Bring one of your own.",
            icon=":material/folder_off:",
        )
    controls = st.columns([7, 4, 4, 4, 4], vertical_alignment="bottom")
    first = next(iter(sources))
    source = controls[0].segmented_control(
        "Image", list(sources), key="image_source", format_func=sources.get, default=first, required=True
    )
    match source:
        case "upload":
            file = st.file_uploader("An image file", max_upload_size=50, key="uploaded_image")
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


def from_dataset(run: Run, dataset: Dataset, controls: list) -> tuple[np.ndarray, str, int] | None:
    """The gallery of held-out images (or training images where none are), sorted by what the network says of them;
    None while that is being found out."""
    _, pool = dataset.examples
    labels = dataset.labels[pool]
    newest = runs.store().snapshots(run.id)[-1]["step"]
    shares = trained.predictions(run.id, newest, dataset, pool)
    if shares is None:
        return None
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


def remember_image(run: Run, index: int) -> bool:
    """Chooses an image of the run's dataset from elsewhere than the gallery; False if it is the one already."""
    chosen = st.session_state.setdefault("chosen_image", {})
    if chosen.get(run.id) == index:
        return False
    chosen[run.id] = index
    st.session_state.pop(f"images_{run.id}", None)  # else the gallery's last click would win
    return True
