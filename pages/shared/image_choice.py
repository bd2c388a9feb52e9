"""Choosing an image to look at: held out, uploaded, or from the webcam. Shared by the pages that open a network up."""

import io

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.data.images import ImageError, read_image
from cnn.figures import charts
from cnn.store.runs import Run
from pages.components.gallery import chosen_in, gallery
from pages.shared import dataset_choice, model_choice, run_choice
from pages.shared.text import plain

PER_PAGE = 40


def choose_image(run: Run) -> tuple[np.ndarray, str, int | None] | None:
    """The image to look at, as the network takes it, its name, and its true class if that is known; None as long as
    none is chosen."""
    dataset = dataset_choice.of_run(run)
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
        "Image",
        list(sources),
        key="image_source",
        format_func=sources.get,
        default=kept("source", first) if kept("source", first) in sources else first,
        required=True,
    )
    keep("source", source)
    match source:
        case "upload":
            return read_given(run, source, st.file_uploader("An image file", max_upload_size=50, key="uploaded_image"))
        case "camera":
            return read_given(run, source, st.camera_input("A photograph", key="camera_image", width=420))
    return from_dataset(run, dataset, controls[1:])


def kept(name: str, first):
    """What was chosen last in this session, on any page: what Streamlit keeps for a widget, a page change loses."""
    return st.session_state.setdefault("image_choices", {}).get(name, first)


def keep(name: str, choice) -> None:
    st.session_state.image_choices[name] = choice


def read_given(run: Run, source: str, file) -> tuple[np.ndarray, str, None] | None:
    """The image in the file that was brought, or in the one that was brought before."""
    if file is not None:
        keep(source, (file.name, file.getvalue()))
    name, content = kept(source, ("", b""))
    if not name:
        return None
    if file is None:
        st.caption(f"{plain(name)} is still the image to look at, until there is another.")
    spec = run.dataset_spec
    try:
        return read_image(io.BytesIO(content), spec.image_size, spec.channels)[0], name, None
    except ImageError as error:
        st.error(f"{plain(name)} {error}", icon=":material/broken_image:")
        return None


def from_dataset(run: Run, dataset: Dataset, controls: list) -> tuple[np.ndarray, str, int] | None:
    """The gallery of held-out images (or training images where none are), sorted by the network's predictions; None
    while those are computed."""
    _, pool = dataset.examples
    labels = dataset.labels[pool]
    newest = run_choice.store().history(run.id).snapshots()[-1].step
    predictions = model_choice.predictions(model_choice.model(run, newest), dataset, pool)
    if predictions is None:
        return None
    said, of_truth = predictions.predicted, predictions.of_truth
    found = filtered(dataset.classes, labels, said, of_truth, controls)
    shown = pool[found]
    chosen = st.session_state.setdefault("chosen_image", {})
    index = chosen_in(f"images_{run.id}")
    if index is None or index >= len(dataset.labels):
        index = chosen.get(run.id, int(shown[0]) if len(shown) else int(pool[0]))
    chosen[run.id] = index
    with st.container(height=222, border=False):
        if not len(shown):
            st.info("There are none of these.", icon=":material/search_off:")
        gallery(
            dataset.images[shown],
            shown,
            key=f"images_{run.id}",
            label="Images to look at",
            captions=[f"{'✓' if said[i] == labels[i] else '✗'} {dataset.classes[said[i]]}" for i in found],
            titles=[f"{dataset.paths[pool[i]]}, {of_truth[i]:.1%} sure of the truth" for i in found],
            colors=[charts.class_color(int(labels[i])) for i in found],
            selected=index,
            size=74,
        )
    return np.asarray(dataset.images[index]), dataset.paths[index], int(dataset.labels[index])


def filtered(
    classes: tuple[str, ...], labels: np.ndarray, said: np.ndarray, of_truth: np.ndarray, controls: list
) -> np.ndarray:
    """The places (int) of the images on the page that the controls ask for, in their order."""
    names = ["all classes", *classes]

    def choose(place, label: str, options: list[str]) -> str:
        last = kept(label, options[0])
        index = options.index(last) if last in options else 0
        keep(label, place.selectbox(label, options, index=index, key=f"image_{label.lower()}"))
        return kept(label, options[0])

    name = choose(controls[0], "Class", names)
    wanted = names.index(name)
    which = choose(controls[1], "Which", ["all", "wrong ones", "right ones"])
    order = choose(controls[2], "Order", ["worst first", "best first", "as in the folder"])
    shown = np.full(len(labels), True)
    if wanted:
        shown &= labels == wanted - 1
    if which != "all":
        shown &= (said == labels) == (which == "right ones")
    found = np.flatnonzero(shown)
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
