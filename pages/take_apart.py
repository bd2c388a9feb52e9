"""Take apart: what happens if I switch filters and units off, or replace the weights of a filter?"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.data.dataset import Dataset
from cnn.explain.ablation import Ranking, rank_units
from cnn.explain.activations import activations
from cnn.explain.cut import activation_map, layers_of_units
from cnn.explain.kernels import classic, classics_for
from cnn.figures.class_bars import accuracy_bars
from cnn.figures.evidence_pictures import accuracy_picture
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.percent import percent, with_minus
from cnn.report.report import Table
from cnn.store.runs import Run
from cnn.training.evaluation import Predictions, probabilities
from pages.components.drawing import drawing
from pages.components.maps import Tiles, maps
from pages.shared import jobs, run_choice, view
from pages.shared.inside import chooser, model_choice
from pages.shared.inside.answer_bars import answer_bars
from pages.shared.inside.chooser import Subject
from pages.shared.inside.filter_text import one_of
from pages.shared.inside.network_changes import BY_HAND, Changes, as_text, from_text
from pages.shared.inside.unit_switches import choose_off
from pages.shared.navigation import lesson
from pages.shared.report import offers
from pages.shared.session import session, widget
from pages.shared.text import without_markup

MANY_CLASSES = 10
LARGEST_WEIGHT = 1000  # that a user can type: much larger ones overflow in later layers


def changes_of(run: Run, model: Model) -> Changes:
    """The changes made in this session, or those of a link or after Back. Callers edit them."""
    kept, made = view.part("changes", run.id), session().changes
    if run.id not in made or made[run.id][0] != kept.version:
        made[run.id] = kept.version, from_text(kept.value, model)
        renew_controls()
    return made[run.id][1]


def show_changes(run: Run, changes: Changes) -> None:
    """A line that lists the changes, and a button that undoes them."""
    text, button = st.columns([9, 2], vertical_alignment="center")
    text.markdown(str(changes) or ":gray[Nothing has been changed yet.]")
    button.button(
        "Reset",
        icon=":material/restart_alt:",
        disabled=not changes.key,
        width="stretch",
        on_click=view.part("changes", run.id).replace,
        args=("",),
    )


def renew_controls() -> None:
    """Replaces the controls by new ones, which start with the current changes."""
    session().changing.replace(None)


def key_of(*parts) -> str:
    return "_".join(map(str, (session().changing.key, *parts)))


def choose_kernel(run: Run, step: int, model: Model, layer: Layer, changes: Changes) -> int:
    """One filter's weights, to edit by hand or replace by a classic kernel. Returns the filter."""
    which, what, part = st.columns([2, 3, 2])
    filters = range(layer.shape[0])
    chosen, filter_index = view.among("filter", filters, 0, run.id, layer.name)
    which.number_input("Filter", 0, filters[-1], **chosen.bound())
    learned = model.weights(layer.name)[filter_index]
    edited = layer.name, filter_index
    name, weights = changes.put.get(edited, ("as learned", learned))

    def choose() -> None:
        kernel = widget(kernel_key)
        if kernel == "as learned":
            changes.put.pop(edited, None)
        elif kernel != BY_HAND:
            changes.put[edited] = kernel, classic(kernel, layer.kernel[0], len(learned))
        renew_controls()

    kernels = ["as learned", *classics_for(layer.kernel), *([BY_HAND] if name == BY_HAND else [])]
    kernel_key = key_of("kernel", run.id, *edited, name)
    what.selectbox("Kernel", kernels, index=kernels.index(name), key=kernel_key, on_change=choose)
    shown, channel = view.among("channel", range(len(learned)), 0, run.id, layer.name)
    part.number_input("Input channel", 0, len(learned) - 1, **shown.bound())
    edit(key_of("numbers", run.id, step, *edited, channel), weights, channel, edited, changes)
    return filter_index


def edit(key: str, weights: np.ndarray, channel: int, edited: tuple[str, int], changes: Changes) -> None:
    """A table of one kernel's weights; typed numbers are added to the changes. edited: (convolution, filter)."""

    def store_numbers() -> None:
        new = weights.copy()
        for row, cells in widget(key)["edited_rows"].items():
            for column, number in cells.items():
                new[channel, int(row), int(column)] = number or 0  # an empty cell is None
        changes.put[edited] = BY_HAND, new

    columns = [str(i) for i in range(weights.shape[2])]
    st.data_editor(
        [dict(zip(columns, row, strict=True)) for row in weights[channel].tolist()],
        key=key,
        hide_index=True,
        width="stretch",
        column_config={
            c: st.column_config.NumberColumn(format="%.4f", min_value=-LARGEST_WEIGHT, max_value=LARGEST_WEIGHT)
            for c in columns
        },
        on_change=store_numbers,
    )


def rank(model: Model, layer: Layer, dataset: Dataset, place: DeltaGenerator) -> Ranking | None:
    """The units ordered by importance, after a click on the button; None until then, and until it is computed."""
    _, pool = dataset.examples
    key = ("ranking", model.key, layer.name, dataset.fingerprint, pool.tobytes())
    place.button(
        f"Rank all {one_of(layer)}s",
        icon=":material/sort:",
        help="Switches each off in turn.",
        on_click=start_ranking,
        args=(key,),
    )
    if session().ranked != key:
        return None

    def work(progress) -> Ranking:
        return rank_units(model, layer.name, dataset.images, dataset.labels, pool, progress)

    return jobs.result(key, work, f"Switching the {layer.shape[0]} {one_of(layer)}s off in turn")


def start_ranking(key: tuple) -> None:
    session().ranked = key
    jobs.forget_failed(key[0])


