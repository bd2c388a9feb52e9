"""Filters: what did the network learn to detect?"""

import numpy as np
import streamlit as st

from cnn.explain.movement import movement, norms
from cnn.figures import charts
from cnn.figures.evidence_pictures import filters_picture
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.percent import with_minus
from cnn.report.report import Table
from pages.components.chart import chart
from pages.components.maps import maps
from pages.shared import run_choice, view
from pages.shared.controls import scale_choice
from pages.shared.inside import chooser, filter_examples, model_choice
from pages.shared.inside.chooser import Network
from pages.shared.inside.filter_text import describe, one_of, sees_colour
from pages.shared.inside.filter_tiles import layers_with_pictures, pictures_of, scale_of, sections_of
from pages.shared.navigation import lesson
from pages.shared.report import offers
from pages.shared.session import Versioned
from pages.shared.text import count, without_markup

MOST_VALUES = 400_000  # weights in one grid: 1.6 MB to send to the browser
TILES_HEIGHT, TILE = 480, 42  # CSS pixels: so that a window of 720 pixels shows the three grids of 16 filters
DENSE_UNITS = 16  # at once: each has a weight for each pixel


def choose_filters(layer: Layer, weights: int, unit: Versioned) -> slice:
    """All filters of the layer, or one page of them if there are too many to send at once. At first, the page with the
    filter in the link is shown. weights: of one filter."""
    filters = layer.shape[0]
    is_conv = layer.kind == "conv"
    per_page = max(1, min(MOST_VALUES // weights, filters if is_conv else DENSE_UNITS))
    if filters <= per_page:
        return slice(0, filters)
    pages = -(-filters // per_page)
    start, key = 1 + min(unit.start or 0, filters - 1) // per_page, f"filters_page_{layer.name}_{unit.version}"
    what = "filters" if is_conv else "units"
    page = st.number_input(f"Page (of {pages}, {per_page} {what} each)", 1, pages, start, key=key, width=240)
    return slice((page - 1) * per_page, min(page * per_page, filters))


def draw_filters(network: Network) -> None:
    model, dataset = network.model, network.dataset
    layers = layers_with_pictures(model.layers)
    if not layers:
        st.info("This network has no convolution, so it has no filters.", icon=":material/filter_alt_off:")
        return
    left, right = st.columns([9, 10], gap="medium")
    with left:
        layer, filter_index = choose_filter(network, layers)
    if dataset is not None:
        with right:
            filter_examples.show(network, layer, dataset, filter_index)
    all_weights(model, layer)


def choose_filter(network: Network, layers: dict[str, Layer]) -> tuple[Layer, int]:
    """The tiles of a layer; returns the layer and the chosen filter."""
    run = network.run
    chosen, name = view.among("layer", layers, next(iter(layers)), "filters", run.id)
    layer = layers[name]
    one = one_of(layer)
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        st.segmented_control(
            "Layer",
            list(layers),
            **chosen.bound("default"),
            required=True,
            wrap=True,
            label_visibility="collapsed",
            width="content",
        )
        shared = scale_choice("one_scale", {True: "Scale per layer", False: f"Scale per {one}"})
    unit = view.part("unit", "filters", run.id, layer.name)
    first = pictures_of(model_choice.model(run, 0), layer)
    shown = choose_filters(layer, first[0].size, unit)
    sections = sections_of(network, layer, shown, shared)
    # Before a choice: a filter that was large at the start, which is probably not silent; the same for all snapshots.
    large = shown.start + int(norms(first[shown]).argmax())
    is_shown = range(shown.start, shown.stop).__contains__
    framed = unit.start if is_shown(unit.start) else large if unit.value is None else None
    with st.container(height=TILES_HEIGHT, border=False, key="filter_tiles"):
        names = [section.name for section in sections]
        start = None if framed is None else (name, framed - shown.start)
        key = view.component_key(f"filters {name}", unit)  # the browser remembers the choice by key, so for each layer
        tile = maps(sections, key=key, shared_scale=shared, tile_size=TILE, selected=start, panel=False)
        if tile and tile[0] in names and unit.moved(shown.start + tile[1]):
            unit.value = shown.start + tile[1]
            view.show("unit", unit.value)
    grids = "" if network.step == 0 else "all three, and for "
    whose = "of the layer" if shared else f"of the {one}"
    about = describe(layer, first.shape[1])
    st.caption(
        f"{about} One colour scale for {grids}all snapshots: it ends at the largest weight {whose} in the "
        "first, the best and the last snapshot."
    )
    filter_index = unit.value if is_shown(unit.value) else large
    offer_evidence(network, layer, filter_index, shared)
    return layer, filter_index


def offer_evidence(network: Network, layer: Layer, chosen: int, shared: bool) -> None:
    """Offers the filters of the layer for the report."""
    run, model = network.run, network.model

    def picture() -> str:
        weights, limits = pictures_of(model, layer), scale_of(run, layer, shared)
        about = (
            f"The {layer.shape[0]} {one_of(layer)}s of {layer.name}, after step {network.step:,}. "
            f"{describe(layer, weights.shape[1])}"
        )
        return filters_picture(weights, limits, sees_colour(layer), chosen, without_markup(about), one_of(layer))

    def numbers() -> Table:
        weights = pictures_of(model, layer)
        moved = movement(weights, pictures_of(model_choice.model(run, 0), layer))
        rows = zip(range(len(weights)), norms(weights).tolist(), moved.tolist(), strict=True)
        return Table(
            (one_of(layer), "norm", "change since the start"),
            tuple((index, norm, change if np.isfinite(change) else None) for index, norm, change in rows),
        )

    offers.offer(f"{one_of(layer).capitalize()}s of {layer.name}", picture, numbers, run)


def all_weights(model: Model, layer: Layer) -> None:
    with st.expander(
        "All weights of this layer", icon=":material/bar_chart:", key="weights_open", on_change="rerun"
    ) as folded:
        if not folded.open:
            return
        weights = model.weights(layer.name)
        chart(charts.histogram(weights.ravel(), "weight"), key="weights_histogram")
        ends = with_minus(f"from {weights.min():.3f} to {weights.max():.3f}")
        st.caption(f"{count(weights.size, 'weight', 'weights')}, {ends}")


def draw() -> None:
    st.title("Filters", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show_network(run, draw_filters)
    lesson("filters")
