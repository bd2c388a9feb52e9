"""The widget of each setting described in cnn.specs, and widgets that several pages use."""

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st

from cnn.fields import Choice, Number, Setting, Spec, Switch, Whole, Widths
from pages.shared import settings, view
from pages.shared.session import Versioned

SLIDER_STEPS = 256  # positions; a slider with more is hard to set, so a number field replaces it


def controls(spec: type[Spec], group: str = "", **texts: str | dict) -> None:
    """A widget for each setting of a spec in a group, but for those that now have no effect.

    texts: a setting's name -> another label (str), or the labels of a choice's values (dict).
    """
    for name in settings.names_of(spec, group):
        if settings.has_effect(name):
            control(name, texts.get(name))


def control(name: str, text: str | dict | None = None) -> None:
    """The widget of one setting. text: another label, or the labels of its values, as in `controls`."""
    described = settings.described(name)
    if isinstance(text, str):
        described = replace(described, label=text)
    elif text and isinstance(described, Choice):
        described = replace(described, options=text)
    label = described.label
    if (value := settings.given(name)) is not None:
        _given(name, described, value)
        return
    match described:
        case Widths():
            _widths(name, described)
        case Switch():
            st.toggle(label, **settings.versioned(name).bound(), help=described.help or None)
        case Choice():
            _choice(label, described, settings.versioned(name))
        case Number(marks=(_, *_)):
            marks_slider(label, described.marks, settings.versioned(name).bound(), described.help)
        case Number(percent=True):
            _percent_slider(label, described, settings.versioned(name))
        case Whole() | Number():
            _number(label, described, settings.versioned(name))


def _given(name: str, described: Setting, value) -> None:
    """A setting that the base of the network gives: its value cannot be changed."""
    shown = described.text(value)
    help_text = "The network that you start from gives this setting: its weights fit no other value."
    st.text_input(described.label, shown, disabled=True, key=f"given {name} {shown}", help=help_text)


def marks_slider(label: str, marks: Iterable[float], bound: dict, help_text: str) -> None:
    """A slider over unevenly spaced numbers, to which its start value is added. bound: its start value and key."""
    values = sorted({*marks, bound["value"]})
    st.select_slider(label, values, **bound, format_func=lambda value: f"{value:g}", help=help_text or None)


def _percent_slider(label: str, described: Number, kept: Versioned) -> None:
    """A slider over shares, as "20 %": a number slider would leave out the space."""
    steps = round((described.high - described.low) / described.step)
    bound = kept.bound()
    values = sorted({*(round(described.low + step * described.step, 6) for step in range(steps + 1)), bound["value"]})
    st.select_slider(label, values, **bound, format_func=as_percent, help=described.help or None)


def as_percent(share: float) -> str:
    """As “20 %”, or “12.5 %” between whole ones."""
    return f"{100 * share:.10g} %"


def scale_choice(part: str, texts: dict[bool, str]) -> bool:
    """A choice between one colour scale for all maps or filters of a layer and one for each. part: of the view. texts:
    its values and their labels."""
    kept = view.part(part)
    st.segmented_control(
        "Colour scale",
        list(texts),
        **kept.bound("default"),
        format_func=lambda value: texts[value],
        required=True,
        label_visibility="collapsed",
    )
    return kept.current()


def _number(label: str, described: Whole | Number, kept: Versioned) -> None:
    low, high, step, help_text = described.low, described.high, described.step, described.help or None
    if isinstance(described, Number):
        low, high = float(low), float(high)
    if (high - low) / step <= SLIDER_STEPS:
        st.slider(label, low, high, **kept.bound(), step=step, help=help_text)
    else:
        plain = "%g" if isinstance(described, Number) else None
        st.number_input(label, low, high, **kept.bound(), step=step, format=plain, help=help_text)


def _choice(label: str, described: Choice, kept: Versioned) -> None:
    texts, help_text = described.options, described.help or None
    if described.drop_down:
        st.selectbox(label, **kept.bound_choice(texts), help=help_text)
        return
    st.segmented_control(
        label,
        list(texts),
        **kept.bound("default"),
        format_func=lambda value: texts[value],
        required=True,
        help=help_text,
        width="stretch",
    )


def _widths(name: str, described: Widths) -> None:
    count = settings.versioned(f"{name} count")
    st.slider(described.count_label, described.least, described.most, **count.bound(), help=described.help or None)
    for i in range(count.current()):
        each = settings.versioned(f"{name} {i}")
        st.slider(described.each_label.format(i + 1), described.low, described.high, **each.bound())
