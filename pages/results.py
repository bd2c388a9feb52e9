"""Results: which images does the network get wrong, and which classes does it confuse?"""

from collections.abc import Sequence
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from cnn.data.dataset import TEST
from cnn.errors import UserError
from cnn.figures import charts
from cnn.figures.evidence_pictures import calibration_picture, confusion_picture
from cnn.percent import percent
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
from cnn.training.tables import CALIBRATION
from pages.components.chart import chart
from pages.components.confusion import confusion
from pages.shared import run_choice, view
from pages.shared.inside import chooser, model_choice
from pages.shared.inside.chooser import Network
from pages.shared.inside.image_gallery import answer_in_words
from pages.shared.navigation import lesson
from pages.shared.report import offers
from pages.shared.results import judged_images, result_files, result_images, results_text
from pages.shared.results.judging import Judged
from pages.shared.session import session
from pages.shared.text import unbroken, without_markup

MOST_IN_FOLDER_ORDER = 12  # classes; more are sorted, so that confused ones stand together
MOST_IN_EVIDENCE = 16  # images behind a cell in a report
IMAGES_HEIGHT = 278  # CSS pixels: with the matrix beside it, what a window of 720 pixels leaves
BESIDE_HEIGHT = 78  # of the sentence about the held-out images
LISTS = {"worst first": worst, "best first": best, "most unsure": most_unsure, "surest mistakes": surest_mistakes}
SHARES = {"counts": lambda counts: None, "% of the class": shares_of_rows, "% of the answer": shares_of_columns}


def choose_side(network: Network) -> str:
    """Held-out, training, test or new images."""
    dataset, sides = network.dataset, []
    if dataset is not None:
        sides = list(dict.fromkeys([dataset.examples[0], "training"])) + (["test"] if TEST in dataset.splits else [])
    chosen, side = view.among("judged", [*sides, "new"], [*sides, "new"][0])
    st.segmented_control(
        "Images",
        [*sides, "new"],
        format_func=lambda one: "new images" if one == "new" else one,
        **chosen.bound("default"),
        required=True,
        label_visibility="collapsed",
    )
    return side


def class_order(network: Network, predictions: Predictions) -> list[int] | None:
    """The classes as in the folder; many of them sorted, the same for all snapshots. None until that is known."""
    dataset, run = network.dataset, network.run
    if len(network.model.classes) <= MOST_IN_FOLDER_ORDER:
        return list(range(len(network.model.classes)))
    step = run_choice.store().history(run.id).step_to_show(run.active) or 0
    if dataset is None:
        return confused_together(predictions.confusion)
    model = model_choice.model(run, step)
    pool = dataset.examples[1]
    found = model_choice.predictions(model, dataset, pool, "Sorting the classes", "class order", run.id)
    return None if found is None else confused_together(found.confusion)


def choose_cell(run: Run, classes: Sequence[str], predictions: Predictions, order: list[int]) -> Cell:
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
        names=classes,
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


def images_behind(run: Run, classes: tuple[str, ...], judged: Judged, cell: Cell, height: int) -> None:
    """The images in a part of the matrix; a click on one chooses it for the pages that look inside."""
    predictions = judged.predictions
    st.markdown(results_text.part(cell, classes, predictions.confusion))
    kept = view.part("list")
    rows = LISTS[kept.current()](predictions)
    rows = rows[cell.holds(predictions)[rows]]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox("List", **kept.bound_choice(view.options("list")), label_visibility="collapsed", width=170)
        st.caption("Click an image to choose it.", width="stretch")
        result_files.images_button(judged, classes, rows)
    with st.container(height=height, border=False, key="images_behind"):
        result_images.show(judged, classes, rows, session().behind, "Images behind the chosen part of the matrix")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Open it in", width="content")
        for page in ("activations", "explain", "neighbours"):
            target = session().pages[page]
            st.page_link(target, label=target.title, icon=target.icon)
        if judged.side in ("held-out", "training"):
            st.button(
                "Is its label right?",
                icon=":material/label_off:",
                type="tertiary",
                help="Shows it beside the most alike images, to keep, change or leave out.",
                on_click=doubt_label,
                args=(run, judged.side),
            )


def doubt_label(run: Run, side: str) -> None:
    """Shows the chosen image among the network's surest mistakes, on the page of wrong labels."""
    chosen = view.part("image", "dataset", run.id).value
    link = {"folder": run.folder, "run": run.id, "doubt": "surest mistakes", "judged": side, "image": chosen or ""}
    view.open_link("cleaning", urlencode({name: text for name, text in link.items() if text}), keep=True)


