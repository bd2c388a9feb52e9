"""Buttons that download results: tables as CSV, pictures as PNG. (A chart has its own button for the PNG.)"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnn.figures.confusion_picture import confusion_png
from cnn.figures.story_picture import story_png
from cnn.report.report import Table
from cnn.training.csv_table import table_csv
from cnn.training.learned import Story
from cnn.training.tables import classes_csv, confusion_csv, images_csv, story_csv

if TYPE_CHECKING:
    from pages.shared.results.judging import Judged  # loads torch


def matrix_buttons(classes: Sequence[str], counts: np.ndarray, order: list[int]) -> None:
    """The confusion matrix as a picture and as numbers, in the order of the page."""
    names, sorted_counts = [classes[i] for i in order], counts[np.ix_(order, order)]
    with st.container(horizontal=True, gap="small"):
        _button("PNG", "confusion.png", "image/png", partial(confusion_png, names, sorted_counts))
        _button("CSV", "confusion.csv", "text/csv", lambda: _csv(confusion_csv(names, sorted_counts)))


def classes_button(classes: Sequence[str], counts: np.ndarray) -> None:
    _button("CSV", "classes.csv", "text/csv", lambda: _csv(classes_csv(classes, counts)))


def images_button(judged: "Judged", classes: Sequence[str], rows: np.ndarray) -> None:
    """The images of a list. rows: of the predictions."""
    table = partial(images_csv, judged.names, classes, judged.predictions, rows)
    _button("CSV", "images.csv", "text/csv", lambda: _csv(table()))


def story_buttons(judged: "Judged", classes: Sequence[str], story: Story) -> None:
    """When each image was learned, and its answer at each snapshot: the picture and the numbers."""
    _button("PNG", "learned.png", "image/png", lambda: story_png(story))
    _button("CSV", "learned.csv", "text/csv", lambda: _csv(story_csv(judged.names, classes, story)))


def table_button(name: str, table: Callable[[], Table]) -> None:
    """The numbers behind a chart. name: of the file."""

    def data() -> bytes:
        made = table()
        return _csv(table_csv(made.columns, made.rows))

    _button("CSV", name, "text/csv", data)


def _csv(text: str) -> bytes:
    return text.encode("utf-8-sig")  # Excel needs the mark to read it as UTF-8


def _button(label: str, name: str, mime: str, data: Callable[[], bytes]) -> None:
    """The file is made after the click."""
    st.download_button(
        label,
        data,
        name,
        mime,
        key=f"download {name} {label}",
        help=f"Save as {name}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
