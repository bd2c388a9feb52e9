"""Activations: what does each layer compute from this image?"""

import numpy as np
import streamlit as st

from cnn.explain.activations import Origin, zero_shares
from cnn.figures import charts
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.model.windows import sides
from pages.components.maps import Bars, Picture, Section, Strip, Tiles, maps
from pages.shared import chooser, model_choice, run_choice, view
from pages.shared.chooser import Subject
from pages.shared.controls import scale_choice
from pages.shared.navigation import lesson

MOST_MAPS = 64  # maps of one layer; a switch shows the rest


def sections(
    model: Model, values: dict[str, np.ndarray], origins: dict[str, Origin], image: np.ndarray, most: int
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
            drawn.append(map_tiles(layer, output, filters, origin, most))
        elif layer.kind == "flatten":
            note = f"all maps above in one row: {len(output):,} values"
            drawn.append(Strip(layer.name, note, output, layer.signed, origin))
        elif layer.kind == "output":
            drawn.append(class_bars(model, layer.name, "a score for each class", output, origin))
        else:
            labels = tuple(str(i) for i in range(len(output)))
            zeros = f"{(output == 0).mean():.0%} zeros" if layer.kind == "activation" and not layer.signed else ""
            drawn.append(Bars(layer.name, f"{len(output)} values", output, labels, layer.signed, (), "", zeros, origin))
    percent = 100 * values["probabilities"]
    note = "softmax turns the scores into probabilities, which add up to 100%"
    drawn.append(class_bars(model, "probabilities", note, percent, origins["probabilities"], "%"))
    return drawn


def map_tiles(layer: Layer, output: np.ndarray, filters: np.ndarray | None, origin: Origin | None, most: int) -> Tiles:
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
        captions=tuple(f"{share:.0%} zeros" for share in zeros) if counts_zeros else (),
        dim=tuple(bool(share == 1) for share in zeros) if counts_zeros else (),
        beside=filters,
        beside_rgb=layer.name == "conv1" and filters is not None and filters.shape[1] == 3,
        geometry=(layer.offset, layer.jump, layer.receptive_field),
        origin=origin,
        shown=min(most, count),
    )


def class_bars(model: Model, name: str, note: str, values: np.ndarray, origin: Origin | None, unit: str = "") -> Bars:
    colors = tuple(charts.class_color(i) for i in range(len(model.classes)))
    return Bars(name, note, values, model.classes, signed=not unit, colors=colors, unit=unit, origin=origin)


def draw_activations(subject: Subject) -> None:
    """The activations for the image at one snapshot."""
    run, model, image = subject.run, subject.model, subject.image
    shared = scale_choice("layer", "map")
    values = model_choice.maps_of(model, image)
    most = max(layer.shape[0] for layer in model.layers if layer.is_spatial)
    if most > MOST_MAPS:
        all_maps = view.part("all_maps")
        st.toggle(f"Show all {most} maps of a layer, not only {MOST_MAPS}", **all_maps.bound())
        most = most if all_maps.value else MOST_MAPS
    origins = model_choice.origins_of(model, image)
    drawn = sections(model, values, origins, image, most)
    layer, unit = view.part("layer", "activations", run.id), view.part("unit", "activations", run.id)
    start = None if layer.start is None or unit.start is None else (layer.start, unit.start)
    key = view.component_key("layers", layer, unit)
    tile = maps(drawn, key=key, shared_scale=shared, tile_size=84, selected=start)
    if tile and unit.moved(tile):
        layer.value, unit.value = tile
        view.show("layer", layer.value)
        view.show("unit", unit.value)


def draw() -> None:
    st.title("Activations", anchor=False)
    run = run_choice.chosen_with_weights()
    chooser.show(run, draw_activations)
    lesson("activations")
