"""The widget of each setting, as its description in cnn.specs asks for, and others that several pages have."""

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st

from cnn.fields import Choice, Number, Spec, Switch, Whole, Widths
from pages.shared import settings, view
from pages.shared.session import Versioned

SLIDER_STEPS = 256  # a slider with more places is hard to set: a field to type into takes its place


def controls(spec: type[Spec], group: str = "", **words: str | dict) -> None:
    """A widget for each setting of a spec in a group.

    words: by a setting's name, its label or, of a choice, what each value is called, where these say more.
    """
    for name in settings.names_of(spec, group):
        control(name, words.get(name))


def control(name: str, words: str | dict | None = None) -> None:
    """The widget of one setting. words: as for `controls`."""
    described = settings.described(name)
    if isinstance(words, str):
        described = replace(described, label=words)
    elif words and isinstance(described, Choice):
        described = replace(described, options=words)
    label = described.label
    match described:
        case Widths():
            _widths(name, described)
        case Switch():
            st.toggle(label, **settings.kept(name).bound(), help=described.help or None)
        case Choice():
            _choice(label, described, settings.kept(name))
        case Number(marks=(_, *_)):
            marks_slider(label, described.marks, settings.kept(name).bound(), described.help)
        case Whole() | Number():
            _number(label, described, settings.kept(name))


def marks_slider(label: str, marks: Iterable[float], bound: dict, help_text: str) -> None:
    """A slider over numbers that lie unevenly, and over the one it starts at. bound: its value and key."""
    places = sorted({*marks, bound["value"]})
    st.select_slider(label, places, **bound, format_func=lambda place: f"{place:g}", help=help_text or None)


def scale_choice(together: str, alone: str) -> bool:
    """A choice between one colour scale for all and one for each; True for the first."""
    kept = view.part("one_scale")
    options = {True: together, False: alone}
    st.segmented_control(
        "One scale per",
        list(options),
        **kept.bound("default"),
        format_func=lambda one_for_all: options[one_for_all],
        required=True,
        help=f"One for the whole {together} shows which are strong, one for each {alone} what is in the weak ones.",
    )
    return kept.current()


def _number(label: str, described: Whole | Number, kept: Versioned) -> None:
    low, high, step, help_text = described.low, described.high, described.step, described.help or None
    if isinstance(described, Number):
        low, high = float(low), float(high)
    if (high - low) / step <= SLIDER_STEPS:
        percent = "percent" if isinstance(described, Number) and described.percent else None
        st.slider(label, low, high, **kept.bound(), step=step, format=percent, help=help_text)
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
    count = settings.kept(f"{name} count")
    st.slider(described.count_label, described.least, described.most, **count.bound(), help=described.help or None)
    for i in range(count.current()):
        each = settings.kept(f"{name} {i}")
        st.slider(described.each_label.format(i + 1), described.low, described.high, **each.bound())