def offer_evidence(network: Network, judged: Judged, cell: Cell, order: list[int], about: str) -> None:
    """Offers the confusion matrix, and the images behind its chosen part, for the report."""
    classes, predictions = network.model.classes, judged.predictions
    names, counts = [classes[i] for i in order], predictions.confusion[np.ix_(order, order)]

    def picture() -> str:
        rows = LISTS[view.part("list").current()](predictions)
        rows = rows[cell.holds(predictions)[rows]][:MOST_IN_EVIDENCE]
        images = [np.asarray(judged.images[i]) for i in predictions.indices[rows]]
        captions = [answer_in_words(classes, predictions, row) for row in rows]
        part = results_text.part(cell, classes, predictions.confusion)
        return confusion_picture(names, counts, images, captions, without_markup(about), without_markup(part))

    def numbers() -> Table:
        return Table(("true class", *names), tuple((names[i], *row) for i, row in enumerate(counts.tolist())))

    offers.offer(results_text.title(cell, classes, judged.title), picture, numbers, network.run)


def draw_classes(classes: Sequence[str], counts: np.ndarray, order: list[int]) -> None:
    """Each class with its recall and precision."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Each class**", width="stretch")
        result_files.classes_button(classes, counts)
    rows = results_text.class_rows(tuple(classes), counts, order)
    columns = {
        "images": st.column_config.NumberColumn(width=60),
        "right": st.column_config.NumberColumn(width=50),
        "recall": st.column_config.NumberColumn(format="%.1f %%", width=65),
        "recall, likely": st.column_config.TextColumn("likely", width=90),
        "answers": st.column_config.NumberColumn(width=65),
        "precision": st.column_config.NumberColumn(format="%.1f %%", width=75),
        "precision, likely": st.column_config.TextColumn("likely", width=90),
    }
    height = min(38 + 35 * len(rows), 250)
    st.dataframe(rows, hide_index=True, column_config=columns, height=height, placeholder="")
    st.caption(
        "Recall: of the images of a class, how many get it as the answer. Precision: of the images that get it as the "
        "answer, how many are of the class. Likely: where the share would lie on endlessly many such images, with "
        f"{percent(0.95)} certainty. With few images, this range is wide."
    )


def draw_calibration(run: Run, predictions: Predictions) -> None:
    """How sure the network is against how right it is."""
    found = predictions.calibration()

    def numbers() -> Table:
        return Table(CALIBRATION, tuple(found.rows))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**How sure, and how right**", width="stretch")
        result_files.table_button("calibration.csv", numbers)
    chart(charts.calibration(*found), key="calibration", file="calibration")
    st.caption(
        f"{results_text.confidence(found)} Each dot: images whose answers are about equally probable; the larger, the "
        "more images. Below the dotted line, the network is too sure."
    )

    def picture() -> str:
        return calibration_picture(without_markup(results_text.confidence(found)), *found)

    offers.also("How sure, and how right", picture, numbers, run)


def draw_results(network: Network) -> None:
    if network.is_being_read:
        return
    classes = network.model.classes
    matrix, behind = st.columns([6, 5], gap="medium")
    with matrix, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        side = choose_side(network)
        kept = view.part("numbers")
        st.selectbox("Numbers", **kept.bound_choice(view.options("numbers")), label_visibility="collapsed", width=150)
    with matrix:
        judged = judged_images.choose(network, side)
    if judged is None:
        return
    predictions = judged.predictions
    order = class_order(network, predictions)
    if order is None:
        return
    with matrix:
        cell = choose_cell(network.run, classes, predictions, order)
        st.caption(
            "Rows: the true class. Columns: the network's answer. Gray: right. Red: wrong. The stronger, the more "
            "images. Click a cell, a row, a column or *all* to see its images."
        )
        result_files.matrix_buttons(classes, predictions.confusion, order)
    with behind:
        accuracy = Accuracy(int(predictions.right.sum()), len(predictions))
        beside = judged_images.beside_held_out(network, side, accuracy)
        st.markdown(unbroken(f"{results_text.whole(accuracy, side)} {beside}"))
        images_behind(network.run, classes, judged, cell, IMAGES_HEIGHT - (BESIDE_HEIGHT if beside else 0))
    offer_evidence(network, judged, cell, order, results_text.whole(accuracy, side))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        draw_classes(classes, predictions.confusion, order)
    with right:
        draw_calibration(network.run, predictions)
    judged_images.draw_more(network, judged)


def draw() -> None:
    st.title("Results", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show_network(run, draw_results)
    lesson("results")
