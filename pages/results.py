"""Results: which images does the network get wrong, and which classes does it confuse?"""

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.errors import UserError
from cnn.figures import charts
from cnn.figures.evidence_pictures import confusion_picture
from cnn.report.report import Table
from cnn.store.runs import Run
from cnn.training.accuracy import Accuracy
from cnn.training.confusion import (
    Cell,
    best,
    confused_together,
    most_frequent_mistake,
    most_unsure,
    shares_of_columns,
    shares_of_rows,
    surest_mistakes,
    worst,
)
from cnn.training.evaluation import Predictions
from pages.components.chart import chart
from pages.components.confusion import confusion
from pages.components.gallery import gallery
from pages.shared import chooser, model_choice, offers, results_text, run_choice, view
from pages.shared.chooser import Network
from pages.shared.image_choice import choose_from_dataset
from pages.shared.image_gallery import answer_in_words
from pages.shared.navigation import lesson
from pages.shared.session import session
from pages.shared.text import without_markup

MOST_IN_FOLDER_ORDER = 12  # classes; more are sorted, so that confused ones stand together
MOST_IN_EVIDENCE = 16  # images behind a cell in a report
MOST_IMAGES = 60  # behind a cell; more would take long to send
IMAGES_HEIGHT = 316  # CSS pixels: with the matrix beside it, what a window of 720 pixels leaves
LISTS = {"worst first": worst, "best first": best, "most unsure": most_unsure, "surest mistakes": surest_mistakes}
SHARES = {"counts": lambda counts: None, "% of the class": shares_of_rows, "% of the answer": shares_of_columns}


def choose_side(dataset: Dataset) -> tuple[str, np.ndarray]:
    """Held-out or training images: the name and the indices."""
    kind, _ = dataset.examples
    sides = list(dict.fromkeys([kind, "training"]))
    chosen, side = view.among("judged", sides, kind)
    st.segmented_control("Images", sides, **chosen.bound("default"), required=True, label_visibility="collapsed")
    return side, dataset.val if side == "held-out" else dataset.train


def class_order(network: Network, predictions: Predictions) -> list[int] | None:
    """The classes as in the folder; many of them sorted, the same for all snapshots. None until that is known."""
    dataset, run = network.dataset, network.run
    assert dataset is not None
    if len(dataset.classes) <= MOST_IN_FOLDER_ORDER:
        return list(range(len(dataset.classes)))
    step = run_choice.store().history(run.id).step_to_show(run.active) or 0
    if step == network.step:
        return confused_together(predictions.confusion)
    trained = model_choice.model(run, step)
    found = model_choice.predictions(trained, dataset, predictions.indices, "Sorting the classes", "class order")
    return None if found is None else confused_together(found.confusion)


def choose_cell(run: Run, dataset: Dataset, predictions: Predictions, order: list[int]) -> Cell:
    """The confusion matrix; returns the chosen part, at first the most frequent mistake."""
    kept, counts = view.part("cell", run.id), predictions.confusion
    cell = linked_cell(kept.value, len(counts))
    if cell is None:
        kept.value = None
        view.show("cell", None)
        cell = most_frequent_mistake(counts)
    numbers = view.part("numbers").current()
    picked = confusion(
        counts,
        SHARES[numbers](counts),
        key=view.component_key("confusion", kept),
        label=f"Confusion matrix, {numbers}. Rows: the true class. Columns: the network's answer.",
        names=dataset.classes,
        order=order,
        selected=cell,
    )
    if picked is not None and kept.moved(cell_text(Cell(*picked))):
        cell = Cell(*picked)
        kept.value = cell_text(cell)
        view.show("cell", kept.value)
    return cell


def linked_cell(text: str | None, classes: int) -> Cell | None:
    """The part of the matrix in a link; None if there is none, or it is not a part of this matrix."""
    if text is None:
        return None
    cell = Cell(*(int(one) if one else None for one in text.split(".")))
    if any(one is not None and one >= classes for one in cell):
        view.report("cell", text, UserError(f"There are {classes} classes, from 0 to {classes - 1}."))
        return None
    return cell


def cell_text(cell: Cell) -> str:
    return ".".join("" if one is None else str(one) for one in cell)


