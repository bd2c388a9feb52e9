"""Take apart: what happens if I take a part of the network away, or put another in its place?"""

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
from pages.shared import dataset_choice, jobs, model_choice, run_choice, view
from pages.shared.image_choice import choose_image
from pages.shared.navigation import lesson
from pages.shared.session import session, widget

BY_HAND = "by hand"
MANY = 40  # filters: more than four rows
MANY_CLASSES = 10
MOST = 1000  # of a number typed into a kernel: far more would overflow what follows


@dataclass
class Changes:
    """What is taken away or put in, anywhere in the network. off: convolution -> its filters that are switched off.
    put: (convolution, filter) -> what its new numbers are called, and the numbers."""

    off: dict[str, tuple[int, ...]] = field(default_factory=dict)
    put: dict[tuple[str, int], tuple[str, np.ndarray]] = field(default_factory=dict)

    @property
    def key(self) -> tuple:
        """Says which changes these are, for results that are kept."""
        off = sorted((layer, filters) for layer, filters in self.off.items() if filters)
        return *off, *sorted((place, weights.tobytes()) for place, (_, weights) in self.put.items())

    def apply(self, model: Model) -> Model:
        for (layer, filter_index), (_, weights) in self.put.items():
            model = with_filter(model, layer, filter_index, weights)
        return without(model, self.off) if self.key else model

    def __str__(self) -> str:
        off = [f"{layer} without {', '.join(map(str, filters))}" for layer, filters in self.off.items() if filters]
        put = [f"{layer} filter {filter_index}: {name}" for (layer, filter_index), (name, _) in self.put.items()]
        return " · ".join(off + put)


def as_text(changes: Changes) -> str:
    """The changes for the address: "conv1.0:off,conv1.3:blur". Numbers typed by hand are too many for it."""
    off = [f"{layer}.{i}:off" for layer, filters in sorted(changes.off.items()) for i in filters]
    put = [f"{layer}.{i}:{name}" for (layer, i), (name, _) in sorted(changes.put.items()) if name != BY_HAND]
    return ",".join(off + put)


def from_text(text: str, model: Model) -> Changes:
    """The changes that an address names; what cannot be made in this network is left out."""
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
    """Those made so far in this session, to be changed further, or those that a link or Back brought."""
    kept, made = view.part("changes", run.id), session().changes
    if run.id not in made or made[run.id][0] != kept.version:
        made[run.id] = kept.version, from_text(kept.value, model)
        renew_controls()
    return made[run.id][1]


def show_changes(run: Run, changes: Changes) -> None:
    """All of them in words, and the way back."""
    words, button = st.columns([9, 2], vertical_alignment="center")
    words.markdown(str(changes) or ":gray[Nothing has been changed yet.]")
    if button.button("Reset", icon=":material/restart_alt:", disabled=not changes.key, width="stretch"):
        view.part("changes", run.id).replace("")
        st.rerun(scope="fragment")


def renew_controls() -> None:
    """Replaces the controls by new ones, which start from the changes."""
    session().changing.replace(None)


def key_of(*parts) -> str:
    return "_".join(map(str, (session().changing.key, *parts)))


def choose_off(run: Run, layer: Layer, changes: Changes, ranking: Ranking | None) -> None:
    """The filters to switch off; those that matter most come first once they have been ranked."""
    order = range(layer.shape[0]) if ranking is None else ranking.order
    with st.container(height=220 if len(order) > MANY else "content", border=False):
        off = st.pills(
            "Filters to switch off",
            [int(i) for i in order],
            selection_mode="multi",
            default=changes.off.get(layer.name, ()),
            key=key_of("off", run.id, layer.name),
            wrap=True,
            help="Once ranked, the one whose loss costs most comes first.",
        )
    changes.off[layer.name] = tuple(sorted(off))


def choose_kernel(run: Run, step: int, model: Model, layer: Layer, changes: Changes) -> None:
    """One filter's numbers, to be changed by hand or replaced by a classic kernel."""
    which, what, part = st.columns([2, 3, 2])
    filters = range(layer.shape[0])
    edited, filter_index = view.among("filter", filters, 0, run.id, layer.name)
    which.number_input("Filter", 0, filters[-1], **edited.bound())
    learned = model.weights(layer.name)[filter_index]
    place = layer.name, filter_index
    name, weights = changes.put.get(place, ("as learned", learned))

    def choose() -> None:
        chosen = widget(kernel_key)
        if chosen == "as learned":
            changes.put.pop(place, None)
        elif chosen != BY_HAND:
            changes.put[place] = chosen, classic(chosen, layer.kernel[0], len(learned))
        renew_controls()

    kernels = ["as learned", *classics_for(layer.kernel), *([BY_HAND] if name == BY_HAND else [])]
    kernel_key = key_of("kernel", run.id, *place, name)
    what.selectbox("Kernel", kernels, index=kernels.index(name), key=kernel_key, on_change=choose)
    shown, channel = view.among("channel", range(len(learned)), 0, run.id, layer.name)
    part.number_input("Input map", 0, len(learned) - 1, **shown.bound())
    edit(key_of("numbers", run.id, step, *place, channel), weights, channel, place, changes)


