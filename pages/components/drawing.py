"""An SVG drawing on the page; unlike in an image, its text has the page's colour and font, and titles show on hover."""

import streamlit as st

# The drawing comes from cnn.drawing, which escapes every name that a user gave.
_JS = """
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".drawing");
  if (!root || !data || root.drawn === data.svg) return;
  root.innerHTML = root.drawn = data.svg;
}
"""
_CSS = ".drawing { overflow-x: auto; color: var(--st-text-color); font-family: var(--st-font); }"
_component = st.components.v2.component("cnn_drawing", html='<div class="drawing"></div>', css=_CSS, js=_JS)


def drawing(svg: str, *, key: str) -> None:
    """Shows an SVG element; one that is wider than the page can be scrolled sideways."""
    _component(key=key, data={"svg": svg})