def images_behind(run: Run, dataset: Dataset, predictions: Predictions, cell: Cell) -> None:
    """The images in a part of the matrix; a click on one chooses it for the pages that look inside."""
    st.markdown(results_text.part(cell, dataset.classes, predictions.confusion))
    kept = view.part("list")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox("List", **kept.bound_choice(view.options("list")), label_visibility="collapsed", width=170)
        st.caption("Click an image to choose it.", width="content")
    rows = LISTS[kept.current()](predictions)
    rows = rows[cell.holds(predictions)[rows]]
    shown, indices = rows[:MOST_IMAGES], predictions.indices[rows[:MOST_IMAGES]]
    chosen, clicked = view.part("image", "dataset", run.id).value, session().behind
    if clicked.seen is not None and dataset.hashes[clicked.seen : clicked.seen + 1] != (chosen,):
        clicked.restart(None)  # the image was chosen elsewhere: a new gallery, in which each click is a new one
    with st.container(height=IMAGES_HEIGHT, border=False):
        if not len(rows):
            st.info("No images here.", icon=":material/search_off:")
        picked = gallery(
            dataset.images[indices],
            indices,
            key=clicked.key,
            label="Images behind the chosen part of the matrix",
            captions=[answer_in_words(dataset.classes, predictions, row) for row in shown],
            titles=[dataset.paths[i] for i in indices],
            colors=[charts.class_color(int(dataset.labels[i])) for i in indices],
            selected=next((int(i) for i in indices if dataset.hashes[i] == chosen), None),
            size=84,
        )
        if len(rows) > len(shown):
            st.caption(f"The first {len(shown)} of {len(rows):,} images.")
    if picked is not None and clicked.moved(picked) and choose_from_dataset(run, dataset, picked):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Open it in", width="content")
        for page in ("activations", "explain", "neighbours"):
            target = session().pages[page]
            st.page_link(target, label=target.title, icon=target.icon)


def offer_evidence(network: Network, predictions: Predictions, cell: Cell, order: list[int], about: str) -> None:
    """Offers the confusion matrix, and the images behind its chosen part, for the report."""
    dataset = network.dataset
    assert dataset is not None
    names, counts = [dataset.classes[i] for i in order], predictions.confusion[np.ix_(order, order)]

    def picture() -> str:
        rows = LISTS[view.part("list").current()](predictions)
        rows = rows[cell.holds(predictions)[rows]][:MOST_IN_EVIDENCE]
        images = [np.asarray(dataset.images[i]) for i in predictions.indices[rows]]
        captions = [answer_in_words(dataset.classes, predictions, row) for row in rows]
        part = results_text.part(cell, dataset.classes, predictions.confusion)
        return confusion_picture(names, counts, images, captions, without_markup(about), without_markup(part))

    def numbers() -> Table:
        return Table(("true class", *names), tuple((names[i], *row) for i, row in enumerate(counts.tolist())))

    offers.offer("Confusion matrix", picture, numbers, network.run)


def draw_classes(dataset: Dataset, counts: np.ndarray, order: list[int]) -> None:
    """Each class with its recall and precision."""
    st.markdown("**Each class**")
    rows = results_text.class_rows(dataset.classes, counts, order)
    columns = {
        "images": st.column_config.NumberColumn(width=60),
        "right": st.column_config.NumberColumn(width=50),
        "recall": st.column_config.NumberColumn(format="percent", width=65),
        "recall, likely": st.column_config.TextColumn("likely", width=90),
        "answers": st.column_config.NumberColumn(width=65),
        "precision": st.column_config.NumberColumn(format="percent", width=75),
        "precision, likely": st.column_config.TextColumn("likely", width=90),
    }
    height = min(38 + 35 * len(rows), 250)
    st.dataframe(rows, hide_index=True, column_config=columns, height=height, placeholder="")
    st.caption(
        "Recall: of the images of a class, the share that gets it as the answer. Precision: of the images that get an "
        "answer, the share for which it is right. On any number of such images, the share would likely (95 %) lie in "
        "the range beside it: with few images, the range is wide."
    )


def draw_calibration(predictions: Predictions) -> None:
    """How sure the network is against how right it is."""
    found = predictions.calibration()
    st.markdown("**How sure, and how right**")
    chart(charts.calibration(*found), key="calibration")
    st.caption(
        f"{results_text.confidence(found)} Each dot stands for images with about as probable answers; a larger one for "
        "more images. Below the dotted line, the network is too sure."
    )


def draw_results(network: Network) -> None:
    run, dataset = network.run, network.dataset
    if dataset is None:
        return
    matrix, behind = st.columns([6, 5], gap="medium")
    with matrix, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        side, pool = choose_side(dataset)
        kept = view.part("numbers")
        st.selectbox("Numbers", **kept.bound_choice(view.options("numbers")), label_visibility="collapsed", width=170)
    predictions = model_choice.predictions(network.model, dataset, pool)
    order = None if predictions is None else class_order(network, predictions)
    if predictions is None or order is None:
        return
    with matrix:
        cell = choose_cell(run, dataset, predictions, order)
        st.caption(
            "Rows: the true class. Columns: the network's answer. Grey: right. Red: wrong. The darkest of each is the "
            "largest. Click a cell, a row, a column or *all* to see its images."
        )
    with behind:
        accuracy = Accuracy(int(predictions.right.sum()), len(predictions))
        st.markdown(results_text.whole(accuracy, side))
        images_behind(run, dataset, predictions, cell)
    offer_evidence(network, predictions, cell, order, results_text.whole(accuracy, side))
    classes, calibration = st.columns([3, 2], gap="medium")
    with classes:
        draw_classes(dataset, predictions.confusion, order)
    with calibration:
        draw_calibration(predictions)


def draw() -> None:
    st.title("Results", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show_network(run, draw_results)
    lesson("results")
