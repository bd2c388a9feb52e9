"""Take apart: what happens if I switch filters off, or replace their weights?"""

import re
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from cnn.data.dataset import Dataset
from cnn.explain.ablation import Ranking, rank_filters, with_filter, without
from cnn.explain.activations import activations
from cnn.explain.cut import activation_map
from cnn.explain.kernels import classic, classics_for
from cnn.figures import charts
from cnn.figures.class_bars import accuracy_bars
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.store.runs import Run
from cnn.training.evaluation import Predictions
from pages.components.drawing import drawing
from pages.components.maps import Bars, Section, Tiles, maps
from pages.components.picture import picture
from pages.shared import chooser, jobs, model_choice, run_choice, view
from pages.shared.chooser import Subject
from pages.shared.navigation import lesson
from pages.shared.session import session, widget

BY_HAND = "by hand"
MANY = 40  # filters: more than four rows
MANY_CLASSES = 10
LARGEST_WEIGHT = 1000  # that a user can type: much larger ones overflow in later layers


@dataclass
class Changes:
    """All changes to the network. off: convolution -> its filters that are switched off. put: (convolution, filter) ->
    the name of its new kernel, and its new weights (channels, rows, columns)."""

    off: dict[str, tuple[int, ...]] = field(default_factory=dict)
    put: dict[tuple[str, int], tuple[str, np.ndarray]] = field(default_factory=dict)

    @property
    def key(self) -> tuple:
        """Identifies the changes: equal changes have equal keys."""
        off = sorted((layer, filters) for layer, filters in self.off.items() if filters)
        return *off, *sorted((edited, weights.tobytes()) for edited, (_, weights) in self.put.items())

    def apply(self, model: Model) -> Model:
        for (layer, filter_index), (_, weights) in self.put.items():
            model = with_filter(model, layer, filter_index, weights)
        return without(model, self.off) if self.key else model

    def __str__(self) -> str:
        off = [f"{layer} without {', '.join(map(str, filters))}" for layer, filters in self.off.items() if filters]
        put = [f"{layer} filter {filter_index}: {name}" for (layer, filter_index), (name, _) in self.put.items()]
        return " · ".join(off + put)


def as_text(changes: Changes) -> str:
    """The changes as a text for the address, such as "conv1.0:off,conv1.3:blur". Kernels edited by hand are too
    long."""
    off = [f"{layer}.{i}:off" for layer, filters in sorted(changes.off.items()) for i in filters]
    put = [f"{layer}.{i}:{name}" for (layer, i), (name, _) in sorted(changes.put.items()) if name != BY_HAND]
    return ",".join(off + put)


def from_text(text: str, model: Model) -> Changes:
    """The changes in such a text that are possible in this network."""
    changes, convolutions = Changes(), {layer.name: layer for layer in model.layers if layer.kind == "conv"}
    for name, number, what in re.findall(r"(\w+)\.(\d{1,6}):([^,]+)", text):
        layer, filter_index = convolutions.get(name), int(number)
        if layer is None or filter_index >= layer.shape[0]:
            continue
        if what == "off":
            changes.off[name] = (*changes.off.get(name, ()), filter_index)
        elif what in classics_for(layer.kernel):
            changes.put[name, filter_index] = what, classic(what, layer.kernel[0], model.weights(name).shape[1])
    return changes


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


def choose_off(run: Run, layer: Layer, changes: Changes, ranking: Ranking | None) -> None:
    """The filters to switch off; after a ranking, the most important ones come first."""
    order = range(layer.shape[0]) if ranking is None else ranking.order
    with st.container(height=220 if len(order) > MANY else "content", border=False):
        off = st.pills(
            "Filters to switch off",
            [int(i) for i in order],
            selection_mode="multi",
            default=changes.off.get(layer.name, ()),
            key=key_of("off", run.id, layer.name),
            wrap=True,
            help="After a ranking, the filter that the network needs most comes first.",
        )
    changes.off[layer.name] = tuple(sorted(off))


def choose_kernel(run: Run, step: int, model: Model, layer: Layer, changes: Changes) -> None:
    """One filter's weights, to edit by hand or replace by a classic kernel."""
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


