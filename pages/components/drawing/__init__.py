"""A drawing on the page, as SVG or HTML; unlike in an image, its text has the page's colour and font, and titles show
on hover."""

import streamlit as st

# Drawings come from cnn, which escapes every name that a user gave.
_JS = """
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".drawing");
  if (!root || !data || root.drawn === data.markup) return;
  root.innerHTML = root.drawn = data.markup;
}
"""
_CSS = ".drawing { overflow-x: auto; color: var(--st-text-color); font-family: var(--st-font); }"
_component = st.components.v2.component("cnn_drawing", html='<div class="drawing"></div>', css=_CSS, js=_JS)


def drawing(markup: str, *, key: str) -> None:
    """Shows SVG or HTML; what is wider than the page can be scrolled sideways."""
    _component(key=key, data={"markup": markup})