def scores(before: Model, after: Model, dataset: Dataset) -> tuple[Predictions, Predictions] | None:
    """The predictions for the examples, before and after the changes; None until they are computed."""
    kind, pool = dataset.examples

    def predicted(name: str, model: Model) -> Predictions | None:
        text = f"Predicting {len(pool):,} {kind} images, {name}"
        return model_choice.predictions(model, dataset, pool, text, f"predictions {name}")

    found = predicted("before", before)
    changed = found if after is before else predicted("after", after)
    return None if found is None or changed is None else (found, changed)


def show_accuracy(kind: str, before: Predictions, after: Predictions) -> None:
    changed, fell = after.accuracy != before.accuracy, after.accuracy < before.accuracy
    st.metric(
        f"Accuracy on the {kind} images",
        percent(after.accuracy, 1),
        with_minus(f"{100 * (after.accuracy - before.accuracy):+.1f} points") if changed else "as before",
        delta_color=("inverse" if fell else "normal") if changed else "off",  # a minus sign is no minus to Streamlit
        delta_arrow=("down" if fell else "up") if changed else "off",
    )


def show_classes(classes: tuple[str, ...], before: Predictions, after: Predictions) -> None:
    """The share of each class's images that are right."""
    st.markdown("Accuracy for each class")
    with st.container(height="content" if len(classes) <= MANY_CLASSES else 300, border=False):
        drawing(
            accuracy_bars(classes, before.per_class, None if after is before else after.per_class),
            key="class_accuracies",
        )


def show_answers(model: Model, changed: Model, image: np.ndarray) -> None:
    """The network's answer for the image, for its likeliest classes; if something has changed, after and before it."""
    before = model_choice.maps_of(model, image)["probabilities"]
    answers = {"before": before}
    if changed is not model:
        answers = {"after": probabilities(changed, image[None])[0], **answers}
    answer_bars(answers, model.classes, "answers")


def show_edited(model: Model, changed: Model, layer: Layer, filter_index: int, image: np.ndarray) -> None:
    """The activation map of one filter, before and after the changes, on one scale."""
    shown = activation_map(model, layer.name)
    both = [one[shown.name][filter_index] for one in (model_choice.maps_of(model, image), activations(changed, image))]
    note = f"the map of filter {filter_index} of {layer.name}"
    tiles = Tiles("its map", note, np.stack(both)[:, None], shown.signed, labels=("before", "after"))
    maps([tiles], key="edited", shared_scale=True, tile_size=150)


def offer_evidence(subject: Subject, changes: str, before: Predictions, after: Predictions) -> None:
    """Offers the accuracy before and after the changes for the report."""
    classes = subject.model.classes

    def picture() -> str:
        changed = (without_markup(changes) or "Nothing has been changed").rstrip(".")
        about = f"{changed}. Accuracy: {percent(before.accuracy, 1)} before, {percent(after.accuracy, 1)} after."
        return accuracy_picture(about, classes, before.per_class, after.per_class)

    def numbers() -> Table:
        shares = [[None if np.isnan(one) else one for one in found.per_class.tolist()] for found in (before, after)]
        return Table(("class", "accuracy before", "accuracy after"), tuple(zip(classes, *shares, strict=True)))

    offers.offer("The network taken apart", picture, numbers, subject.run)


def choose_layer(run: Run, layers: dict[str, Layer], top: Sequence[DeltaGenerator]) -> tuple[Layer, bool]:
    """Returns a layer, and whether a filter of it is edited; else, units are switched off."""
    hidden: Literal["collapsed"] = "collapsed"  # so that a window of 720 pixels has room for the button below the tiles
    chosen, name = view.among("layer", layers, next(iter(layers)), "take apart", run.id)
    top[0].segmented_control(
        "Layer", list(layers), **chosen.bound("default"), required=True, wrap=True, label_visibility=hidden
    )
    if layers[name].kind != "conv":
        return layers[name], False
    mode = view.part("mode")
    top[1].segmented_control(
        "Change", list(view.options("mode")), **mode.bound("default"), required=True, label_visibility=hidden
    )
    return layers[name], mode.value == "Edit a filter"


def draw_changes(subject: Subject) -> None:
    run, step, model, dataset = subject.run, subject.step, subject.model, subject.dataset
    if dataset is None:
        return
    layers, changes = layers_of_units(model.layers), changes_of(run, model)
    top = st.columns([10, 8, 5], vertical_alignment="bottom")
    left, right = st.columns([3, 2], gap="large")
    if layers:
        layer, is_edited = choose_layer(run, layers, top)
        with left:
            if is_edited:
                edited = choose_kernel(run, step, model, layer, changes)
                show_edited(model, changes.apply(model), layer, edited, subject.image)
            else:
                key, start = key_of("off", run.id, layer.name), changes.off.get(layer.name, ())
                ranking = rank(model, layer, dataset, top[2])
                changes.off[layer.name] = choose_off(key, model, layer, subject.image, start, ranking)
            show_changes(run, changes)
    else:
        left.info("This network has no hidden layer to take apart.", icon=":material/filter_alt_off:")
    made = view.part("changes", run.id)
    made.value = as_text(changes)
    view.show("changes", made.value, "")
    changed = changes.apply(model)
    with right:
        found = scores(model, changed, dataset)
        if found is not None:
            show_accuracy(dataset.examples[0], *found)
        show_answers(model, changed, subject.image)
        if found is not None:
            show_classes(model.classes, *found)
            offer_evidence(subject, str(changes), *found)


def draw() -> None:
    st.title("Take apart", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_changes)
    lesson("take_apart")
