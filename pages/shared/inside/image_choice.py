"""The image that the pages which look inside a network show: one of the run's dataset, or the user's own."""

import io
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.data.decoding import Decoding
from cnn.data.images import ImageError, read_image, thumbnail
from cnn.store.database import StoreError
from cnn.store.kept_images import keep_image, kept_image
from cnn.store.runs import Run
from pages.shared import run_choice, view
from pages.shared.inside import model_choice
from pages.shared.inside.gallery_choice import chosen_index
from pages.shared.session import Versioned, session, widget
from pages.shared.text import plain

OWN = ("upload", "camera")  # sources of the user's own images
PHOTOGRAPH = "photograph"  # the name of an image from the webcam
ORIGINAL_HEIGHT = 92  # pixels: sharp where two of them are one of the page


@dataclass(frozen=True, eq=False)
class ChosenImage:
    """pixels: uint8 (H, W, C), the network's input. truth: its class, None for the user's own image. index: in the
    run's dataset, or None. original: uint8 (h, w, 3), the user's own image before it was resized, as a thumbnail. None
    for an image of the dataset, and for one that already has the size of the network's input."""

    pixels: np.ndarray
    name: str
    truth: int | None
    index: int | None
    original: np.ndarray | None = None


def chosen_image(run: Run, dataset: Dataset | None) -> ChosenImage | None:
    """The chosen image; at first a typical one of the dataset. None until that is known, and if there is neither a
    dataset nor an image of the user's own."""
    sources = [*(["dataset"] if dataset is not None else []), *OWN]
    _, source = view.among("source", sources, sources[0])
    if source in OWN and (own := _own_image(run, source)) is not None:
        return own
    view.show("source", None)
    return None if dataset is None else _from_dataset(run, dataset)


def _own_image(run: Run, source: str) -> ChosenImage | None:
    image = view.part("image", source)
    if image.value is None:
        return None
    content = kept_image(run_choice.store(), image.value)
    if content is None:
        st.info("The image of this link is no longer kept on this server.", icon=":material/search_off:")
        view.show("image", None)
        return None
    name = next((name for name, known in session().uploaded.values() if known == image.value), "your image")
    original = _original(content, run.dataset_spec.image_size, run.decoding)
    return ChosenImage(_read(run, content), name, None, None, original)


def _from_dataset(run: Run, dataset: Dataset) -> ChosenImage | None:
    image, default = view.part("image", "dataset", run.id), 0
    if image.value is None:
        typical = _typical(run, dataset)
        if typical is None:
            return None
        default = typical
    index = chosen_index(dataset, image, default)
    image.value = dataset.hashes[index]
    return ChosenImage(np.asarray(dataset.images[index]), dataset.paths[index], int(dataset.labels[index]), index)


def _typical(run: Run, dataset: Dataset) -> int | None:
    """The index of a typical image; None until the predictions are computed."""
    _, pool = dataset.examples
    step = run_choice.store().history(run.id).step_to_show(run.active)
    predictions = model_choice.predictions(model_choice.model(run, step or 0), dataset, pool)
    return None if predictions is None else int(pool[predictions.typical])


def choose_from_dataset(run: Run, dataset: Dataset, index: int) -> bool:
    """Chooses an image of the run's dataset; returns False if it is already chosen."""
    image, chosen = view.part("image", "dataset", run.id), dataset.hashes[index]
    source = view.part("source")
    if source.value in (None, "dataset") and chosen == image.value:
        return False
    source.replace("dataset")
    image.replace(chosen)
    image.seen = index  # of files with the same content, the one that was clicked
    return True


def choose_own(source: str, name: str, content: bytes, key: str) -> bool:
    """Chooses an image of the user's own, which is kept; returns False if it is already chosen. key: identifies it, for
    `own_image_id`. Raises StoreError if it cannot be kept."""
    if own_image_id(source, key) is not None:
        return False
    session().uploaded[key] = name, keep_image(run_choice.store(), content)
    view.part("image", source).replace(session().uploaded[key][1])
    view.part("source").replace(source)
    return True


def own_image_id(source: str, key: str) -> str | None:
    """The id of the image that `choose_own` has chosen under that key; None if another one is chosen now."""
    _, image = session().uploaded.get(key, ("", None))
    parts = session().parts
    source_part, image_part = parts.get(("source",)), parts.get(("image", source))
    is_chosen = source_part is not None and source_part.value == source
    return image if is_chosen and image_part is not None and image_part.value == image else None


def ask_for_own(run: Run, source: str) -> None:
    """A field for the user's own image. The next rerun shows it; `session().choosing_image` says that it is there."""
    shown = view.shown("image")
    image = view.part("image", source)
    view.show("image", shown)  # that of the page, until another one is chosen
    key = f"file of {image.key}"
    args = (run, source, image, key)
    if source == "upload":
        st.file_uploader("An image file", key=key, on_change=_take, args=args, max_upload_size=50)
    else:
        st.camera_input("A photograph", key=key, on_change=_take, args=args, width=420)
    if error := session().not_uploaded:
        st.error(error, icon=":material/broken_image:")


def _take(run: Run, source: str, image: Versioned, key: str) -> None:
    """Stores the image of a file, and chooses it. If it cannot be read or stored, the session's `not_uploaded` says
    why."""
    file, known = widget(key), session().uploaded
    session().not_uploaded = ""
    if file is None:
        return
    try:
        if file.file_id not in known:
            _read(run, file.getvalue())
            name = file.name if source == "upload" else PHOTOGRAPH  # Streamlit's name for it is a time
            known[file.file_id] = name, keep_image(run_choice.store(), file.getvalue())
    except (ImageError, StoreError) as error:
        session().not_uploaded = f"{plain(file.name)} {error}"
        return
    image.value = known[file.file_id][1]
    view.part("source").replace(source)
    session().choosing_image = False


@st.cache_data(max_entries=64, show_spinner=False)  # all of a photograph is decoded for it
def _original(content: bytes, size: int, decoding: Decoding) -> np.ndarray | None:
    """The image in a file, small; None if its sides already have `size` pixels, as the network's input."""
    picture, sides = read_image(io.BytesIO(content), None, 3, decoding)
    return None if sides == (size, size) else thumbnail(picture, ORIGINAL_HEIGHT)


def _read(run: Run, content: bytes) -> np.ndarray:
    """The image in a file, as the network's input. Raises ImageError if the file holds no image."""
    spec = run.dataset_spec
    return read_image(io.BytesIO(content), spec.image_size, spec.channels, run.decoding)[0]
