"""Named sets of new images on the Results page: choosing, adding, labelling, giving away; and what wrong ones share."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from cnn.data.archive import Unpacked
from cnn.data.dataset import Dataset
from cnn.data.image_traits import traits
from cnn.data.incoming import Incoming
from cnn.figures import charts
from cnn.percent import percent
from cnn.specs import DatasetSpec
from cnn.store import image_sets
from cnn.store.image_sets import ImageSet, find_set
from cnn.training.accuracy import Accuracy
from cnn.training.failures import differences, ranges, unlike_training
from pages.components.gallery import chosen_in, gallery
from pages.shared import run_choice, view
from pages.shared.dataset import uploads
from pages.shared.inside import model_choice
from pages.shared.inside.chooser import Network
from pages.shared.results import new_images_text
from pages.shared.results.judging import Judged, new_images
from pages.shared.runs.deletion import disk_use
from pages.shared.session import session, widget

NEW_SET, BY_FOLDER = "a new set", "by folder"
GIVEN = "class to give"  # the key of a widget
MOST_COMPARED = 5000  # training images whose properties are computed
MOST_LABELLED = 300  # images in the dialog
ABOUT = (
    "How well does the network do on images from elsewhere? Take about ten for each class, with a phone or from the "
    "internet. They are kept as a set, unchanged, for other networks, too, and you can give them to others."
)
PROPERTIES = (
    "Brightness: the mean of the pixels; 0 % is black. Contrast: their standard deviation. Unevenness at the border: "
    "the standard deviation of the outermost tenth on each side, which is low for a plain background. Size: the side "
    "of a square with as many pixels as the original."
)
KIND = (
    "Images in a folder for each class, an archive (.zip, .tar) of such folders, or single images. The originals are "
    "kept unchanged."
)


def choose_set(network: Network) -> ImageSet | None:
    """The chosen set, with the buttons to add to it, to label it and to give it away."""
    sets = {one.name: one for one in image_sets.image_sets(run_choice.store())}
    chosen = None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if sets:
            kept, name = view.among("set", sets, next(iter(sets)))
            texts = {one: f"{one} ({len(found.files):,})" for one, found in sets.items()}
            st.selectbox("Set", **kept.bound_choice(texts), label_visibility="collapsed", width=150)
            chosen = sets[name]
        st.button("Add images", icon=":material/add_photo_alternate:", on_click=_open, args=("add",))
        if chosen is not None:
            st.button("Classes", icon=":material/label:", on_click=_open, args=("label",))
            st.download_button(
                "Export",
                partial(image_sets.as_archive, chosen),
                f"{chosen.name}.zip",
                "application/zip",
                help="The set as a .zip, which another group opens with “Add images”. Delete sets on Storage.",
                icon=":material/download:",
                on_click="ignore",
            )
    if session().set_dialog == "add":
        _add(network.model.classes, chosen)
    elif session().set_dialog == "label" and chosen is not None:
        _label(network, chosen.name)
    return chosen


def _open(name: str) -> None:
    session().set_dialog = name


def _close() -> None:
    uploads.cancel()
    session().set_dialog = ""


@st.dialog("Add new images", width="large", icon=":material/add_photo_alternate:", on_dismiss=_close)
def _add(classes: tuple[str, ...], chosen: ImageSet | None) -> None:
    into, named, given = st.columns(3)
    names = [NEW_SET, *([chosen.name] if chosen else [])]
    target = into.selectbox("Add to", names, index=len(names) - 1, key="set to add to")
    is_new = target == NEW_SET
    typed = named.text_input("Its name", "New images", max_chars=60, disabled=not is_new, key="name of new set")
    label = given.selectbox("Class", [BY_FOLDER, *classes], key="class of new images")
    name, one_class = typed if is_new else target, "" if label == BY_FOLDER else label

    def receive(arrived: Incoming, report: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Unpacked:
        got = arrived.finish(report, cancelled, needs_classes=False)
        made, copies = image_sets.add(run_choice.store(), name, got.folder, classes, one_class, is_new)
        notes = (f"{copies:,} were already in the set.",) if copies else ()
        return Unpacked(made.folder, got.images - copies, got.others, notes)

    uploads.upload(_show, uploads.Kind(KIND, receive, any_images=True))


def _show(folder: str) -> None:
    session().set_dialog = ""
    view.part("set").replace(Path(folder).name)
    disk_use.clear()


@st.dialog("Classes of the new images", width="large", icon=":material/label:", on_dismiss=_close)
def _label(network: Network, name: str) -> None:
    """Gives classes by clicks: choose the class, then click images."""
    chosen = find_set(run_choice.store(), name)  # as it is now: the dialog is drawn again after each click
    new = None if chosen is None else new_images(network.model, chosen)
    if chosen is None or new is None:
        return
    names = list(dict.fromkeys([*network.model.classes, *(label for label in chosen.labels if label), ""]))
    st.segmented_control(
        "Class",
        names,
        default=names[0],
        format_func=lambda one: one or "no class",
        required=True,
        key=GIVEN,
        label_visibility="collapsed",
    )
    without = [file.name for file, label in zip(chosen.files, chosen.labels, strict=True) if not label]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Choose a class, and click the images that belong to it.", width="stretch")
        text = f"All {len(without):,} without a class" if without else "All have a class"
        st.button(text, disabled=not without, on_click=_give, args=(chosen, without))
    rows, clicked = new.rows[:MOST_LABELLED], session().labelled

    def give() -> None:
        picked = chosen_in(widget(clicked.key))
        if picked is not None and picked < len(chosen.files):
            _give(chosen, [chosen.files[picked].name])
        clicked.restart(None)  # the next click may be on the same image

    with st.container(height=380, border=False):
        gallery(
            new.images[: len(rows)],
            rows,
            key=clicked.key,
            label="New images",
            captions=[chosen.labels[row] or "no class" for row in rows],
            titles=[chosen.files[row].name for row in rows],
            colors=[_color(chosen.labels[row], network.model.classes) for row in rows],
            selected=None,
            size=96,
            on_chosen=give,
        )
        if len(new.rows) > len(rows):
            st.caption(f"The first {len(rows)} of {len(new.rows):,} images.")


def _give(chosen: ImageSet, names: list[str]) -> None:
    image_sets.set_labels(chosen, names, widget(GIVEN) or "")


def _color(label: str, classes: tuple[str, ...]) -> str:
    return charts.class_color(classes.index(label)) if label in classes else "transparent"


def held_out_beside(network: Network, accuracy: Accuracy, side: str) -> str:
    """The held-out accuracy beside that of other images; "" until it is computed, or without held-out images."""
    dataset = network.dataset
    if dataset is None or not len(dataset.val):
        return ""
    found = model_choice.predictions(
        network.model, dataset, dataset.val, "Predicting the held-out images", "held-out beside", network.run.id
    )
    if found is None:
        return ""
    return new_images_text.beside_held_out(accuracy, Accuracy(int(found.right.sum()), len(found)), side)


def draw_failures(network: Network, dataset: Dataset, judged: Judged) -> None:
    """What the wrong images have in common, as far as a few plain properties can say."""
    st.markdown("**What the wrong images have in common**", help=PROPERTIES)
    found, right, new = judged.predictions, judged.predictions.right, judged.new
    assert new is not None
    if right.all():
        st.caption("No image is wrong.")
        return
    training = training_traits(dataset.fingerprint, dataset.spec, dataset)
    own = {name: values[found.indices] for name, values in traits(new.images, new.sizes).items()}
    compared = ranges(training, own, right)
    clear = differences(compared, own, right)
    lines = [new_images_text.confused(found.confusion, network.model.classes)]
    lines += [new_images_text.difference(one) for one in clear]
    if not clear:
        lines.append("The wrong ones differ from the right ones in no property below by more than chance allows.")
    lines += [new_images_text.unlike(one) for one in unlike_training(compared, own)]
    st.markdown("\n".join(f"- {line}" for line in lines if line))
    st.dataframe(new_images_text.range_rows(compared), hide_index=True)
    st.caption(
        f"Training images: without the lowest and the highest {percent(0.05)}. Right and wrong: medians of the new "
        "images. Five properties are compared, so one may differ by chance; and what differs need not be the cause."
    )


@st.cache_data(max_entries=8, show_spinner=False)
def training_traits(fingerprint: str, spec: DatasetSpec, _dataset: Dataset) -> dict[str, np.ndarray]:
    """The properties of the training images; of many, of some spread over all.

    spec: decides which images are held out, which the fingerprint does not say."""
    train = _dataset.train
    some = train[:: -(-len(train) // MOST_COMPARED) or 1]
    return traits(_dataset.images[some], _dataset.sizes[some])
