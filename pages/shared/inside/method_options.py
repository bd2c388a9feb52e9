"""The options of an explanation method, such as the size of the patch that covers the image."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.explain.attribution import Chosen, Method, Option
from cnn.fields import Number, Text, Whole
from cnn.model.model import Model
from pages.shared import view
from pages.shared.session import Versioned
from pages.shared.view import Part

DESCRIBED = {
    int: Whole(label="An option", low=-(10**9), high=10**9),
    float: Number(label="An option", low=-1e9, high=1e9, step=1e-9),
    str: Text(label="An option"),
}


def choose_options(model: Model, method: Method, columns: Sequence[DeltaGenerator]) -> dict[str, Any]:
    """A control for each option of the method, each in its column."""
    chosen: dict[str, Any] = {}
    for column, option in zip(columns, method.options, strict=False):
        with column:
            chosen[option.name] = choose(model, option, chosen, f"{method.slug}.{option.name}")
    return chosen


def kept_options(model: Model, method: Method) -> dict[str, Any]:
    """The options chosen earlier, or the defaults, without controls."""
    chosen: dict[str, Any] = {}
    for option in method.options:
        _, chosen[option.name], _ = kept_option(model, option, chosen, f"{method.slug}.{option.name}")
    return chosen


def kept_option(model: Model, option: Option, chosen: Chosen, name: str) -> tuple[Versioned, Any, Sequence]:
    """The Versioned of an option, its value, and the values to choose from; these may depend on the model and on the
    options already chosen. name: the option's name in the view."""
    values, default = option.values(model, chosen), option.default(model, chosen)
    # The values are part of the scope: a control with other values starts afresh.
    kept, value = view.among(name, values, default, str(values), described=Part(DESCRIBED[option.kind]))
    return kept, value, values


def choose(model: Model, option: Option, chosen: Chosen, name: str) -> Any:
    """The control of one option."""
    kept, value, values = kept_option(model, option, chosen, name)
    if isinstance(values, range):
        st.slider(option.label, values[0], values[-1], **kept.bound())
    else:
        st.selectbox(option.label, **kept.bound_choice({one: option.names.get(one, str(one)) for one in values}))
    return value