def rank(model: Model, layer: Layer, dataset: Dataset) -> Ranking | None:
    """The filters ordered by importance, after a click on the button; None until then, and until it is computed."""
    _, pool = dataset.examples
    key = ("ranking", model.key, layer.name, dataset.fingerprint, pool.tobytes())
    st.button(
        "Rank all filters",
        icon=":material/sort:",
        help="Switches each off in turn.",
        on_click=start_ranking,
        args=(key,),
    )
    if session().ranked != key:
        return None

    def work(progress) -> Ranking:
        return rank_filters(model, layer.name, dataset.images, dataset.labels, pool, progress)

    return jobs.result(key, work, f"Switching the {layer.shape[0]} filters off in turn")


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


def show_scores(classes: tuple[str, ...], kind: str, before: Predictions, after: Predictions) -> None:
    changed = after.accuracy != before.accuracy
    st.metric(
        f"Accuracy on the {kind} images",
        f"{after.accuracy:.1%}",
        f"{100 * (after.accuracy - before.accuracy):+.1f} points" if changed else "as before",
        delta_color="normal" if changed else "off",
        delta_arrow="auto" if changed else "off",
    )
    with st.container(height="content" if len(classes) <= MANY_CLASSES else 300, border=False):
        drawing(accuracy_bars(classes, before.per_class, after.per_class), key="class_accuracies")


def show_image(model: Model, changed: Model, layer: Layer, image: np.ndarray) -> None:
    """The image's prediction and the layer's maps, before and after the changes."""
    before, after = model_choice.maps_of(model, image), activations(changed, image)
    shown = activation_map(model, layer.name)
    colors = tuple(charts.class_color(i) for i in range(len(model.classes)))
    seen, *columns = st.columns([2, 5, 5], gap="medium")
    with seen:
        st.caption("the image")
        picture(image, "The chosen image")
    for column, (name, values) in zip(columns, (("before", before), ("after", after)), strict=True):
        percent, layer_maps = 100 * values["probabilities"], values[shown.name]
        silent = tuple(bool(zero) for zero in (layer_maps == 0).all((1, 2)))
        note = f"the maps of {layer.name}, {name}"
        drawn: list[Section] = [
            Bars(name, "probability of each class", percent, model.classes, False, colors, "%"),
            Tiles(f"{shown.name}, {name}", note, layer_maps[:, None], shown.signed, dim=silent),
        ]
        with column:
            maps(drawn, key=f"taken_apart_{name}", shared_scale=True, tile_size=64)


def draw_changes(subject: Subject) -> None:
    run, step, model, dataset = subject.run, subject.step, subject.model, subject.dataset
    if dataset is None:
        return
    top = st.columns([3, 4], vertical_alignment="bottom")
    convolutions = {layer.name: layer for layer in model.layers if layer.kind == "conv"}
    if not convolutions:
        st.info(
            "This network has no convolution, so it has no filters to switch off.", icon=":material/filter_alt_off:"
        )
        return
    chosen, name = view.among("layer", convolutions, next(iter(convolutions)), "take apart", run.id)
    top[0].segmented_control("Layer", list(convolutions), **chosen.bound("default"), required=True, wrap=True)
    layer, mode = convolutions[name], view.part("mode")
    top[1].segmented_control("Change", list(view.options("mode")), **mode.bound("default"), required=True)
    changes = changes_of(run, model)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if mode.value == "Edit a filter":
            choose_kernel(run, step, model, layer, changes)
        else:
            ranking = rank(model, layer, dataset)
            choose_off(run, layer, changes, ranking)
            if ranking is not None:
                figure = charts.accuracy_lost(ranking.accuracy - ranking.accuracy_without, ranking.order)
                st.plotly_chart(figure, key="worth", config={"displayModeBar": False})
        show_changes(run, changes)
    made = view.part("changes", run.id)
    made.value = as_text(changes)
    view.show("changes", made.value, "")
    changed = changes.apply(model)
    with right:
        found = scores(model, changed, dataset)
        if found is not None:
            show_scores(model.classes, dataset.examples[0], *found)
    show_image(model, changed, layer, subject.image)


def draw() -> None:
    st.title("Take apart", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_changes)
    lesson("take_apart")
