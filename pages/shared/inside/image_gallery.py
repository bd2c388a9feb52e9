"""The gallery over the page, in which the user chooses an image of the dataset, a file or a photograph."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.figures import charts
from cnn.model.model import Model
from cnn.percent import probability
from cnn.store.runs import Run
from cnn.training.evaluation import Predictions
from pages.components.gallery import chosen_in, gallery
from pages.shared import run_choice, view
from pages.shared.inside import model_choice
from pages.shared.inside.gallery_choice import gallery_key
from pages.shared.inside.image_choice import OWN, ask_for_own, choose_from_dataset
from pages.shared.session import session, widget

PER_PAGE = 40
TITLE = "Choose an image"


class Filters(NamedTuple):
    """Which images the gallery shows. side: "held-out" or "training". name: a class, or "" for all. which: all, right
    or wrong ones. find: a part of the file's name."""

    side: str
    name: str
    which: str
    order: str
    find: str


def filters_of(dataset: Dataset) -> Filters:
    """The chosen filters. They are part of the view, also while the gallery is closed."""
    kind, _ = dataset.examples
    _, side = view.among("split", list(dict.fromkeys([kind, "training"])), kind)
    _, name = view.among("class", ["", *dataset.classes], "")
    return Filters(side, name, *(view.part(part).current() for part in ("which", "order", "find")))


def open_gallery() -> None:
    """The next rerun opens the gallery."""
    session().choosing_image, session().choosing_run = True, False
    session().playing, session().not_uploaded = False, ""


def close_gallery() -> None:
    session().choosing_image = False


@st.dialog(TITLE, width="large", icon=":material/photo_library:", on_dismiss=close_gallery)
def choose(run: Run, dataset: Dataset | None, model: Model, selected: int | None) -> None:
    """The gallery, or a field for an image of the user's own. Choosing an image closes it.

    selected: the index of the chosen image; None if it is the user's own.
    """
    if session().choosing_image:  # else a click has just chosen one
        run_choice.safely(draw)(run, dataset, model, selected)
    if not session().choosing_image:
        st.rerun()


def draw(run: Run, dataset: Dataset | None, model: Model, selected: int | None) -> None:
    texts = {"upload": "Your own file", "camera": "Webcam"}
    if dataset is not None:
        texts = {"dataset": "Dataset", **texts}
    first = next(iter(texts))  # the source of the chosen image
    if selected is None:
        _, first = view.among("source", [*texts], first)
    source = st.segmented_control(
        "Source",
        list(texts),
        default=first,
        format_func=lambda one: texts[one],
        required=True,
        key="gallery source",
        label_visibility="collapsed",
    )
    if source in OWN or dataset is None:
        ask_for_own(run, source)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="gallery_filters"):
        choose_filters(dataset)
        filters = filters_of(dataset)
        page = st.empty()
    pool = dataset.val if filters.side == "held-out" else dataset.train
    predictions = model_choice.predictions(model, dataset, pool)
    if predictions is None:
        return
    found = matching(dataset, predictions, filters)
    pages = max(1, -(-len(found) // PER_PAGE))
    number = page.number_input(f"Page (of {pages:,})", 1, pages, key=f"image_page {filters}", width=110)
    show(run, dataset, predictions, found[(number - 1) * PER_PAGE : number * PER_PAGE], selected)


def choose_filters(dataset: Dataset) -> None:
    """The controls of the filters."""
    kind, _ = dataset.examples
    sides, _ = view.among("split", list(dict.fromkeys([kind, "training"])), kind)
    if kind == "held-out":
        st.selectbox("Split", **sides.bound_choice({"held-out": "held-out", "training": "training"}), width=130)
    st.selectbox("Answer", **view.part("which").bound_choice(view.options("which")), width=130)
    names, _ = view.among("class", ["", *dataset.classes], "")
    st.selectbox("Class", **names.bound_choice({"": "all classes"} | {one: one for one in dataset.classes}), width=170)
    st.selectbox("Order", **view.part("order").bound_choice(view.options("order")), width=160)
    st.text_input("File name", **view.part("find").bound(), placeholder="part of the name", width=180)


def matching(dataset: Dataset, predictions: Predictions, filters: Filters) -> np.ndarray:
    """The rows (int64) of the predictions whose images match, sorted."""
    shown = np.full(len(predictions), True)
    if filters.name:
        shown &= predictions.labels == dataset.classes.index(filters.name)
    if filters.which != "all":
        shown &= predictions.right == (filters.which == "right ones")
    if filters.find:
        part = filters.find.casefold()
        shown &= np.array([part in dataset.paths[i].casefold() for i in predictions.indices], bool)
    if filters.order == "as in the folder":
        return np.flatnonzero(shown)
    rows = predictions.worst_first if filters.order == "worst first" else predictions.worst_first[::-1]
    return rows[shown[rows]]


def show(run: Run, dataset: Dataset, predictions: Predictions, rows: np.ndarray, selected: int | None) -> None:
    """The images in these rows, each with its class and the network's answer in words."""
    image, indices = view.part("image", "dataset", run.id), predictions.indices[rows]
    key = gallery_key(image)

    def chosen() -> None:
        index = chosen_in(widget(key))
        if index is not None and index < len(dataset.hashes):
            choose_from_dataset(run, dataset, index)
            close_gallery()

    with st.container(height=430, border=False, key="gallery_images"):
        if not len(rows):
            st.info("No images match.", icon=":material/search_off:")
        gallery(
            dataset.images[indices],
            indices,
            key=key,
            label="Images to look at",
            captions=[answer_in_words(dataset.classes, predictions, row) for row in rows],
            titles=[dataset.paths[i] for i in indices],
            colors=[charts.class_color(int(dataset.labels[i])) for i in indices],
            selected=selected,
            size=104,
            on_chosen=chosen,
        )


def answer_in_words(classes: tuple[str, ...], predictions: Predictions, row: int) -> str:
    """Such as "cat ✓ 93 %" or "cat, called dog 82 %"."""
    truth, predicted = classes[predictions.labels[row]], classes[predictions.predicted[row]]
    sure = probability(predictions.probabilities[row].max(), 0)
    return f"{truth} ✓ {sure}" if truth == predicted else f"{truth}, called {predicted} {sure}"
