"""An image of a dataset, chosen in a gallery. A hash of its content identifies it, so a link finds it even if its file
was renamed."""

import streamlit as st

from cnn.data.dataset import Dataset
from pages.components.gallery import chosen_in
from pages.shared import view
from pages.shared.session import Versioned, widget


def gallery_key(image: Versioned) -> str:
    """The key of the gallery in which the image is chosen. When the image is set from elsewhere, a new gallery replaces
    it, because Streamlit remembers the last click."""
    return f"gallery of {image.key}"


def chosen_index(dataset: Dataset, image: Versioned, default: int) -> int:
    """The index of the image that was chosen in the gallery, by a link or by Back; else the default. image: the part of
    the view."""
    picked = chosen_in(widget(gallery_key(image)))
    if picked is not None and picked < len(dataset.hashes) and image.moved(picked):
        image.value = dataset.hashes[picked]
    index = _find(dataset, image)
    if index is None and image.value is not None:
        st.toast("The image of this link is not among these images.", icon=":material/search_off:")
        image.value = None
    index = default if index is None else index
    view.show("image", dataset.hashes[index])
    return index


def _find(dataset: Dataset, image: Versioned) -> int | None:
    at = image.seen  # of files with the same content, the one that was clicked
    if isinstance(at, int) and at < len(dataset.hashes) and dataset.hashes[at] == image.value:
        return at
    return dataset.hashes.index(image.value) if image.value in dataset.hashes else None
