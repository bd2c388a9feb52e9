"""Explain: which pixels decided?"""

from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.explain.attribution import Attribution, Chosen, Method, Option
from cnn.explain.methods import BY_SLUG, METHODS
from cnn.fields import Number, Text, Whole
from cnn.model.model import Model
from cnn.store.runs import Run
from pages.components.overlays import Overlay, overlays
from pages.shared import chooser, jobs, model_choice, run_choice, view
from pages.shared.chooser import Subject
from pages.shared.navigation import lesson
from pages.shared.text import plain
from pages.shared.view import Part

DESCRIBED = {
    int: Whole(label="An option", low=-(10**9), high=10**9),
    float: Number(label="An option", low=-1e9, high=1e9, step=1e-9),
    str: Text(label="An option"),
}
NO_DIFFERENCE = 1e-6  # of a score: smaller values are rounding errors


def draw_explanations(subject: Subject) -> None:
    """The answers of all methods side by side, for one class at one snapshot."""
    model, image, probabilities = subject.model, subject.image, subject.probabilities
    single = [method for method in METHODS if len(method.options) == 1]  # the other methods' controls share a menu
    explained, *row, menu = st.columns([4, *[3 for _ in single], 2], vertical_alignment="bottom")
    with explained:
        target = choose_class(subject.run, model, probabilities)
    methods = [method for method in METHODS if method.applies_to(model)]
    columns = dict(zip(single, row, strict=True))
    more = menu.popover("Settings", icon=":material/tune:")
    options = {method: choose_options(model, method, columns.get(method, more)) for method in methods}
    answers = {method: answer_of(method, model, image, target, options[method]) for method in methods}
    pictures = [picture(method, answer, options[method]) for method, answer in answers.items() if answer is not None]
    overlays(image, pictures, key="attributions")
    if without := [method.name for method in METHODS if method not in methods]:
        names = " and ".join(without)
        st.info(f"{names} cannot explain this network: it has no suitable layer.", icon=":material/filter_alt_off:")
    st.caption(
        f"These pictures explain the score (logit) for {plain(model.classes[target])}. The network gives it "
        f"{probabilities[target]:.1%}. Red raises the score, blue lowers it; pictures without red and blue run from "
        "purple (none) to yellow (most)."
    )


def choose_class(run: Run, model: Model, probabilities: np.ndarray) -> int:
    """The class to explain, the likely ones first."""
    classes = [model.classes[i] for i in np.argsort(-probabilities)]
    chosen, name = view.among("target", ["", *classes], "", run.id)
    texts = {"": "the predicted class"} | {one: one for one in classes}
    st.selectbox("Class to explain", **chosen.bound_choice(texts))
    return model.classes.index(name or classes[0])


def choose_options(model: Model, method: Method, column: DeltaGenerator) -> dict[str, Any]:
    """A control for each option of the method. If there are several, the method's name is above them."""
    chosen: dict[str, Any] = {}
    with column:
        if len(method.options) > 1:
            st.markdown(f"**{method.name}**")
        for option in method.options:
            chosen[option.name] = choose(model, option, chosen, f"{method.slug}.{option.name}")
    return chosen


def choose(model: Model, option: Option, chosen: Chosen, name: str) -> Any:
    """The control of one option; its values may depend on the model and on the options already chosen. name: the
    option's name in the view."""
    values, default = option.values(model, chosen), option.default(model, chosen)
    # The values are part of the scope: a control with other values starts afresh.
    kept, value = view.among(name, values, default, str(values), described=Part(DESCRIBED[option.kind]))
    if isinstance(values, range):
        st.slider(option.label, values[0], values[-1], **kept.bound())
    elif option.kind is str:
        st.selectbox(option.label, **kept.bound_choice({one: one for one in values}))
    else:
        st.segmented_control(
            option.label,
            values,
            **kept.bound("default"),
            format_func=lambda one: option.names.get(one, f"{one:g}"),
            required=True,
        )
    return value


def answer_of(method: Method, model: Model, image: np.ndarray, target: int, options: Chosen) -> Attribution | None:
    """The method's answer. While a slow method computes: None, and the page shows its progress."""
    if not method.slow:
        return quick_answer(method.slug, model, image, target, options)
    return jobs.result(
        (method.name, model.key, image.tobytes(), target, *options.items()),
        lambda progress: method.run(model, image, target, options, progress),
        method.doing,
    )


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=model_choice.BY_KEY)
def quick_answer(slug: str, model: Model, image: np.ndarray, target: int, options: Chosen) -> Attribution:
    return BY_SLUG[slug].run(model, image, target, options)


def picture(method: Method, answer: Attribution, options: Chosen) -> Overlay:
    """The answer as an overlay on the image, with a text about the method."""
    blank = np.abs(answer.values).max() < NO_DIFFERENCE
    values = np.zeros_like(answer.values) if blank else answer.values
    note = (method.nothing if blank else method.note).format(**options)
    return Overlay(method.name, note, values, answer.signed, f"{method.question} {method.misleads}", method.paper)


def draw() -> None:
    st.title("Explain", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_explanations)
    lesson("explain")
