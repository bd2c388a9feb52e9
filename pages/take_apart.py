"""Take apart: what happens if I take a part of the network away, or put another in its place?"""

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from cnn import figures
from cnn.dataset import Dataset
from cnn.explain.ablation import Ranking, Score, rank_filters, score, with_filter, without
from cnn.explain.activations import activations
from cnn.explain.kernels import CLASSIC, classic
from cnn.layers import Layer
from cnn.runs import Run
from cnn.snapshots import layers_of
from pages import jobs, reading, runs, state, trained
from pages.components.maps import Bars, Tiles, maps
from pages.image_choice import choose_image


@dataclass(frozen=True)
class Change:
    """What is taken away or put in: filters of a layer that are off, or one filter's new numbers."""

    layer: str
    off: tuple[int, ...] = ()
    filter: int | None = None
    weights: np.ndarray | None = field(default=None, compare=False)

    @property
    def key(self) -> tuple:
        """Says which change it is, for results that are kept."""
        return self.layer, self.off, self.filter, b"" if self.weights is None else self.weights.tobytes()

    def apply(self, network):
        if self.filter is not None:
            return with_filter(network, self.layer, self.filter, self.weights)
        return without(network, {self.layer: self.off})


def choose_off(run: Run, layer: Layer, ranking: Ranking | None) -> Change:
    """The filters to switch off; those that matter most come first once they have been ranked."""
    order = range(layer.shape[0]) if ranking is None else ranking.order
    off = st.pills(
        "Filters to switch off",
        [int(i) for i in order],
        selection_mode="multi",
        key=f"off_{run.id}_{layer.name}",
        wrap=True,
        help="Once ranked, the one whose loss costs most comes first.",
    )
    return Change(layer.name, off=tuple(sorted(off)))


def choose_kernel(run: Run, step: int, layer: Layer) -> Change:
    """One filter's numbers, to be changed by hand or replaced by a classic kernel."""
    which, what = st.columns(2)
    filter_index = which.number_input("Filter", 0, layer.shape[0] - 1, key=f"edited_{run.id}_{layer.name}")
    kernel = what.selectbox("Kernel", ["as learned", *CLASSIC, "by hand"], key=f"kernel_{run.id}_{layer.name}")
    learned = trained.weights(run.id, step, layer.name)[filter_index]
    if kernel == "as learned":
        return Change(layer.name, filter=filter_index, weights=learned)
    if kernel != "by hand":
        return Change(layer.name, filter=filter_index, weights=classic(kernel, layer.kernel, len(learned)))
    channel = st.number_input("Input channel", 0, len(learned) - 1, key=f"channel_{run.id}_{layer.name}")
    place = f"kernel_{run.id}_{step}_{layer.name}_{filter_index}"
    edited = st.session_state.setdefault("edited_kernels", {}).get(place, learned)
    columns = [f"{i}" for i in range(layer.kernel)]
    table = [dict(zip(columns, row, strict=True)) for row in edited[channel].round(4).tolist()]
    new = st.data_editor(table, key=f"editor_{place}_{channel}", hide_index=True, width="stretch")
    numbers = np.array([[row[c] for c in columns] for row in new], np.float32)
    weights = edited.copy()
    weights[channel] = np.where(np.isfinite(numbers), numbers, 0)
    return Change(layer.name, filter=filter_index, weights=weights)


def rank(run: Run, step: int, layer: Layer, dataset: Dataset) -> Ranking | None:
    """What each filter is worth, if that was asked for."""
    asked = ("ranking", run.id, step, layer.name)
    if st.button("Rank all filters", icon=":material/sort:", help="Switches each off in turn."):
        st.session_state.ranked = asked
    if st.session_state.get("ranked") != asked:
        return None
    pool = evaluated(dataset)

    def work(progress):
        ranking = None
        for ranking in rank_filters(trained.network(run.id, step), layer.name, dataset.images, dataset.labels, pool):
            progress(ranking.images / len(pool))
        return ranking

    return jobs.result(asked, work, f"Switching the {layer.shape[0]} filters off in turn")


def evaluated(dataset: Dataset) -> np.ndarray:
    return dataset.val if len(dataset.val) else dataset.train


