"""A gallery of images with a network's answers; a click on one chooses it for the pages that look inside."""

import numpy as np
import streamlit as st

from cnn.figures import charts
from pages.components.gallery import gallery
from pages.shared.inside.image_gallery import answer_in_words
from pages.shared.results.judging import Judged
from pages.shared.session import Versioned

MOST_IMAGES = 60  # more would take long to send


def show(judged: Judged, classes: tuple[str, ...], rows: np.ndarray, clicked: Versioned, label: str) -> None:
    """rows: int64, of the predictions, in the order of the gallery. clicked: the image that was clicked last. label: of
    the gallery, for screen readers."""
    predictions = judged.predictions
    shown, indices = rows[:MOST_IMAGES], predictions.indices[rows[:MOST_IMAGES]]
    if clicked.seen is not None and not judged.is_chosen(clicked.seen):
        clicked.restart(None)  # the image was chosen elsewhere: a new gallery, in which each click is a new one
    if not len(rows):
        st.info("No images here.", icon=":material/search_off:")
    picked = gallery(
        judged.images[indices],
        indices,
        key=clicked.key,
        label=label,
        captions=[answer_in_words(classes, predictions, row) for row in shown],
        titles=[judged.names[i] for i in indices],
        colors=[charts.class_color(int(one)) for one in predictions.labels[shown]],
        selected=next((int(i) for i in indices if judged.is_chosen(int(i))), None),
        size=78,  # CSS pixels: five beside each other at 1280
    )
    if len(rows) > len(shown):
        st.caption(f"The first {len(shown)} of {len(rows):,} images.")
    if picked is not None and clicked.moved(picked) and picked in indices and judged.choose(picked):
        st.rerun()
