"""Filters: what did the network learn to detect?"""

from math import prod

import numpy as np
import streamlit as st

from cnn.figures import charts
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.model.windows import sides
from pages.components.maps import Tiles, maps
from pages.shared import chooser, filter_examples, model_choice, run_choice, view
from pages.shared.chooser import Network
from pages.shared.controls import scale_choice
from pages.shared.navigation import lesson
from pages.shared.session import Versioned
from pages.shared.text import count

MOST_VALUES = 400_000  # weights in one grid: 1.6 MB to send to the browser
MANY = 21  # filters: more than three rows
UNTRAINED = "{}, untrained"


def choose_filters(layer: Layer, unit: Versioned) -> slice:
    """All filters of the layer, or one page of them if there are too many to send at once. At first, the page with the
    filter in the link is shown."""
    filters = layer.shape[0]
    per_page = max(1, MOST_VALUES // (channels_of(layer) * prod(layer.kernel)))
    if filters <= per_page:
        return slice(0, filters)
    pages = -(-filters // per_page)
    start, key = 1 + min(unit.start or 0, filters - 1) // per_page, f"filters_page_{layer.name}_{unit.version}"
    page = st.number_input(f"Page (of {pages}, {per_page} filters each)", 1, pages, start, key=key)
    return slice((page - 1) * per_page, min(page * per_page, filters))


def tiles(model: Model, layer: Layer, shown: slice, name: str, note: str) -> Tiles:
    values = model.weights(layer.name)[shown]
    return Tiles(
        name=name,
        note=note,
        values=values,
        signed=True,
        rgb=sees_colour(layer),
        labels=tuple(str(i) for i in range(shown.start, shown.stop)),
        captions=tuple(f"norm {norm:.2f}" for norm in norms_of(values)),
    )


def channels_of(layer: Layer) -> int:
    """How many kernels each filter has."""
    return layer.in_shape[0] // layer.groups


def sees_colour(layer: Layer) -> bool:
    return layer.name == "conv1" and channels_of(layer) == 3


def norms_of(filters: np.ndarray) -> np.ndarray:
    return np.sqrt((filters**2).sum(axis=(1, 2, 3)))


def describe(layer: Layer) -> str:
    channels, kernel = channels_of(layer), sides(layer.kernel)
    filters = count(layer.shape[0], "filter", "filters")
    if layer.name != "conv1":
        which = "map of the layer before" if layer.groups == 1 else f"map of its group, one of {layer.groups}"
        return f"{filters}, each of {count(channels, 'kernel', 'kernels')} of {kernel}: one per {which}"
    if sees_colour(layer):
        return f"{filters} of {kernel}, in the colours they respond to"
    return f"{filters} of {kernel}: bright pixels under red raise the output, under blue they lower it"


def draw_filters(network: Network) -> None:
    run, step, model, dataset = network.run, network.step, network.model, network.dataset
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    convolutions = [layer for layer in model.layers if layer.kind == "conv"]
    if not convolutions:
        st.info("This network has no convolution, so it has no filters.", icon=":material/filter_alt_off:")
        return
    names = [layer.name for layer in convolutions]
    chosen, name = view.among("layer", names, names[0], "filters", run.id)
    left.segmented_control("Layer", names, **chosen.bound("default"), required=True, wrap=True)
    with right:
        shared = scale_choice("layer", "filter")
    layer = convolutions[names.index(name)]
    unit = view.part("unit", "filters", run.id, layer.name)
    shown = choose_filters(layer, unit)
    sections = [tiles(model, layer, shown, layer.name, describe(layer))]
    if step != 0:
        sections.append(
            tiles(
                model_choice.model(run, 0),
                layer,
                shown,
                UNTRAINED.format(layer.name),
                "the same filters before training: random numbers",
            )
        )
    many = shown.stop - shown.start > MANY
    with st.container(height=470 if many else "content", border=False):  # the examples below stay in view
        start = (layer.name, unit.start - shown.start) if unit.start in range(shown.start, shown.stop) else None
        key = view.component_key("filters", unit)
        tile = maps(sections, key=key, shared_scale=shared, tile_size=82, selected=start)
    if tile and tile[0] in (layer.name, UNTRAINED.format(layer.name)) and unit.moved(shown.start + tile[1]):
        unit.value = shown.start + tile[1]
        view.show("unit", unit.value)
    if dataset is not None:
        filter_index = unit.value
        if filter_index not in range(shown.start, shown.stop):  # a filter with large weights is probably not dead
            filter_index = shown.start + int(norms_of(model.weights(layer.name)[shown]).argmax())
        filter_examples.show(run, model, layer, dataset, filter_index)
    with st.expander(
        "All weights of this layer", icon=":material/bar_chart:", key="weights_open", on_change="rerun"
    ) as all_weights:
        if not all_weights.open:
            return
        weights = model.weights(layer.name)
        st.plotly_chart(
            charts.histogram(weights.ravel(), "weight"), key="weights_histogram", config={"displayModeBar": False}
        )
        st.caption(f"{weights.size:,} weights, from {weights.min():.3f} to {weights.max():.3f}")


def draw() -> None:
    st.title("Filters", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show_network(run, draw_filters)
    lesson("filters")
