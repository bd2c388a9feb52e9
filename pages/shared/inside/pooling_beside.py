"""Beside a network's curve for shifts: that of the same network with global average pooling, after a guess."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnn.explain import trust
from cnn.explain.global_pooling import Ending, ending, flatten_of, with_global_pooling
from cnn.explain.image_changes import response
from cnn.model.model import Model
from cnn.training.evaluation import predict
from pages.shared import jobs, view
from pages.shared.inside import model_choice, pooling_text
from pages.shared.inside.chooser import Subject
from pages.shared.text import plain

CurveOf = Callable[[Model, str], np.ndarray | None]  # model, kind of work -> the curve (amounts, classes)


class Beside(NamedTuple):
    """The curve of the pooled network for one class. label: the class that the network with flatten names for the
    unchanged image. curve: float32 (amounts,)."""

    label: int
    curve: np.ndarray


def pooling_beside(subject: Subject, curve: np.ndarray, neutral: int, curve_of: CurveOf) -> Beside | None:
    """Asks for a guess, then draws what was found. None until it is known, and for networks that would not change.

    curve: float32 (amounts, classes), of the network itself. neutral: the row of the unchanged image.
    """
    model, dataset = subject.model, subject.dataset
    if (end := ending(model)) != Ending.PLACES:
        st.caption(pooling_text.WITHOUT_PLACES[end])
        return None
    why = pooling_text.why_places_matter(*flatten_of(model).in_shape[1:])
    if dataset is None:
        st.caption(f"{why} The comparison with global average pooling needs the images of the run.")
        return None
    guess = view.part("pooling")
    st.segmented_control(
        "With global average pooling, it would change",
        list(view.options("pooling")),
        **guess.bound("default"),
        help="Global average pooling instead of flatten: it keeps the mean of each of the last maps. The convolutions "
        "stay as they are.",
    )
    if guess.current() is None:
        st.caption("Guess, then see both curves.")
        return None
    pooled = jobs.result(
        ("pooled network", model.key, dataset.fingerprint, dataset.spec),
        lambda progress: with_global_pooling(model, dataset, progress),
        "Fitting an output layer after global average pooling",
    )
    beside = None if pooled is None else curve_of(pooled, "curve of the pooled network")
    if pooled is None or beside is None:
        return None
    label = int(curve[neutral].argmax())
    both = response(curve, neutral, label), response(beside, neutral, label)
    st.markdown(f":small[{pooling_text.outcome(plain(model.classes[label]), *both, guess.current())}]")
    show_accuracies(subject, pooled)
    st.caption(
        f"{why} The mean of a map has no places. {pooling_text.REST} Both networks have the same convolutions; for the "
        f"means, a new output layer was fitted on the {len(dataset.train):,} training images."
    )
    return Beside(label, beside[:, label])


def show_accuracies(subject: Subject, pooled: Model) -> None:
    """How good both networks are on the held-out images."""
    dataset = subject.dataset
    assert dataset is not None
    if not len(dataset.val):
        st.markdown(":small[No image is held out, so nobody knows how good the two networks are.]")
        return
    text = "Predicting the held-out images"
    flat = model_choice.predictions(subject.model, dataset, dataset.val, text, "with flatten", subject.run.id)
    other = jobs.result(
        ("with pooling", pooled.key, dataset.fingerprint, dataset.val.tobytes()),
        lambda progress: predict(pooled, dataset.images, dataset.labels, dataset.val, progress=progress),
        text,
    )
    if flat is not None and other is not None:
        st.markdown(f":small[{pooling_text.accuracies(trust.accuracy_of(flat), trust.accuracy_of(other))}]")