def edit(key: str, weights: np.ndarray, channel: int, place: tuple[str, int], changes: Changes) -> None:
    """A table of one kernel's numbers; whatever is typed into it belongs to the changes."""

    def keep() -> None:
        edited = weights.copy()
        for row, cells in widget(key)["edited_rows"].items():
            for column, number in cells.items():
                edited[channel, int(row), int(column)] = number or 0  # an emptied cell is None
        changes.put[place] = BY_HAND, edited

    columns = [str(i) for i in range(weights.shape[2])]
    st.data_editor(
        [dict(zip(columns, row, strict=True)) for row in weights[channel].tolist()],
        key=key,
        hide_index=True,
        width="stretch",
        column_config={
            c: st.column_config.NumberColumn(format="%.4f", min_value=-MOST, max_value=MOST) for c in columns
        },
        on_change=keep,
    )


def rank(model: Model, layer: Layer, dataset: Dataset) -> Ranking | None:
    """What each filter is worth, if that was asked for."""
    _, pool = dataset.examples
    asked = ("ranking", model.key, layer.name, dataset.fingerprint, pool.tobytes())
    pressed = st.button("Rank all filters", icon=":material/sort:", help="Switches each off in turn.")
    if pressed:
        session().ranked = asked
    if session().ranked != asked:
        return None

    def work(progress) -> Ranking:
        return rank_filters(model, layer.name, dataset.images, dataset.labels, pool, progress)

    return jobs.result(asked, work, f"Switching the {layer.shape[0]} filters off in turn", again=pressed)


def scores(before: Model, after: Model, dataset: Dataset) -> tuple[Predictions, Predictions] | None:
    """The predictions for the examples, before and after; None while they are computed."""
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
        f"{kind.capitalize()} images it gets right",
        f"{after.accuracy:.1%}",
        f"{100 * (after.accuracy - before.accuracy):+.1f} points" if changed else "as before",
        delta_color="normal" if changed else "off",
        delta_arrow="auto" if changed else "off",
    )
    with st.container(height="content" if len(classes) <= MANY_CLASSES else 300, border=False):
        drawing(accuracy_bars(classes, before.per_class, after.per_class), key="class_accuracies")


def show_image(model: Model, changed: Model, layer: Layer, image: np.ndarray) -> None:
    """The image's prediction and the layer's maps, before and after."""
    before, after = model_choice.maps_of(model, image), activations(changed, image)
    shown = activation_map(model, layer.name)
    colors = tuple(charts.class_color(i) for i in range(len(model.classes)))
    seen, *places = st.columns([2, 5, 5], gap="medium")
    with seen:
        st.caption("the image")
        picture(image, "The image that is looked at")
    for place, (name, values) in zip(places, (("before", before), ("after", after)), strict=True):
        percent, layer_maps = 100 * values["probabilities"], values[shown.name]
        dead = tuple(bool(d) for d in (layer_maps == 0).all((1, 2)))
        note = f"the maps of {layer.name}, {name}"
        drawn: list[Section] = [
            Bars(name, "how sure it is of each class", percent, model.classes, False, colors, "%"),
            Tiles(f"{shown.name}, {name}", note, layer_maps[:, None], shown.signed, dim=dead),
        ]
        with place:
            maps(drawn, key=f"taken_apart_{name}", shared_scale=True, tile_size=64)


def look(run: Run, dataset: Dataset, image: np.ndarray) -> None:
    top = st.columns([3, 4, 6], vertical_alignment="bottom")
    with top[2]:
        step = model_choice.choose_snapshot(run)
    model = model_choice.model(run, step)
    convolutions = {layer.name: layer for layer in model.layers if layer.kind == "conv"}
    if not convolutions:
        st.info(
            "This network has no convolution, so there are no filters to take away.", icon=":material/filter_alt_off:"
        )
        return
    chosen, name = view.among("layer", convolutions, next(iter(convolutions)), "take apart", run.id)
    top[0].segmented_control("Layer", list(convolutions), **chosen.bound("default"), required=True, wrap=True)
    layer, mode = convolutions[name], view.part("mode")
    top[1].segmented_control("What", list(view.options("mode")), **mode.bound("default"), required=True)
    changes = changes_of(run, model)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if mode.value == "Edit a filter":
            choose_kernel(run, step, model, layer, changes)
        else:
            ranking = rank(model, layer, dataset)
            choose_off(run, layer, changes, ranking)
            if ranking is not None:
                figure = charts.worth(ranking.accuracy - ranking.accuracy_without, ranking.order)
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
    show_image(model, changed, layer, image)


def draw() -> None:
    st.title("Take apart", anchor=False)
    run = run_choice.chosen_with_weights()
    chosen = choose_image(run)
    dataset = dataset_choice.of_run(run)
    if chosen is not None and dataset is not None:
        model_choice.show(look, run, dataset, chosen[0])
    lesson("take_apart")
