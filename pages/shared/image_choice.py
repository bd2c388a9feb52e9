"""Choosing an image from the dataset, a file or the webcam, on the pages that look inside a network."""

import io

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnn.data.dataset import Dataset
from cnn.data.images import ImageError, read_image
from cnn.figures import charts
from cnn.store.database import StoreError
from cnn.store.kept_images import keep_image, kept_image
from cnn.store.runs import Run
from pages.components.gallery import gallery
from pages.shared import dataset_choice, lost_images, model_choice, run_choice, view
from pages.shared.gallery_choice import chosen_index, gallery_key
from pages.shared.session import Versioned, session
from pages.shared.text import plain

PER_PAGE = 40


def choose_image(run: Run) -> tuple[np.ndarray, str, int | None] | None:
    """The chosen image (the network's input), its name, and its true class if known; None if no image is chosen."""
    dataset = dataset_choice.of_run(run)
    sources = {"upload": "Upload", "camera": "Webcam"}
    if dataset is not None:
        sources = {"dataset": dataset.examples[0].capitalize(), **sources}
    else:
        lost_images.ask(run, "Until they are found, use an image of your own.")
    controls = st.columns([7, 4, 4, 4, 4], vertical_alignment="bottom")
    chosen, source = view.among("source", sources, next(iter(sources)))
    controls[0].segmented_control(
        "Image", list(sources), **chosen.bound("default"), format_func=lambda source: sources[source], required=True
    )
    if source == "dataset" and dataset is not None:
        return from_dataset(run, dataset, controls[1:])
    image = view.part("image", source)
    if source == "upload":
        file = st.file_uploader("An image file", max_upload_size=50, key=f"file of {image.key}")
    else:
        file = st.camera_input("A photograph", key=f"photograph of {image.key}", width=420)
    return uploaded_image(run, image, file)


def uploaded_image(run: Run, image: Versioned, file: UploadedFile | None) -> tuple[np.ndarray, str, None] | None:
    """The image in the user's file; without a file, the one uploaded before or named by a link."""
    if file is not None and not store_upload(run, image, file):
        return None
    if image.value is None:
        return None
    view.show("image", image.value)
    content = kept_image(run_choice.store(), image.value)
    if content is None:
        st.info("The image of this link is no longer kept on this server.", icon=":material/search_off:")
        return None
    name = next((name for name, known in session().uploaded.values() if known == image.value), "the uploaded image")
    if file is None:
        st.caption(f"{plain(name)} is shown until you choose another one.")
    return read(run, content), name, None


def store_upload(run: Run, image: Versioned, file: UploadedFile) -> bool:
    """Stores the image in a file, and chooses it if the file is new. If it cannot be read or stored, shows an error and
    returns False."""
    known = session().uploaded
    try:
        if file.file_id not in known:
            read(run, file.getvalue())
            known[file.file_id] = file.name, keep_image(run_choice.store(), file.getvalue())
    except (ImageError, StoreError) as error:
        st.error(f"{plain(file.name)} {error}", icon=":material/broken_image:")
        return False
    _, image_id = known[file.file_id]
    if image.moved(image_id):
        image.value = image_id
    return True


def read(run: Run, content: bytes) -> np.ndarray:
    """The image in a file, as the network's input. Raises ImageError if the file holds no image."""
    spec = run.dataset_spec
    return read_image(io.BytesIO(content), spec.image_size, spec.channels, run.decoding)[0]


def from_dataset(run: Run, dataset: Dataset, controls: list) -> tuple[np.ndarray, str, int] | None:
    """Draws the gallery of held-out images (training images if none are held out), sorted by the network's predictions.
    Returns the chosen image as `choose_image` does; None until the predictions are computed."""
    _, pool = dataset.examples
    labels = dataset.labels[pool]
    newest = run_choice.store().history(run.id).snapshots()[-1].step
    predictions = model_choice.predictions(model_choice.model(run, newest), dataset, pool)
    if predictions is None:
        return None
    predicted, of_truth = predictions.predicted, predictions.of_truth
    found = filtered(dataset.classes, labels, predicted, of_truth, controls)
    shown = pool[found]
    image = view.part("image", "dataset", run.id)
    index = chosen_index(dataset, image, int(shown[0]) if len(shown) else int(pool[0]))
    image.value = dataset.hashes[index]  # it stays chosen when the gallery is sorted differently
    with st.container(height=222, border=False):
        if not len(shown):
            st.info("No images match.", icon=":material/search_off:")
        gallery(
            dataset.images[shown],
            shown,
            key=gallery_key(image),
            label="Images to look at",
            captions=[f"{'✓' if predicted[i] == labels[i] else '✗'} {dataset.classes[predicted[i]]}" for i in found],
            titles=[f"{dataset.paths[pool[i]]}, true class {of_truth[i]:.1%}" for i in found],
            colors=[charts.class_color(int(labels[i])) for i in found],
            selected=index,
            size=74,
        )
    return np.asarray(dataset.images[index]), dataset.paths[index], int(dataset.labels[index])


def filtered(
    classes: tuple[str, ...], labels: np.ndarray, predicted: np.ndarray, of_truth: np.ndarray, controls: list
) -> np.ndarray:
    """Draws the controls; returns the indices (int) of the images on the chosen page, filtered and sorted."""
    kept, name = view.among("class", ["", *classes], "")
    controls[0].selectbox("Class", **kept.bound_choice({"": "all classes"} | {one: one for one in classes}))
    which, order = choose(controls[1], "Show", "which"), choose(controls[2], "Order", "order")
    shown = np.full(len(labels), True)
    if name:
        shown &= labels == classes.index(name)
    if which != "all":
        shown &= (predicted == labels) == (which == "right ones")
    found = np.flatnonzero(shown)
    if order != "as in the folder":
        found = found[np.argsort(of_truth[found] if order == "worst first" else -of_truth[found], kind="stable")]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = controls[3].number_input(f"Page (of {pages:,})", 1, pages, key=f"image_page_{name}_{which}_{order}")
    return found[(page - 1) * PER_PAGE : page * PER_PAGE]


def choose(container, label: str, name: str) -> str:
    """A selectbox for a part of the view; returns its value."""
    kept = view.part(name)
    container.selectbox(label, **kept.bound_choice(view.options(name)))
    return kept.current()


def remember_image(run: Run, dataset: Dataset, index: int) -> bool:
    """Chooses an image of the run's dataset outside the gallery; returns False if it is already chosen."""
    image = view.part("image", "dataset", run.id)
    chosen = dataset.hashes[index]
    if chosen == view.shown("image"):
        return False
    image.replace(chosen)
    return True