def scores(run: Run, step: int, change: Change, dataset: Dataset) -> tuple[Score, Score] | None:
    """How well the network does on the held-out images, before and after; None while that is being found out."""
    network, pool = trained.network(run.id, step), evaluated(dataset)
    found = []
    for name, changed in (("before", network), ("after", change.apply(network))):
        key = ("score", run.id, step, *(change.key if name == "after" else ()))
        work = _scoring(changed, dataset, pool)
        found.append(jobs.result(key, work, f"Predicting {len(pool):,} held-out images, {name}"))
    return None if None in found else tuple(found)


def _scoring(network, dataset: Dataset, pool: np.ndarray):
    return lambda progress: score(network, dataset.images, dataset.labels, pool, progress)


def show_scores(run: Run, before: Score, after: Score) -> None:
    st.metric(
        "Held-out images it gets right",
        f"{after.accuracy:.1%}",
        f"{100 * (after.accuracy - before.accuracy):+.1f} points",
        delta_color="off" if after.accuracy == before.accuracy else "normal",
    )
    figure = figures.class_accuracies(run.classes, before.per_class, after.per_class)
    with st.container(height=280, border=False):
        st.plotly_chart(figure, key="class_accuracies", config={"displayModeBar": False})


def show_image(run: Run, step: int, layer: Layer, change: Change, image: np.ndarray) -> None:
    """The image's prediction and the layer's maps, before and after."""
    before = trained.maps_of(run.id, step, image)
    after = activations(change.apply(trained.network(run.id, step)), image)
    shown = after_activation(run, layer)
    signed = shown.function in ("leaky_relu", "tanh")
    colors = tuple(figures.class_color(i) for i in range(len(run.classes)))
    drawn = []
    for name, values in (("before", before), ("after", after)):
        percent = 100 * values["probabilities"]
        drawn.append(Bars(name, "how sure it is of each class", percent, run.classes, False, colors, "%"))
    for name, values in (("before", before), ("after", after)):
        dead = tuple(bool(d) for d in (values[shown.name] == 0).all((1, 2)))
        note = f"the maps of {layer.name}, {name}"
        drawn.append(Tiles(f"{shown.name}, {name}", note, values[shown.name][:, None], signed, dim=dead))
    maps(drawn, key="taken_apart", shared_scale=True, tile_size=64)


def after_activation(run: Run, layer: Layer) -> Layer:
    """The layer whose maps the rest of the network takes: the activation that follows a convolution."""
    layers = layers_of(run)
    start = [other.name for other in layers].index(layer.name)
    return next(other for other in layers[start:] if other.kind == "activation")


def look(run: Run, dataset: Dataset, image: np.ndarray) -> None:
    convolutions = {layer.name: layer for layer in layers_of(run) if layer.kind == "conv"}
    top = st.columns([3, 4, 6], vertical_alignment="bottom")
    layer = convolutions[
        top[0].segmented_control("Layer", list(convolutions), default="conv1", key=f"apart_{run.id}", required=True)
    ]
    what = top[1].segmented_control(
        "What", ["Switch filters off", "Edit a filter"], default="Switch filters off", key="apart_what", required=True
    )
    with top[2]:
        step = trained.choose_snapshot(run)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if what == "Edit a filter":
            change = choose_kernel(run, step, layer)
        else:
            ranking = rank(run, step, layer, dataset)
            change = choose_off(run, layer, ranking)
            if ranking is not None:
                figure = figures.worth(ranking.accuracy - ranking.accuracy_without, ranking.order)
                st.plotly_chart(figure, key="worth", config={"displayModeBar": False})
    with right:
        found = scores(run, step, change, dataset)
        if found is not None:
            show_scores(run, *found)
    show_image(run, step, layer, change, image)


state.need_frame()
st.title("Take apart", anchor=False)
run = runs.chosen_with_weights()
chosen = choose_image(run)
dataset = reading.of_run(run)
if chosen is not None and dataset is not None:
    trained.show(look, run, dataset, chosen[0])
with st.expander("Why / try this", icon=":material/lightbulb:"):
    st.markdown(
        "Nothing is retrained: the rest of the network goes on as if the filter had never been there. Before you rank "
        "them, guess: how many of the filters could go without anyone noticing?\n\n"
        "Replace a filter of the first layer by *blur*, then by *Sobel x*. Which does the network mind more, and why?"
    )
