"""Activations: what does each layer compute from this image?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import streamlit as st

from cnn.explain.activations import Origin, zero_shares
from cnn.explain.dead import dead_units
from cnn.explain.evidence import evidence, strongest_first
from cnn.figures import charts
from cnn.figures.evidence_pictures import activations_picture
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.model.windows import sides
from cnn.percent import percent
from cnn.report.report import Table
from pages.components.maps import Bars, Column, Glance, Picture, Section, Strip, Tiles, maps
from pages.shared import jobs, run_choice, view
from pages.shared.controls import scale_choice
from pages.shared.inside import chooser, model_choice
from pages.shared.inside.chooser import Subject
from pages.shared.navigation import lesson
from pages.shared.report.offers import offer

MOST_MAPS = 64  # maps of one layer; a switch shows the rest


@dataclass(frozen=True, eq=False)
class Dead:
    """Which units are 0 for all examples. units: layer -> bool (units,). images: such as "180 held-out images"."""

    units: Mapping[str, np.ndarray]
    images: str

    def text(self, layer: str, unit: int) -> str:
        return f"dead: 0 for all {self.images}" if layer in self.units and self.units[layer][unit] else ""


def sections(
    model: Model,
    values: dict[str, np.ndarray],
    origins: dict[str, Origin],
    image: np.ndarray,
    most: int,
    dead: Dead,
) -> list[Section]:
    """A section for each layer's output, in forward order. most: how many maps of a layer to draw."""
    channels = "colour" if image.shape[2] == 3 else "grayscale"
    note = f"{image.shape[1]} × {image.shape[0]}, {channels}: the network's input"
    preprocessing = model.preprocessing
    drawn: list[Section] = [Picture("input", note, image, preprocessing.mean, preprocessing.spread)]
    for layer in model.layers[1:]:
        if layer.kind == "dropout":  # it acts during training only
            continue
        output, origin = values[layer.name], origins.get(layer.name)
        if layer.is_spatial:
            filters = None
            if layer.kind == "conv":
                filters = origin.numbers["weight"] if origin else model.weights(layer.name)[:most]
            drawn.append(map_tiles(layer, output, filters, origin, most, dead))
        elif layer.kind == "flatten":
            note = f"all maps above in one row: {len(output):,} values"
            drawn.append(Strip(layer.name, note, output, layer.signed, origin))
        elif layer.kind == "output":
            drawn.append(class_bars(model, layer.name, "a score for each class", output, origin))
        else:
            labels = tuple(str(i) for i in range(len(output)))
            zeros = f"{percent((output == 0).mean())} zeros" if layer.kind == "activation" and not layer.signed else ""
            drawn.append(Bars(layer.name, f"{len(output)} values", output, labels, layer.signed, (), "", zeros, origin))
    shares = 100 * values["probabilities"]
    note = f"softmax turns the scores into probabilities, which add up to {percent(1)}"
    drawn.append(class_bars(model, "probabilities", note, shares, origins["probabilities"], "%"))
    return drawn


def map_tiles(
    layer: Layer, output: np.ndarray, filters: np.ndarray | None, origin: Origin | None, most: int, dead: Dead
) -> Tiles:
    count, height, width = output.shape
    note = f"{count} maps of {height} × {width}, each value sees {sides(layer.receptive_field)} pixels"
    if most < count:
        note += f" (the first {most} are shown)"
    sent = output if origin else output[:most]  # the panel may need any map to explain a value
    zeros = zero_shares(sent)
    counts_zeros = not layer.signed
    return Tiles(
        name=layer.name,
        note=note,
        values=sent[:, None],
        signed=layer.signed,
        captions=tuple(zeros_text(share, dead.text(layer.name, i)) for i, share in enumerate(zeros))
        if counts_zeros
        else (),
        dim=tuple(bool(share == 1) for share in zeros) if counts_zeros else (),
        beside=filters,
        beside_rgb=layer.name == "conv1" and filters is not None and filters.shape[1] == 3,
        geometry=(layer.offset, layer.jump, layer.receptive_field),
        origin=origin,
        shown=min(most, count),
    )


def find_dead(subject: Subject, values: dict[str, np.ndarray]) -> Dead:
    """Which units are dead: 0 for all examples of the dataset; none until that is computed. It is only computed if a
    map is silent for this image."""
    model, dataset = subject.model, subject.dataset
    maps_of_layers = [values[layer.name] for layer in model.layers[1:] if layer.is_spatial and layer.kind != "dropout"]
    if dataset is None or not any((zero_shares(each) == 1).any() for each in maps_of_layers):
        return Dead({}, "")
    kind, pool = dataset.examples
    images = f"{len(pool):,} {kind} images"
    found = jobs.result(
        ("dead units", model.key, dataset.fingerprint, pool.tobytes()),
        lambda progress: dead_units(model, dataset.images, pool, progress),
        f"Looking for dead maps: 0 for all {images}",
    )
    return Dead(found or {}, images)


