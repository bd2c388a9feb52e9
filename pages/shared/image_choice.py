"""Choosing an image: from the dataset, uploaded, or from the webcam. Used by the pages that look inside a network."""

import io

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.data.images import ImageError, read_image
from cnn.figures import charts
from cnn.store.runs import Run
from pages.components.gallery import chosen_in, gallery
from pages.shared import dataset_choice, model_choice, run_choice
from pages.shared.session import Versioned, forget_widget, session, widget
from pages.shared.text import plain

PER_PAGE = 40


def choose_image(run: Run) -> tuple[np.ndarray, str, int | None] | None:
    """The chosen image (the network's input), its name, and its true class if known; None if no image is chosen."""
    dataset = dataset_choice.of_run(run)
    sources = {"upload": "Upload", "camera": "Webcam"}
    if dataset is not None:
        sources = {"dataset": dataset.examples[0].capitalize(), **sources}
    else:
        st.info(
            f"{plain(run.folder)} no longer holds the images this run was trained on. Use an image of your own.",
            icon=":material/folder_off:",
        )
    controls = st.columns([7, 4, 4, 4, 4], vertical_alignment="bottom")
    chosen = session().image_source
    if chosen.current() not in sources:
        chosen.replace(next(iter(sources)))
    controls[0].segmented_control(
        "Image", list(sources), **chosen.bound("default"), format_func=sources.get, required=True
    )
    match source := chosen.current():
        case "upload":
            return read_given(run, source, st.file_uploader("An image file", max_upload_size=50, key="uploaded_image"))
        case "camera":
            return read_given(run, source, st.camera_input("A photograph", key="camera_image", width=420))
    return from_dataset(run, dataset, controls[1:])


def read_given(run: Run, source: str, file) -> tuple[np.ndarray, str, None] | None:
    """The image in the user's file; without a file, in the one brought before."""
    brought = session().brought
    if file is not None:
        brought[source] = file.name, file.getvalue()
    if source not in brought:
        return None
    name, content = brought[source]
    if file is None:
        st.caption(f"{plain(name)} is shown until you choose another one.")
    spec = run.dataset_spec
    try:
        return read_image(io.BytesIO(content), spec.image_size, spec.channels)[0], name, None
    except ImageError as error:
        st.error(f"{plain(name)} {error}", icon=":material/broken_image:")
        return None


def from_dataset(run: Run, dataset: Dataset, controls: list) -> tuple[np.ndarray, str, int] | None:
    """The gallery of held-out images (training images if none are held out), sorted by the network's predictions; None
    until those are computed."""
    _, pool = dataset.examples
    labels = dataset.labels[pool]
    newest = run_choice.store().history(run.id).snapshots()[-1].step
    predictions = model_choice.predictions(model_choice.model(run, newest), dataset, pool)
    if predictions is None:
        return None
    predicted, of_truth = predictions.predicted, predictions.of_truth
    found = filtered(dataset.classes, labels, predicted, of_truth, controls)
    shown = pool[found]
    chosen = session().images
    index = chosen_in(widget(gallery_key(run)))
    if index is None or index >= len(dataset.labels):
        index = chosen.get(run.id, int(shown[0]) if len(shown) else int(pool[0]))
    chosen[run.id] = index
    with st.container(height=222, border=False):
        if not len(shown):
            st.info("No images match.", icon=":material/search_off:")
        gallery(
            dataset.images[shown],
            shown,
            key=gallery_key(run),
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
    """The indices (int) of the images on the chosen page, filtered and sorted as the controls say."""
    names = ["all classes", *classes]
    remembered = session()
    name = choose(controls[0], "Class", remembered.image_class, names)
    which = choose(controls[1], "Show", remembered.image_which, ["all", "wrong ones", "right ones"])
    order = choose(controls[2], "Order", remembered.image_order, ["worst first", "best first", "as in the folder"])
    number = names.index(name)
    shown = np.full(len(labels), True)
    if number:
        shown &= labels == number - 1
    if which != "all":
        shown &= (predicted == labels) == (which == "right ones")
    found = np.flatnonzero(shown)
    if order != "as in the folder":
        found = found[np.argsort(of_truth[found] if order == "worst first" else -of_truth[found], kind="stable")]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = controls[3].number_input(f"Page (of {pages:,})", 1, pages, key=f"image_page_{number}_{which}_{order}")
    return found[(page - 1) * PER_PAGE : page * PER_PAGE]


def choose(container, label: str, chosen: Versioned[str], options: list[str]) -> str:
    return container.selectbox(label, **chosen.bound_choice({option: option for option in options}))


def gallery_key(run: Run) -> str:
    return f"images_{run.id}"


def remember_image(run: Run, index: int) -> bool:
    """Chooses an image of the run's dataset outside the gallery; False if it is the chosen one already."""
    chosen = session().images
    if chosen.get(run.id) == index:
        return False
    chosen[run.id] = index
    forget_widget(gallery_key(run))  # else the gallery's last click would count
    return True
