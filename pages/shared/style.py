"""The style of the frame of all pages: style.css, and the colour of the page's background."""

from pathlib import Path

import streamlit as st

CSS = Path(__file__).with_suffix(".css").read_text("utf-8")
STREAMLITS = {"light": "#ffffff", "dark": "#0e1117"}  # its own backgrounds


def draw() -> None:
    # The page has no CSS variable for its background.
    colors = [st.get_option(f"theme.{scheme}.backgroundColor") or color for scheme, color in STREAMLITS.items()]
    st.html(f"<style>:root {{ --page: light-dark({', '.join(colors)}) }}\n{CSS}</style>")