def zeros_text(share: float, always: str = "") -> str:
    """share: of zeros in a map, 0..1. Never "100 % zeros" if a value is not 0. always: the text for a map of zeros
    that is dead."""
    if share == 1:
        return always or "silent for this image"
    return f"over {percent(0.99)} zeros" if share > 0.99 else f"{percent(share)} zeros"


def class_bars(model: Model, name: str, note: str, values: np.ndarray, origin: Origin | None, unit: str = "") -> Bars:
    colors = tuple(charts.class_color(i) for i in range(len(model.classes)))
    return Bars(name, note, values, model.classes, signed=not unit, colors=colors, unit=unit, origin=origin)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=model_choice.BY_KEY)
def evidence_for(model: Model, image: np.ndarray, target: int) -> dict[str, np.ndarray]:
    return evidence(model, image, target)


def glance_of(model: Model, image: np.ndarray, values: dict[str, np.ndarray]) -> Glance:
    """The whole network in columns; in each, what speaks most for or against the answer comes first."""
    target = int(values["probabilities"].argmax())
    said = evidence_for(model, image, target)
    order = {}
    for name, each in said.items():
        is_silent = (values[name].reshape(len(each), -1) == 0).all(1)
        order[name] = strongest_first(each, is_silent).astype(np.uint32)
    return Glance(columns_of(model.layers), order, said, model.classes[target])


def only_sent(glance: Glance, drawn: Sequence[Section]) -> Glance:
    """The glance without the maps that the sections leave out."""
    sent = {section.name: len(section.values) for section in drawn}
    order = {name: each[each < sent.get(name, len(each))] for name, each in glance.order.items()}
    return replace(glance, order=order)


def columns_of(layers: Sequence[Layer]) -> tuple[Column, ...]:
    """A column for the image, one for each convolution and each dense layer with what follows it, one for the answer.

    Of a convolution, its activation is shown: its pooling is the same in less detail.
    """
    columns = [Column("image", ("input",), "input")]
    for layer in layers[1:]:
        if layer.kind in ("dropout", "flatten"):
            continue
        kind: Literal["maps", "bars"] = "maps" if layer.is_spatial else "bars"
        if layer.kind == "output":
            columns.append(Column("answer", (layer.name, "probabilities"), "probabilities"))
        elif layer.kind in ("conv", "dense") or columns[-1].kind != kind:
            columns.append(Column(kind, (layer.name,), layer.name))
        else:
            last = columns.pop()
            shown = last.shown if layer.kind == "pool" else layer.name
            columns.append(Column(kind, (*last.layers, layer.name), shown))
    return tuple(columns)


def offer_evidence(subject: Subject, values: dict[str, np.ndarray]) -> None:
    """Offers the maps that speak most for the answer, and the answer itself, for the report."""
    model, image = subject.model, subject.image

    def picture() -> str:
        order = glance_of(model, image, values).order
        maps_shown = {
            layer.name: (values[layer.name], layer.signed, order[layer.name].tolist())
            for layer in model.layers[1:]
            if layer.is_spatial and layer.name in order
        }
        answer = dict(zip(model.classes, values["probabilities"].tolist(), strict=True))
        about = (
            f"What the layers make of {subject.name}, after step {subject.step:,}. In each layer, the maps come first "
            "that speak most for or against the answer."
        )
        return activations_picture(image, maps_shown, answer, about)

    def numbers() -> Table:
        rows = zip(model.classes, values["logits"].tolist(), values["probabilities"].tolist(), strict=True)
        return Table(("class", "score", "probability"), tuple(rows))

    offer("Activation maps", picture, numbers, subject.run)


def draw_activations(subject: Subject) -> None:
    """The activations for the image at one snapshot."""
    run, model, image = subject.run, subject.model, subject.image
    shared = scale_choice("layer_scale", {False: "Scale per map", True: "Scale per layer"})
    values = model_choice.maps_of(model, image)
    most = max(layer.shape[0] for layer in model.layers if layer.is_spatial)
    if most > MOST_MAPS:
        all_maps = view.part("all_maps")
        st.toggle(f"Show all {most} maps of a layer, not only {MOST_MAPS}", **all_maps.bound())
        most = most if all_maps.value else MOST_MAPS
    origins = model_choice.origins_of(model, image)
    drawn = sections(model, values, origins, image, most, find_dead(subject, values))
    layer, unit = view.part("layer", "activations", run.id), view.part("unit", "activations", run.id)
    start = None if layer.start is None or unit.start is None else (layer.start, unit.start)
    key = view.component_key("layers", layer, unit)
    tile = maps(
        drawn,
        key=key,
        shared_scale=shared,
        tile_size=84,
        selected=start,
        glance=only_sent(glance_of(model, image, values), drawn),
    )
    if tile and unit.moved(tile):
        layer.value, unit.value = tile
        view.show("layer", layer.value)
        view.show("unit", unit.value)
    offer_evidence(subject, values)


def draw() -> None:
    st.title("Activations", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_activations)
    lesson("activations")
