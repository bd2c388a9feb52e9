"""The units of a layer as switches: filters, or the units of a dense layer."""

import numpy as np
import streamlit as st

from cnn.explain.ablation import Ranking
from cnn.explain.cut import activation_map
from cnn.figures.filter_pictures import filter_pictures
from cnn.model.layers import Layer
from cnn.model.model import Model
from cnn.percent import percent, with_minus
from pages.components.switches import switched_off, switches
from pages.shared.inside import model_choice
from pages.shared.inside.filter_text import one_of, sees_colour
from pages.shared.inside.filter_tiles import pictures_of
from pages.shared.session import widget

MANY = 24  # units: more than fit on a screen
TALLEST = 420  # CSS pixels, of many units
SURPRISING = 0.05  # a difference that chance makes less often than this is marked as real


def choose_off(
    key: str, model: Model, layer: Layer, image: np.ndarray, start: tuple[int, ...], ranking: Ranking | None
) -> tuple[int, ...]:
    """A switch for each unit of the layer; after a ranking, the unit that the network needs most comes first. start:
    the units that are off when the switches first appear. Returns those that are off."""
    count, shown = layer.shape[0], activation_map(model, layer.name)
    off = switched_off(widget(key), start, count)
    outputs = model_choice.maps_of(model, image)[shown.name]
    if ranking is not None:
        captions = [worth_text(int(worth)) for worth in ranking.worth]
    else:
        captions = [] if layer.is_spatial else [with_minus(f"{value:.2f}") for value in outputs]
    with st.container(height=TALLEST if count > MANY else "content", border=False):
        switches(
            filter_pictures(pictures_of(model, layer), sees_colour(layer)),
            outputs if layer.is_spatial else outputs[:, None, None],
            key=key,
            label=f"{one_of(layer).capitalize()}s to switch off",
            one=one_of(layer),
            off=start,
            order=range(count) if ranking is None else ranking.order,
            captions=captions,
            quiet=() if ranking is None else (ranking.chance >= SURPRISING).tolist(),
            signed=shown.signed,
        )
    st.caption(about_switches(layer) if ranking is None else about_worth(layer, ranking.images))
    return off


def about_switches(layer: Layer) -> str:
    one = one_of(layer)
    what = "its activation map" if layer.is_spatial else "its value, as a colour and a number,"
    return f"Each switch shows a {one}'s weights and {what} for the image. Click it to switch it off."


def about_worth(layer: Layer, images: int) -> str:
    return (
        f"Worth: how many more of the {images:,} images are right with the {one_of(layer)} than without it. In pale "
        f"print: chance alone often makes such a difference (sign test, {percent(SURPRISING)})."
    )


def worth_text(worth: int) -> str:
    return "worth 0" if worth == 0 else f"worth {with_minus(f'{worth:+,}')}"
