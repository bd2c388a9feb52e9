"""Filters: what did the network learn to detect?"""

from contextlib import suppress
from math import prod

import numpy as np
import streamlit as st

from cnn.explain.movement import movement, norms
from cnn.figures import charts
from cnn.figures.evidence_pictures import filters_picture
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.percent import percent, with_minus
from cnn.report.report import Table
from cnn.store.runs import Run, RunError
from pages.components.maps import Tiles, maps
from pages.shared import run_choice, view
from pages.shared.controls import scale_choice
from pages.shared.inside import chooser, filter_examples, model_choice
from pages.shared.inside.chooser import Network
from pages.shared.inside.filter_text import describe, sees_colour
from pages.shared.navigation import lesson
from pages.shared.report import offers
from pages.shared.session import Versioned
from pages.shared.text import count, without_markup

MOST_VALUES = 400_000  # weights in one grid: 1.6 MB to send to the browser
TILES_HEIGHT, TILE = 480, 42  # CSS pixels: so that a window of 720 pixels shows the three grids of 16 filters
START = "{}, before training"
CHANGE = "{}, what changed"


def choose_filters(layer: Layer, unit: Versioned) -> slice:
    """All filters of the layer, or one page of them if there are too many to send at once. At first, the page with the
    filter in the link is shown."""
    filters = layer.shape[0]
    per_page = max(1, MOST_VALUES // (layer.in_shape[0] // layer.groups * prod(layer.kernel)))
    if filters <= per_page:
        return slice(0, filters)
    pages = -(-filters // per_page)
    start, key = 1 + min(unit.start or 0, filters - 1) // per_page, f"filters_page_{layer.name}_{unit.version}"
    page = st.number_input(f"Page (of {pages}, {per_page} filters each)", 1, pages, start, key=key)
    return slice((page - 1) * per_page, min(page * per_page, filters))


def scale_of(run: Run, layer: Layer, shared: bool) -> np.ndarray:
    """float32 (filters,): the end of each filter's colour scale, the same for all snapshots: the largest weight among
    the first, the best and the last of them. shared: one for the whole layer."""
    history = run_choice.store().history(run.id)
    snapshots = history.snapshots()
    limits = np.zeros(layer.shape[0], np.float32)
    for step in {snapshots[0].step, snapshots[-1].step, history.best_step() or 0}:
        with suppress(RunError):  # a damaged snapshot spoils no other
            weights = model_choice.model(run, step).weights(layer.name)
            limits = np.maximum(limits, np.abs(weights).max((1, 2, 3)))
    return np.full_like(limits, limits.max()) if shared else limits


def sections_of(network: Network, layer: Layer, shown: slice, shared: bool) -> list[Tiles]:
    """The filters now, before training, and their difference, on one scale."""
    run, model = network.run, network.model
    now, limits = model.weights(layer.name)[shown], scale_of(run, layer, shared)[shown]

    def tiles(name: str, note: str, values: np.ndarray, captions: tuple[str, ...] = ()) -> Tiles:
        labels = tuple(str(i) for i in range(shown.start, shown.stop))
        is_colour = sees_colour(layer)
        return Tiles(name, note, values, True, captions, labels, rgb=is_colour, limits=tuple(limits.tolist()))

    if network.step == 0:
        return [tiles(layer.name, "before training", now)]
    start = model_choice.model(run, 0).weights(layer.name)[shown]
    moved = movement(now, start)
    return [
        tiles(layer.name, "now", now),
        tiles(START.format(layer.name), "random" if not run.network_spec.base else "of the base", start),
        tiles(
            CHANGE.format(layer.name),
            "and how far",
            now - start,
            tuple(percent(share) if np.isfinite(share) else "new" for share in moved),
        ),
    ]


def draw_filters(network: Network) -> None:
    model, dataset = network.model, network.dataset
    convolutions = {layer.name: layer for layer in model.layers if layer.kind == "conv"}
    if not convolutions:
        st.info("This network has no convolution, so it has no filters.", icon=":material/filter_alt_off:")
        return
    left, right = st.columns([9, 10], gap="medium")
    with left:
        layer, filter_index = choose_filter(network, convolutions)
    if dataset is not None:
        with right:
            filter_examples.show(network, layer, dataset, filter_index)
    all_weights(model, layer)


def choose_filter(network: Network, convolutions: dict[str, Layer]) -> tuple[Layer, int]:
    """The tiles of a layer; returns the layer and the chosen filter."""
    run = network.run
    chosen, name = view.among("layer", convolutions, next(iter(convolutions)), "filters", run.id)
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        st.segmented_control(
            "Layer",
            list(convolutions),
            **chosen.bound("default"),
            required=True,
            wrap=True,
            label_visibility="collapsed",
            width="content",
        )
        shared = scale_choice("one_scale", {True: "Scale per layer", False: "Scale per filter"})
    layer = convolutions[name]
    unit = view.part("unit", "filters", run.id, layer.name)
    shown = choose_filters(layer, unit)
    sections = sections_of(network, layer, shown, shared)
    # Before a choice: a filter that was large at the start, which is probably not silent; the same for all snapshots.
    large = shown.start + int(norms(model_choice.model(run, 0).weights(name)[shown]).argmax())
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
    whose = "of the layer" if shared else "of the filter"
    st.caption(
        f"{describe(layer)} One colour scale for {grids}all snapshots: it ends at the largest weight {whose} in the "
        "first, the best and the last snapshot."
    )
    filter_index = unit.value if is_shown(unit.value) else large
    offer_evidence(network, layer, filter_index, shared)
    return layer, filter_index


def offer_evidence(network: Network, layer: Layer, chosen: int, shared: bool) -> None:
    """Offers the filters of the layer for the report."""
    run, model = network.run, network.model

    def picture() -> str:
        weights, limits = model.weights(layer.name), scale_of(run, layer, shared)
        about = f"The {layer.shape[0]} filters of {layer.name}, after step {network.step:,}. {describe(layer)}"
        return filters_picture(weights, limits, sees_colour(layer), chosen, without_markup(about))

    def numbers() -> Table:
        weights = model.weights(layer.name)
        moved = movement(weights, model_choice.model(run, 0).weights(layer.name))
        rows = zip(range(len(weights)), norms(weights).tolist(), moved.tolist(), strict=True)
        return Table(
            ("filter", "norm", "change since the start"),
            tuple((index, norm, change if np.isfinite(change) else None) for index, norm, change in rows),
        )

    offers.offer(f"Filters of {layer.name}", picture, numbers, run)


def all_weights(model: Model, layer: Layer) -> None:
    with st.expander(
        "All weights of this layer", icon=":material/bar_chart:", key="weights_open", on_change="rerun"
    ) as folded:
        if not folded.open:
            return
        weights = model.weights(layer.name)
        st.plotly_chart(
            charts.histogram(weights.ravel(), "weight"), key="weights_histogram", config={"displayModeBar": False}
        )
        ends = with_minus(f"from {weights.min():.3f} to {weights.max():.3f}")
        st.caption(f"{count(weights.size, 'weight', 'weights')}, {ends}")


def draw() -> None:
    st.title("Filters", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show_network(run, draw_filters)
    lesson("filters")
